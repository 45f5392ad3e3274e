"""A scenario in plain words: everything that was set is said, and beside another one nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import main as coercivity
from sim.config import plan
from sim.library import choices
from sim.new.__main__ import main as new
from sim.show import Paragraph, beside, page, wrapped
from sim.show.__main__ import main


def told(*words: str) -> str:
    return " ".join(wrapped(page(plan(list(words))), 110).split())


def compared(ours: list[str], theirs: list[str]) -> str:
    return " ".join(wrapped(beside(plan(ours), plan(theirs)), 110).split())


@pytest.mark.parametrize("name", choices("scenario"))
def test_every_shipped_scenario_is_told(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert coercivity(["show", name]) == 0
    text = " ".join(capsys.readouterr().out.split())
    case = plan([f"scenario={name}"]).case
    assert text.startswith(f"{name}: {case.title}")
    assert case.question in text
    for event in case.events:
        assert event.title in text
        assert event.name in text


def test_dates_and_fields_are_said() -> None:
    text = told("shock=[heavy_separator_outage,april_news]")
    assert (
        "On 4 April 2025: The announcement of 4 April 2025 alone; nothing is stopped (shock april_news, news)"
        in text
    )
    assert "From 5 January 2026 until 2 February 2026: The largest heavy separator" in text
    assert "stage: separator; site: ganzhou; severity: 1; ramp days: 0" in text
    assert text.index("april_news") < text.index("heavy_separator_outage")  # by date, not as selected


def test_an_event_after_the_end_is_marked() -> None:
    text = told("shock=[heavy_separator_outage]", "years=0.5")
    assert "until 2 February 2026 (after the end of the run): The largest" in text


def test_behaviour_and_cells_are_said_where_they_are_not_the_usual_ones() -> None:
    assert "How people behave" not in told()
    text = told("behaviour.gross_up=3", "+vary.mines.bayan_obo.capacity_t_reo_per_year=1000")
    assert "gross up: 3 instead of 5" in text
    assert "mines.bayan_obo.capacity_t_reo_per_year: set to 1,000" in text


def test_beside_itself_nothing_differs() -> None:
    assert "Nothing differs but the story." in compared(
        ["scenario=controls_2025"], ["scenario=controls_2025"]
    )


def test_only_what_differs_is_said() -> None:
    severity = "shock.china_licences_2025.severity=0.5"
    places = "shock.china_licences_2025.destinations=[japan,korea]"
    text = compared(["scenario=controls_2025", severity, places, "years=3"], ["scenario=controls_2025"])
    assert "severity: 0.5 instead of 1" in text
    assert "destinations: also japan, korea, without all" in text
    assert "years: 3 instead of 10" in text
    assert "reviewers" not in text
    assert "Alike" not in text


def test_events_of_one_side_only() -> None:
    text = compared(
        ["shock=[april_news]", "policy=[us_priority_rating]"], ["shock=[april_news,cutoff_allies]"]
    )
    ours, _, theirs = text.partition("Only in baseline From 4 January 2027")
    assert (
        "Rated defence orders come first outside China (policy us_priority_rating, priority rating)" in ours
    )
    assert "cutoff_allies" in theirs
    assert "Alike in both: april_news" in theirs


def test_cells_beside_one_another() -> None:
    cell = "mines.bayan_obo.capacity_t_reo_per_year"
    text = compared([f"+vary_scale.{cell}=0.9"], [f"+vary_scale.{cell}=0.8"])
    assert f"{cell}: multiplied by 0.9 instead of multiplied by 0.8" in text
    assert f"{cell}: as in the tables instead of set to 1" in compared([], [f"+vary.{cell}=1"])


def test_a_file_of_one_s_own(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(["mine", "--from", "controls_2025", "--kind", "outage"]) == 0
    capsys.readouterr()
    assert main(["mine.yaml", "--against", "controls_2025"]) == 0
    text = capsys.readouterr().out
    assert "Only in mine" in text
    assert "Only in controls_2025" not in text
    assert main(["mine"]) == 2
    assert "for the file say mine.yaml" in capsys.readouterr().err


def test_it_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for columns in (60, 90):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert main(["controls_2025"]) == 0
        lengths = [len(line) for line in capsys.readouterr().out.splitlines()]
        assert columns - 15 < max(lengths) <= columns


def test_control_characters_are_not_passed_on() -> None:
    assert wrapped([Paragraph("a\x1b[31mb\nc")], 80) == "a [31mb c"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ([], "no scenario given"),
        (["baseline", "standstill"], "2 scenarios given, one wanted"),
        (["basline"], "scenario 'basline' is not one of | did you mean 'baseline'"),
        (["cutoff_allies"], "is not a scenario but a shock: scenario=baseline 'shock=[cutoff_allies]'"),
        (
            ["baseline", "--against", "us_priority_rating"],
            "but a policy: scenario=baseline 'policy=[us_priority_rating]'",
        ),
        (["baseline", "yeers=3"], "key 'yeers' is not one of | did you mean 'years'"),
        (["nowhere/x.yaml"], "x.yaml: no such file"),
        (["baseline", "--agains", "x"], "flag '--agains' is not one of | did you mean '--against'"),
    ],
)
def test_mistakes(typed: list[str], words: str, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert all(word in said.err for word in words.split(" | "))
