"""What happens to goods on their ways: lanes that are shut or slow, and corridors beside them.

Each leg's goods are split into what is stopped and parcels that take so many days. What a closed lane stops, and what a slow
one delays, takes an open corridor as far as that has room. Days become whole weeks, as on the first day.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.build import Parts
from sim.grouping import ratio, total_by
from sim.lanes import Legs, legs_of
from sim.layout import Layout
from sim.stages.stoppages import Stop
from sim.stock import Array, Index
from sim.trade.border import Ban
from sim.world.types import World

Parcel = tuple[Array, Array, Array]  # share of each leg's goods, days, USD/kg
CAUSE = "lanes"


@dataclass(frozen=True, slots=True)
class Hit:
    """Trouble on lanes. What is hit and not stopped takes longer and costs more."""

    chokepoints: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]  # regions, or "all"
    corridors: tuple[str, ...]  # names of corridors it reaches
    severity: float  # share of the goods on these lanes that is hit
    closed: float  # of that, what cannot pass at all
    days: float
    usd: float  # per kg
    pile_weeks: float  # of a mine's output that may wait for its feed's way
    flow_weeks: float


@dataclass(slots=True)
class Corridor:
    """A way of its own between two regions, beside the lanes and their chokepoints."""

    origin: str
    destination: str
    both_ways: bool
    goods: tuple[str, ...]  # commodities, "concentrate" or "all"
    days: float
    usd: float  # per kg
    t_per_year: float  # each way
    open: float = 0.0  # share of it that works


@dataclass(slots=True)
class Passage:
    """What of each line's goods gets through, and how, [lines]; feeds stand behind the buying lines."""

    closed: Array
    usd: Array  # freight beyond the first day's, USD/kg
    weeks: dict[int, Array] = field(default_factory=dict)  # weeks longer (or shorter) -> share of what passes

    def longer(self) -> Array:
        """Mean weeks by which the way is longer."""
        total = np.zeros(len(self.closed))
        for weeks, share in self.weeks.items():
            total += weeks * share
        return total


class Ways:
    """State: hits and corridors by name. ``renew`` works out what follows and tells border, shipments and mines."""

    def __init__(self, world: World, layout: Layout, parts: Parts) -> None:
        self.world, self.layout, self.parts = world, layout, parts
        self.hits: dict[str, Hit] = {}
        self.corridors: dict[str, Corridor] = {}
        self._orders = parts.opening.use.copy()
        self._legs: tuple[Index, Legs] | None = None  # and the pools they were worked out for

    def renew(self) -> Passage:
        """After any change: what passes now, by line."""
        legs = self._addressed()
        parcels, closed = self._struck(legs)
        parcels = self._on_corridors(legs, parcels, closed)
        passage = _by_line(legs, parcels, closed)
        self._tell(passage)
        return passage

    def _addressed(self) -> Legs:
        """Legs as buyers are addressed now; they change only when regions move to another hub."""
        pools = self.parts.buy.pool
        if self._legs is None or not np.array_equal(self._legs[0], pools):
            self._legs = pools.copy(), legs_of(self.world, self.layout, self.parts)
        return self._legs[1]

    # -- legs ---------------------------------------------------------------------------------------------------------
    def exposure(self, legs: Legs, hit: Hit) -> Array:
        """Share of each leg's goods that goes over the lanes of ``hit``, [legs]."""
        passing: dict[tuple[str, str], float] = {}
        named = set(hit.chokepoints)
        for lane in self.world.lanes:
            pair = lane.origin, lane.destination
            chosen = any(a in (pair[0], "all") and b in (pair[1], "all") for a, b in hit.pairs)
            touched = chosen or bool(named & set(lane.chokepoints.split()))
            passing[pair] = passing.get(pair, 0.0) + lane.share * touched
        names = self.layout.regions
        share = np.array([passing.get((names[a], names[b]), 0.0)
                          for a, b in zip(legs.origin, legs.destination, strict=True)])  # fmt: skip
        for i in np.flatnonzero(legs.feed >= 0):
            pair = names[legs.origin[i]], names[legs.destination[i]]
            chosen = any(a in (pair[0], "all") and b in (pair[1], "all") for a, b in hit.pairs)
            own = set(self.world.feeds[legs.feed[i]].chokepoints.split())
            share[i] = float(chosen or bool(named & own))
        hit_share: Array = np.minimum(share, 1.0)
        return hit_share

    def _struck(self, legs: Legs) -> tuple[list[Parcel], Array]:
        """Parcels without corridors, and what is stopped [legs]. Hits are independent: one goods' trouble adds to another's."""
        n = len(legs.line)
        closed = np.zeros(n)
        parcels: list[Parcel] = [(np.ones(n), legs.days, legs.usd)]
        for hit in self.hits.values():
            struck_share = self.exposure(legs, hit) * hit.severity
            after: list[Parcel] = []
            for share, days, usd in parcels:
                struck = share * struck_share
                closed += struck * hit.closed
                after.append((share - struck, days, usd))
                after.append((struck * (1.0 - hit.closed), days + hit.days, usd + hit.usd))
            parcels = [p for p in after if p[0].any()]
        return parcels, closed

    def _on_corridors(self, legs: Legs, parcels: list[Parcel], closed: Array) -> list[Parcel]:
        """Let what is stopped, and then what takes longest, go over corridors; takes it off ``closed`` in place."""
        scale = self._growth()[legs.line]
        for name, corridor in self.corridors.items():
            open_share, days, usd = self._state(name, corridor)
            here = self._covers(legs, corridor)
            flow = legs.flow * scale
            back = here & (legs.origin == self.layout.region_of[corridor.destination])
            room = np.zeros(len(flow))
            for way in (here & ~back, back):
                t = float(flow[way].sum())
                room[way] = (
                    min(1.0, corridor.t_per_year * open_share / t) if t > 0.0 else float(open_share > 0.0)
                )
            carried = np.minimum(closed, room)
            closed -= carried
            after: list[Parcel] = []
            for share, day, cost in sorted(parcels, key=lambda p: -float(p[1].sum())):
                part = np.where(day > days, np.minimum(share, room - carried), 0.0)
                carried = carried + part
                after.append((share - part, day, cost))
            parcels = [*after, (carried, np.full(len(flow), days), np.full(len(flow), usd))]
        return parcels

    def _covers(self, legs: Legs, corridor: Corridor) -> NDArray[np.bool_]:
        """Legs whose goods may go over the corridor."""
        lay = self.layout
        a, b = lay.region_of[corridor.origin], lay.region_of[corridor.destination]
        here: NDArray[np.bool_] = (legs.origin == a) & (legs.destination == b)
        if corridor.both_ways:
            here |= (legs.origin == b) & (legs.destination == a)
        if "all" in corridor.goods:
            here &= legs.goods >= 0
            return here
        chosen = [-1 if g == "concentrate" else lay.commodity_of[g] for g in corridor.goods]
        covered: NDArray[np.bool_] = here & np.isin(legs.goods, chosen)
        return covered

    def _state(self, name: str, corridor: Corridor) -> tuple[float, float, float]:
        """Share that works, days and freight of a corridor under the hits that name it."""
        works, days, usd = corridor.open, corridor.days, corridor.usd
        for hit in self.hits.values():
            if name in hit.corridors:
                works *= 1.0 - hit.severity * hit.closed
                days += hit.severity * hit.days
                usd += hit.severity * hit.usd
        return works, days, usd

    def _growth(self) -> Array:
        """Orders of each line's cell over the first day's, [lines, feeds included]."""
        p = self.parts
        now = ratio(p.expectations.orders, self._orders)[p.buy.cell]
        t = p.traders
        trader = p.buy.parts["trader"]
        now[trader] = np.where(t.flow > 0.0, ratio(t.normal, t.flow), 1.0)
        grown = np.where(now > 0.0, now, 1.0)
        return np.concatenate([grown, np.ones(len(self.world.feeds))])

    # -- what follows -------------------------------------------------------------------------------------------------
    def _tell(self, passage: Passage) -> None:
        p, lines = self.parts, len(self.parts.buy.pool)
        trader = p.buy.parts["trader"]
        order = sorted(passage.weeks)
        p.inbound.detours = [(w, passage.weeks[w][:lines]) for w in order if passage.weeks[w][:lines].any()]
        p.mines.detours = [(w, passage.weeks[w][lines:]) for w in order if passage.weeks[w][lines:].any()]
        p.traders.longer = np.maximum(passage.longer()[trader], 1.0 - p.traders.lag)
        self._close_routes(passage.closed[trader])
        self._close_feeds(passage.closed[lines:])
        usd = total_by(p.mines.mine_of, passage.usd[lines:] * p.mines.share, len(p.mines.reo))
        p.mines.way_usd = usd * p.mines.reo

    def _close_routes(self, closed: Array) -> None:
        if closed.any():
            none = np.zeros(len(closed))
            self.parts.border.impose(CAUSE, Ban(closed, none, none > 0.0, cause="lane"))
        else:
            self.parts.border.revoke(CAUSE)

    def _close_feeds(self, closed: Array) -> None:
        stoppages = self.parts.mines.stoppages
        if not closed.any():
            stoppages.lift(CAUSE)
            return
        pile = max((h.pile_weeks for h in self.hits.values()), default=0.0)
        flow = max((h.flow_weeks for h in self.hits.values()), default=1.0)
        stoppages.impose(CAUSE, Stop(closed, np.zeros(len(closed)), pile, flow))


def _by_line(legs: Legs, parcels: list[Parcel], closed: Array) -> Passage:
    """Legs summed to lines; parcels as shares of what passes."""
    shut = np.minimum(total_by(legs.line, legs.weight * closed, legs.lines), 1.0)
    passes = np.where(shut < 1.0, 1.0 - shut, np.inf)
    found = Passage(shut, np.zeros(legs.lines))
    before = np.maximum(np.ceil(legs.days / 7.0), 1.0)
    for share, days, usd in parcels:
        found.usd += total_by(legs.line, legs.weight * share * (usd - legs.usd), legs.lines) / passes
        weeks = (np.maximum(np.ceil(days / 7.0), 1.0) - before).astype(int)
        for w in np.unique(weeks[share > 0.0]):
            if w != 0:
                part = total_by(legs.line, legs.weight * share * (weeks == w), legs.lines) / passes
                found.weeks[int(w)] = found.weeks.get(int(w), np.zeros(legs.lines)) + part
    return found
