"""The gap between the hubs, from runs that may not fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.__main__ import main as run
from sim.gap.__main__ import main


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three short runs: two that fit together, a longer one, and one that begins later."""
    place = tmp_path_factory.mktemp("runs")
    for name, words in (
        ("short", ["scenario=controls_2025", "years=0.5"]),
        ("base", ["years=0.5"]),
        ("long", ["years=0.6"]),
        ("later", ["years=0.5", "start=2025-03-03"]),
    ):
        assert run([*words, f"hydra.run.dir={place / name}", "--jobs=1"]) == 0
    return place


def test_runs_of_one_length(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folders / "short"), str(folders / "base")]) == 0
    told = capsys.readouterr().out
    assert told.startswith("R = (price outside China")
    assert "dy_oxide" in told


def test_different_lengths_are_said_in_one_line(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folders / "short"), str(folders / "base")]) == 0
    alike = capsys.readouterr().out
    assert main([str(folders / "short"), str(folders / "long")]) == 0
    said, _, rest = capsys.readouterr().out.partition("\n")
    assert said == (
        "the runs differ in length (to 2025-07-07, 2025-08-11): compared are the weeks to 2025-07-07"
    )
    assert rest == alike  # the longer run's first weeks are the shorter one's


def test_a_third_run_that_is_shorter(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folders / name) for name in ("long", "long", "base")]) == 0
    assert "(to 2025-08-11, 2025-08-11, 2025-07-07)" in capsys.readouterr().out


def test_runs_that_begin_apart(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folders / "short"), str(folders / "later")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "error: the two runs begin in different weeks (2025-01-13 and 2025-03-10): no week can be paired\n"
    )
