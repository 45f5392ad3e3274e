"""One series of a run folder as a matrix of replications by weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """A table of trajectories, read once: its weeks, its replications, and series by their labels."""

    table: pa.Table
    days: tuple[date, ...]
    replications: tuple[int, ...]

    @classmethod
    def of(cls, table: pa.Table) -> Panel:
        """Raises ``ValueError`` for a table without rows."""
        if not table.num_rows:
            raise ValueError("the run holds no trajectories")
        days = tuple(sorted(pc.unique(table["date"]).to_pylist()))
        return cls(table, days, tuple(sorted(pc.unique(table["replication"]).to_pylist())))

    def series(self, variable: str, **labels: str) -> Floats | None:
        """``[replications, weeks]`` summed over all series with these labels (scope, place, stage, party, commodity); a series
        left out because it is nil throughout counts as zeros; None if there is none at all."""
        keep = pc.equal(self.table["variable"], variable)
        for label, word in labels.items():
            keep = pc.and_(keep, pc.equal(self.table[label], word))
        rows = self.table.filter(keep)
        if not rows.num_rows:
            return None
        week = {day: i for i, day in enumerate(self.days)}
        number = {r: i for i, r in enumerate(self.replications)}
        out = np.zeros((len(self.replications), len(self.days)))
        at = (
            np.array([number[r] for r in rows["replication"].to_pylist()]),
            np.array([week[d] for d in rows["date"].to_pylist()]),
        )
        np.add.at(out, at, rows["value"].to_numpy())
        return out


def common(a: Panel, b: Panel) -> tuple[list[int], list[int], int]:
    """Rows of the replications that both have, and how many weeks both have. Raises ``ValueError`` if nothing can be paired."""
    both = sorted(set(a.replications) & set(b.replications))
    if not both:
        raise ValueError("the two runs have no replication in common")
    weeks = min(len(a.days), len(b.days))
    if a.days[:weeks] != b.days[:weeks]:
        raise ValueError(
            f"the two runs begin in different weeks ({a.days[0]} and {b.days[0]}): no week can be paired"
        )
    return [a.replications.index(r) for r in both], [b.replications.index(r) for r in both], weeks
