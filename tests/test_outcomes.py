"""Each scalar against a series small enough to see the answer."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest

from core.chains import weekly
from core.run_digest import of_table
from sim import load, simulate
from sim.config import RECORDS
from sim.library import ROOT
from sim.outcomes import columns, outcomes
from sim.readings import Readings
from sim.runs.tables import scalars

CASE = load()
START = date(2025, 1, 6)
COMMODITIES = tuple(c.id for c in CASE.world.commodities)
PROGRAMMES = tuple(p.id for p in CASE.world.programmes)
BLOCS = tuple(sorted({p.bloc for p in CASE.world.programmes}))
DY = COMMODITIES.index("dy_oxide")


def still(weeks: int) -> Readings:
    """Weeks in which nothing is short, nobody waits, and everything costs 1 but Dy oxide, which costs 100."""
    goods, ones = len(COMMODITIES), np.ones((weeks, len(COMMODITIES)))
    spot = np.ones((weeks, 3, goods))
    spot[:, :, DY] = 100.0
    units, votes, desks = (
        np.zeros((weeks, len(PROGRAMMES))),
        np.zeros((weeks, len(BLOCS))),
        np.zeros((weeks, 3)),
    )
    return Readings(
        start=START, hubs=("china", "world", "sco"), commodities=COMMODITIES, programmes=PROGRAMMES, blocs=BLOCS,
        desks=("magnets", "materials", "all"), spot=spot, net=spot[:, 1].copy(), demand=100.0 * ones, unserved=0.0 * ones,
        cover=np.full((weeks, goods), np.nan), planned=units, delivered=units.copy(), bloc_planned=votes,
        bloc_delivered=votes.copy(), pending=desks, wait=desks.copy(), refused=desks.copy(),
    )  # fmt: skip


def told(readings: Readings) -> dict[str, float | str]:
    return outcomes(readings, CASE.world)


def week(number: int) -> str:
    return (START + timedelta(weeks=number + 1)).isoformat()


def test_nothing_happens() -> None:
    found = told(still(weeks=20))
    assert list(found) == columns(CASE)
    assert found["peak_ratio_dy_oxide"] == 1.0
    assert found["peak_ratio_dy_oxide_date"] == week(0)
    assert found["shortage_dy_oxide_first_date"] == ""
    assert found["shortage_dy_oxide_t"] == 0.0
    assert math.isnan(float(found["min_cover_dy_oxide_days"]))
    assert found["licences_refused_all"] == 0.0


def test_a_price_nobody_quotes() -> None:
    r = still(weeks=4)
    r.net[:, DY] = np.nan
    found = told(r)
    assert math.isnan(float(found["peak_ratio_dy_oxide"]))
    assert found["peak_ratio_dy_oxide_date"] == ""


def test_peak_ratio_and_prices() -> None:
    r = still(weeks=4)
    r.spot[:, 0, DY] = [100.0, 100.0, 50.0, 100.0]
    r.net[:, DY] = [100.0, 120.0, 90.0, 150.0]
    r.spot[:, 1, DY] = [113.0, 136.0, 102.0, 170.0]
    found = told(r)
    assert found["peak_ratio_dy_oxide"] == pytest.approx(1.8)
    assert found["peak_ratio_dy_oxide_date"] == week(2)
    assert found["peak_price_world_dy_oxide"] == 170.0
    assert found["peak_price_china_dy_oxide"] == 100.0
    assert found["peak_price_world_y_oxide"] == 1.0


def test_shortage_begins_with_four_weeks_and_ends_with_thirteen() -> None:
    short = [0.0, 2.0, 2.0, 2.0, 0.0, 2.0, 2.0, 2.0, 2.0, 2.0, 0.5] + [0.0] * 20
    r = still(weeks=len(short))
    r.unserved[:, DY] = short
    found = told(r)
    assert found["shortage_dy_oxide_first_date"] == week(5)  # the three weeks before do not count
    assert found["shortage_dy_oxide_recovered_date"] == week(10)  # half a per cent is no shortage
    assert found["shortage_dy_oxide_t"] == pytest.approx(16.5)
    assert found["shortage_y_oxide_first_date"] == ""


def test_weeks_before_a_shortage_are_no_recovery() -> None:
    short = [0.0] * 15 + [5.0] * 5 + [0.0] * 12
    r = still(weeks=len(short))
    r.unserved[:, DY] = short
    found = told(r)
    assert found["shortage_dy_oxide_first_date"] == week(15)
    assert found["shortage_dy_oxide_recovered_date"] == ""


def test_a_shortage_that_does_not_end() -> None:
    r = still(weeks=20)
    r.unserved[:, DY] = 5.0
    found = told(r)
    assert found["shortage_dy_oxide_first_date"] == week(0)
    assert found["shortage_dy_oxide_recovered_date"] == ""


def test_a_run_of_three_weeks_is_too_short_for_a_shortage() -> None:
    r = still(weeks=3)
    r.unserved[:, DY] = 5.0
    assert told(r)["shortage_dy_oxide_first_date"] == ""


def test_least_cover_of_users() -> None:
    r = still(weeks=3)
    r.cover[:, DY] = [40.0, 12.0, 30.0]
    assert told(r)["min_cover_dy_oxide_days"] == 12.0


def test_late_and_lost_units() -> None:
    # from the third unit on five weeks late, at the end four
    delivered = [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 1.0, 1.0]
    r = still(weeks=len(delivered))
    last = len(PROGRAMMES) - 1
    for planned, handed_over in ((r.bloc_planned[:, 0], r.bloc_delivered[:, 0]),
                                 (r.planned[:, last], r.delivered[:, last])):  # fmt: skip
        planned[:], handed_over[:] = 1.0, delivered
    found = told(r)
    # Units 3 and 4 (weeks 2, 3) came in week 7, unit 5 in 8, unit 6 in 9: judged up to week 5; 5 weeks or more are late.
    for who in (f"bloc_{BLOCS[0]}", f"programme_{PROGRAMMES[last]}"):
        assert found[f"late_units_{who}"] == pytest.approx(1.0)
        assert found[f"lost_units_{who}"] == pytest.approx(4.0)
    assert found[f"late_units_bloc_{BLOCS[1]}"] == 0.0


def test_licences() -> None:
    r = still(weeks=3)
    r.pending[:, 0] = [0.0, 500.0, 300.0]
    r.wait[:, 0] = [0.0, 80.0, 60.0]
    r.refused[:, 2] = [0.0, 2.0, 3.0]
    found = told(r)
    assert found["licences_pending_max_magnets"] == 500.0
    assert found["licence_wait_mean_magnets_days"] == 70.0
    assert math.isnan(float(found["licence_wait_mean_materials_days"]))
    assert found["licences_refused_all"] == 5.0


def test_readings_of_another_world_are_refused() -> None:
    world = replace(CASE.world, programmes=CASE.world.programmes[1:])
    with pytest.raises(ValueError, match="another world"):
        outcomes(still(weeks=3), world)


# -- whatever is recorded besides --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["controls_2025", "consolidation", "sino_russian_alignment"])
def test_outcomes_are_the_same_to_the_bit_whatever_is_recorded(scenario: str) -> None:
    """Consolidation looks back on what was recorded; in the zone, regions change the pool they buy in."""
    case = load(f"scenario={scenario}", "years=3")
    runs = {record: simulate(replace(case, record=record), seed=2, replication=1) for record in RECORDS}
    assert len(runs) == 3
    for run in runs.values():
        assert repr(scalars(run)) == repr(runs["full"].outcomes)  # every digit, and nan is nan
        for table in ("events", "balance"):
            assert of_table(getattr(run, table)) == of_table(getattr(runs["full"], table))
        assert run.balance_error == max(run.balance["relative_error"].to_pylist())
    assert runs["outcomes"].trajectories.num_rows == runs["outcomes"].attribution.num_rows == 0
    for table in ("trajectories", "attribution"):
        assert getattr(runs["outcomes"], table).schema == getattr(runs["full"], table).schema


def test_outcomes_are_those_of_the_series_a_run_writes() -> None:
    """Peaks, tonnes, cover and licences again, by the rows of the table."""
    run = simulate(load("scenario=controls_2025", "years=2", "record=full"), seed=1)
    for commodity in ("dy_oxide", "lu_oxide", "ndfeb_uh_ah"):
        where = {"party": "all", "commodity": commodity}
        rows = partial(weekly, run.trajectories, **where)
        net, china = (
            rows(variable="price_net", place="world"), rows(variable="price_spot", place="china")
        )  # fmt: skip
        assert run.outcomes[f"peak_ratio_{commodity}"] == (net / china).max()
        assert (
            run.outcomes[f"peak_price_world_{commodity}"] == rows(variable="price_spot", place="world").max()
        )
        unserved = rows(variable="unserved", place="outside")
        assert run.outcomes[f"shortage_{commodity}_t"] == pytest.approx(sum(unserved), rel=1e-12)
        assert (
            run.outcomes[f"min_cover_{commodity}_days"]
            == rows(variable="cover", place="world", stage="user").min()
        )
    pending = weekly(run.trajectories, variable="licences_pending", party="all")
    assert run.outcomes["licences_pending_max_all"] == pending.max() > 0.0


def test_scalars_of_another_case_are_refused() -> None:
    run = simulate(load("scenario=standstill", "years=0.1", "record=outcomes"))
    run.outcomes.pop("licences_refused_all")
    with pytest.raises(ValueError, match="licences_refused_all"):
        scalars(run)


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
