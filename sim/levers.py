"""What may be done to the chain while it runs: capacity lost, duties levied, users listed, zones aligned, money spent.

Shocks and policies call these methods; of shocks and policies the chain has never heard. ``Chain`` brings the clock and the week.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.build import Parts
from sim.grouping import columns_by, ratio, total_by
from sim.invest import Invest
from sim.layout import HUBS, SCO_HUB, WORLD_HUB, Layout
from sim.stages.plants import Plants
from sim.stock import LICENSED, Array, Block, Index
from sim.trade.origin import OriginRule
from sim.units import WEEK
from sim.ways import Ways


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of ``events.parquet``: what happened, where and why."""

    day: float
    what: str
    where: str
    why: str
    amount: float


class Control(Protocol):
    """What the news of an export control needs to know of it."""

    @property
    def name(self) -> str: ...
    @property
    def announced(self) -> date: ...
    @property
    def severity(self) -> float: ...
    @property
    def news_strength(self) -> float: ...
    @property
    def news_half_life_days(self) -> float: ...


class Levers(ABC):
    """Methods over the state that ``Chain`` sets up."""

    layout: Layout
    parts: Parts
    env: simpy.Environment
    start: date
    weeks: int
    week: int
    happenings: list[Happening]
    losses: dict[tuple[str, int], dict[str, float]]  # (stage, site) -> cause -> share of capacity lost
    mine_working: Array
    separator_working: Array
    ways: Ways
    shut: Array
    surges: dict[str, tuple[Array, Array]]
    answers: dict[str, list[Callable[[], None]]]
    renewals: dict[str, Callable[[], None]]
    listed: dict[str, Index]
    origin: OriginRule | None
    invest: Invest
    spending: dict[str, Array]
    ratings: list[set[str]]
    hub_now: Index
    zone_week: int | None
    offered: Array
    _civil: Array
    _state_of_access: tuple[bool, object]
    _lag_before: NDArray[np.floating]
    _freight: Array
    _first_freight: Array
    _home: Index

    @abstractmethod
    def readdress(self) -> None:
        """Work out anew what follows from the pools in which everybody buys and sells."""

    def day_of(self, day: date) -> float:
        """Days from the start to a date."""
        return float((day - self.start).days)

    def on(self, day: float, act: Callable[[], None]) -> bool:
        """Have ``act`` called on a day of the clock; False if that day lies beyond the run (or is over)."""
        if day >= self.weeks * WEEK or day < self.env.now:
            return False
        event = self.env.timeout(day - self.env.now)
        event.callbacks.append(lambda _event: act())
        return True

    def note(self, what: str, where: str, why: str, amount: float = float("nan")) -> None:
        self.happenings.append(Happening(float(self.env.now), what, where, why, amount))
        if what != "news":
            for answer in self.answers.pop(why, []):
                answer()

    def when(self, name: str, act: Callable[[], None]) -> None:
        """Have ``act`` called once when the event ``name`` of the run begins; its news alone does not count."""
        self.answers.setdefault(name, []).append(act)

    def surge(self, name: str, civil: Array, defence: Array) -> None:
        """Factors on civil use [civil rows] and programmes' plans [programmes] for a cause; causes multiply."""
        p = self.parts
        self.surges[name] = (civil, defence)
        p.civil.surge, p.defence.surge = np.ones(len(civil)), np.ones(len(defence))
        for use, plans in self.surges.values():
            p.civil.surge = p.civil.surge * use
            p.defence.surge = p.defence.surge * plans

    def reroute(self) -> None:
        """Something has changed on the lanes: what is bought from now on takes the ways that are open."""
        p = self.parts
        passage = self.ways.renew()
        trader, lines = p.buy.parts["trader"], len(p.buy.row)
        longer = passage.longer()
        self._lag_before = np.maximum(p.buy.lag - 1.0 + longer[:lines], 0.0)
        self.shut = passage.closed[:lines].copy()
        self.shut[trader] = 0.0  # the border stops those
        self._freight = self._first_freight[self._home] + passage.usd[trader]
        here = p.traders.target // self.layout.C == WORLD_HUB
        flow, commodity = np.maximum(p.traders.normal, 1e-12)[here], self._home[here]
        added = total_by(commodity, flow * passage.usd[trader][here], self.layout.C)
        p.prices.freight = self._first_freight + ratio(added, total_by(commodity, flow, self.layout.C))

    def plants_of(self, stage: str) -> tuple[Plants, Array]:
        """The plants of a stage, and the array in which outages set the share of capacity that works."""
        p = self.parts
        if stage == "mine":
            return p.mines.plants, self.mine_working
        if stage == "separator":
            return p.separators.plants, self.separator_working
        plants = {"metal": p.metal.plants, "magnet": p.magnet.plants, "recycler": p.recyclers.plants}[stage]
        return plants, plants.working

    def lose(self, stage: str, site: int, cause: str, share: float) -> None:
        """Take a share of a site's capacity away for a cause, or give it back with 0; causes beside each other multiply."""
        lost = self.losses.setdefault((stage, site), {})
        lost[cause] = share
        _plants, working = self.plants_of(stage)
        working[site] = math.prod(1.0 - part for part in lost.values())

    def align(self, regions: Sequence[str]) -> None:
        """Regions of ``sco`` leave the world's market: from now on they have a call of their own, and trade freely with China.

        Their lines move to the hub's pools, which open with the prices, memories and orders of the world's.
        """
        lay, p = self.layout, self.parts
        zone = np.array([lay.region_of[r] for r in regions])
        step = (SCO_HUB - WORLD_HUB) * lay.C
        buy, sell, trader = p.buy, p.sell, p.sell.parts["trader"]
        before = p.expectations.orders.reshape(lay.K, -1).sum(axis=1)
        bought = np.isin(buy.cell % lay.R, zone) & (buy.pool // lay.C == WORLD_HUB)
        sold = np.isin(sell.cell % lay.R, zone) & (sell.pool // lay.C == WORLD_HUB)
        p.expectations.move(np.unique(np.concatenate([buy.cell[bought], sell.cell[sold]])), step * lay.R)
        for lines, moved in ((buy, bought), (sell, sold)):
            lines.pool[moved] += step
            lines.cell[moved] += step * lay.R
        routes = sold[trader]
        p.traders.target[routes] += step
        p.traders.cell[routes] += step * lay.R
        p.civil.pool[bought[buy.parts["civil"]]] += step
        p.reserves.pool[bought[buy.parts["state"]]] += step
        after = np.maximum(p.expectations.orders.reshape(lay.K, -1).sum(axis=1), 1e-12)
        own = np.zeros(lay.K)  # share of a pool's orders that the zone's own makers fill
        for name, share in (("metal", p.metal_share), ("magnet", p.magnet_share)):
            moved, pool = sold[sell.parts[name]], sell.pool[sell.parts[name]]
            share[moved] *= (
                before[pool[moved] - step] / after[pool[moved]]
            )  # the same tonnes of a smaller market
            share[~moved] *= (before / after)[pool[~moved]]
            np.add.at(own, pool[moved], share[moved])
        scale = before / after
        sell.share *= np.where(sold, before[sell.pool - step * sold] / after[sell.pool], scale[sell.pool])
        imported = np.maximum(1.0 - own, 0.0)[
            p.traders.target
        ]  # and what others of the world's market sold them is China's now
        p.traders.share[routes] = imported[routes]
        makers = sold[sell.parts["metal"].start : sell.parts["magnet"].stop]
        p.cost_of.pool[makers[p.cost_of.out]] += step
        self._move_mines(zone)
        self.offered[SCO_HUB * lay.C :] = after[SCO_HUB * lay.C :]
        self.hub_now[zone], self.zone_week, p.prices.aligned = SCO_HUB, self.week, True
        p.border.open(np.flatnonzero(routes | (p.traders.source // lay.C == SCO_HUB)))
        p.inbound.readdress(buy.pool, buy.cell, buy.civil > 0.0)
        within = bought.copy()
        within[buy.parts["trader"]] |= routes
        self._uncertify(within, zone)
        if self.origin is not None:
            self.origin.abroad[sold] = 0.0
        self.readdress()
        self.levels()
        for renew in self.renewals.values():
            renew()
        if self.ways.hits or self.ways.corridors:
            self.reroute()

    def _uncertify(self, lines: NDArray[np.bool_], regions: Index) -> None:
        """Goods of ``regions``, and those under way to ``lines`` (after ``readdress``), are no longer bound to anybody."""
        stock = self.parts.stock
        for block in stock.blocks.values():
            rows = block.start + np.flatnonzero(np.isin(block.region, regions))
            stock.kg[rows, LICENSED] = 0.0
        p = self.parts
        for pipe, region in (
            (p.separators.hold, p.separators.plants.region), (p.recyclers.work, p.recyclers.plants.region),
            (p.metal.work, p.metal.outputs.region), (p.magnet.work, p.magnet.outputs.region),
        ):  # fmt: skip
            pipe.ring[:, np.isin(region, regions), LICENSED] = 0.0
        p.inbound.unmark(lines)

    def _move_mines(self, zone: Index) -> None:
        """A mine's basket fetches the prices of its separator's hub."""
        mines, plants = self.parts.mines, self.parts.separators.plants
        for mine, site in zip(mines.mine_of, mines.separator_of, strict=True):
            if plants.region[site] in zone:
                mines.hub[mine] = SCO_HUB
        self.invest.worth.readdress()

    def pooled(self, values: Array, pool: Index) -> Array:
        """Sums of ``values[weeks, lines]`` by pool; ``pool`` [lines] is where the lines trade at the end of the run."""
        lay = self.layout
        sums = columns_by(values, pool, lay.K)
        if self.zone_week is not None:
            first = np.where(pool // lay.C == SCO_HUB, pool - lay.C, pool)
            sums[: self.zone_week] = columns_by(values[: self.zone_week], first, lay.K)
        return sums

    def pool_of(self, block: Block) -> Index:
        """Pools in which the goods of a block lie, as of the end of the run."""
        pool: Index = self.hub_now[block.region] * self.layout.C + block.commodity
        return pool

    def pools(self, hubs: list[str], commodities: list[str]) -> Index:
        """Pool numbers of commodities in hubs; ``all`` names every commodity."""
        lay = self.layout
        chosen = range(lay.C) if "all" in commodities else [lay.commodity_of[c] for c in commodities]
        wanted = [h for h in HUBS if h in hubs or "all" in hubs]
        return np.array([HUBS.index(h) * lay.C + c for h in wanted for c in chosen])

    def routes(self, origin: str, commodities: Sequence[str], destinations: Sequence[str]) -> Index:
        """Numbers of the trade routes that leave ``origin`` with ``commodities`` for ``destinations`` (region ids or all).

        Origin ``world`` means the routes that lead to China; other regions export inside their hub, without a border."""
        lay, t = self.layout, self.parts.traders
        out = (
            t.to_world
            if origin == "china"
            else ~t.to_world
            if origin == "world"
            else np.zeros(len(t.block), bool)
        )
        goods = np.isin(t.block.commodity, [lay.commodity_of[c] for c in commodities if c != "all"]) | (
            "all" in commodities
        )
        places = (
            np.arange(lay.R) if "all" in destinations else np.array([lay.region_of[r] for r in destinations])
        )
        return np.flatnonzero(out & goods & np.isin(t.block.region, places))

    def rate(self, hubs: list[str], name: str, on: bool) -> None:
        """Rated defence orders come first in ``hubs`` under the rating ``name``, or no longer under that one."""
        for hub in hubs:
            names = self.ratings[HUBS.index(hub)]
            (names.add if on else names.discard)(name)

    def duty(self, name: str, routes: Index, rate: float) -> None:
        """A duty of ``rate`` (0.25: a quarter of the value) on trade routes, beside those there are; 0 lifts it."""
        self.parts.border.levy(name, routes, rate)
        self.levels()

    def levels(self) -> None:
        """What duties and rents come to in the price formula of contracts: means over the trade from China to the world."""
        lay, t, border = self.layout, self.parts.traders, self.parts.border
        here = t.target // lay.C == WORLD_HUB
        commodity, flow = t.block.commodity[here], np.maximum(t.normal[here], 1e-12)
        total = total_by(commodity, flow, lay.C)
        prices = self.parts.prices
        duty, rent = (total_by(commodity, flow * x[here], lay.C) for x in (border.duty, border.rent))
        prices.duty = np.where(total > 0.0, ratio(duty, total), 1.0)
        prices.rent = ratio(rent, total)

    def list_users(self, name: str, lines: Index | None) -> None:
        """Users (buying lines) who may not have certified goods from now on; None takes them off the list."""
        if lines is None:
            self.listed.pop(name, None)
        else:
            self.listed[name] = lines

    def _access(self) -> None:
        """Who may have goods that came under a certificate: civil users; military ones where nothing bars them; nobody who is
        listed. Without certificates for anybody it is as on the first day."""
        p = self.parts
        buy, border, kits = p.buy, p.border, p.buy.parts["kits"]
        certified = bool(self.listed) or border.certifies
        if not certified and not self._state_of_access[0]:
            return
        closed = np.unique(p.traders.block.region[border.closed_to_military() > 0.0])
        everywhere = self.origin is not None and self.origin.military_refused
        state = (certified, (tuple(self.listed), tuple(closed), everywhere))
        if state == self._state_of_access:
            return
        self._state_of_access = state
        civil = self._civil.copy()
        if certified and not everywhere:
            civil[kits] = ~np.isin(buy.cell[kits] % self.layout.R, closed)
        for lines in self.listed.values():
            civil[lines] = 0.0
        buy.civil[:] = civil
        p.inbound.readdress(buy.pool, buy.cell, buy.civil > 0.0)
        if not certified:
            self.lapse()

    def lapse(self) -> None:
        """Certificates bind nobody any more once the last list and the last rule that refuses somebody are gone."""
        buy, border = self.parts.buy, self.parts.border
        if self.listed or self.origin is not None or border.barred().any() or border.certifies:
            return
        if not self.parts.stock.kg[:, LICENSED].any():
            return
        self.parts.inbound.readdress(buy.pool, buy.cell, buy.civil > 0.0)
        self._uncertify(np.ones(len(buy.pool), bool), np.arange(self.layout.R))

    def spend(self, name: str, usd: float) -> None:
        """Book what a policy costs in the present week, USD."""
        self.spending.setdefault(name, np.zeros(self.weeks))[self.week] += usd

    def announce(self, event: Control, commodities: Sequence[str]) -> None:
        """Have news of an export control reach the buyers outside China on its day, as loud as the control is hard."""
        strength = event.news_strength * event.severity

        def heard() -> None:
            hubs = ["world"] if self.parts.prices.aligned else ["world", "sco"]
            pools = self.pools(hubs, list(commodities))
            self.parts.expectations.hear(pools, strength, event.news_half_life_days)
            self.note("news", "world", event.name, strength)

        self.on(self.day_of(event.announced), heard)
