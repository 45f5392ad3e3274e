"""Who may write which chunks of a study. A lock dies with the process that holds it, so none is ever left to be broken.

Shard k of n writes the chunks whose number leaves k when divided by n; the whole study is shard 0 of 1.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from math import gcd
from pathlib import Path
from typing import Final, Self

from sim.disk import LOCKS
from sim.store.types import StoreError

NAME: Final = re.compile(r"\.lock-(\d+)-of-(\d+)")
Shard = tuple[int, int]


def temporary(shard: Shard, name: str) -> str:
    """The name under which a shard writes what is to become ``name``."""
    return f".new-{shard[0]}-of-{shard[1]}-{name}"


class Lock:
    """Held from ``Lock(folder, shard)`` to ``release``. StoreError if another process writes one of the same chunks."""

    def __init__(self, folder: Path, shard: Shard) -> None:
        self.folder, self.shard = folder, shard
        self.path = folder / f".lock-{shard[0]}-of-{shard[1]}"
        self._handle = -1
        self.others: set[Shard] = set()  # shards that somebody is writing now
        if LOCKS is None:
            return
        handle = self._taken(self.path, create=True)
        if handle is None:
            raise self._busy()
        self._handle = handle
        try:
            self._look_around()
        except BaseException:
            self.release()
            raise

    def sweep(self) -> None:
        """Remove what writers left half-written who are not writing any more."""
        for folder in (self.folder, self.folder / "outcomes", self.folder / "series"):
            for path in folder.glob(".new-*") if folder.is_dir() else ():
                found = re.match(r"\.new-(\d+)-of-(\d+)-", path.name)
                whose = (int(found[1]), int(found[2])) if found else self.shard
                if whose == self.shard or (LOCKS is not None and whose not in self.others):
                    path.unlink(missing_ok=True)

    def release(self) -> None:
        """Give the lock up; its file goes with it. Safe to call twice."""
        if self._handle != -1:
            try:
                with suppress(OSError):
                    self.path.unlink(missing_ok=True)
            finally:
                os.close(self._handle)
                self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _look_around(self) -> None:
        k, n = self.shard
        for path in sorted(self.folder.glob(".lock-*")):
            found = NAME.fullmatch(path.name)
            if not found or path == self.path:
                continue
            other = (int(found[1]), int(found[2]))
            handle = self._taken(path, create=False)
            if handle is not None:
                path.unlink(missing_ok=True)
                os.close(handle)
            elif path.exists():
                if other[1] == 0 or (k - other[0]) % gcd(n, other[1]) == 0:
                    raise self._busy()
                self.others.add(other)

    def _taken(self, path: Path, create: bool) -> int | None:
        """A descriptor that holds the lock of the file at ``path``; None if somebody else holds it, or it is gone."""
        while True:
            try:
                handle = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o644)
            except FileNotFoundError:
                if create:
                    raise
                return None
            try:
                LOCKS.flock(handle, LOCKS.LOCK_EX | LOCKS.LOCK_NB)
            except OSError:
                os.close(handle)
                return None
            with suppress(FileNotFoundError):
                if os.fstat(handle).st_ino == path.stat().st_ino:
                    return handle
            os.close(handle)  # its last holder removed it between our two calls
            if not create:
                return None

    def _busy(self) -> StoreError:
        return StoreError(f"{self.folder}: another process is writing this study")
