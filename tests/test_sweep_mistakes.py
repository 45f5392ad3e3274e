"""What is wrong with a sweep is said in one line, before anything is composed twice or run once."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from sim.sweep import ConfigError, design

MISTAKES = Path(__file__).parent / "mistakes"
FILES = sorted((MISTAKES / "sweep").glob("*.yaml"))
LINES = [
    line.rpartition("  =>  ")
    for line in (MISTAKES / "sweeps.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def check(error: ConfigError, words: str) -> None:
    assert "\n" not in str(error)
    for word in words.split(" | "):
        assert word.strip() in str(error)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_broken_sweep_file(path: Path) -> None:
    words = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# says:")
    with pytest.raises(ConfigError) as caught:
        design([], sweep_file=path)
    check(caught.value, f"{path.name}: | {words}")


@pytest.mark.parametrize(("typed", "words"), [(a, c) for a, _, c in LINES], ids=[a for a, _, _ in LINES])
def test_a_broken_line(typed: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        design(shlex.split(typed))
    check(caught.value, words)


def test_a_scenario_file_and_a_scenario_are_one_too_many(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "scenario: {name: mine, title: t, question: q, against: '', sources: [s], limits: l}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="the scenario is given by --scenario-file"):
        design(["scenario=baseline,standstill"], scenario_file=path)
    assert design(["years=1,2"], scenario_file=path).name == "mine"
