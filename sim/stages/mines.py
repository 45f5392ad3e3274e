"""Mines: concentrate leaves at capacity times what the basket's value makes worth while, by contract to a separator.

Nobody has a marginal cost of dysprosium: a mine runs while its *basket* covers its avoidable cost. That cost is solved, not
looked up: what ran at opening prices covered it with ``running_cost_share`` of the basket's value. By-products and mines under
China's quota run at any price; others answer with their elasticity, and shut on a slow mean of their basket's value: nobody
closes a mine for a bad week or reopens it for a good one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.elements import OXIDE_PER_KG
from sim.goods import add, mass, stamp
from sim.grouping import GroupSum, ratio, total_by
from sim.stages.plants import Plants
from sim.stages.quotas import Quota, rationed
from sim.stages.stoppages import Stoppages
from sim.stock import WIDTH, Array, Block, E, Index, Pipe, Stock, mass_of

CLOSING = 0.5  # a mine (many pits, not alike) is wholly shut when its basket is worth half its avoidable cost: unsourced estimate


@kernel
def running_share(value_ratio: float, cost_share: float) -> float:
    """Share of capacity worth running: 1 while basket value over opening value exceeds ``cost_share``, nil at half of that."""
    return min(max((value_ratio / cost_share - (1.0 - CLOSING)) / CLOSING, 0.0), 1.0)


class Mines:
    """Rows: a pile a mine (what no separator takes). Concentrate travels in ``feed``, one entry a contract."""

    def __init__(
        self, plants: Plants, pile: Block, opening: Array, potential: Array, routes: tuple[Index, Index, Array],
        lag: Index, elasticity: Array, by_product: NDArray[np.bool_], cost_share: float, basket_usd: Array, hub: Index,
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
        for route, mine in enumerate(self.mine_of):
            stamp(goods, route, plants.zone[mine], mass(goods, route))
        self.feed.fill(goods)

    def run(self, stock: Stock, element_usd: Array) -> None:
        """Mine a week's concentrate at the present value of a kilogram of each element, USD [hubs, 15]."""
        self.output = _mine(
            self.potential, element_usd, self.hub, self.lift, self.way_usd, self.basket_usd, self.value, self.memory,
            self.elasticity, self.by_product, self.cost_share, self.plants.able, self.room, self.noise,
        )  # fmt: skip
        if self.quotas:
            self.output = self.output * rationed(self.quotas, self.output * self.reo)
        self._ration_feeds()
        sent, piled, pile = self.output[self.mine_of] * self.share, self.output * self.rest, self.pile.rows
        old = None  # from the pile, by route
        if not self.stoppages.idle:
            routed = self.stoppages.route(self.output, self.takers)
            self.output, sent, piled = routed.mined, routed.sent, piled + routed.piled
            out = total_by(self.mine_of, routed.out, len(self.output))
            old = stock.take(pile, out)[self.mine_of] * ratio(routed.out, out[self.mine_of])[:, None]
        goods = _haul(
            self.potential, self.plants.zone, self.mine_of, self.output, sent, piled, stock.kg[pile], stock.mined
        )  # fmt: skip
        self._push(goods if old is None else goods + old)

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


@kernel
def _mine(
    potential: Array, element_usd: Array, hub: Index, lift: Array, way_usd: Array, basket_usd: Array, value: Array,
    memory: float, elasticity: Array, by_product: NDArray[np.bool_], cost_share: float, able: Array, room: Array,
    noise: Array,
) -> Array:  # fmt: skip
    """Kilograms of element that each mine brings up this week; ``value`` is carried on."""
    output = np.empty(len(value))
    for m in range(len(value)):
        basket = lift[m] - way_usd[m]
        for e in range(E):
            basket += potential[m, e] * element_usd[hub[m], e]
        now = basket / basket_usd[m]
        value[m] += (now - value[m]) / memory
        answer = max(now, 1e-6) ** elasticity[m]
        worth = 1.0 if by_product[m] else running_share(value[m], cost_share)
        output[m] = able[m] * min(answer, room[m]) * worth * noise[m]
    return output


@kernel
def _haul(
    potential: Array, zone: Index, mine_of: Index, output: Array, sent: Array, piled: Array, pile: Array, mined: Array
) -> Array:  # fmt: skip
    """Bring up ``output`` [mines] kg, put ``piled`` [mines] of it on the piles; returns the ``sent`` [feeds] kg as goods."""
    unit, goods = np.zeros((len(output), WIDTH)), np.zeros((len(sent), WIDTH))
    for m in range(len(output)):
        unit[m, :E] = potential[m]
        stamp(unit, m, zone[m], mass(unit, m))
        add(pile, m, unit, m, piled[m])
        for e in range(E):
            mined[e] += unit[m, e] * output[m]
    for f in range(len(sent)):
        add(goods, f, unit, mine_of[f], sent[f])
    return goods
