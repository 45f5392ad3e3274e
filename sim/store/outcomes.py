"""The outcomes part of a chunk as a table: one row a run, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.store.types import RunResult
from sim.wording import one_line

FIXED: Final = (
    ("run", pa.int32()),
    ("point", pa.int32()),
    ("replication", pa.int32()),
    ("digest", pa.string()),
    ("seed", pa.int64()),
    ("status", pa.string()),
    ("kind", pa.string()),
    ("message", pa.string()),
    ("trace", pa.list_(pa.field("element", pa.string()))),  # the name it has when it is read again
    ("balance_error", pa.float64()),
)
# Columns whose words repeat, as Parquet names them.
TEXTS: Final = ("status", "kind", "message", "trace.list.element")
MOST_TRACE: Final = 200  # calls kept of a failure: endless recursion fills no disk


def schema(columns: Sequence[str]) -> pa.Schema:
    """Of an outcomes part: what every run has, then the study's outcomes; those that end in ``_date`` are dates."""
    return pa.schema(
        [*FIXED, *((name, pa.date32() if name.endswith("_date") else pa.float64()) for name in columns)]
    )


def outcomes_table(results: Iterable[RunResult], columns: Sequence[str]) -> pa.Table:
    """Rows by number of run. An outcome is null where a run does not have it, and nan where it says nan."""
    rows = sorted(results, key=lambda r: r.index)
    arrays: list[Any] = [
        [r.index for r in rows],
        [r.point for r in rows],
        [r.replication for r in rows],
        [r.digest for r in rows],
        [r.seed for r in rows],
        [r.status for r in rows],
        [one_line(r.kind, 200) for r in rows],
        [one_line(r.message, 2000) for r in rows],
        [[one_line(line, 300) for line in r.trace[-MOST_TRACE:]] for r in rows],
        [r.balance_error for r in rows],
    ]
    names = tuple(columns)
    cells = zip(*(_cells(r.outcomes or {}, names) for r in rows), strict=True)
    for name, column in zip(names, cells, strict=True):
        if name.endswith("_date"):
            arrays.append(pa.array([cell or None for cell in column], pa.string()).cast(pa.date32()))
        else:
            arrays.append(column)
    whole = schema(columns)
    made = [
        a if isinstance(a, pa.Array) else pa.array(a, field.type)
        for a, field in zip(arrays, whole, strict=True)
    ]
    return pa.Table.from_arrays(made, schema=whole)


def _cells(found: dict[str, float | str], names: tuple[str, ...]) -> Iterable[float | str | None]:
    """A run's outcomes in the order of the columns: as they stand if they stand so, which is the rule."""
    return found.values() if tuple(found) == names else [found.get(name) for name in names]


def joined(old: pa.Table, new: pa.Table) -> pa.Table:
    """Rows of both by number of run; a run in both is told by ``new``."""
    kept = old.filter(pc.invert(pc.is_in(old.column("run"), new.column("run").combine_chunks())))
    both = pa.concat_tables([kept, new])
    return both.take(pc.sort_indices(both.column("run"))).combine_chunks()


def runs_of(table: pa.Table) -> NDArray[np.int32]:
    """The numbers of its runs."""
    numbers: NDArray[np.int32] = table.column("run").to_numpy()
    return numbers


def is_ok(table: pa.Table) -> NDArray[np.bool_]:
    """Which of its rows are of runs that went well."""
    well: NDArray[np.bool_] = pc.equal(table.column("status"), "ok").to_numpy()
    return well
