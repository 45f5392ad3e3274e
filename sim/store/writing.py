"""Keeping the results of a study as they come. Whatever is killed when, no run that was done is lost or kept twice."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.store import outcomes, parts, series
from sim.store.disk import remove, writing
from sim.store.locks import Lock, Shard
from sim.store.study_file import agree, read_about, read_design, write_study
from sim.store.types import RECORDS, STATUSES, About, RunResult, StoreError
from sim.wording import not_one_of, one_line

Bools = NDArray[np.bool_]
DAMAGED = "damaged"


class Store:
    """The parts of a study, open for writing: ``open``, ``add`` results in any order, ``flush`` now and then, ``close``.

    ``done`` are the runs that a part on the disk holds, ``failed`` those of them that did not go well, ``mine`` the runs that
    this shard may add; ``notices`` says, a line each, what was found damaged. A context manager, too: leaving it writes what
    was added.
    """

    def __init__(self, folder: Path, about: About, shard: Shard, lock: Lock) -> None:
        self.folder, self.about, self.shard = folder, about, shard
        self.done: Bools = np.zeros(about.runs, bool)
        self.failed: Bools = np.zeros(about.runs, bool)
        self.mine: Bools = np.arange(about.runs) // about.chunk % shard[1] == shard[0]
        self.notices: tuple[str, ...] = ()
        self._lock = lock
        self._columns = frozenset(about.columns)
        self._parts: dict[int, parts.Part] = {}
        self._waiting: dict[int, dict[int, RunResult]] = {}
        self._missing: dict[int, int] = {}  # runs of a chunk that are neither done nor waiting

    @classmethod
    def open(cls, folder: Path, about: About, design: pa.Table, shard: Shard = (0, 1)) -> Self:
        """Create the study's folder or go on with it. ``shard`` (k, n): only chunks whose number modulo n is k.

        Raises StoreError (one line) if the folder is another study's or of another format, is being written by another
        process, or cannot be written.
        """
        _check(about, design, shard)
        folder = Path(folder)
        if "\0" in str(folder):
            raise StoreError(f"{one_line(str(folder), 80)!r} is not the name of a folder")
        with writing(folder):
            if folder.exists():
                agree(folder, about)
            folder.mkdir(parents=True, exist_ok=True)
            lock = Lock(folder, shard)
            try:
                return cls._opened(folder, about, design, shard, lock)
            except BaseException:
                lock.release()
                raise

    @classmethod
    def _opened(cls, folder: Path, about: About, design: pa.Table, shard: Shard, lock: Lock) -> Self:
        agree(folder, about)  # again: somebody may have begun another study before we had the lock
        lock.sweep()
        try:
            stored, checksum = read_about(folder)
            read_design(folder, checksum)
        except StoreError:
            stored = about
            write_study(folder, about, design, shard)
        for name in (parts.OUTCOMES, *([parts.SERIES] if about.keeps_series else [])):
            (folder / name).mkdir(exist_ok=True)
        store = cls(folder, stored, shard, lock)
        store._find()
        now, then = about.versions, stored.versions
        other = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
        if other:
            store.notices += (
                f"{folder}: begun with another {', '.join(other)}: last digits may differ from run to run",
            )
        return store

    def add(self, results: Iterable[RunResult]) -> None:
        """Take results, in any order. A chunk is written when all its runs are there, and forgotten.

        A run that is done and went well stays as it is; one that failed is replaced. Raises ValueError for a result that
        cannot be of this study, StoreError if a part cannot be written; what was added is then still waiting.
        """
        for result in results:
            self._expect(result)
            run, chunk = result.index, result.index // self.about.chunk
            if self.done[run] and not self.failed[run]:
                continue
            waiting = self._waiting.setdefault(chunk, {})
            known = run in waiting
            if known and waiting[run].status == "ok":
                continue
            waiting[run] = self._prepared(result)
            if not known and not self.done[run]:
                self._missing[chunk] = self._missing.get(chunk, self._absent(chunk)) - 1
                if not self._missing[chunk]:
                    self._write(chunk)

    def flush(self) -> None:
        """Write what waits, chunks that are not complete too. Raises StoreError; what could not be written still waits."""
        for chunk in sorted(self._waiting):
            self._write(chunk)

    def absorb(self, chunk: int, table: pa.Table, rows: pa.Table | None) -> int:
        """Take the rows of another store's part as they are, but for runs that are done here. Returns how many were taken."""
        self.flush()
        runs, ok = outcomes.runs_of(table), outcomes.is_ok(table)
        wanted = ~self.done[runs] | (self.failed[runs] & ok)
        if not wanted.any():
            return 0
        if rows is not None:
            rows = rows.filter(pa.array(np.isin(rows.column("run").to_numpy(), runs[wanted])))
        self._join(chunk, table.filter(pa.array(wanted)), rows)
        return int(wanted.sum())

    def table(self, chunk: int) -> pa.Table:
        """The outcomes of a chunk's part as they are on the disk."""
        with writing(self.folder):
            return parts.read(self._parts[chunk].path)

    def close(self, complete: bool = True) -> None:
        """Write what waits and give up the lock. ``complete``: if every run is done, damaged parts that were replaced go."""
        try:
            self.flush()
            if complete and self.done.all():
                with writing(self.folder):
                    remove(self.folder / DAMAGED)
        finally:
            try:
                with suppress(OSError):
                    self._lock.sweep()  # what an interrupt left half-written
            finally:
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close(complete=error is None)
        except StoreError:
            if error is None:
                raise  # else the first error says more

    def _prepared(self, result: RunResult) -> RunResult:
        """With its series in the small form, or without them if the study keeps none."""
        if result.series is None:
            return result
        if not self.about.keeps_series:
            return replace(result, series=None)
        small = result.series if series.is_packed(result.series) else series.packed(result.series)
        return replace(result, series=series.stamped(small, result.index))

    def _expect(self, result: RunResult) -> None:
        run, about = result.index, self.about
        wrong = ""
        if not 0 <= run < about.runs or not self.mine[run]:
            wrong = "is none of this store's"
        elif divmod(run, about.replications) != (result.point, result.replication):
            wrong = f"is not replication {result.replication} of point {result.point}"
        elif result.status not in STATUSES:
            wrong = f"has status {not_one_of(result.status, STATUSES)}"
        elif (result.outcomes is None) == (result.status == "ok"):
            wrong = f"is {result.status}, with{'' if result.outcomes is not None else 'out'} outcomes"
        elif result.outcomes is not None and not result.outcomes.keys() <= self._columns:
            wrong = f"has outcome {min(result.outcomes.keys() - self._columns)!r}, which the study has not"
        elif about.keeps_series and result.status == "ok" and result.series is None:
            wrong = "has no series"
        if wrong:
            raise ValueError(f"run {run} {wrong}")

    def _absent(self, chunk: int) -> int:
        """Runs of the chunk that no part holds."""
        stretch = self.about.stretch(chunk)
        return len(stretch) - int(self.done[stretch.start : stretch.stop].sum())

    def _write(self, chunk: int) -> None:
        waiting = self._waiting[chunk]
        table = outcomes.outcomes_table(waiting.values(), self.about.columns)
        small = [r.series for r in waiting.values() if r.series is not None]
        self._join(chunk, table, series.merged(small) if small else None)
        del self._waiting[chunk]
        self._missing.pop(chunk, None)

    def _join(self, chunk: int, table: pa.Table, rows: pa.Table | None) -> None:
        """Write the chunk's part anew with these rows in it; then the smaller one goes."""
        with writing(self.folder):
            old = self._parts.get(chunk)
            if old is not None:
                runs = pa.array(outcomes.runs_of(table))
                table = outcomes.joined(parts.read(old.path), table)
                if old.series_path is not None:
                    before = parts.read(old.series_path)
                    rows = series.merged(
                        [series.without(before, runs), *([rows] if rows is not None else [])]
                    )
            part = parts.write_part(self.folder, self.about, self.shard, chunk, table, rows)
            self._count(part)
            if old is not None and old.path != part.path:
                old.path.unlink(missing_ok=True)
                if old.series_path not in (None, part.series_path):
                    old.series_path.unlink(missing_ok=True)

    def _count(self, part: parts.Part) -> None:
        self._parts[part.chunk] = part
        self.done[part.runs] = True
        self.failed[part.runs] = ~part.ok

    def _find(self) -> None:
        """What was done before; damaged parts are moved aside, and what larger parts replaced is removed."""
        found = parts.scan(self.folder, self.about)
        for part in found.parts.values():
            self._count(part)
        notices = []
        for path, reason in found.damaged.items():
            if self._owns(path):
                (self.folder / DAMAGED).mkdir(exist_ok=True)
                path.rename(self.folder / DAMAGED / f"{path.parent.name}-{path.name}")
                notices.append(f"{self.folder}: {reason}; moved to {DAMAGED}/, its runs are done again")
        for path in found.spare:
            if self._owns(path):
                path.unlink(missing_ok=True)
        self.notices = tuple(notices)

    def _owns(self, path: Path) -> bool:
        return parts.chunk_of(path) % self.shard[1] == self.shard[0]


def _check(about: About, design: pa.Table, shard: Shard) -> None:
    """ValueError for what no caller may ask."""
    if about.record not in RECORDS:
        raise ValueError(f"record {not_one_of(about.record, RECORDS)}")
    if design.num_rows != about.points:
        raise ValueError(f"the design has {design.num_rows} points, the study {about.points}")
    if min(about.points, about.replications, about.chunk) < 1 or not 0 <= shard[0] < shard[1]:
        raise ValueError(f"no study of {about.points} points x {about.replications}, shard {shard}")
