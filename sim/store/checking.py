"""Comparing every byte of a study with what was written, and clearing away what is not that any more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.disk import sync
from sim.store import parts
from sim.store.disk import reading, writing
from sim.store.locks import Lock
from sim.store.study_file import read_about, read_design
from sim.store.types import StoreError


@dataclass(frozen=True)
class Finding:
    """Something wrong in a study folder. ``damage`` is False for what is only in the way, such as a stranger's file."""

    path: Path
    reason: str
    damage: bool


def verify(folder: Path) -> tuple[Finding, ...]:
    """Read all files of the study and compare them with their checksums. StoreError if it cannot even be read as a study."""
    about, checksum = read_about(folder)
    found = []
    try:
        read_design(folder, checksum)
    except StoreError as e:
        found.append(Finding(folder / "design.parquet", str(e), True))
    with reading(folder):
        scan = parts.scan(folder, about, deep=True)
        aside = sorted((folder / "damaged").iterdir()) if (folder / "damaged").is_dir() else []
    found += [Finding(path, reason, True) for path, reason in scan.damaged.items()]
    found += [Finding(path, "left over; goes when the study is next written", False) for path in scan.spare]
    found += [Finding(path, "not a part of the study; it is not looked at", False) for path in scan.strangers]
    found += [Finding(path, "found damaged earlier; repair removes it", False) for path in aside]
    return tuple(found)


def repair(folder: Path) -> tuple[Path, ...]:
    """Remove what is damaged and what is left over, so that starting the study again does just those runs. What was removed.

    Raises StoreError if the folder cannot be read as a study, or is being written.
    """
    about, _ = read_about(folder)
    with writing(folder), Lock(folder, (0, 1)) as lock:
        lock.sweep()
        scan = parts.scan(folder, about, deep=True)
        aside = folder / "damaged"
        earlier = sorted(aside.iterdir()) if aside.is_dir() else []
        removed = (*scan.damaged, *scan.spare, *earlier)
        for path in removed:
            path.unlink(missing_ok=True)
        if aside.is_dir():
            aside.rmdir()
        for part in {path.parent for path in removed if path.parent != aside}:
            sync(part)
    return removed
