"""Plants on their way: from a date over a ramp to full capacity, waiting for feed and outlet.

A separator does not begin before a mine that feeds it by contract is there, nor a mine before a plant that takes its concentrate;
each counts as there from its own date on, so that the two do not wait for each other. Metal and magnet makers buy in the market.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from sim.compiled import kernel
from sim.stock import Array, E, Index
from sim.units import WEEK

if TYPE_CHECKING:
    import simpy
    from numpy.typing import NDArray

    from sim.build import Parts
    from sim.stages.plants import Plants

    Mask = NDArray[np.bool_]

STAGES: Final = ("mine", "separator", "metal", "magnet")


class Clock(Protocol):
    """What the chain offers its owners and their states."""

    env: simpy.Environment

    def on(self, day: float, act: Callable[[], None]) -> bool: ...
    def note(self, what: str, where: str, why: str, amount: float = ...) -> None: ...
    def spend(self, name: str, usd: float) -> None: ...


@dataclass(slots=True)
class Work:
    """Capacity that comes on stream: ``reach(level)`` is called with 0..1 once a week over ``ramp`` weeks."""

    stage: str
    site: int
    begin: float  # day
    ramp: int  # weeks
    why: str
    amount: float  # share of the announced capacity, or t a year
    reach: Callable[[float], None]


class Works:
    """Starts works on their day, or as soon after it as feed and outlet are there."""

    def __init__(self, parts: Parts, clock: Clock) -> None:
        self.parts, self.clock = parts, clock
        self.ready = {stage: plants.started > 0.0 for stage, plants in plants_by_stage(parts).items()}
        self.waiting: list[tuple[float, Work]] = []  # and the day on which each was due
        self.promised = np.zeros(len(parts.mines.share), bool)  # feed contracts that move when a plant starts
        self.coming = {
            stage: there.copy() for stage, there in self.ready.items()
        }  # there, announced or decided

    def start(self, work: Work) -> None:
        """Put a work on the clock; a day that is over counts as today."""
        self.coming[work.stage][work.site] = True
        self.clock.on(max(work.begin, float(self.clock.env.now)), lambda: self._due(work))

    def _due(self, work: Work) -> None:
        """The day of a work has come: it begins, or waits."""
        self.ready[work.stage][work.site] = True
        lacking = self.lacking(work.stage, work.site, self.ready)
        if lacking:
            ids = plants_by_stage(self.parts)[work.stage].ids
            self.clock.note(f"start-up waits for {lacking}", ids[work.site], work.why, work.amount)
            self.waiting.append((float(self.clock.env.now), work))
        else:
            self._begin(work)
        self.look_again()

    def look_again(self) -> None:
        """Something is ready, or contracts have changed: those who waited for that begin, whole weeks after their own day."""
        now, waiting = float(self.clock.env.now), self.waiting
        self.waiting = []
        for day, work in waiting:
            if self.lacking(work.stage, work.site, self.ready):
                self.waiting.append((day, work))
            else:
                weeks = max(1, math.ceil((now - day) / WEEK))
                self.clock.on(day + weeks * WEEK, lambda day=day, work=work: self._retry(day, work))  # type: ignore[misc]

    def _retry(self, day: float, work: Work) -> None:
        if self.lacking(work.stage, work.site, self.ready):  # what came has gone again
            self.waiting.append((day, work))
        else:
            self._begin(work)

    def _begin(self, work: Work) -> None:
        self.clock.note(
            "start-up", plants_by_stage(self.parts)[work.stage].ids[work.site], work.why, work.amount
        )
        begin = float(self.clock.env.now)
        for step in range(1, work.ramp + 1):
            level = step / work.ramp
            self.clock.on(begin + step * WEEK, lambda level=level: work.reach(level))  # type: ignore[misc]

    def lacking(self, stage: str, site: int, there: dict[str, Mask]) -> str:
        """What a site cannot begin without: feed, an outlet, or '' if nothing is lacking; ``there`` is ``ready`` or ``coming``."""
        mines, separators = self.parts.mines, self.parts.separators
        if stage not in ("mine", "separator"):
            return ""
        fed, taken = bound_together(
            mines.mine_of, mines.separator_of, mines.share, self.promised, there["mine"], there["separator"]
        )
        if stage == "mine":
            return "" if taken[site] else "an outlet"
        return (
            "" if fed[site] or self.parts.stock.kg[separators.feed.start + site, :E].sum() > 0.0 else "feed"
        )


@kernel
def bound_together(
    mine_of: Index, separator_of: Index, share: Array, promised: Mask, mines: Mask, separators: Mask
) -> tuple[Mask, Mask]:
    """Which separators have a contract, in force or ``promised``, with one of the ``mines`` [sites]; and of which mines one of
    the ``separators`` [sites] takes the concentrate, or none has to. The first four by contract."""
    fed, taken, free = (
        np.zeros(len(separators), np.bool_),
        np.zeros(len(mines), np.bool_),
        np.ones(len(mines), np.bool_),
    )
    for i in range(len(share)):
        if share[i] > 0.0 or promised[i]:
            m, s = mine_of[i], separator_of[i]
            fed[s], taken[m], free[m] = fed[s] or mines[m], taken[m] or separators[s], False
    return fed, taken | free


def plants_by_stage(parts: Parts) -> dict[str, Plants]:
    """The plants that can be built or mothballed, by stage."""
    return {
        "mine": parts.mines.plants,
        "separator": parts.separators.plants,
        "metal": parts.metal.plants,
        "magnet": parts.magnet.plants,
    }


def sites_by_stage(parts: Parts) -> dict[str, slice]:
    """Where each stage's sites stand among the sites of all stages, one stage behind the other."""
    found, start = {}, 0
    for stage, plants in plants_by_stage(parts).items():
        found[stage] = slice(start, start + len(plants.ids))
        start += len(plants.ids)
    return found
