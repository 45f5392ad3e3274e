"""Milder is never worse: unserved demand of a shock over its severity, under common chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sim.case import Case
from sim.panel import Floats, Panel
from sim.replicate import replicate
from sim.simulate import simulate

SEVERITIES = (0.25, 0.5, 0.75, 1.0)
NOISE = 1e-6  # of the largest total: smaller steps are rounding


@dataclass(frozen=True)
class Ladder:
    """``unserved[severity, replication]``: t of product over the run, all goods and places."""

    name: str
    unserved: Floats

    @property
    def means(self) -> Floats:
        """Mean over replications by severity."""
        means: Floats = self.unserved.mean(axis=1)
        return means

    def reversals(self) -> list[str]:
        """Steps at which the mean falls as the shock gets harder, with the paired 90 % range of the step."""
        found = []
        least = NOISE * max(float(self.means.max()), 1e-3)
        for i, (low, high) in enumerate(zip(self.unserved[:-1], self.unserved[1:], strict=True)):
            step = high - low
            if step.mean() < -least:
                q = np.quantile(step, (0.05, 0.95))
                beyond = "beyond" if q[1] < 0.0 else "within"
                found.append(
                    f"{SEVERITIES[i]:g} to {SEVERITIES[i + 1]:g}: {step.mean():+.3g} t "
                    f"({q[0]:+.3g} to {q[1]:+.3g}), {beyond} chance"
                )
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
    return Ladder(event, np.array(totals).reshape(len(cases), replications))


def _total(cases: list[Case], replications: int, number: int) -> float:
    step, replication = divmod(number, replications)
    panel = Panel.of(simulate(cases[step], 1, replication).trajectories)
    found = [panel.series("unserved", scope=s, place=p, stage="all", party="all")
             for s, p in (("outside", "outside"), ("hub", "china"))]  # fmt: skip
    return float(sum(x.sum() for x in found if x is not None))
