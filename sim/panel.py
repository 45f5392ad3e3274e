"""One series of a run folder as a matrix of replications by weeks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.runs import RunError

Floats = NDArray[np.float64]
EPOCH = date(1970, 1, 1)
ENOUGH = (
    20  # replications from which a 90 % range means something; below, the lowest and the highest are shown
)


@dataclass(frozen=True)
class Panel:
    """A table of trajectories, read once: its weeks, its replications, and series by their labels."""

    table: pa.Table
    days: tuple[date, ...]
    replications: tuple[int, ...]
    _parts: dict[str, pa.Table] = field(default_factory=dict)  # rows of a variable, found once

    @classmethod
    def of(cls, table: pa.Table) -> Panel:
        """Raises ``RunError`` for a table without rows."""
        if not table.num_rows:
            raise RunError("the run holds no trajectories")
        days = tuple(sorted(pc.unique(table["date"]).to_pylist()))
        return cls(table, days, tuple(sorted(pc.unique(table["replication"]).to_pylist())))

    def rows(self, variable: str) -> pa.Table:
        """The rows of one variable."""
        if variable not in self._parts:
            self._parts[variable] = self.table.filter(pc.equal(self.table["variable"], variable))
        return self._parts[variable]

    def series(self, variable: str, **labels: str) -> Floats | None:
        """``[replications, weeks]`` summed over all series with these labels (scope, place, stage, party, commodity); a series
        left out because it is nil throughout counts as zeros; None if there is none at all."""
        rows = self.rows(variable)
        if labels:
            tests = [pc.equal(rows[label], word) for label, word in labels.items()]
            rows = rows.filter(reduce(pc.and_, tests))
        if not rows.num_rows:
            return None
        out = np.zeros((len(self.replications), len(self.days)))
        first = np.array([(day - EPOCH).days for day in self.days])
        days = rows["date"].cast(pa.int32()).to_numpy()
        at = (
            np.searchsorted(self.replications, rows["replication"].to_numpy()),
            np.searchsorted(first, days),
        )
        np.add.at(out, at, rows["value"].to_numpy())
        return out


def common(a: Panel, b: Panel) -> tuple[list[int], list[int], int]:
    """Rows of the replications that both have, and how many weeks both have. Raises ``RunError`` if nothing can be paired."""
    both = sorted(set(a.replications) & set(b.replications))
    if not both:
        raise RunError("the two runs have no replication in common")
    weeks = min(len(a.days), len(b.days))
    if a.days[:weeks] != b.days[:weeks]:
        raise RunError(
            f"the two runs begin in different weeks ({a.days[0]} and {b.days[0]}): no week can be paired"
        )
    return [a.replications.index(r) for r in both], [b.replications.index(r) for r in both], weeks
