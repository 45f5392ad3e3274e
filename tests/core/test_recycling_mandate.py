"""A recycling mandate: what it adds, what it costs, how it rises, how it ends, and that none is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.chains import still
from sim import events
from sim.case import Case
from sim.chain import Chain
from sim.elements import INDEX
from sim.policies.recycling_mandate import RecyclingMandate
from sim.simulate import build
from sim.stock import Array
from sim.world import load_world

MONDAY = date(2025, 1, 6)


def mandate(share: float, **changes: object) -> RecyclingMandate:
    made = RecyclingMandate(
        name="mandate", kind="recycling_mandate", title="Half of it must come back", start=MONDAY, full=MONDAY, end=None,
        regions=("europe",), sectors=("all",), elements=("Nd",), share=share, usd_per_kg=40.0,
        sources=("assumed: for a test",),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def ran(case: Case) -> Chain:
    chain = build(case)
    chain.run()
    return chain


def europe(chain: Chain) -> Array:
    """Kilograms collected in Europe, by week."""
    out: Array = chain.recorder["collected"][:, chain.layout.region_of["europe"]]
    return out


@pytest.fixture(scope="module")
def plain() -> Chain:
    return ran(still(years=0.5))


def nd_of_europe(chain: Chain) -> tuple[float, float]:
    """Opening share of neodymium collected in Europe, and kilograms of it a week."""
    c, u = chain.parts.recyclers.collection, chain.parts.recyclers.in_use
    share = float(c.share[u.region == chain.layout.region_of["europe"], INDEX["Nd"]].max())
    row = [r.region for r in chain.world.recyclers].index("europe")
    o = chain.parts.opening
    pair = [INDEX["Pr"], INDEX["Nd"]]
    part = o.mix[chain.layout.commodity_of["ndpr_oxide"]]
    kg = (
        o.end_of_life[row, pair].sum()
        / chain.world.recyclers[row].recovery
        * part[INDEX["Nd"]]
        / part[pair].sum()
    )
    return share, float(kg)


def test_twice_the_share_is_twice_the_neodymium_and_each_further_kilogram_is_paid_for(plain: Chain) -> None:
    share, kg = nd_of_europe(plain)
    chain = ran(replace(still(years=0.5), events=(mandate(2.0 * share),)))
    assert (europe(chain) - europe(plain))[0] == pytest.approx(kg, rel=0.01)
    # while scrap is no dearer than at first, the mandate is twice of what would be
    assert chain.spending["mandate"] == pytest.approx(40.0 * (europe(chain) - europe(plain)), rel=0.02)
    others = np.arange(chain.layout.R) != chain.layout.region_of["europe"]
    assert chain.recorder["collected"][0, others] == pytest.approx(plain.recorder["collected"][0, others])
    assert chain.recorder["discarded"] == pytest.approx(plain.recorder["discarded"], rel=1e-6)


def test_what_is_collected_is_sold_after_the_lead_time(plain: Chain) -> None:
    chain = ran(replace(still(years=0.5), events=(mandate(0.5),)))
    r = chain.parts.recyclers
    row = [x.region for x in chain.world.recyclers].index("europe")
    mine = (r.plant_of == row) & (r.oxide.commodity == chain.layout.commodity_of["ndpr_oxide"])
    lag = int(r.work.lag[row])
    made, before = (c.recorder["recycled_made"][:, mine].sum(axis=1) for c in (chain, plain))
    assert made[:lag] == pytest.approx(before[:lag])
    gained = (europe(chain) - europe(plain))[: len(made) - lag]
    assert (made - before)[lag:] == pytest.approx(gained * r.recovery[row], rel=0.02)


def test_whatever_the_goods_hold_comes_back_as_an_oxide_of_its_own() -> None:
    """Europium leaves use in lamps; on the first day nobody collects it."""
    everything = mandate(0.5, elements=("all",), regions=("all",))
    chain = ran(replace(still(years=0.5), events=(everything,)))  # a run whose balance is off fails
    block = chain.parts.recyclers.oxide
    eu = block.commodity == chain.layout.commodity_of["eu_oxide"]
    assert eu.sum() == len(chain.world.recyclers)
    assert (chain.recorder["recycled_made"][-1, eu] > 0.0).all()
    assert not chain.recorder["recycled_made"][0, eu].any()


def test_nothing_asked_is_no_mandate_to_the_byte(plain: Chain) -> None:
    chain = ran(replace(still(years=0.5), events=(mandate(0.0),)))
    for name, rows in plain.recorder.rows.items():
        assert (chain.recorder[name] == rows).all(), name
    assert not chain.spending["mandate"].any()


def test_a_mandate_below_what_is_collected_anyway_asks_for_nothing(plain: Chain) -> None:
    share, _kg = nd_of_europe(plain)
    chain = ran(replace(still(years=0.5), events=(mandate(0.5 * share),)))
    assert (chain.recorder["log_price"] == plain.recorder["log_price"]).all()


def test_the_share_rises_steadily_and_falls_away_at_the_end(plain: Chain) -> None:
    event = mandate(0.5, full=date(2025, 3, 17), end=date(2025, 4, 7))
    chain = ran(replace(still(years=0.5), events=(event,)))
    more = europe(chain) - europe(plain)
    share, kg = nd_of_europe(plain)
    left = kg / share
    for week in (4, 8, 10, 12):
        asked = 0.5 * min(week / 10.0, 1.0)
        assert more[week] == pytest.approx(left * (asked - share), rel=0.03)
    assert more[13:] == pytest.approx(np.zeros(13), abs=0.02 * kg)
    assert not chain.spending["mandate"][13:].any()
    mine = [h.what for h in chain.happenings if h.why == "mandate"]
    assert mine == ["recycling mandate begins", "recycling mandate over"]


def test_of_two_mandates_the_stricter_counts_and_each_pays_for_what_it_adds() -> None:
    both = (mandate(0.2, name="mild"), mandate(0.5, name="strict"))
    together = ran(replace(still(years=0.25), events=both))
    strict = ran(replace(still(years=0.25), events=both[1:]))
    assert europe(together) == pytest.approx(europe(strict), rel=1e-12)
    spent = together.spending["mild"] + together.spending["strict"]
    assert spent == pytest.approx(strict.spending["strict"], rel=1e-9)


def test_a_stopped_recycler_collects_nothing_however_much_is_asked() -> None:
    chain = build(replace(still(years=0.25), events=(mandate(0.5),)))
    row = [r.region for r in chain.world.recyclers].index("europe")
    chain.parts.recyclers.plants.working[row] = 0.0
    chain.run()
    assert not europe(chain).any()
    assert not chain.spending["mandate"].any()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("regions", ["korea"], "regions"),
        ("sectors", ["glass"], "sectors"),
        ("elements", ["Xx"], "elements"),
        ("share", 1.5, "out of range"),
        ("full", "2024-01-01", "before start"),
        ("regions", [], "empty"),
    ],
)
def test_a_mandate_that_cannot_be_is_refused_in_one_line(key: str, value: object, words: str) -> None:
    fields = {
        "kind": "recycling_mandate", "title": "x", "start": "2025-03-03", "full": "2026-03-02", "end": "",
        "regions": ["europe"], "sectors": ["all"], "elements": ["all"], "share": 0.5, "usd_per_kg": 40.0,
        "sources": ["assumed: for a test"],
    }  # fmt: skip
    world = load_world("w2025")
    events.read("m", fields, world, "policy")
    with pytest.raises(events.EventError, match=words):
        events.read("m", {**fields, key: value}, world, "policy")
