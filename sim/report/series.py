"""Finding one series among the rows of ``trajectories.parquet``, as a matrix of replications by weeks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.report.stats import Floats

LABELS: Final = ("variable", "scope", "place", "stage", "party", "commodity")
# A series that is zero throughout a replication is left out of its file. A price or a ratio is never zero: there a gap is a gap.
NEVER_ZERO: Final = frozenset({"price_spot", "price_paid", "price_contract", "price_net", "cover", "licence_wait"})
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
    """All series of one run folder. Built once in a few vectorised passes; a look-up copies one matrix."""

    def __init__(self, table: pa.Table) -> None:
        codes, vocabularies = zip(*(_codes(table.column(label)) for label in LABELS), strict=True)
        radix = np.ones(len(LABELS), dtype=np.int64)
        for i in range(len(LABELS) - 2, -1, -1):
            radix[i] = radix[i + 1] * max(1, len(vocabularies[i + 1]))
        combined = sum((c * r for c, r in zip(codes, radix, strict=True)), np.zeros(table.num_rows, dtype=np.int64))
        order = np.argsort(combined, kind="stable")
        day = table.column("date").combine_chunks().cast(pa.int32()).to_numpy().astype("datetime64[D]")
        self.dates, self._week = np.unique(day, return_inverse=True)
        self.replications, self._replication = np.unique(
            table.column("replication").to_numpy().astype(np.int64), return_inverse=True
        )
        self._value = table.column("value").to_numpy()
        self._unit, self._units = _codes(table.column("unit"))
        self._rows: dict[Key, NDArray[np.int64]] = {}
        starts = np.flatnonzero(np.diff(combined[order], prepend=np.int64(-1)))
        for rows in np.split(order, starts[1:]) if len(order) else []:
            first = rows[0]
            self._rows[Key(*(v[c[first]] for v, c in zip(vocabularies, codes, strict=True)))] = rows

    def keys(self, variable: str, **labels: str) -> list[Key]:
        """Keys of ``variable`` whose other labels are as given; sorted, so that nothing depends on the file's order."""
        return sorted(
            k for k in self._rows if k.variable == variable and all(getattr(k, n) == v for n, v in labels.items())
        )

    def read(self, key: Key) -> Series:
        """The matrix of one key."""
        rows = self._rows[key]
        fill = np.nan if key.variable in NEVER_ZERO else 0.0
        values = np.full((len(self.replications), len(self.dates)), fill)
        values[self._replication[rows], self._week[rows]] = self._value[rows]
        if key.variable == "licence_wait":
            values[values == 0] = np.nan  # a week in which nothing was decided
        return Series(self.dates, self.replications, values, self._units[self._unit[rows[0]]])

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
        return sorted({getattr(k, label) for k in self._rows if k.variable == variable})


def _codes(column: Any) -> tuple[NDArray[np.int64], list[str]]:
    """Integer codes and their vocabulary for a text column, dictionary-encoded or not."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], pa.string())
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    words = ["" if w is None else str(w) for w in array.dictionary.to_pylist()]
    return array.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64), words or [""]


def common(a: Series, b: Series) -> tuple[Series, Series]:
    """Both cut to the weeks and replications they share: what pairing needs. May be empty."""
    _, ra, rb = np.intersect1d(a.replications, b.replications, return_indices=True)
    _, da, db = np.intersect1d(a.dates, b.dates, return_indices=True)
    return (
        Series(a.dates[da], a.replications[ra], a.values[np.ix_(ra, da)], a.unit),
        Series(b.dates[db], b.replications[rb], b.values[np.ix_(rb, db)], b.unit),
    )
