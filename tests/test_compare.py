"""Paired comparison, lateness and the ladder of severities, on tables whose answers are known by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.chains import outage, still
from sim.compare import by_year, lines
from sim.compare.__main__ import main as compare
from sim.compare.regions import regions
from sim.late import programmes
from sim.late.__main__ import main as late
from sim.milder import Ladder, climb
from sim.milder.__main__ import main as milder
from sim.panel import Panel, common

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
