"""Reading a study folder, whether it is finished or still being written. Nothing in it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.store import outcomes, parts, series
from sim.store.disk import reading
from sim.store.study_file import read_about, read_design
from sim.store.types import About, StoreError
from sim.wording import not_one_of

DESIGN_OWN: Final = ("point", "base", "digest")  # columns of the design that are not keys
FAILED: Final = ("run", "point", "replication", "seed", "status", "kind", "message", "trace")
T = TypeVar("T")
Parts = tuple[parts.Part, ...]


@dataclass(frozen=True)
class FailedRun:
    """A run that did not go well. ``varied`` holds what its point sets, by key; the rest is as in its base."""

    run: int
    point: int
    replication: int
    seed: int
    status: str
    kind: str
    message: str
    trace: tuple[str, ...]
    varied: dict[str, Any]


@dataclass(frozen=True)
class StoredStudy:
    """A study folder: what it is, its design (a row a point), and what is done. ``notices`` names damaged parts, a line each.

    ``done`` and ``failed`` are flags by number of run; ``size`` is in bytes.
    """

    folder: Path
    about: About
    design: pa.Table
    done: NDArray[np.bool_]
    failed: NDArray[np.bool_]
    size: int
    notices: tuple[str, ...]
    parts: Parts = field(repr=False)

    def outcomes(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All runs that are done, failed ones too, in order of their number. ``columns``: these only, of hundreds.

        Raises StoreError.
        """
        whole = outcomes.schema(self.about.columns)
        names = whole.names if columns is None else list(columns)
        for name in names:
            if name not in whole.names:
                raise StoreError(f"{self.folder}: outcome {not_one_of(name, whole.names)}")

        def read(found: Parts) -> pa.Table:
            empty = pa.schema([whole.field(name) for name in names]).empty_table()
            tables = [parts.read(part.path, names).select(names).replace_schema_metadata() for part in found]
            return pa.concat_tables([empty, *tables]).combine_chunks()

        return self._steady(read)

    def failures(self) -> tuple[FailedRun, ...]:
        """The runs that did not go well, in order of their number. Raises StoreError."""

        def read(found: Parts) -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = []
            for part in found:
                if not part.ok.all():
                    with pq.ParquetFile(part.path) as file:
                        table = file.read(columns=list(FAILED))
                    rows += table.filter(pc.not_equal(table.column("status"), "ok")).to_pylist()
            return rows

        return tuple(
            FailedRun(**{**row, "trace": tuple(row["trace"]), "varied": self.varied(row["point"])})
            for row in self._steady(read)
        )

    def varied(self, point: int) -> dict[str, Any]:
        """What a point sets, by key."""
        row = self.design.select([k for k in self.design.column_names if k not in DESIGN_OWN]).slice(point, 1)
        return {key: value for key, value in row.to_pylist()[0].items() if value is not None}

    def catalogue(self) -> pa.Table:
        """The labels of all series that any run has, sorted. Raises StoreError."""
        found = self._steady(lambda them: self._scanned(them, {}, list(series.LABELS)))
        plain = pa.table(
            [found.column(name).cast(pa.string()) for name in series.LABELS], names=list(series.LABELS)
        )
        return (
            plain.group_by(list(series.LABELS))
            .aggregate([])
            .sort_by([(n, "ascending") for n in series.LABELS])
        )

    def series(self, runs: Sequence[int] | None = None, **labels: str | Sequence[str]) -> pa.Table:
        """Weekly values of the series with these labels (a word or several each): ``run``, ``date``, labels, ``value``.

        Rows are sorted by series, run and date. A series that is zero throughout a run has no rows there. Raises StoreError,
        also where nothing was recorded.
        """
        for name in labels:
            if name not in series.LABELS:
                raise StoreError(f"{self.folder}: label {not_one_of(name, series.LABELS)}")
        if not self.about.keeps_series:
            raise StoreError(f"{self.folder}: holds no series; the study was run with record=outcomes")
        wanted: dict[str, Any] = {
            name: [words] if isinstance(words, str) else list(words) for name, words in labels.items()
        }
        if runs is not None:
            wanted["run"] = [int(run) for run in runs]
        if not all(wanted.values()):
            return series.TIDY.empty_table()
        found = self._steady(lambda them: self._scanned(them, wanted, series.PACKED.names))
        return series.tidy(series.merged([found]))

    def _scanned(self, found: Parts, wanted: dict[str, list[Any]], columns: list[str]) -> pa.Table:
        """Rows of the series parts; groups of rows are skipped whose statistics rule them out."""
        tables = [series.PACKED.empty_table().select(columns)]
        for part in found:
            if part.series_path is not None:
                with pq.ParquetFile(part.series_path, page_checksum_verification=True) as file:
                    if not wanted:
                        tables.append(file.read(columns=columns).cast(tables[0].schema))
                        continue
                    for group, there in _groups(file, wanted):
                        table = file.read_row_group(group, columns=columns, use_threads=False)
                        tables.append(table.filter(pa.array(there)).cast(tables[0].schema))
        return pa.concat_tables(tables)

    def _steady(self, read: Callable[[Parts], T]) -> T:
        """What ``read`` makes of the parts that count, in order; once more if one was replaced under its hands."""
        with reading(self.folder):
            known = self.parts
            for _ in range(parts.TRIES):
                try:
                    return read(known)
                except FileNotFoundError:
                    known = parts.counting(parts.scan(self.folder, self.about))
        raise StoreError(f"{self.folder}: is being written too fast to be read")


def read_study(folder: Path) -> StoredStudy:
    """A study folder, finished or not. Raises StoreError if it is none, of another format, or damaged in its description."""
    folder = Path(folder)
    about, checksum = read_about(folder)
    design = read_design(folder, checksum)
    with reading(folder):
        found = parts.scan(folder, about)
    done, failed = np.zeros(about.runs, bool), np.zeros(about.runs, bool)
    known = parts.counting(found)
    for part in known:
        done[part.runs] = True
        failed[part.runs] = ~part.ok
    size = sum(part.size + part.series_size for part in known)
    notices = tuple(f"{folder}: {reason}" for reason in found.damaged.values())
    return StoredStudy(folder, about, design, done, failed, size, notices, known)


def _groups(file: Any, wanted: dict[str, list[Any]]) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """The groups of rows that hold something wanted, with the rows that do: by statistics first, then by the labels alone."""
    metadata = file.metadata
    at = {metadata.row_group(0).column(i).path_in_schema: i for i in range(metadata.num_columns)}
    bounds = {name: (at[name], min(words), max(words)) for name, words in wanted.items()}
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        undecided: dict[str, list[Any]] = {}  # labels that the statistics leave undecided
        for name, (column, least, most) in bounds.items():
            known = group.column(column).statistics
            if known is None or not known.has_min_max:
                undecided[name] = wanted[name]
                continue
            low, high = known.min, known.max
            if high < least or low > most:
                break
            if low != high or low not in wanted[name]:
                undecided[name] = wanted[name]
        else:
            there = np.ones(group.num_rows, bool)
            if undecided:
                there = series.fits(
                    file.read_row_group(number, columns=list(undecided), use_threads=False), undecided
                )
            if there.any():
                yield number, there
