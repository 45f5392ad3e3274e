"""Mothballing: a site that has not covered its avoidable cost for long enough is shut, and comes back when it pays again.

Avoidable cost is a share of what the site earned at opening prices, by revealed preference; of metal and magnet makers it keeps the
rank of their conversion costs, so that they do not all shut in one week. A site comes back when what it would earn, its own output
counted in, has covered that cost by a margin for some weeks; and it does not shut if with its output gone it would want to come
back. Without both rules large sites shut and open for ever; a large mine slows down instead (``sim.stages.mines``). Those who shut
or come back are counted in by the next one before the slow price knows of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.compiled import kernel
from sim.stock import Array
from sim.units import WEEK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.behaviour import Behaviour
    from sim.build import Parts
    from sim.invest.works import Clock
    from sim.invest.worth import Worth
    from sim.stages.plants import Plants

    Mask = NDArray[np.bool_]


IDLE = 1.0  # kg a week


@dataclass(slots=True)
class Owners:
    """The owners of a stage's sites: who may mothball, at what cost, and for how long it has (not) paid, [sites]."""

    stage: str
    plants: Plants
    may: Mask
    cost: Array  # avoidable cost over the first day's earnings
    losing: Array = field(init=False)  # weeks in a row below cost
    paying: Array = field(init=False)  # weeks in a row above cost and margin, while shut
    shut: Mask = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.may)
        self.losing, self.paying, self.shut = np.zeros(n), np.zeros(n), np.zeros(n, bool)


class Mothballs:
    """Shuts and reopens sites, one of a stage a week each way."""

    def __init__(
        self, owners: list[Owners], parts: Parts, worth: Worth, clock: Clock, behaviour: Behaviour
    ) -> None:
        self.owners, self.parts, self.worth, self.clock, self.b = owners, parts, worth, clock, behaviour

    def week(self, earnings: Callable[[Array], Array]) -> None:
        """``earnings(own)`` [sites of all stages] is what sites earn over the first day when their own output is ``own`` kg a week
        more than it is."""
        none = np.zeros(self.worth.count)
        earned = earnings(none)
        for o in self.owners:
            here = self.worth.sites[o.stage]
            if not watch(earned[here], o.cost, o.may, o.shut, o.losing, o.paying):
                continue
            own = (
                none.copy()
            )  # with its output gone if it does not pay, or back if it is shut; of others nobody asks
            own[here] = np.where(o.shut, 1.0, np.where(earned[here] < o.cost, -1.0, 0.0)) * o.plants.built
            if self._look(o, earned[here], earnings(own)[here]):
                earned = earnings(none)  # the next stage counts it in

    def _look(self, o: Owners, earned: Array, otherwise: Array) -> bool:
        """Count the weeks of a stage's sites that do not pay, or would again; whether one was shut or came back."""
        b = self.b
        may = o.may & (o.plants.built > 0.0)
        if o.stage == "separator":
            may &= self.parts.separators.expected_feed > IDLE  # without feed there is nothing to shut
        shut, back = count(earned, otherwise, o.cost, b.restart_margin, may, o.shut, o.losing, o.paying, b.mothball_weeks,
                           b.restart_weeks)  # fmt: skip
        if shut >= 0:
            self._shut(o, shut)
        if back >= 0:
            self._restart(o, back)
        return shut >= 0 or back >= 0

    def _shut(self, o: Owners, site: int) -> None:
        kg = float(o.plants.built[site])
        o.shut[site], o.losing[site], o.plants.running[site] = True, 0.0, 0.0
        self.worth.changed(self.worth.effect(o.stage, site, kg), -1.0)
        if o.stage == "separator":
            self.parts.separators.fill.drain(self.parts.stock, site)
        self.clock.note("mothballed", o.plants.ids[site], "does not cover avoidable cost")

    def _restart(self, o: Owners, site: int) -> None:
        kg = float(o.plants.built[site])
        o.shut[site], o.paying[site] = False, 0.0
        self.worth.changed(self.worth.effect(o.stage, site, kg), 1.0)
        if o.stage == "separator":
            self.parts.separators.fill.extend(site, min(kg, float(self.worth.feed_kg[site])))
        self.clock.note("restart", o.plants.ids[site], "covers its cost again")
        weeks = max(1, round(self.b.restart_ramp_weeks))
        now = float(self.clock.env.now)
        for step in range(1, weeks + 1):
            self.clock.on(now + step * WEEK, lambda level=step / weeks: self._reach(o, site, level))  # type: ignore[misc]

    @staticmethod
    def _reach(o: Owners, site: int, level: float) -> None:
        if not o.shut[site]:
            o.plants.running[site] = level


@kernel
def watch(earned: Array, cost: Array, may: Mask, shut: Mask, losing: Array, paying: Array) -> bool:
    """Whether any site of a stage is shut or does not cover its cost; if none is, nobody has anything to count."""
    for i in range(len(earned)):
        if shut[i] or (may[i] and earned[i] < cost[i]):
            return True
    losing[:] = 0.0
    paying[:] = 0.0
    return False


@kernel
def count(earned: Array, otherwise: Array, cost: Array, margin: float, may: Mask, shut: Mask, losing: Array, paying: Array,
          mothball_weeks: float, restart_weeks: float) -> tuple[int, int]:  # fmt: skip
    """Count another week; returns the site that shuts now (of those due the one that loses most) and the one that comes back (the
    one that would earn most), -1 if none does."""
    closing, opening = -1, -1
    for i in range(len(earned)):
        pays = otherwise[i] >= cost[i] * (1.0 + margin)
        losing[i] = losing[i] + 1.0 if may[i] and not shut[i] and earned[i] < cost[i] and not pays else 0.0
        paying[i] = paying[i] + 1.0 if shut[i] and pays else 0.0
        gap = earned[i] - cost[i]
        if losing[i] >= mothball_weeks and (closing < 0 or gap < earned[closing] - cost[closing]):
            closing = i
        gap = otherwise[i] - cost[i]
        if paying[i] >= restart_weeks and (opening < 0 or gap > otherwise[opening] - cost[opening]):
            opening = i
    return closing, opening
