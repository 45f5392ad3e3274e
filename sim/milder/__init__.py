"""Milder is never worse: unserved demand of a shock over its severity, under common chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np

from sim.case import Case
from sim.panel import Floats, Panel
from sim.replicate import replicate
from sim.simulate import simulate

SEVERITIES = (0.25, 0.5, 0.75, 1.0)
NOISE = 1e-6  # of the largest total: smaller steps are rounding


@dataclass(frozen=True)
class Ladder:
    """t of product over the run, all goods and places: ``unserved[severity, replication]``, and ``lost``, what is priced out
    beside it."""

    name: str
    unserved: Floats
    lost: Floats

    def reversals(self) -> list[str]:
        """Steps at which a mean falls as the shock gets harder, with the paired 90 % range of the step."""
        return [
            f"{name} {text}"
            for name, totals in (("unserved", self.unserved), ("lost", self.lost))
            for text in _falls(totals)
        ]


def _falls(totals: Floats) -> list[str]:
    found = []
    least = NOISE * max(float(totals.mean(axis=1).max()), 1e-3)
    for i, (low, high) in enumerate(pairwise(totals)):
        step = high - low
        if step.mean() < -least:
            q = np.quantile(step, (0.05, 0.95))
            beyond = "beyond" if q[1] < 0.0 else "within"
            where = f"{SEVERITIES[i]:g} to {SEVERITIES[i + 1]:g}"
            found.append(f"{where}: {step.mean():+.3g} t ({q[0]:+.3g} to {q[1]:+.3g}), {beyond} chance")
    return found


def climb(case: Case, event: str, replications: int, jobs: int) -> Ladder:
    """Run the case at every severity of one of its events. Raises ``ValueError`` if the event has no severity."""
    chosen = next((e for e in case.events if e.name == event), None)
    if chosen is None or not hasattr(chosen, "severity"):
        raise ValueError(f"{event}: no event of this name with a severity")
    cases = [
        replace(case, events=tuple(replace(e, severity=s) if e.name == event else e for e in case.events))
        for s in SEVERITIES
    ]
    work = partial(_total, cases, replications)
    totals = list(replicate(work, len(cases) * replications, jobs))
    table = np.array(totals).reshape(len(cases), replications, 2)
    return Ladder(event, table[:, :, 0], table[:, :, 1])


def _total(cases: list[Case], replications: int, number: int) -> tuple[float, float]:
    step, replication = divmod(number, replications)
    panel = Panel.of(simulate(cases[step], 1, replication).trajectories)
    return _sum(panel, ("unserved",)), _sum(panel, ("unserved", "priced_out"))


def _sum(panel: Panel, variables: tuple[str, ...]) -> float:
    found = [panel.series(v, scope="hub", stage="all", party="all") for v in variables]
    return float(sum(x.sum() for x in found if x is not None))
