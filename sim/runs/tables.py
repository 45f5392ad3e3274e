"""One replication, made ready to be written: tables in a fixed order with fixed types. Done where the replication ran."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.case import Case, Run
from sim.outcomes import columns
from sim.wording import one_line

TABLES: Final = ("trajectories", "outcomes", "events", "attribution", "balance")
LABELS: Final = ("variable", "scope", "place", "stage", "party", "commodity", "unit")
KEY: Final = ("replication", "date", *LABELS)
LABEL: Final = pa.dictionary(pa.int32(), pa.string())
SCHEMA: Final = pa.schema(
    [
        ("replication", pa.int32()),
        ("date", pa.date32()),
        *((name, LABEL) for name in LABELS),
        ("value", pa.float64()),
    ]
)
MOST_SMALL: Final = 2**15  # replication numbers fit int16 up to here


@dataclass(frozen=True)
class Result:
    """What a replication that ran hands over: the five tables, and the series it left out."""

    replication: int
    tables: dict[str, pa.Table]
    zero_series: tuple[str, ...]
    not_reached: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """What a replication that failed hands over. ``trace`` holds module:line of each call, no paths of the machine."""

    replication: int
    seed: int
    kind: str
    message: str
    trace: tuple[str, ...]


def work(case: Case, seed: int, simulate: Callable[..., Run] | None, replication: int) -> Result | Failure:
    """Simulate one replication and prepare its tables. Never raises (but for an interrupt): a failure is a result too.

    ``simulate`` is the model, None for the shipped one. The arguments stand in the order that ``functools.partial`` wants.
    """
    try:
        if simulate is None:
            from sim.simulate import simulate as simulate_case

            simulate = simulate_case
        return prepared(simulate(case, seed, replication))
    except Exception as e:  # whatever went wrong in it, the other replications are to be kept
        return Failure(replication, seed, type(e).__name__, one_line(e), frames(e))


def frames(error: BaseException) -> tuple[str, ...]:
    """Where an error came from: module:line and function of each call, no paths of the machine."""
    return tuple(
        f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)
    )


def killed(seed: int, replication: int) -> Failure:
    """What is left of a replication whose process died, twice."""
    return Failure(replication, seed, "Killed", "its process was killed twice; out of memory?", ())


def prepared(run: Run) -> Result:
    """Tables of a run as they are written. Raises ValueError if two rows of the trajectories have one key."""
    recorded = run.trajectories.schema.empty_table() if run.case.record == "outcomes" else run.trajectories
    tables = {
        "trajectories": _sorted(recorded),
        "outcomes": _outcome_row(run, scalars(run)),
        "events": _stamped(run.events, run.replication),
        "attribution": _stamped(run.attribution, run.replication),
        "balance": _stamped(run.balance, run.replication),
    }
    return Result(run.replication, tables, tuple(run.zero_series), tuple(run.not_reached))


def scalars(run: Run) -> dict[str, float | str]:
    """All scalars of ``sim.outcomes.columns(run.case)`` by name, in that order: what a study keeps of a run, no table made.
    Raises ``ValueError`` if the run has others."""
    names = columns(run.case)
    if list(run.outcomes) != names:
        odd = sorted(set(names) ^ set(run.outcomes)) or ["their order"]
        raise ValueError(f"outcomes are not those of the case: {odd[0]}")
    return run.outcomes


def narrow(table: pa.Table, replications: int) -> pa.Table:
    """``replication`` as int16 if all numbers fit, else int32: the same type in every file of a run."""
    kind = pa.int16() if replications <= MOST_SMALL else pa.int32()
    at = table.schema.get_field_index("replication")
    return table.set_column(at, pa.field("replication", kind), table.column(at).cast(kind))


def _sorted(table: pa.Table) -> pa.Table:
    """Rows in the order of their keys. Labels are put in order too, so that equal rows give equal bytes."""
    missing = [name for name in SCHEMA.names if name not in table.column_names]
    if missing:
        raise ValueError(f"trajectories have no column {missing[0]!r}")
    whole = {name: _coded(table.column(name)) for name in LABELS}
    keys: dict[str, NDArray[Any]] = {name: codes for name, (codes, _) in whole.items()}
    keys["replication"] = table.column("replication").to_numpy()
    keys["date"] = table.column("date").cast(pa.int32()).to_numpy()
    order = np.lexsort([keys[name] for name in reversed(KEY)])
    if len(order) > 1:
        same = np.logical_and.reduce([np.diff(keys[name][order]) == 0 for name in KEY])
        if same.any():
            row = table.slice(int(order[int(np.argmax(same))]), 1).to_pylist()[0]
            raise ValueError(f"two rows have one key: {', '.join(str(row[name]) for name in KEY)}")
    arrays = []
    for field in SCHEMA:
        if field.name in whole:
            codes, words = whole[field.name]
            arrays.append(
                pa.DictionaryArray.from_arrays(
                    pa.array(codes[order], pa.int32()), pa.array(words, pa.string())
                )
            )
        else:
            arrays.append(table.column(field.name).cast(field.type).take(pa.array(order)).combine_chunks())
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _coded(column: Any) -> tuple[NDArray[np.int32], list[str]]:
    """A text column as numbers in the order of its words, and the words in that order; only words that occur."""
    array = column.cast(pa.string()) if not pa.types.is_dictionary(column.type) else column
    joined = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    if not pa.types.is_dictionary(joined.type):
        joined = joined.dictionary_encode()
    if joined.null_count:
        raise ValueError("a label of the trajectories is null")
    codes = joined.indices.to_numpy(zero_copy_only=False)
    known = joined.dictionary.to_pylist()
    used = sorted({known[i] for i in np.unique(codes)})
    rank = {word: i for i, word in enumerate(used)}
    table = np.array([rank.get(word, -1) for word in known] or [0], dtype=np.int32)
    return table[codes], used


def _stamped(table: pa.Table, replication: int) -> pa.Table:
    """With ``replication`` as first column, and every label dictionary-encoded anew in the order of appearance."""
    names = [name for name in table.column_names if name != "replication"]
    arrays = {"replication": pa.array(np.full(table.num_rows, replication, dtype=np.int32))}
    for name in names:
        column = table.column(name).combine_chunks()
        kind = column.type
        if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
            encoded = column.cast(pa.string()).dictionary_encode()
            column = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
        arrays[name] = column
    return pa.table(arrays)


def _outcome_row(run: Run, found: dict[str, float | str]) -> pa.Table:
    """One row; columns ending in ``_date`` are dates, null where not reached."""
    arrays: dict[str, Any] = {
        "replication": pa.array([run.replication], pa.int32()),
        "parameter_set": pa.array([0], pa.int32()),
    }
    for name in columns(run.case):
        value = found[name]
        if name.endswith("_date"):
            arrays[name] = pa.array([date.fromisoformat(str(value)) if value else None], pa.date32())
        else:
            arrays[name] = pa.array([float(value)], pa.float64())
    return pa.table(arrays)
