"""Finding one series among the rows of ``trajectories.parquet``, as a matrix of replications by weeks."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.report.stats import Floats

LABELS: Final = ("variable", "scope", "place", "stage", "party", "commodity")
# A series that is zero throughout a replication is left out of its file. A price or a ratio is never zero: there a gap is a gap.
NEVER_ZERO: Final = frozenset(
    {"price_spot", "price_paid", "price_contract", "price_net", "cover", "licence_wait"}
)
TOTAL: Final = ("all", "")


class Key(NamedTuple):
    """The labels of a series, in the order of :data:`LABELS`."""

    variable: str
    scope: str
    place: str
    stage: str
    party: str
    commodity: str


@dataclass(frozen=True)
class Series:
    """``values[replication, week]`` in ``unit``; a row dated D covers the week before D for flows, D itself for states."""

    dates: NDArray[np.datetime64]
    replications: NDArray[np.int64]
    values: Floats
    unit: str

    def with_values(self, values: Floats, unit: str) -> Series:
        """The same weeks and replications, other numbers."""
        return Series(self.dates, self.replications, values, unit)


class Store:
    """All series of one run folder in one block ``[series, replication, week]``, filled in a few vectorised passes."""

    def __init__(self, table: pa.Table) -> None:
        numbers, vocabularies = zip(*(codes(table.column(label)) for label in LABELS), strict=True)
        combined = np.zeros(table.num_rows, dtype=np.int64)
        for code, words in zip(numbers, vocabularies, strict=True):
            combined = combined * len(words) + code
        found, series = _dense(combined)
        days, week = _dense(
            table.column("date").combine_chunks().cast(pa.int32()).to_numpy().astype(np.int64)
        )
        self.replications, replication = _dense(table.column("replication").to_numpy().astype(np.int64))
        self.dates: NDArray[np.datetime64] = days.astype("datetime64[D]")
        first = np.zeros(len(found), dtype=np.int64)  # a row of each series, to read its unit from
        first[series] = np.arange(len(series))
        unit, units = codes(table.column("unit"))
        self._units = [units[unit[row]] for row in first]
        self._where: dict[Key, int] = {}
        for i, number in enumerate(found):
            labels = []
            for words in reversed(vocabularies):
                number, code = divmod(int(number), len(words))
                labels.append(words[code])
            self._where[Key(*reversed(labels))] = i
        self._values = np.zeros((len(found), len(self.replications), len(self.dates)))
        for key, i in self._where.items():
            if key.variable in NEVER_ZERO:
                self._values[i] = np.nan
        self._values[series, replication, week] = table.column("value").to_numpy()

    def cut(self, first: np.datetime64, last: np.datetime64) -> Store:
        """The same series over the weeks from ``first`` to ``last`` only."""
        kept = (self.dates >= first) & (self.dates <= last)
        part = copy(self)
        part.dates, part._values = self.dates[kept], self._values[:, :, kept]
        return part

    def keys(self, variable: str, **labels: str) -> list[Key]:
        """Keys of ``variable`` whose other labels are as given; sorted, so that nothing depends on the file's order."""
        return sorted(
            k
            for k in self._where
            if k.variable == variable and all(getattr(k, n) == v for n, v in labels.items())
        )

    def read(self, key: Key) -> Series:
        """The matrix of one key."""
        i = self._where[key]
        values = self._values[i].copy()
        if key.variable == "licence_wait":
            values[values == 0] = np.nan  # a week in which nothing was decided
        return Series(self.dates, self.replications, values, self._units[i])

    def one(self, variable: str, **labels: str) -> Series | None:
        """The series with these labels; labels not named must be totals (``all`` or empty). None if not recorded."""
        for key in self.keys(variable, **labels):
            if all(getattr(key, n) in TOTAL for n in ("stage", "party", "commodity") if n not in labels):
                return self.read(key)
        return None

    def total(self, variable: str, commodities: Iterable[str], **labels: str) -> Series | None:
        """Sum over ``commodities`` of those that are recorded; None if none is."""
        found = [s for c in commodities if (s := self.one(variable, commodity=c, **labels)) is not None]
        if not found:
            return None
        return found[0].with_values(np.sum([s.values for s in found], axis=0), found[0].unit)

    def values_of(self, label: str, variable: str) -> list[str]:
        """The different values of ``label`` among the keys of ``variable``, sorted."""
        return sorted({getattr(k, label) for k in self._where if k.variable == variable})


def codes(column: Any) -> tuple[NDArray[np.int64], list[str]]:
    """Integer codes and their vocabulary for a text column, dictionary-encoded or not."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], pa.string())
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    words = ["" if w is None else str(w) for w in array.dictionary.to_pylist()]
    return array.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64), words or [""]


def _dense(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Different values in order, and the place of each number among them; like ``np.unique`` without sorting the rows."""
    if not len(numbers):
        return numbers, numbers
    low = int(numbers.min())
    span = int(numbers.max()) - low + 1
    if span > 50_000_000:  # labels so many that a table of them would be larger than the rows
        found, places = np.unique(numbers, return_inverse=True)
        return found, places.astype(np.int64)
    seen = np.zeros(span, dtype=bool)
    seen[numbers - low] = True
    return np.flatnonzero(seen) + low, (np.cumsum(seen) - 1)[numbers - low]


def common(a: Series, b: Series) -> tuple[Series, Series]:
    """Both cut to the weeks and replications they share: what pairing needs. May be empty."""
    _, ra, rb = np.intersect1d(a.replications, b.replications, return_indices=True)
    _, da, db = np.intersect1d(a.dates, b.dates, return_indices=True)
    return (
        Series(a.dates[da], a.replications[ra], a.values[np.ix_(ra, da)], a.unit),
        Series(b.dates[db], b.replications[rb], b.values[np.ix_(rb, db)], b.unit),
    )
