"""What is said when something is wrong is part of the interface: one mistake, one line, before anything is written."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

import fakes
from sim.__main__ import main

MISTAKES = Path(__file__).parent / "mistakes"
FILES = sorted(MISTAKES.glob("*.yaml"))
LINES = [
    line.rpartition("  =>  ")
    for line in (MISTAKES / "overrides.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def check(argv: list[str], words: str, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(workplace.rglob("*"))
    code = main(argv, simulate=fakes.simulate)
    told = capsys.readouterr()
    assert code == 2, told
    assert told.out == ""
    assert told.err.count("\n") == 1, told.err
    assert told.err.startswith("error: ")
    assert "Traceback" not in told.err
    for word in words.split(" | "):
        assert word.strip() in told.err
    assert sorted(workplace.rglob("*")) == before


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_broken_file(path: Path, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# says:")
    check(["--scenario-file", str(path)], f"{path.name}: | {words}", workplace, capsys)


@pytest.mark.parametrize(("typed", "words"), [(a, c) for a, _, c in LINES], ids=[a for a, _, _ in LINES])
def test_a_broken_line(typed: str, words: str, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(shlex.split(typed), words, workplace, capsys)
