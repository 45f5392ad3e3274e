"""Mothballing: a site that has not covered its avoidable cost for long enough is shut, and comes back when it pays again.

Avoidable cost is a share of what the site earned at opening prices, by revealed preference; of metal and magnet makers it keeps the
rank of their conversion costs, so that they do not all shut in one week. A site comes back when what it would earn, its own output
counted in, has covered that cost by a margin for some weeks; and it does not shut if with its output gone it would want to come
back. Without both rules large sites shut and open for ever; a large mine slows down instead (``sim.stages.mines``). Those who shut
or come back are counted in by the next one before the slow price knows of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

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

    def week(self, o: Owners, earned: Array, otherwise: Array) -> None:
        """``earned`` by a site as it is; ``otherwise`` with its output gone, or back if it is shut; over the first day's."""
        b = self.b
        runs = o.may & ~o.shut & (o.plants.built > 0.0)
        if o.stage == "separator":
            runs = runs & (
                self.parts.separators.expected_feed > IDLE
            )  # without feed there is nothing to shut
        pays = otherwise >= o.cost * (1.0 + b.restart_margin)
        o.losing = np.where(runs & (earned < o.cost) & ~pays, o.losing + 1.0, 0.0)
        o.paying = np.where(o.shut & pays, o.paying + 1.0, 0.0)
        due = np.flatnonzero(o.losing >= b.mothball_weeks)
        if len(due):
            self._shut(o, int(due[np.argmin((earned - o.cost)[due])]))
        back = np.flatnonzero(o.paying >= b.restart_weeks)
        if len(back):
            self._restart(o, int(back[np.argmax((otherwise - o.cost)[back])]))

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
