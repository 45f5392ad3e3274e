"""What run folders and studies ask of the file system alike."""

from __future__ import annotations

import importlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

LOCKS: Any = None  # locks that die with their process; Windows has none of this kind
with suppress(ImportError):
    LOCKS = importlib.import_module("fcntl")


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
