"""Mines: concentrate leaves at capacity times what the basket's value makes worth while, by contract to a separator.

Nobody has a marginal cost of dysprosium: a mine runs while its *basket* covers its avoidable cost. That cost is solved, not
looked up: what ran at opening prices covered it with ``running_cost_share`` of the basket's value. By-products and mines under
China's quota run at any price; others answer with their elasticity, and shut on a slow mean of their basket's value: nobody
closes a mine for a bad week or reopens it for a good one.
"""

from __future__ import annotations

import numpy as np

from sim.elements import OXIDE_PER_KG
from sim.grouping import GroupSum, blend, ratio, total_by
from sim.layout import ZONE_OF
from sim.stages.plants import Plants, mark_origin
from sim.stages.quotas import Quota, rationed
from sim.stages.stoppages import Routed, Stoppages
from sim.stock import CHINA, RUSSIA, WIDTH, Array, Block, E, Index, Pipe, Stock, mass_of

CLOSING = 0.5  # a mine (many pits, not alike) is wholly shut when its basket is worth half its avoidable cost: unsourced estimate


def running_share(value_ratio: Array, cost_share: float) -> Array:
    """Share of capacity worth running: 1 while basket value over opening value exceeds ``cost_share``, nil at half of that."""
    share: Array = np.minimum(np.maximum((value_ratio / cost_share - (1.0 - CLOSING)) / CLOSING, 0.0), 1.0)
    return share


class Mines:
    """Rows: a pile a mine (what no separator takes). Concentrate travels in ``feed``, one entry a contract."""

    def __init__(
        self, plants: Plants, pile: Block, opening: Array, potential: Array, routes: tuple[Index, Index, Array],
        lag: Index, elasticity: Array, by_product: Array, cost_share: float, basket_usd: Array, hub: Index,
        memory: float,
    ) -> None:  # fmt: skip
        self.plants, self.pile = plants, pile
        self.opening = opening  # [mines, 15] kg a week
        self.potential = potential  # [mines, 15] composition of a kilogram, for projects too
        self.mine_of, self.separator_of, self.share = routes
        self.elasticity, self.by_product, self.cost_share = elasticity, by_product, cost_share
        self.basket_usd = basket_usd  # [mines] opening value of a kilogram of element
        self.hub = hub  # [mines] hub whose prices its basket fetches
        self.value, self.memory = np.ones(len(plants.ids)), memory  # slow basket value over the first day's
        self.room = np.ones(len(plants.ids))  # capacity over opening rate: most that a good price can call up
        self.feed = Pipe(lag)
        self.rest = 1.0 - np.bincount(self.mine_of, self.share, len(plants.ids))
        self.lift = np.zeros(len(plants.ids))  # USD a kilogram of element that guarantees add to the basket
        self.noise = np.ones(len(plants.ids))
        self.reo = potential @ np.array(OXIDE_PER_KG)  # [mines] kg of oxide in a kg of element
        self.quotas: dict[str, Quota] = {}
        self.smelting: dict[
            str, Quota
        ] = {}  # quotas of separators, over feeds: what they do not take is not sent
        self.stoppages = Stoppages(self.mine_of, self.separator_of, self.share, len(plants.ids))
        self.takers: Array = np.zeros(
            int(self.separator_of.max(initial=0)) + 1
        )  # kg a week separators can work
        self.detours: list[tuple[int, Array]] = []  # (weeks, share of each feed that travels so much longer)
        self.way_usd = np.zeros(len(plants.ids))  # freight beyond the first day's, USD/kg of element
        self.output = mass_of(opening)
        goods = np.zeros((len(self.mine_of), WIDTH))
        goods[:, :E] = opening[self.mine_of] * self.share[:, None]
        self.feed.fill(self._marked(goods))

    def _marked(self, goods: Array) -> Array:
        mass = mass_of(goods)
        zone = self.plants.zone[self.mine_of]
        goods[:, CHINA] = mass * (zone == ZONE_OF["china"])
        goods[:, RUSSIA] = mass * (zone == ZONE_OF["russia"])
        return goods

    def run(self, stock: Stock, element_usd: Array) -> None:
        """Mine a week's concentrate at the present value of a kilogram of each element, USD [hubs, 15]."""
        basket = np.einsum("ij,ij->i", self.potential, element_usd[self.hub]) + self.lift - self.way_usd
        value = basket / self.basket_usd
        slow = blend(self.value, value, self.memory)
        answer = np.maximum(value, 1e-6) ** self.elasticity
        worth = np.where(self.by_product, 1.0, running_share(slow, self.cost_share))
        plants = self.plants
        self.output = plants.able * np.minimum(answer, self.room) * worth * self.noise
        if self.quotas:
            self.output = self.output * rationed(self.quotas, self.output * self.reo)
        self._ration_feeds()
        routed = None if self.stoppages.idle else self.stoppages.route(self.output, self.takers)
        goods = np.zeros((len(plants.ids), WIDTH))
        goods[:, :E] = self.potential * self.output[:, None]
        if routed is not None:
            self._send(stock, goods, routed)
            return
        stock.count_mined(goods)
        mark_origin(goods, plants.zone)
        sent = goods[self.mine_of]
        sent *= self.share[:, None]
        self._push(sent)
        goods *= self.rest[:, None]
        stock.put(self.pile.rows, goods)

    def redirect(self, route: int, share: float) -> None:
        """From now on ``share`` of a mine's concentrate goes by ``route``; its other contracts give way in proportion,
        what was stocked unseparated first. Nothing happens if the route carries that much already."""
        mine = self.mine_of[route]
        if share <= self.share[route]:
            return
        others = np.flatnonzero(self.mine_of == mine)
        others = others[others != route]
        bound = float(self.share[others].sum())
        if bound > 0.0:
            self.share[others] *= min(1.0, (1.0 - share) / bound)
        self.share[route] = share
        self.rest[mine] = max(1.0 - share - float(self.share[others].sum()), 0.0)

    def _ration_feeds(self) -> None:
        """Feeds that a quota of separators leaves no room for are shut by as much: those plants do not take them in."""
        for name, quota in self.smelting.items():
            feed = self.output[self.mine_of] * self.share
            stop = self.stoppages.stops[name]
            stop.share = 1.0 - quota.ration(feed * self.reo[self.mine_of])

    def _send(self, stock: Stock, goods: Array, routed: Routed) -> None:
        """The same as when all feeds are open, but each way carries what it can; ``goods`` is what would be mined."""
        unit = mark_origin(
            goods / np.where(self.output > 0.0, self.output, np.inf)[:, None], self.plants.zone
        )
        rest = self.output * self.rest
        self.output = routed.mined
        stock.count_mined(unit * self.output[:, None])
        old = stock.take(self.pile.rows, total_by(self.mine_of, routed.out, len(goods)))
        share = ratio(routed.out, total_by(self.mine_of, routed.out, len(goods))[self.mine_of])
        self._push(unit[self.mine_of] * routed.sent[:, None] + old[self.mine_of] * share[:, None])
        stock.put(self.pile.rows, unit * (rest + routed.piled)[:, None])

    def _push(self, sent: Array) -> None:
        """On the road, some of it the longer way."""
        left = sent
        for weeks, share in self.detours:
            part = sent * share[:, None]
            left = left - part
            self.feed.push(part, np.where(share > 0.0, np.maximum(weeks, 1 - self.feed.lag), 0))
        self.feed.push(left)

    def to_separators(self, separators: int) -> GroupSum:
        """Groups the entries of ``feed`` by separator."""
        return GroupSum(self.separator_of, separators)
