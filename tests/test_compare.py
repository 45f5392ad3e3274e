"""Paired comparison, lateness and the ladder of severities, on tables whose answers are known by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from core.chains import outage, still
from sim.compare import Width, by_year, half_width, line, lines, needed, sides
from sim.compare.__main__ import main as compare
from sim.compare.points import choose
from sim.compare.regions import regions
from sim.compare.scalars import scalars
from sim.compare.table import one_sided
from sim.compare.table import table as printed
from sim.late import programmes
from sim.late.__main__ import main as late
from sim.milder import Ladder, climb
from sim.milder.__main__ import main as milder
from sim.panel import Panel, common
from sim.runs import RunError

START = date(2025, 1, 13)
WEEKS = 104
Row = tuple[str, str, str, str, str, str, int, list[float]]


def table(rows: list[Row]) -> pa.Table:
    """Rows (variable, scope, place, stage, party, commodity, replication, weekly values) as a table of trajectories."""
    names = ("variable", "scope", "place", "stage", "party", "commodity")
    columns: dict[str, list[object]] = {n: [] for n in (*names, "replication", "date", "value")}
    for *labels, replication, values in rows:
        for week, value in enumerate(values):
            for name, label in zip(names, labels, strict=True):
                columns[name].append(label)
            columns["replication"].append(replication)
            columns["date"].append(START + timedelta(days=7 * week))
            columns["value"].append(value)
    return pa.table({
        **{n: pa.array(columns[n], pa.string()).dictionary_encode() for n in names},
        "replication": pa.array(columns["replication"], pa.int16()), "date": pa.array(columns["date"], pa.date32()),
        "value": pa.array(columns["value"], pa.float64()),
    })  # fmt: skip


def price(level: float, replication: int) -> Row:
    return ("price_spot", "hub", "world", "all", "all", "dy_oxide", replication, [level] * WEEKS)


def short(values: list[float], replication: int, scope: str = "hub", place: str = "world") -> Row:
    return ("unserved", scope, place, "all", "all", "dy_oxide", replication, values)


def test_a_difference_is_formed_within_each_replication() -> None:
    """Prices of 100 and 300 in the comparator, 10 % more in each: no spread, though levels differ threefold."""
    base = Panel.of(table([price(100.0, 0), price(300.0, 1)]))
    scenario = Panel.of(table([price(110.0, 0), price(330.0, 1)]))
    found = {line.name: line for line in lines(scenario, base)}["quote dy_oxide world"]
    assert (found.low, found.mid, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert found.base == pytest.approx(200.0)
    assert found.clear


def test_a_series_that_is_absent_reads_as_nothing_unserved_and_years_add_up() -> None:
    base = Panel.of(table([price(100.0, 0)]))
    scenario = Panel.of(table([price(100.0, 0), short([0.0] * 52 + [2.0] * 52, 0)]))
    assert [(row[0], row[2]) for row in by_year(scenario, base)] == [(2025, 0.0), (2026, 102.0), (2027, 2.0)]


def test_only_common_replications_and_weeks_are_paired() -> None:
    a = Panel.of(table([price(1.0, 0), price(1.0, 2)]))
    b = Panel.of(table([price(1.0, 2), price(1.0, 5)]))
    assert common(a, b) == ([1], [0], WEEKS)
    with pytest.raises(ValueError, match="no replication in common"):
        common(a, Panel.of(table([price(1.0, 7)])))


def test_the_interval_is_that_of_the_t_test() -> None:
    from scipy import stats

    rng = np.random.default_rng(3)
    y = rng.normal(10.0, 4.0, 12)
    x = y + rng.normal(1.0, 0.5, 12)
    found = line("made", "t", x, y)
    interval = stats.ttest_rel(x, y).confidence_interval(0.95)
    assert (found.mean - found.half, found.mean + found.half) == pytest.approx((interval.low, interval.high))
    assert found.correlation == pytest.approx(stats.pearsonr(x, y).statistic)


def test_common_chance_is_worth_the_replications_it_saves() -> None:
    """Half the variance of each is common: 2 (1 + 1) / (1 + 1) = 2. A shared chance of 15 to 1 saves sixteenfold."""
    rng = np.random.default_rng(0)
    shared, a, b = rng.normal(size=(3, 200_000))
    assert line("x", "t", shared + a, shared + b).gain == pytest.approx(2.0, rel=0.02)
    assert line("x", "t", shared * 15**0.5 + a, shared * 15**0.5 + b).gain == pytest.approx(16.0, rel=0.02)
    assert line("x", "t", a, b).gain == pytest.approx(1.0, rel=0.02)
    prices = np.exp(0.1 * shared)
    assert line(
        "x", "USD/kg", prices * np.exp(0.1 * a), prices * np.exp(0.1 * b), relative=True
    ).gain == pytest.approx(2.0, rel=0.02)
    assert line("x", "t", shared + 1.0, shared).gain > 1e20  # what is left is rounding
    assert np.isnan(line("x", "t", a[:1], b[:1]).gain)


@pytest.mark.parametrize(("spread", "width"), [(1.0, 0.2), (1.0, 0.9), (3.0, 10.0), (50.0, 1.0)])
def test_the_needed_number_is_the_least_that_gives_the_width(spread: float, width: float) -> None:
    n = needed(spread, width)
    assert n is not None
    assert half_width(spread, n) <= width
    assert n == 2 or half_width(spread, n - 1) > width


def test_as_many_replications_as_needed_give_the_wanted_width() -> None:
    """A pilot of 400 says how many a tenth of a standard deviation needs (about 387); so many draws have that width."""
    rng = np.random.default_rng(11)
    base = rng.normal(100.0, 20.0, 400)
    n = line("x", "t", base + rng.normal(5.0, 1.0, 400), base).needed(Width(0.1, relative=False))
    assert n is not None
    assert n == pytest.approx(387, rel=0.15)
    halves = [line("x", "t", rng.normal(5.0, 1.0, n), np.zeros(n)).half for _ in range(200)]
    assert float(np.mean(halves)) == pytest.approx(0.1, rel=0.1)


def test_a_relative_width_is_a_share_of_the_scenario_and_of_a_quote_a_number_of_points() -> None:
    found = line("x", "t", np.array([190.0, 210.0, 200.0]), np.array([1.0, 2.0, 3.0]))
    assert found.wanted(Width(0.05, relative=True)) == pytest.approx(10.0)
    assert found.wanted(Width(0.05, relative=False)) == 0.05
    quote = line("q", "USD/kg", np.array([190.0, 210.0]), np.array([100.0, 100.0]), relative=True)
    assert quote.wanted(Width(0.05, relative=True)) == 0.05


def test_what_cannot_be_said_is_not_said() -> None:
    assert needed(1.0, 0.0) is None  # 5 % of nothing
    assert needed(float("nan"), 1.0) is None  # one pair
    assert needed(1.0, 1e-9) is None  # more than anybody runs
    one = line("x", "t", np.array([2.0]), np.array([1.0]))
    assert (one.mean, one.needed(Width(1.0, relative=False))) == (1.0, None)
    assert np.isnan(one.half)


def test_the_table_says_what_is_needed_and_when_that_is_a_guess() -> None:
    rng = np.random.default_rng(5)
    y = rng.normal(10.0, 1.0, 30)
    many = line("many", "t", y + rng.normal(1.0, 0.1, 30), y)
    text = printed([many], Width(0.01, relative=False)).splitlines()
    n = many.needed(Width(0.01, relative=False))
    assert n is not None
    assert n > 100
    assert f" {n:,}" in text[1]
    assert f"for all rows {n:,} (many)" in text[-1]
    few = line("few", "t", y[:4] + 1.0 + np.arange(4.0), y[:4])
    assert "rough guess" in printed([few], Width(1.0, relative=False))
    assert "rough guess" not in printed([line("five", "t", y[:5] + np.arange(5.0), y[:5])], Width(1.0, False))
    assert "needed" not in printed([many])


DATED = "shortage_dy_oxide_first_date"


def rows_of(values: dict[int, float], days: dict[int, date | None]) -> pa.Table:
    """Outcomes of some replications, as a run folder holds them."""
    return pa.table({
        "replication": pa.array(list(values), pa.int16()), "parameter_set": pa.array([0] * len(values), pa.int16()),
        "shortage_dy_oxide_t": pa.array(list(values.values()), pa.float64()),
        "late_units_bloc_china": pa.array([0.0] * len(values), pa.float64()),
        DATED: pa.array([days.get(r) for r in values], pa.date32()),
    })  # fmt: skip


def test_outcomes_are_paired_by_replication_and_dates_by_days() -> None:
    day = date(2026, 3, 2)
    late = {r: day + timedelta(days=r) for r in (1, 2, 3)}
    found = scalars(
        rows_of({1: 10.0, 2: 20.0, 3: 33.0, 9: 5.0}, late),
        rows_of({3: 3.0, 2: 2.0, 1: 1.0, 8: 7.0}, {1: day, 2: day, 3: None}),
    )
    assert found.pairs == 3
    by_name = {x.name: x for x in found.lines}
    assert set(by_name) == {"shortage_dy_oxide_t", DATED}
    tonnes, days = by_name["shortage_dy_oxide_t"], by_name[DATED]
    assert (tonnes.unit, tonnes.low, tonnes.mid, tonnes.high) == ("t product", 9.0, 18.0, 30.0)
    assert (days.unit, days.pairs, days.mean) == (
        "days",
        2,
        1.5,
    )  # one and two days; the third was never short
    assert days.needed(Width(0.05, relative=True)) is None  # nothing is 5 % of a day of the calendar
    assert found.equal == 1
    assert "2026-03-02" in printed(found.lines)


def test_a_date_that_only_one_of_the_two_reaches_is_told() -> None:
    day = {r: date(2026, 3, 2) for r in range(3)}
    values = dict.fromkeys(range(3), 0.0)
    found = scalars(rows_of(values, day), rows_of(values, {}))
    assert found.lines == ()
    assert f"{DATED} (3 and 0 of 3)" in one_sided(found.one_sided)
    with pytest.raises(RunError, match="no replication in common"):
        scalars(rows_of({0: 1.0}, {}), rows_of({1: 1.0}, {}))


DESIGN = pa.table({
    "point": [0, 1, 2, 3], "base": [0, 0, 1, 1], "digest": list("abcd"),
    "scenario": ["baseline", "baseline", "full_cutoff", None], "behaviour.precaution": [None, 0.5, None, 0.25],
    "shock": ["[a,b]", "[a]", "[]", '["a", "b"]'],
})  # fmt: skip
BASES = (
    {"scenario": {"name": "baseline"}, "behaviour": {"precaution": 1.0}},
    {"scenario": {"name": "japan_2026"}, "behaviour": {"precaution": 2.0}},
)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("3", 3),
        ("scenario=full_cutoff", 2),
        ("scenario=japan_2026", 3),  # null: as in its base
        ("scenario=baseline,behaviour.precaution=1", 0),
        ("behaviour.precaution=0.50", 1),
        ("shock=[a,b],scenario=baseline", 0),  # a comma inside a value
        ("shock=[a, b],scenario=japan_2026", 3),
    ],
)
def test_a_point_is_named_by_its_number_or_its_values(text: str, point: int) -> None:
    assert choose(DESIGN, BASES, text, Path("study")) == point


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a study of 4 points: name one, study:0 or study:scenario=..."),
        ("4", "point 4 is not one of 0 .. 3"),
        ("scenario=baseline", r"2 points have scenario=baseline \(0, 1\)"),
        (
            "scenario=baselin",
            "'baselin' is not one of baseline, full_cutoff, japan_2026; did you mean 'baseline'",
        ),
        ("scenaro=baseline", "did you mean 'scenario'"),
        ("scenario=full_cutoff,behaviour.precaution=9", "'9' is not one of 2"),
    ],
)
def test_a_point_that_is_none_or_many_is_refused(text: str, told: str) -> None:
    with pytest.raises(RunError, match=told):
        choose(DESIGN, BASES, text, Path("study"))


def a_study(monkeypatch: pytest.MonkeyPatch, folder: Path, rows: pa.Table) -> None:
    """What the store would read from ``folder``."""
    (folder / "study.json").write_text("{}")
    about = SimpleNamespace(bases=BASES, seed=1)
    stored = SimpleNamespace(design=DESIGN, about=about, outcomes=lambda: rows)
    monkeypatch.setattr(sides, "_read", lambda _folder: stored)


def test_two_points_of_a_study_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Point 2 has twelve tonnes more in each replication; the fourth run of point 2 failed and counts nowhere."""
    runs = [(0, r, "ok", 10.0 * r) for r in range(4)] + [(2, r, "ok", 10.0 * r + 12.0) for r in range(3)]
    runs.append((2, 3, "failed", 1e9))
    point, replication, status, tonnes = (list(x) for x in zip(*runs, strict=True))
    a_study(
        monkeypatch,
        tmp_path,
        pa.table({"run": list(range(8)), "point": point, "replication": replication, "status": status, "seed": [1] * 8,
                  "balance_error": [1e-12 * i for i in range(8)], "shortage_dy_oxide_t": tonnes}),
    )  # fmt: skip
    assert compare([f"{tmp_path}:scenario=full_cutoff", f"{tmp_path}:0", "--width", "5%"]) == 0
    out = capsys.readouterr().out
    row = next(x for x in out.splitlines() if x.startswith("shortage_dy_oxide_t"))
    assert row.split()[:8] == ["shortage_dy_oxide_t", "10", "t", "product", "+12", "+12", "+12", "+12"]
    assert "3 paired replications" in out
    assert "balance_error" not in out
    assert "rough guess" in out
    for words, told in (
        ([f"{tmp_path}:1", f"{tmp_path}:0"], "point 1 has no replication that succeeded"),
        ([f"{tmp_path}:2", f"{tmp_path}:0", "--weeks", "5"], "--weeks needs two run folders"),
        ([f"{tmp_path}:2", f"{tmp_path}:0", "--only", "x*"], "--only 'x*' fits none of 1 rows"),
        ([f"{tmp_path}:2", f"{tmp_path}:0", "--width", "0%"], "is not a width above 0"),
        ([f"{tmp_path}:2", f"{tmp_path}:0", "--width", "wide"], "is not a width above 0"),
    ):
        assert compare(words) == 2
        assert told in capsys.readouterr().err


def test_seeds_that_differ_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = pa.table({"point": [0, 0, 1, 1], "replication": [0, 1, 0, 1], "status": ["ok"] * 4, "seed": [1, 1, 7, 7],
                     "shortage_dy_oxide_t": [1.0, 2.0, 3.0, 5.0]})  # fmt: skip
    a_study(monkeypatch, tmp_path, rows)
    assert compare([f"{tmp_path}:1", f"{tmp_path}:0"]) == 0
    assert "seeds differ (7 and 1)" in capsys.readouterr().out


def test_regions_stand_in_the_order_in_which_they_are_short() -> None:
    def demand(place: str) -> Row:
        return ("demand", "region", place, "all", "all", "dy_oxide", 0, [10.0] * WEEKS)

    base = Panel.of(table([demand("japan"), demand("europe")]))
    scenario = Panel.of(table([
        demand("japan"), demand("europe"), short([0.0] * 20 + [1.0] * 84, 0, "region", "japan"),
        short([0.0] * 10 + [0.5] * 94, 0, "region", "europe"),
    ]))  # fmt: skip
    found = regions(scenario, base, 0, None)
    assert [r.name for r in found] == ["europe", "japan"]
    assert found[0].onset == START + timedelta(days=70)
    assert found[1].tonnes == pytest.approx(84.0)
    assert found[1].share == pytest.approx(84.0 / 1040.0)


def test_a_programme_is_late_when_its_delay_passes_thirty_days() -> None:
    def own(variable: str, values: list[float]) -> Row:
        return (variable, "bloc", "us_nato", "all", "f_35", "all", 0, values)

    trajectories = table(
        [
            own("cover", [100.0] * 60 + [5.0] * 44),
            own("delay", [0.0] * 70 + [31.0] * 34),
            own("supplied", [0.5] * WEEKS),
        ]
    )
    events = pa.table({
        "event": ["held back", "held back", "caught up"], "place": ["f_35", "f_35", "f_35"], "replication": [0, 0, 0],
        "date": [START + timedelta(days=n) for n in (400, 10, 20)], "cause": ["smco_2_17", "y_oxide", ""],
    })  # fmt: skip
    shock = START + timedelta(days=7 * 40)
    (found,) = programmes(trajectories, events, shock)
    assert (found.cover, found.least, found.supplied) == pytest.approx((100.0, 5.0, 0.5))
    assert found.late == START + timedelta(days=7 * 70)
    assert (found.item, found.held) == (
        "smco_2_17",
        START + timedelta(days=400),
    )  # arrears made up before the shock do not count


def test_who_waited_already_counts_from_the_day_of_the_shock() -> None:
    trajectories = table([("cover", "bloc", "us_nato", "all", "f_35", "all", 0, [0.0] * WEEKS)])
    events = pa.table({
        "event": ["held back"], "place": ["f_35"], "replication": [0], "date": [START + timedelta(days=10)], "cause": ["y_oxide"],
    })  # fmt: skip
    shock = START + timedelta(days=7 * 40)
    (found,) = programmes(trajectories, events, shock)
    assert (found.share_held, found.held, found.item) == (1.0, shock, "y_oxide")


def test_a_ladder_tells_its_reversals() -> None:
    ladder = Ladder(
        "x", np.array([[1.0, 1.0], [3.0, 3.0], [2.0, 2.0], [4.0, 4.0]]), np.arange(8.0).reshape(4, 2)
    )
    (told,) = ladder.reversals()
    assert told.startswith("unserved 0.5 to 0.75: -1 t")
    assert told.endswith("beyond chance")


def test_climbing_runs_every_severity_and_refuses_what_has_none() -> None:
    case = replace(still(0.2), events=(outage("ganzhou"),))
    assert climb(case, "stop_ganzhou", 1, 1).unserved.shape == (4, 1)
    with pytest.raises(ValueError, match="no event"):
        climb(case, "another", 1, 1)


@pytest.mark.parametrize(
    ("program", "words", "told"),
    [
        (compare, ["nowhere", "nowhere"], "nowhere"),
        (compare, ["nowhere"], "required"),
        (late, ["nowhere", "--from", "soon"], "'soon' is not a date"),
        (late, ["full_cutof", "--curve", "--from", "2027-01-04"], "did you mean 'full_cutoff"),
        (milder, ["cutoff_alies"], "did you mean 'cutoff_allies'"),
    ],
)
def test_a_mistake_is_one_line(
    program: object,
    words: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert program(words) == 2  # type: ignore[operator]
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert told in err


def test_outcomes_of_runs_of_other_lengths_are_not_compared() -> None:
    from sim.compare.sides import Side, same_years
    from sim.runs import RunError

    empty = pa.table({})
    ten, two = Side("a", empty, None, 1, 10.0), Side("b", empty, None, 1, 2.0)
    same_years(ten, ten)
    with pytest.raises(RunError, match="a covers 10 years, b 2"):
        same_years(ten, two)
