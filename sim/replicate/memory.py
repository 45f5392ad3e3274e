"""How much memory this process and its children hold, where the system says so in /proc."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")


def resident() -> tuple[int, int] | None:
    """Bytes held by this process and by all of its children together; None where there is no /proc."""
    try:
        own = _of("self")
    except OSError:
        return None
    return own, sum(_children())


def _of(process: str) -> int:
    pages = int((PROC / process / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _children() -> Iterator[int]:
    for thread in (PROC / "self" / "task").iterdir():
        try:
            numbers = (thread / "children").read_text().split()
        except OSError:  # a thread that has ended, or a kernel that does not tell
            continue
        for number in numbers:
            try:
                yield _of(number)
            except OSError:  # a child that has ended meanwhile
                continue
