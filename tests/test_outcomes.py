"""Each scalar against a series small enough to see the answer."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pyarrow as pa
import pytest

from sim import load
from sim.case import Run
from sim.library import ROOT
from sim.outcomes import columns, outcomes

CASE = load()
FIRST = date(2025, 1, 13)
LABELS = ("variable", "scope", "place", "stage", "party", "commodity")


def run(*series: tuple[tuple[str, str, str, str, str, str], list[float]]) -> Run:
    """A run whose trajectories are these series, weekly from FIRST."""
    rows = [(FIRST + timedelta(weeks=w), *key, v) for key, values in series for w, v in enumerate(values)]
    columns = list(zip(*rows, strict=True)) or [()] * 8
    table = {"date": pa.array(columns[0], pa.date32())}
    table |= {
        name: pa.array(columns[i + 1], pa.string()).dictionary_encode() for i, name in enumerate(LABELS)
    }
    table["value"] = pa.array(columns[-1], pa.float64())
    empty = pa.table({})
    return Run(
        case=CASE,
        seed=1,
        replication=0,
        trajectories=pa.table(table),
        events=empty,
        attribution=empty,
        balance=empty,
        zero_series=[],
        not_reached=[],
    )


def hub(
    variable: str, place: str, stage: str = "", party: str = "all"
) -> tuple[str, str, str, str, str, str]:
    return (variable, "hub", place, stage, party, "dy_oxide")


def outside(variable: str) -> tuple[str, str, str, str, str, str]:
    return (variable, "outside", "outside", "all", "all", "dy_oxide")


def week(number: int) -> str:
    return (FIRST + timedelta(weeks=number)).isoformat()


def test_nothing_recorded() -> None:
    found = outcomes(run())
    assert list(found) == columns(CASE)
    assert math.isnan(float(found["peak_ratio_dy_oxide"]))
    assert found["peak_ratio_dy_oxide_date"] == ""
    assert found["shortage_dy_oxide_first_date"] == ""
    assert found["shortage_dy_oxide_t"] == 0.0


def test_peak_ratio_and_prices() -> None:
    found = outcomes(
        run(
            (hub("price_spot", "china"), [100.0, 100.0, 50.0, 100.0]),
            (hub("price_net", "world"), [100.0, 120.0, 90.0, 150.0]),
            (hub("price_spot", "world"), [113.0, 136.0, 102.0, 170.0]),
        )
    )
    assert found["peak_ratio_dy_oxide"] == pytest.approx(1.8)
    assert found["peak_ratio_dy_oxide_date"] == week(2)
    assert found["peak_price_world_dy_oxide"] == 170.0
    assert found["peak_price_china_dy_oxide"] == 100.0


def test_shortage_begins_with_four_weeks_and_ends_with_thirteen() -> None:
    short = [0.0, 2.0, 2.0, 2.0, 0.0, 2.0, 2.0, 2.0, 2.0, 2.0, 0.5] + [0.0] * 20
    found = outcomes(run((outside("unserved"), short), (outside("demand"), [100.0] * len(short))))
    assert found["shortage_dy_oxide_first_date"] == week(5)  # the three weeks before do not count
    assert found["shortage_dy_oxide_recovered_date"] == week(10)  # half a per cent is no shortage
    assert found["shortage_dy_oxide_t"] == pytest.approx(16.5)


def test_a_shortage_that_does_not_end() -> None:
    found = outcomes(run((outside("unserved"), [5.0] * 20), (outside("demand"), [100.0] * 20)))
    assert found["shortage_dy_oxide_first_date"] == week(0)
    assert found["shortage_dy_oxide_recovered_date"] == ""


def test_least_cover_of_users() -> None:
    found = outcomes(
        run((hub("cover", "world", "user"), [40.0, 12.0, 30.0]), (hub("cover", "world", "trader"), [1.0]))
    )
    assert found["min_cover_dy_oxide_days"] == 12.0


def test_late_and_lost_units() -> None:
    bloc = CASE.world.programmes[0].bloc

    def units(variable: str, values: list[float]) -> tuple[tuple[str, str, str, str, str, str], list[float]]:
        return (variable, "bloc", bloc, "all", "all", "all"), values

    planned = [1.0] * 10
    delivered = [
        1.0,
        1.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        2.0,
        1.0,
        1.0,
    ]  # from the third unit on five weeks late, at the end four
    found = outcomes(run(units("units_planned", planned), units("units_delivered", delivered)))
    # Units 3 and 4 (weeks 2, 3) came in week 7, unit 5 in 8, unit 6 in 9: judged up to week 5; 5 weeks or more are late.
    assert found[f"late_units_bloc_{bloc}"] == pytest.approx(1.0)
    assert found[f"lost_units_bloc_{bloc}"] == pytest.approx(4.0)


def test_licences() -> None:
    desk = ("licences_pending", "hub", "china", "all", "magnets", "all")
    wait = ("licence_wait", "hub", "china", "all", "magnets", "all")
    found = outcomes(run((desk, [0.0, 500.0, 300.0]), (wait, [0.0, 80.0, 60.0])))
    assert found["licences_pending_max_magnets"] == 500.0
    assert found["licence_wait_mean_magnets_days"] == 70.0
    assert math.isnan(float(found["licence_wait_mean_materials_days"]))


def test_every_column_is_documented() -> None:
    """By its name, with the commodity, hub, bloc, programme or desk written as a placeholder."""
    text = (ROOT / "docs" / "outcomes.md").read_text(encoding="utf-8")
    world = CASE.world
    known = {f"_{c.id}": "_COMMODITY" for c in world.commodities}
    known |= {f"_price_{r.hub}": "_price_HUB" for r in world.regions}
    known |= {f"_programme_{p.id}": "_programme_ID" for p in world.programmes}
    known |= {f"_bloc_{p.bloc}": "_bloc_BLOC" for p in world.programmes}
    known |= {"_magnets": "_DESK", "_materials": "_DESK", "_test": "_DESK"}
    for name in columns(CASE):
        for word in sorted(known, key=len, reverse=True):
            if word in name:
                name = name.replace(word, known[word])
        name = (
            name[: -len("_all")] + "_DESK"
            if name.endswith("_all")
            else name.replace("_all_days", "_DESK_days")
        )
        assert f"`{name}`" in text, name
