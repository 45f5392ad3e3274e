"""The parts of a study on the disk: their names prove their content, and which of them count is decided here alone.

``outcomes/00012-<first 16 digits of its sha256>.parquet`` holds runs of chunk 12. It names the series part that belongs to it,
which was written before it; only an outcomes part makes runs done. Of several parts of one chunk the largest counts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.store import outcomes, series
from sim.store.disk import Proving, put_named
from sim.store.locks import Shard, temporary
from sim.store.types import About

NAME: Final = re.compile(r"(\d{5,9})-([0-9a-f]{16})\.parquet")
OUTCOMES: Final = "outcomes"
SERIES: Final = "series"
ABOUT: Final = b"part"
ROWS_A_GROUP: Final = 256  # of series: a megabyte of values, the least that is read to get at one of them
TRIES: Final = 20  # listings, while somebody else replaces parts by larger ones


@dataclass(frozen=True)
class Part:
    """A valid outcomes part: the runs it holds, which of them are ok, and its series part's name and size ('' and 0: none)."""

    chunk: int
    path: Path
    runs: NDArray[np.int32]
    ok: NDArray[np.bool_]
    series: str
    size: int
    series_size: int

    @property
    def rank(self) -> tuple[int, int, str]:
        return len(self.runs), int(self.ok.sum()), self.path.name

    @property
    def series_path(self) -> Path | None:
        return self.path.parents[1] / SERIES / self.series if self.series else None


@dataclass
class Scan:
    """What lies in a study folder: the part that counts of each chunk, what it made superfluous, and what is damaged."""

    parts: dict[int, Part] = field(default_factory=dict)
    spare: list[Path] = field(default_factory=list)
    damaged: dict[Path, str] = field(default_factory=dict)
    strangers: list[Path] = field(default_factory=list)


def write_part(
    folder: Path, about: About, shard: Shard, chunk: int, table: pa.Table, rows: pa.Table | None
) -> Part:
    """Write the parts of a chunk, series first. The same rows make the same bytes. Raises OSError."""
    name, size = "", 0
    if rows is not None and rows.num_rows:
        name, size = _put(folder / SERIES, chunk, shard, _series(rows, about))
    table = table.replace_schema_metadata(_told(study=about.digest, series=name, series_size=size))
    # Numbers hardly repeat: a dictionary of them would only be one page more to read, for each of hundreds of columns.
    write = _writer(table, compression="lz4", row_group_size=2**20, use_dictionary=list(outcomes.TEXTS))
    path, written = _put(folder / OUTCOMES, chunk, shard, write)
    return Part(
        chunk, folder / OUTCOMES / path, outcomes.runs_of(table), outcomes.is_ok(table), name, written, size
    )


def scan(folder: Path, about: About, deep: bool = False) -> Scan:
    """Every part, compared with its name. ``deep`` compares series parts too, which are large; else only their size is looked at.

    Raises OSError.
    """
    for _ in range(TRIES - 1):
        try:
            return _scan(folder, about, deep)
        except FileNotFoundError:
            continue  # replaced between the listing and the reading
    return _scan(folder, about, deep)


def _scan(folder: Path, about: About, deep: bool) -> Scan:
    found = Scan()
    sizes: dict[str, int] = {}
    for chunk, path in _listed(folder / SERIES, found):
        sizes[path.name] = path.stat().st_size
        if deep and not proved(path):
            found.damaged[path] = f"series of chunk {chunk}: its bytes are not those it is named for"
            del sizes[path.name]
    for chunk, path in _listed(folder / OUTCOMES, found):
        try:
            part = _read_part(chunk, path, about)
            if part.series and sizes.get(part.series) != part.series_size:
                raise ValueError("its series part is missing or damaged")
        except (ValueError, pa.ArrowException) as e:
            found.damaged[path] = f"outcomes of chunk {chunk}: {e}"
            continue
        best = found.parts.get(chunk)
        if best is None or best.rank < part.rank:
            best, part = part, best
        found.parts[chunk] = best
        if part is not None:
            found.spare.append(part.path)
    needed = {part.series for part in found.parts.values()}
    found.spare += [folder / SERIES / name for name in sizes if name not in needed]
    return found


def counting(found: Scan) -> tuple[Part, ...]:
    """The parts that count, by chunk."""
    return tuple(found.parts[chunk] for chunk in sorted(found.parts))


def read(path: Path, columns: list[str] | None = None) -> pa.Table:
    """A part as a table, or these columns of it; checksums of its pages are compared if it has them."""
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        return file.read(columns=columns)


def proved(path: Path) -> bool:
    """Whether a part's name is that of its content."""
    with path.open("rb") as file:
        return _named_for(path, hashlib.file_digest(file, "sha256").hexdigest())


def _named_for(path: Path, sha256: str) -> bool:
    named = NAME.fullmatch(path.name)
    return named is not None and named[2] == sha256[:16]


def chunk_of(path: Path) -> int:
    """The chunk in a part's name; -1 if it is none."""
    named = NAME.fullmatch(path.name)
    return int(named[1]) if named else -1


def _listed(folder: Path, found: Scan) -> Iterator[tuple[int, Path]]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        named = NAME.fullmatch(path.name)
        if named:
            yield int(named[1]), path
        elif not path.name.startswith(".new-"):
            found.strangers.append(path)


def _read_part(chunk: int, path: Path, about: About) -> Part:
    """The part, if it can be what its name and its study say; else ValueError or ArrowException."""
    data = path.read_bytes()
    if not _named_for(path, hashlib.sha256(data).hexdigest()):
        raise ValueError("its bytes are not those it is named for")
    file = pq.ParquetFile(pa.BufferReader(data))
    told = json.loads((file.schema_arrow.metadata or {}).get(ABOUT, b"{}"))
    if told.get("study") != about.digest:
        raise ValueError("it belongs to another study")
    if not file.schema_arrow.equals(outcomes.schema(about.columns)):
        raise ValueError("its columns are not those of the study")
    table = file.read(columns=["run", "status"], use_threads=False)
    runs = outcomes.runs_of(table)
    stretch = about.stretch(chunk)
    if not len(runs) or runs[0] < stretch.start or runs[-1] >= stretch.stop or np.any(np.diff(runs) <= 0):
        raise ValueError("its runs are not those of its chunk")
    name, size = str(told.get("series", "")), int(told.get("series_size", 0))
    if name and not NAME.fullmatch(name):
        raise ValueError("its series part has no proper name")
    return Part(chunk, path, runs, outcomes.is_ok(table), name, len(data), size)


def _put(folder: Path, chunk: int, shard: Shard, write: Callable[[Proving], None]) -> tuple[str, int]:
    return put_named(folder, chunk, temporary(shard, f"{chunk:05d}"), write)


def _series(rows: pa.Table, about: About) -> Callable[[Proving], None]:
    """With small groups of rows whose statistics let a reader skip what it does not want, and a checksum for each page."""
    return _writer(
        rows.replace_schema_metadata(_told(study=about.digest)),
        row_group_size=ROWS_A_GROUP,
        compression="lz4",
        column_encoding={"values.list.element": "BYTE_STREAM_SPLIT"},
        use_dictionary=[*series.LABELS, "start"],
        write_statistics=[*series.LABELS, "run", "start"],
        write_page_checksum=True,
    )


def _told(**about: Any) -> dict[bytes, bytes]:
    """What a part says of itself: under one key, for several have no order that all machines share."""
    return {ABOUT: json.dumps(about, sort_keys=True).encode()}


def _writer(table: pa.Table, **options: Any) -> Callable[[Proving], None]:
    return lambda file: pq.write_table(table, file, version="2.6", **options)
