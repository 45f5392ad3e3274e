"""Files that are there whole or not at all, whenever the power goes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from sim.store.types import StoreError
from sim.wording import one_line


def put(path: Path, data: Any, temporary: str) -> None:
    """Write ``data`` under the name ``temporary`` in the folder of ``path``, then rename; both are on the disk on return.

    Raises OSError, and then leaves nothing behind by the name of ``path`` that is not whole.
    """
    partial = path.with_name(temporary)
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)  # noqa: PTH105  one name for the tests to make fail, beside os.fsync
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """A folder's entries onto the disk. Some systems cannot open folders; there the rename alone must do."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
