"""Kept machine code is made again when what it was made of changes, also in another file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CALLED = """
from sim.compiled import kernel

FACTOR = {factor}

@kernel
def more(x):
    return x + {more}
"""
CALLER = """
from called import FACTOR, more
from sim.compiled import kernel

@kernel
def made(x):
    return FACTOR * more(x)

print(made(1.0), sum(made.stats.cache_hits.values()))
"""


def told(folder: Path, factor: float, more: float) -> list[float]:
    """What the kernel answers to one, and how often its machine code was found."""
    (folder / "called.py").write_text(CALLED.format(factor=factor, more=more), encoding="utf-8")
    (folder / "caller.py").write_text(CALLER, encoding="utf-8")
    path = [str(folder), str(Path(__file__).resolve().parents[2])]
    code = f"import sys; sys.path[:0] = {path}; import caller"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder
    ).stdout
    return [float(word) for word in out.split()]


def test_a_kernel_is_made_again_when_a_constant_or_a_kernel_of_another_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    assert told(tmp_path, 2.0, 1.0) == [4.0, 0.0]
    assert told(tmp_path, 2.0, 1.0) == [4.0, 1.0]  # kept
    assert told(tmp_path, 3.0, 1.0) == [6.0, 0.0]
    assert told(tmp_path, 3.0, 2.0) == [9.0, 0.0]
