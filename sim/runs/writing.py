"""Writing a run folder: into a hidden folder beside it, renamed when it is whole. A killed run leaves no folder by its name.

The hidden folder is locked while somebody writes it; the lock dies with its owner, so that what a killed run left behind is
recognised and swept away by the next one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from sim.disk import LOCKS, sync
from sim.runs.identity import sha256
from sim.runs.reading import SCHEMA_VERSION, RunError
from sim.runs.tables import TABLES, Failure, Result, narrow

# Rows gathered before they are written: a group of rows costs the same however short it is.
ROWS_A_GROUP: Final = 250_000


class RunFolder:
    """A folder under construction: ``add`` results in order of replication, then ``finish``. A context manager.

    ``replace`` allows an existing folder of that name to be replaced, at the moment the new one is whole.
    """

    def __init__(self, folder: Path, replications: int, replace: bool = False) -> None:
        self.folder = folder
        self.replace = replace
        self.replications = replications
        self.partial = folder.with_name(f".{folder.name}.partial")
        self.old = folder.with_name(f".{folder.name}.old")
        self.ok: list[int] = []
        self.failures: list[Failure] = []
        self.zero: dict[str, int] = {}
        self.not_reached: dict[str, None] = {}
        self._streams = {name: _Stream(self.partial / f"{name}.parquet") for name in TABLES}
        self._lock = -1
        self._mine = False  # whether the hidden folder is still ours to delete

    def __enter__(self) -> Self:
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self._claim()
        except OSError as e:
            raise RunError(f"{self.folder}: cannot be written ({e.strerror or e})") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._streams.values():
            with suppress(OSError, pa.ArrowException):  # what is half-written goes anyway
                stream.close()
        if self._mine:
            shutil.rmtree(self.partial, ignore_errors=True)
        if self._lock != -1:
            os.close(self._lock)
            self._lock = -1
        if isinstance(error, OSError):
            raise RunError(f"{self.folder}: cannot be written ({error.strerror or error})") from None

    def add(self, outcome: Result | Failure) -> None:
        """Take the next replication, in order of its number."""
        if isinstance(outcome, Failure):
            self.failures.append(outcome)
            return
        self.ok.append(outcome.replication)
        for name in outcome.zero_series:
            self.zero[name] = self.zero.get(name, 0) + 1
        self.not_reached.update(dict.fromkeys(outcome.not_reached))
        for name, table in outcome.tables.items():
            self._streams[name].add(narrow(table, self.replications))

    def finish(
        self, about: Mapping[str, Any], resolved: Mapping[str, Any], overrides: tuple[str, ...]
    ) -> str:
        """Write what remains, the manifest last, and give the folder its name. Returns the digest of all tables."""
        rows = {f"{name}.parquet": stream.close() for name, stream in self._streams.items()}
        hydra = self.partial / ".hydra"
        hydra.mkdir()
        _write(hydra / "config.yaml", yaml.safe_dump(dict(resolved), sort_keys=False, allow_unicode=True))
        _write(hydra / "overrides.yaml", yaml.safe_dump(list(overrides), allow_unicode=True))
        if self.failures:
            _write(
                self.partial / "errors.jsonl", "".join(json.dumps(asdict(f)) + "\n" for f in self.failures)
            )
        files = sorted(p for p in self.partial.rglob("*") if p.is_file())
        told = {p.relative_to(self.partial).as_posix(): self._about(p, rows) for p in files}
        digest = hashlib.sha256("".join(told[name]["sha256"] for name in sorted(rows)).encode()).hexdigest()
        manifest = {
            "schema_version": SCHEMA_VERSION,
            **about,
            "replications": {"asked": self.replications, "ok": len(self.ok), "failed": len(self.failures)},
            "failed": [
                {"replication": f.replication, "error": f"{f.kind}: {f.message}"} for f in self.failures
            ],
            "zero_series": sorted(name for name, n in self.zero.items() if n == len(self.ok)),
            "zero_in_some": {name: n for name, n in sorted(self.zero.items()) if n < len(self.ok)},
            "not_reached": list(self.not_reached),
            "tables_digest": digest,
            "files": told,
        }
        _write(self.partial / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        for path in (*files, hydra, self.partial):
            sync(path)
        self._rename()
        return digest

    def _about(self, path: Path, rows: Mapping[str, int]) -> dict[str, Any]:
        told: dict[str, Any] = {"sha256": sha256(path), "bytes": path.stat().st_size}
        return told | ({"rows": rows[path.name]} if path.name in rows else {})

    def _claim(self) -> None:
        """Make the hidden folder and lock it; what a dead process left under its name is removed."""
        if self.old.exists():  # killed while the replaced folder was being deleted
            shutil.rmtree(self.old)
        if self.partial.exists():
            stale = self._locked(self.partial)
            shutil.rmtree(self.partial)
            if stale != -1:
                os.close(stale)
        self.partial.mkdir()
        self._lock = self._locked(self.partial)
        self._mine = True

    def _locked(self, path: Path) -> int:
        """A descriptor that holds the lock of ``path``; RunError if somebody else holds it."""
        if LOCKS is None:
            return os.open(os.devnull, os.O_RDONLY)
        handle = os.open(path, os.O_RDONLY)
        try:
            LOCKS.flock(handle, LOCKS.LOCK_EX | LOCKS.LOCK_NB)
        except OSError:
            os.close(handle)
            raise RunError(f"{self.folder}: another process is writing this run") from None
        return handle

    def _rename(self) -> None:
        if self.folder.exists():
            if not self.replace:
                raise RunError(f"{self.folder}: appeared while the run was under way; it is left as it is")
            self.folder.rename(self.old)
        try:
            self.partial.rename(self.folder)
        except OSError:
            restore(self.folder)
            raise
        self._mine = False
        sync(self.folder.parent)
        if self.old.exists():
            shutil.rmtree(self.old)


def restore(folder: Path) -> None:
    """Put a folder back that was moved aside for a new one which never came: its writer was killed between two renames."""
    old = folder.with_name(f".{folder.name}.old")
    if old.exists() and not folder.exists():
        old.rename(folder)


class _Stream:
    """A Parquet file that grows by whole replications. Bytes depend on the rows alone, not on who added them when."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._writer: Any = None
        self._waiting: list[pa.Table] = []

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table)
        self.rows += table.num_rows
        if sum(t.num_rows for t in self._waiting) >= ROWS_A_GROUP:
            self._flush()

    def close(self) -> int:
        """Write the rest; returns the number of rows. With nothing ever added there is a file without columns."""
        if self._waiting or (self._writer is None and self.path.parent.exists()):
            self._flush()
        if self._writer is not None:
            self._writer.close()
        return self.rows

    def _flush(self) -> None:
        table = pa.concat_tables(self._waiting).unify_dictionaries() if self._waiting else pa.table({})
        self._waiting = []
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, table.schema, compression="zstd", version="2.6")
        self._writer.write_table(table, row_group_size=ROWS_A_GROUP)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
