"""The scalars of a run (``outcomes.parquet``), paired: one line an outcome, dates as days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from sim.compare.paired import Line, line
from sim.panel import Floats
from sim.runs import RunError

NOT_OUTCOMES: Final = ("run", "point", "replication", "parameter_set", "seed", "balance_error")
UNITS: Final = (  # by how a name begins and ends, as docs/outcomes.md defines the columns
    ("", "_date", "days"),
    ("", "_days", "days"),
    ("peak_ratio_", "", "1"),
    ("peak_price_", "", "USD/kg"),
    ("shortage_", "_t", "t product"),
    ("late_units_bloc_", "", "plans"),
    ("lost_units_bloc_", "", "plans"),
    ("late_units_", "", "units"),
    ("lost_units_", "", "units"),
    ("licences_", "", "licences"),
)


@dataclass(frozen=True)
class OneSided:
    """An outcome that no replication has in both: of ``pairs`` replications known in ``ours`` and in ``theirs``."""

    name: str
    ours: int
    theirs: int
    pairs: int


@dataclass(frozen=True)
class Scalars:
    """All outcomes of two runs: ``lines`` that differ, how many are ``equal`` wherever both are known, and the one-sided."""

    lines: tuple[Line, ...]
    equal: int
    one_sided: tuple[OneSided, ...]
    pairs: int


def scalars(scenario: pa.Table, base: pa.Table) -> Scalars:
    """Outcomes that both tables have, over the replications that both have. Raises RunError if nothing can be paired."""
    ours, theirs = _replications(scenario), _replications(base)
    both = sorted(ours.keys() & theirs.keys())
    if not both:
        raise RunError("the two runs have no replication in common")
    rows = [ours[r] for r in both], [theirs[r] for r in both]
    found: list[Line] = []
    one_sided: list[OneSided] = []
    equal = 0
    for name in scenario.column_names:
        if name in NOT_OUTCOMES or name not in base.column_names or not _numeric(scenario, name):
            continue
        x, y = _numbers(scenario, name)[rows[0]], _numbers(base, name)[rows[1]]
        known = ~np.isnan(x) & ~np.isnan(y)
        if not known.any():
            if not (np.isnan(x).all() and np.isnan(y).all()):
                one_sided.append(
                    OneSided(name, int((~np.isnan(x)).sum()), int((~np.isnan(y)).sum()), len(both))
                )
        elif np.array_equal(x, y, equal_nan=True):
            equal += 1
        else:
            found.append(line(name, unit(name), x[known], y[known], sized=not name.endswith("_date")))
    return Scalars(tuple(found), equal, tuple(one_sided), len(both))


def unit(name: str) -> str:
    """Of the differences of an outcome; '' if its name says nothing."""
    return next((u for head, tail, u in UNITS if name.startswith(head) and name.endswith(tail)), "")


def _replications(table: pa.Table) -> dict[int, int]:
    """Row of each replication."""
    return {r: row for row, r in enumerate(table["replication"].to_pylist())}


def _numeric(table: pa.Table, name: str) -> bool:
    kind = table.schema.field(name).type
    return name.endswith("_date") or pa.types.is_floating(kind) or pa.types.is_integer(kind)


def _numbers(table: pa.Table, name: str) -> Floats:
    """A column as floats, nan where it says nothing. A date (or its ISO text, '' if not reached) is days since 1970."""
    column = table[name].combine_chunks()
    if name.endswith("_date"):
        if not pa.types.is_date(column.type):
            words = column.cast(pa.string()).to_pylist()
            column = pa.array([w or None for w in words], pa.string()).cast(pa.date32())
        column = column.cast(pa.date32()).cast(pa.int32())
    floats: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return floats
