"""A capacity grant: tonnes, dates, money and feed as given; and the first fill of a new separation line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.chains import material, still
from core.owners import grant, happened
from sim.chain import Chain
from sim.elements import OXIDE_PER_KG
from sim.policies.capacity_grant import CapacityGrant, check
from sim.simulate import build
from sim.stock import mass_of
from sim.units import per_week

NEW, ROUTE = "caremag", "serra_verde__caremag"


def run(event: CapacityGrant, years: float = 2.0, **behaviour: object) -> Chain:
    chain = build(replace(still(years, **behaviour), events=(event,)))
    chain.run()
    return chain


def test_capacity_comes_after_its_lead_time_over_its_ramp_and_the_money_on_the_day() -> None:
    chain = run(grant("metal", "lcm_uk", 1000.0, lead=70.0, ramp=3.0))
    site = chain.parts.metal.plants.ids.index("lcm_uk")
    able = chain.recorder["metal_able"][:, site]
    assert happened(chain, "start-up") == [(98.0, "lcm_uk")]
    assert able[:15] == pytest.approx(able[0])
    assert able[14 + 7] == pytest.approx(able[0] + per_week(1000.0) * 7 / 14)
    assert able[-1] == pytest.approx(able[0] + per_week(1000.0))
    day = int(np.argmax(chain.spending["gift"]))
    assert day in (3, 4)  # money of a Monday is entered before its call
    assert chain.spending["gift"].sum() == chain.spending["gift"][day] == pytest.approx(1e6)
    assert chain.recorder["metal_made"][-1].sum() > 0.0


def test_it_is_used_as_far_as_inputs_allow() -> None:
    """A new metal plant sells what it makes: its plan goes up by the whole of it."""
    chain = run(grant("metal", "lcm_uk", 1000.0))
    rows = chain.parts.metal.plant_of == chain.parts.metal.plants.ids.index("lcm_uk")
    plan = chain.recorder["metal_plan"][:, rows].sum(axis=1)
    assert plan[20:40].mean() > plan[5] + 0.5 * per_week(1000.0)
    assert chain.balance_error().max() < 1e-9


def test_odds_of_nothing_change_nothing() -> None:
    plain, none = build(still(1.0)), run(grant("metal", "lcm_uk", 1000.0, probability=0.0), 1.0)
    plain.run()
    assert plain.recorder["mass"].tobytes() == none.recorder["mass"].tobytes()
    assert not none.spending


def test_with_chance_off_the_expected_share_comes_and_is_paid() -> None:
    chain = run(grant("metal", "lcm_uk", 1000.0, probability=0.4))
    site = chain.parts.metal.plants.ids.index("lcm_uk")
    assert chain.parts.metal.plants.added[site] == pytest.approx(0.4 * per_week(1000.0))
    assert chain.spending["gift"].sum() == pytest.approx(0.4e6)


def test_of_a_project_only_what_would_not_come_is_added() -> None:
    chain = run(grant("mine", "nolans", 13343.0, of_project=True, lead=7.0), 1.0)
    option = next(o for o in chain.invest.decisions.options if o.id == "mine_nolans")
    site = chain.parts.mines.plants.ids.index("nolans")
    assert option.kg == pytest.approx(
        0.5 * chain.parts.mines.plants.capacity[site]
    )  # half of it comes by itself
    assert happened(chain, "final decision")[0] == (28.0, "nolans")


def test_feed_goes_where_the_grant_sends_it_and_nothing_is_lost() -> None:
    chain = run(grant("separator", NEW, 5000.0, feeds={ROUTE: 0.6}))
    mines = chain.parts.mines
    here = mines.mine_of == mines.plants.ids.index("serra_verde")
    by_target = dict(zip(mines.separator_of[here], mines.share[here], strict=True))
    ids = chain.parts.separators.plants.ids
    assert by_target[ids.index(NEW)] == pytest.approx(0.6)
    assert by_target[ids.index("ganzhou")] == pytest.approx(0.4)
    assert chain.balance_error().max() < 1e-9


def test_a_new_separator_sells_nothing_until_its_first_fill_is_complete() -> None:
    """A line as large as its feed, 8 weeks of fill beyond the passage: it sells for the first time after those 8 weeks."""
    probe = build(still())
    fill = probe.parts.separators.fill
    s = probe.parts.separators.plants.ids.index(NEW)
    mine = probe.parts.mines.plants.ids.index("serra_verde")
    feed = mass_of(probe.parts.mines.opening)[mine]
    tonnes = feed / per_week(1.0) * float(np.mean(OXIDE_PER_KG[:4]))
    hold = probe.parts.separators.hold.lag[s]
    chain = run(
        grant("separator", NEW, tonnes, lead=7.0, feeds={ROUTE: 1.0}), 2.0, first_fill_weeks=float(hold + 8)
    )
    fill = chain.parts.separators.fill
    assert fill.weeks[s] == 8.0
    assert fill.need[s] == pytest.approx(8.0 * feed)
    rows = chain.parts.separators.plant_of == s
    made = chain.recorder["oxide_made"][:, rows].sum(axis=1)
    held = chain.recorder["mass"][:, fill.circuit.start + s]
    through = chain.recorder["throughput"][:, s]
    separated = float(chain.parts.separators.separated[s].mean())
    ready = np.concatenate(
        [np.zeros(hold), through[:-hold] * separated]
    ).cumsum()  # out of the passage, summed
    full = int(np.argmax(ready > fill.need[s]))
    assert 8 < full - np.argmax(through > 0.0) - hold <= 20
    assert made[:full] == pytest.approx(0.0)
    assert made[full + 1] > 0.0
    assert held[:full] == pytest.approx(ready[:full], rel=1e-6)
    assert held[full:] == pytest.approx(fill.need[s])
    assert chain.balance_error().max() < 1e-9


def test_plants_of_the_first_day_need_no_fill() -> None:
    chain = build(still(1.0))
    chain.run()
    fill = chain.parts.separators.fill
    assert not fill.need.any()
    assert not chain.parts.stock.kg[fill.circuit.rows].any()


def test_a_drained_circuit_goes_to_the_ledger() -> None:
    chain = build(still())
    fill, stock = chain.parts.separators.fill, chain.parts.stock
    site = 2
    stock.kg[fill.circuit.start + site, :3] = (5.0, 2.0, 1.0)
    before, ledger = material(chain), stock.kg[fill.ledger.start + site].copy()
    fill.drain(stock, site)
    assert material(chain) == pytest.approx(before, rel=1e-12)
    assert stock.kg[fill.ledger.start + site, :3] - ledger[:3] == pytest.approx([5.0, 2.0, 1.0])


def test_feed_that_ends_elsewhere_is_refused() -> None:
    assert "does not end at" in check(grant("separator", "mp_heavy", 1.0, feeds={ROUTE: 0.5}))
    assert "takes no concentrate" in check(grant("mine", "nolans", 1.0, feeds={ROUTE: 0.5}))
    assert check(grant("separator", NEW, 1.0, feeds={ROUTE: 0.5})) == ""
