from __future__ import annotations

import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from floors import ROOT
from sim.behaviour import parameters
from sim.library import choices
from sim.scenario_file import read_plain
from sim.sweep import design
from sim.sweep.sampling import sampled
from sim.sweep.values import interval

LICENCES = "shock.china_licences_2025"


@pytest.mark.parametrize("method", ["lhs", "sobol", "halton"])
def test_a_sample_fills_its_ranges_and_repeats_itself(method: str) -> None:
    over = {"a": interval("a", 2.0, 4.0), "b": interval("b", 0.01, 10, log=True), "c": ["x", "y", "z", "w"]}
    first = sampled(method, over, 64, seed=3)
    assert first == sampled(method, dict(reversed(over.items())), 64, seed=3)
    assert first != sampled(method, over, 64, seed=4)
    a, b = np.array(first["a"]), np.array(first["b"])
    assert 2.0 <= a.min() < 2.2
    assert 3.8 < a.max() <= 4.0
    assert 0.01 <= b.min() < 0.02
    assert 5.0 < b.max() <= 10.0
    assert 0.2 < np.median(b) < 0.5  # the middle of the logarithms is 0.32
    assert all(12 <= first["c"].count(word) <= 20 for word in "xyzw")
    assert all(type(value) is float for value in first["a"] + first["b"])


def test_a_latin_hypercube_has_one_point_in_each_slice() -> None:
    values = np.array(sampled("lhs", {"a": interval("a", 0.0, 50.0)}, 50, seed=0)["a"])
    assert sorted(np.floor(values).astype(int).tolist()) == list(range(50))


def test_dates_are_whole_days_and_both_ends_are_reached() -> None:
    days = sampled("lhs", {"d": interval("d", "2026-01-05", "2026-01-07")}, 30, seed=0)["d"]
    assert {day: days.count(day) for day in sorted(set(days))} == {
        "2026-01-05": 10, "2026-01-06": 10, "2026-01-07": 10,
    }  # fmt: skip
    assert all(date.fromisoformat(day) for day in days)


def test_a_field_of_whole_numbers_is_sampled_in_whole_numbers() -> None:
    made = design(
        [
            "scenario=controls_2025,baseline",
            "shock=[china_licences_2025]",
            f"{LICENCES}.desks.magnets.reviewers=interval(50,200)",
            f"{LICENCES}.desks.magnets.days_per_application=interval(1,2)",
            "behaviour.user_gap_weeks=int(interval(4,16))",
            "study.design=halton",
            "study.points=16",
        ]
    ).design
    columns = made.columns
    assert all(type(v) is int and 50 <= v <= 200 for v in columns[f"{LICENCES}.desks.magnets.reviewers"])
    assert all(type(v) is float for v in columns[f"{LICENCES}.desks.magnets.days_per_application"])
    assert all(type(v) is int for v in columns["behaviour.user_gap_weeks"])


def test_every_sample_is_crossed_with_the_listed_values() -> None:
    made = design(
        ["scenario=baseline,standstill", "years=1,2", "behaviour.gross_up=interval(1,25)", "study.design=lhs", "study.points=5"]
    ).design  # fmt: skip
    assert made.points == 20
    drawn: dict[tuple[str, int], list[float]] = {}
    for i in range(made.points):
        v = made.values(i)
        drawn.setdefault((v["scenario"], v["years"]), []).append(v["behaviour.gross_up"])
    assert len(drawn) == 4
    assert len({tuple(values) for values in drawn.values()}) == 1


def test_a_sobol_sample_that_is_not_balanced_says_so() -> None:
    def remarks(points: int) -> tuple[str, ...]:
        return design(
            ["behaviour.gross_up=interval(1,25)", "study.design=sobol", f"study.points={points}"]
        ).remarks

    assert remarks(8) == ()
    assert remarks(12) == ("12 Sobol points are not balanced; take a power of two (8 or 16)",)


def test_the_points_are_stored_not_just_their_seed() -> None:
    table = design(["behaviour.gross_up=interval(1,25)", "study.design=lhs", "study.points=4"]).design.table()
    assert table.column_names == ["point", "base", "digest", "behaviour.gross_up"]
    assert len(set(table["behaviour.gross_up"].to_pylist())) == 4


def test_only_who_samples_loads_scipy_stats() -> None:
    program = (
        "import sys\nfrom sim.sweep import design\ndesign(['years=1,2'])\nprint('scipy.stats' in sys.modules)\n"
        "design(['years=interval(1,2)', 'study.design=lhs', 'study.points=2'])\nprint('scipy.stats' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "True"]


def test_the_shipped_behavioural_sample_spans_the_ranges_of_the_table() -> None:
    over = read_plain(ROOT / "scenarios" / "sweep" / "behaviour_lhs.yaml")["design"]["over"]
    assert len(over) == 6
    for key, ends in over.items():
        row = parameters()[key.removeprefix("behaviour.")]
        assert (ends["from"], ends["to"]) == (row.low, row.high)


@pytest.mark.parametrize("name", choices("sweep"))
def test_every_shipped_sweep_can_be_made(name: str) -> None:
    made = design([f"sweep={name}"])
    assert made.name == name
    assert made.title
    assert made.design.points > 10
    assert (made.duplicates, made.remarks) == (0, ())
    assert all(base.resolved["record"] == "outcomes" for base in made.design.bases)
