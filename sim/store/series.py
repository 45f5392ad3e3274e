"""The series part of a chunk as a table: one row a series and run, so that one series is read over many runs at once.

A row holds the weekly values from ``start`` on. A series with a gap has a row for each stretch without one.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

LABELS: Final = ("variable", "scope", "place", "stage", "party", "commodity", "unit")
LABEL: Final = pa.dictionary(pa.int32(), pa.string())
WEEK: Final = 7  # days between two values
# Elements are declared never null: Parquet then writes no marks of nullness, which cost as much as the numbers.
VALUES: Final = pa.list_(pa.field("element", pa.float64(), nullable=False))
PACKED: Final = pa.schema(
    [
        *(pa.field(name, LABEL, nullable=False) for name in LABELS),
        pa.field("run", pa.int32(), nullable=False),
        pa.field("start", pa.date32(), nullable=False),
        pa.field("values", VALUES, nullable=False),
    ]
)
TIDY: Final = pa.schema(
    [("run", pa.int32()), ("date", pa.date32()), *((name, LABEL) for name in LABELS), ("value", pa.float64())]
)


def packed(tidy: pa.Table, run: int = 0) -> pa.Table:
    """The rows of one run's tidy table (labels, ``date``, ``value``), one a stretch of weeks.

    A quarter of the size: done where the run ran, it is also less to send. Raises ValueError for a column that is missing or
    null, and for two values of one week.
    """
    missing = [name for name in (*LABELS, "date", "value") if name not in tidy.column_names]
    if missing:
        raise ValueError(f"series have no column {missing[0]!r}")
    coded = [coded_labels(tidy.column(name)) for name in LABELS]
    key = _one_key(coded)
    day = tidy.column("date").cast(pa.int32()).to_numpy()
    value = tidy.column("value").to_numpy()
    if tidy.column("date").null_count or tidy.column("value").null_count:
        raise ValueError("a date or value of the series is null")
    if not _in_order(key, day):
        order = np.lexsort([day, key])
        key, day, value = key[order], day[order], value[order]
        coded = [(codes[order], words) for codes, words in coded]
    step = np.diff(day)
    other = np.diff(key) != 0
    if np.any((step == 0) & ~other):
        raise ValueError("two values of one series and week")
    first = (
        np.flatnonzero(np.concatenate([[True], other | (step != WEEK)])) if len(day) else np.zeros(0, np.intp)
    )
    return _table(
        [(codes[first], words) for codes, words in coded],
        np.full(len(first), run, np.int32),
        day[first],
        np.append(first, len(day)),
        value,
    )


def stamped(table: pa.Table, run: int) -> pa.Table:
    """A packed table as that of ``run``."""
    at = table.schema.get_field_index("run")
    return table.set_column(at, PACKED.field("run"), pa.array(np.full(table.num_rows, run, np.int32)))


def is_packed(table: pa.Table) -> bool:
    """Whether a table has one row a series, not one a value."""
    return "values" in table.column_names


def merged(tables: list[pa.Table]) -> pa.Table:
    """All rows in the order of series and run; equal rows give equal bytes, whatever tables they come in."""
    plain = [t.select([*LABELS, "run", "start"]) for t in tables] or [PACKED.empty_table()]
    whole = pa.concat_tables(plain).unify_dictionaries()
    coded = [coded_labels(whole.column(name)) for name in LABELS]
    run = whole.column("run").to_numpy()
    start = whole.column("start").cast(pa.int32()).to_numpy()
    order = np.lexsort([start, run, *(codes for codes, _ in reversed(coded))])
    bounds, values = _gathered([_lists(t) for t in tables], order)
    return _table([(codes[order], words) for codes, words in coded], run[order], start[order], bounds, values)


def _gathered(parts: list[Any], order: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The values of the rows of ``parts`` in ``order``, and where each row begins. Megabytes: copied once."""
    offsets = [lists.offsets.to_numpy().astype(np.int64) for lists in parts]
    length = np.concatenate([np.zeros(0, np.int64), *(np.diff(o) for o in offsets)])
    bounds = np.concatenate([[0], np.cumsum(length[order])])
    values = np.empty(int(bounds[-1]))
    weeks = int(length[0]) if len(length) else 0
    alike = bool(np.all(length == weeks))  # the rule: all series of a study have the same weeks
    place = np.empty(len(order), np.int64)  # row -> where it goes
    place[order] = np.arange(len(order))
    row = 0
    for lists, offset in zip(parts, offsets, strict=True):
        there = place[row : row + len(lists)]
        row += len(lists)
        found = lists.values.to_numpy()
        if alike:
            block = found[offset[0] : offset[-1]].reshape(len(lists), weeks)
            values.reshape(len(order), weeks)[there] = block
        else:
            for i, goes in enumerate(there):
                values[bounds[goes] : bounds[goes + 1]] = found[offset[i] : offset[i + 1]]
    return bounds, values


def tidy(table: pa.Table) -> pa.Table:
    """One row a value: ``run``, ``date``, labels, ``value``. Rows in the order in which they come."""
    lists = _lists(table)
    length = np.diff(lists.offsets.to_numpy())
    row = np.repeat(np.arange(len(length)), length)
    week = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    day = table.column("start").cast(pa.int32()).to_numpy()[row] + WEEK * week
    columns: dict[str, Any] = {
        "run": table.column("run").to_numpy()[row],
        "date": pa.array(day.astype(np.int32)).cast(pa.date32()),
        "value": lists.flatten(),
    }
    for name in LABELS:
        codes, words = coded_labels(table.column(name))
        columns[name] = pa.DictionaryArray.from_arrays(pa.array(codes[row]), pa.array(words, pa.string()))
    return pa.table([columns[name] for name in TIDY.names], schema=TIDY)


def _table(
    coded: list[tuple[NDArray[np.int32], list[str]]],
    run: NDArray[np.int32],
    start: NDArray[np.int32],
    bounds: NDArray[Any],
    values: NDArray[np.float64],
) -> pa.Table:
    arrays: list[Any] = [
        pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(words, pa.string()))
        for codes, words in coded
    ]
    arrays += [pa.array(run, pa.int32()), pa.array(start, pa.int32()).cast(pa.date32())]
    arrays.append(pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), pa.array(values), type=VALUES))
    return pa.Table.from_arrays(arrays, schema=PACKED)


def _lists(table: pa.Table) -> Any:
    """The column of values as one array."""
    column = table.column("values")
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], VALUES)


def _in_order(key: NDArray[np.int64], day: NDArray[np.int32]) -> bool:
    """Whether each series stands in one piece, by date, as the model hands them over."""
    jumps = np.flatnonzero(np.diff(key))
    pieces = key[np.concatenate([[0], jumps + 1])] if len(key) else key
    if len(np.unique(pieces)) != len(pieces):
        return False
    later = np.diff(day) > 0
    later[jumps] = True
    return bool(later.all())


def _one_key(coded: list[tuple[NDArray[np.int32], list[str]]]) -> NDArray[np.int64]:
    """All labels as one number that orders like them."""
    key = np.zeros(len(coded[0][0]), np.int64)
    most = 1
    for codes, words in coded:
        most *= max(1, len(words))
        if most >= 2**63:
            raise ValueError("the series have too many labels")
        key = key * len(words) + codes
    return key


def coded_labels(column: Any) -> tuple[NDArray[np.int32], list[str]]:
    """A text column as numbers in the order of its words, and those words that occur, in that order."""
    if not column.num_chunks:
        return np.zeros(0, np.int32), []
    array = pa.concat_arrays(column.unify_dictionaries().chunks)
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    if array.null_count:
        raise ValueError("a label of the series is null")
    codes = array.indices.to_numpy(zero_copy_only=False)
    known = array.dictionary.to_pylist()
    there = np.flatnonzero(np.bincount(codes, minlength=len(known)))
    used = sorted({known[i] for i in there})
    rank = {word: i for i, word in enumerate(used)}
    place = np.array([rank.get(word, -1) for word in known] or [0], dtype=np.int32)
    return place[codes], used


def fits(table: pa.Table, wanted: dict[str, list[Any]]) -> NDArray[np.bool_]:
    """Which rows have labels and runs that are among those asked for."""
    keep = np.ones(table.num_rows, bool)
    for name, words in wanted.items():
        if name == "run":
            keep &= np.isin(table.column(name).to_numpy(), words)
        else:
            codes, known = coded_labels(table.column(name))
            keep &= np.array([word in words for word in known] or [False])[codes]
    return keep


def without(table: pa.Table, runs: pa.Array) -> pa.Table:
    """The rows of other runs than ``runs``."""
    return table.filter(pc.invert(pc.is_in(table.column("run"), runs)))
