"""Files that are there whole or not at all, whenever the power goes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from sim.disk import sync
from sim.store.types import StoreError
from sim.wording import one_line

Write = Callable[[BinaryIO], None]


def put(path: Path, data: bytes, temporary: str) -> None:
    """Write ``data`` under the name ``temporary`` in the folder of ``path``, then rename; both are on the disk on return.

    Raises OSError, and then leaves nothing behind by the name of ``path`` that is not whole.
    """

    def write(file: BinaryIO) -> None:
        file.write(data)

    _placed(path.with_name(temporary), write, lambda: path.name)


def put_named(folder: Path, chunk: int, temporary: str, write: Callable[[Proving], None]) -> tuple[str, int]:
    """The same for what ``write`` writes, under a name made of ``chunk`` and its checksum. Returns that name, and the size."""
    proving = Proving()

    def through(file: BinaryIO) -> None:
        proving.file = file
        write(proving)

    def name() -> str:
        return f"{chunk:05d}-{proving.sha256.hexdigest()[:16]}.parquet"

    _placed(folder / temporary, through, name)
    return name(), proving.size


class Proving:
    """A file that computes its checksum while it is written; nothing so large is held in memory twice."""

    closed = False  # Arrow asks

    def __init__(self) -> None:
        self.file: Any = None
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return int(self.file.write(data))

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self.file.flush()


def _placed(partial: Path, write: Write, name: Callable[[], str]) -> None:
    try:
        with partial.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, partial.with_name(name()))  # noqa: PTH105  one name for tests to make fail
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    sync(partial.parent)


def remove(folder: Path) -> None:
    """A folder of files, if it is there."""
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        sync(folder.parent)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Whatever the system refuses inside becomes a StoreError of one line."""
    try:
        yield
    except OSError as e:
        raise StoreError(f"{folder}: cannot be written ({one_line(e.strerror or e, 200)})") from None
    except pa.ArrowException as e:
        raise StoreError(f"{folder}: a part cannot be read ({one_line(e, 200)})") from None


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """The same for reading."""
    try:
        yield
    except (OSError, pa.ArrowException) as e:
        told = getattr(e, "strerror", None) or e  # Arrow's own errors may be OSErrors without one
        raise StoreError(f"{folder}: cannot be read ({one_line(told, 200)})") from None
