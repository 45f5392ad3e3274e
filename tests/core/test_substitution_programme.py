"""A substitution programme: paid switching and thrifting, what they do, cost, and leave behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.chains import still
from sim import events
from sim.case import Case
from sim.chain import Chain
from sim.demand.subsidies import Subsidies, Switching
from sim.policies.substitution_programme import SubstitutionProgramme
from sim.simulate import build
from sim.stock import Array
from sim.units import WEEKS_PER_YEAR
from sim.world import load_world

MONDAY = date(2025, 1, 6)


def programme(**changes: object) -> SubstitutionProgramme:
    made = SubstitutionProgramme(
        name="programme", kind="substitution_programme", title="Less of it", start=MONDAY, end=None, sectors=(),
        regions=(), switched_per_year=0.0, switched_most=0.0, usd_per_kg_switched=0.0, metals=(), grades=(), hubs=(),
        thrifted_per_year=0.0, least_content=1.0, usd_per_kg_thrifted=0.0, sources=("assumed: for a test",),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def motors(**changes: object) -> SubstitutionProgramme:
    """Europe's car makers switch a tenth of their use a year, up to a twentieth."""
    return replace(
        programme(sectors=("ev_traction",), regions=("europe",), switched_per_year=0.1, switched_most=0.05,
                  usd_per_kg_switched=100.0),
        **changes,
    )  # type: ignore[arg-type]  # fmt: skip


def dy_free(**changes: object) -> SubstitutionProgramme:
    """Dy leaves the hottest grade outside China within a year, but for two fifths."""
    return replace(
        programme(metals=("dy_metal",), grades=("ndfeb_uh_ah",), hubs=("world",), thrifted_per_year=1.0,
                  least_content=0.4, usd_per_kg_thrifted=200.0),
        **changes,
    )  # type: ignore[arg-type]  # fmt: skip


def ran(case: Case) -> Chain:
    chain = build(case)
    chain.run()
    return chain


def rows_of(chain: Chain, sector: str, region: str) -> Array:
    civil = chain.parts.civil
    names = np.array([s.id for s in chain.world.sectors])[civil.sector]
    rows: Array = (names == sector) & (civil.block.region == chain.layout.region_of[region])
    return rows


@pytest.fixture(scope="module")
def plain() -> Chain:
    return ran(still(years=1.0))


# -- switching -------------------------------------------------------------------------------------------------------------


def test_use_is_switched_at_its_pace_up_to_its_most_and_every_kilogram_of_it_is_paid_for(
    plain: Chain,
) -> None:
    chain = ran(replace(still(years=1.0), events=(motors(),)))
    mine = rows_of(chain, "ev_traction", "europe")
    civil = chain.parts.civil
    share = chain.recorder["substituted"][:, mine] / civil.opening_use[mine]
    for week in (0, 9, 19, 40):  # 0.1 a year is a twentieth after 26 weeks
        assert share[week] == pytest.approx(min((week + 1) * 0.1 / WEEKS_PER_YEAR, 0.05), rel=1e-9)
    kg = (chain.recorder["substituted"][:, mine] * chain.layout.factor[civil.block.commodity[mine]]).sum(
        axis=1
    )
    assert chain.spending["programme"] == pytest.approx(100.0 * kg, rel=1e-9)
    assert chain.recorder["substituted"][:, ~mine].sum() < 1e-3 * chain.recorder["substituted"].sum()


def test_demand_is_what_is_left_and_still_splits_exactly(plain: Chain) -> None:
    chain = ran(replace(still(years=1.0), events=(motors(),)))
    gross = chain.recorder["demand"] + chain.recorder["substituted"]
    assert gross == pytest.approx(plain.recorder["demand"] + plain.recorder["substituted"], rel=1e-12)
    consumed, wanted, demand = (chain.recorder[name] for name in ("consumed", "wanted", "demand"))
    unserved, priced_out = wanted - consumed, demand - wanted
    assert consumed + unserved + priced_out == pytest.approx(demand, rel=1e-12)
    assert (unserved >= -1e-9).all()
    assert demand[-1].sum() < plain.recorder["demand"][-1].sum()


def test_what_a_programme_paid_for_fades_after_its_end() -> None:
    chain = ran(replace(still(years=1.0), events=(motors(end=date(2025, 7, 21)),)))
    mine = rows_of(chain, "ev_traction", "europe")
    share = (chain.recorder["substituted"][:, mine] / chain.parts.civil.opening_use[mine]).mean(axis=1)
    assert share[27] == pytest.approx(0.05)
    assert (np.diff(share[28:]) < 0.0).all()
    assert share[-1] > 0.9 * 0.05  # slowly: a fifth of it at the pace of the sector
    assert not chain.spending["programme"][28:].any()


def test_all_that_is_switched_in_a_year_keeps_within_the_cap_on_all_demand() -> None:
    everybody = motors(sectors=("all",), regions=("all",), switched_per_year=1.0, switched_most=1.0)
    case = still(years=0.5, substitution_cap_per_year=0.05)
    chain = ran(replace(case, events=(everybody,)))
    share = chain.recorder["substituted"].sum(axis=1) / chain.parts.civil.opening_use.sum()
    weeks = np.arange(1, chain.weeks + 1)
    assert (share <= weeks * 0.05 / 52.18 * (1.0 + 1e-9)).all()
    assert share[-1] == pytest.approx(chain.weeks * 0.05 / 52.18, rel=1e-6)


def test_the_end_of_one_programme_leaves_what_another_holds() -> None:
    """Two programmes, one for each of two rows."""
    both = Subsidies(2)
    both.begin("one", Switching(np.array([True, False]), 0.1, 0.5, np.ones(2)))
    both.begin("two", Switching(np.array([False, True]), 0.05, 0.4, np.full(2, 3.0)))
    both.held[:] = [[0.1, 0.0], [0.0, 0.2]]
    both.pay(np.array([10.0, 100.0]))
    assert both.spent == pytest.approx({"one": 1.0, "two": 60.0})
    both.end("one")
    assert both.held == pytest.approx(np.array([[0.0, 0.2]]))
    assert both.pace == pytest.approx(np.array([[0.0, 0.05]]))
    assert both.most == pytest.approx([0.4])
    assert both.spent == pytest.approx({"two": 60.0})


# -- thrifting -------------------------------------------------------------------------------------------------------------


def made_in(chain: Chain, hub: str) -> Array:
    """Which links belong to magnets made in a hub."""
    hubs = np.array([r.hub for r in chain.world.regions])
    m = chain.parts.magnet
    made: Array = hubs[m.outputs.region[m.link_out]] == hub
    return made


def dy_need(chain: Chain, grade: str, hub: str) -> Array:
    """Dy metal per kilogram of a grade over that of the opening recipe, by link, now."""
    m, lay = chain.parts.magnet, chain.layout
    links = (
        (m.inputs.commodity[m.link_in] == lay.commodity_of["dy_metal"])
        & (m.outputs.commodity[m.link_out] == lay.commodity_of[grade])
        & made_in(chain, hub)
    )
    out: Array = chain.redesign.level[links]
    return out


def test_dysprosium_is_designed_out_at_its_pace_down_to_its_least_in_its_grade_and_hub_only(
    plain: Chain,
) -> None:
    chain = ran(replace(still(years=0.25), events=(dy_free(),)))
    assert chain.weeks == 13
    assert dy_need(chain, "ndfeb_uh_ah", "world") == pytest.approx(1.0 - 13 / WEEKS_PER_YEAR)
    assert (dy_need(chain, "ndfeb_h_sh", "world") == 1.0).all()
    assert (dy_need(chain, "ndfeb_uh_ah", "china") == 1.0).all()
    long = ran(replace(still(years=1.0), events=(dy_free(),)))
    assert dy_need(long, "ndfeb_uh_ah", "world") == pytest.approx(0.4)
    k = long.layout.C + long.layout.commodity_of["dy_metal"]
    price = long.recorder["log_price"][:, k]
    assert price[-1] < plain.recorder["log_price"][-1, k] - 0.02  # less is wanted


def test_the_metal_saved_is_paid_for() -> None:
    chain = ran(replace(still(years=1.0), events=(dy_free(),)))
    m, lay = chain.parts.magnet, chain.layout
    links = (m.inputs.commodity[m.link_in] == lay.commodity_of["dy_metal"]) & (
        m.outputs.commodity[m.link_out] == lay.commodity_of["ndfeb_uh_ah"]
    )
    abroad = links & made_in(chain, "world")
    begun = chain.recorder["magnet_begun"][-1]
    kg = (m.recipe * begun[m.link_out])[abroad].sum() * (1.0 - 0.4)
    assert kg > 0.0
    assert chain.spending["programme"][-1] == pytest.approx(200.0 * kg, rel=1e-9)


def test_of_what_makers_thrift_and_what_is_designed_out_the_lower_counts() -> None:
    chain = build(replace(still(years=1.0), events=(dy_free(least_content=0.7),)))
    chain.thrift[1, 0] = 0.5
    chain.run()
    assert dy_need(chain, "ndfeb_uh_ah", "world") == pytest.approx(0.7)
    assert chain.redesign.limit(np.full(len(chain.redesign.level), 0.5)) == pytest.approx(0.5)
    assert not chain.spending["programme"].any()  # makers had done it by themselves


def test_what_is_designed_out_stays_out_and_is_no_longer_paid_for() -> None:
    chain = ran(replace(still(years=0.5), events=(dy_free(end=date(2025, 3, 17)),)))
    assert dy_need(chain, "ndfeb_uh_ah", "world") == pytest.approx(1.0 - 10 / WEEKS_PER_YEAR)
    assert chain.spending["programme"][9] > 0.0
    assert not chain.spending["programme"][10:].any()


# -- none is none ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        motors(switched_per_year=0.0),
        motors(switched_most=0.0),
        dy_free(thrifted_per_year=0.0),
        dy_free(least_content=1.0),
    ],
)
def test_a_programme_without_pace_or_aim_is_none_to_the_byte(
    plain: Chain, event: SubstitutionProgramme
) -> None:
    chain = ran(replace(still(years=1.0), events=(event,)))
    for name, rows in plain.recorder.rows.items():
        assert (chain.recorder[name] == rows).all(), name


def test_with_substitution_off_neither_half_works_or_costs() -> None:
    both = motors(metals=("dy_metal",), grades=("all",), hubs=("world",), thrifted_per_year=0.5, least_content=0.0,
                  usd_per_kg_thrifted=1.0)  # fmt: skip
    off, none = (ran(replace(still(years=0.5, substitution=False), events=e)) for e in ((both,), ()))
    assert (off.recorder["log_price"] == none.recorder["log_price"]).all()
    assert not off.recorder["substituted"].any()
    assert not off.spending["programme"].any()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sectors": [], "regions": []}, "nothing would be substituted"),
        ({"regions": []}, "go together"),
        ({"metals": ["nd_metal"]}, "metals"),
        ({"metals": ["dy_metal"]}, "go together"),
        ({"switched_most": 1.5}, "out of range"),
        ({"sectors": ["cars"]}, "sectors"),
    ],
)
def test_a_programme_that_cannot_be_is_refused_in_one_line(changes: dict[str, object], words: str) -> None:
    fields: dict[str, object] = {
        "kind": "substitution_programme", "title": "x", "start": "2025-03-03", "end": "", "sectors": ["all"],
        "regions": ["all"], "switched_per_year": 0.1, "switched_most": 0.5, "usd_per_kg_switched": 1.0, "metals": [],
        "grades": [], "hubs": [], "thrifted_per_year": 0.0, "least_content": 1.0, "usd_per_kg_thrifted": 0.0,
        "sources": ["assumed: for a test"],
    }  # fmt: skip
    world = load_world("w2025")
    events.read("p", fields, world, "policy")
    with pytest.raises(events.EventError, match=words):
        events.read("p", {**fields, **changes}, world, "policy")
