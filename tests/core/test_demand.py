"""Civil users and defence programmes: what they use, what they go without, and when a programme first feels a cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.chains import material, outage, still, weekly
from sim.chain import Chain
from sim.demand.defence import SMALL_SERIES
from sim.simulate import build, simulate
from sim.stock import WIDTH, Array, E, mass_of


@pytest.fixture
def chain() -> Chain:
    return build(still())


PARTS = ("demand", "consumption", "unserved", "priced_out")


# -- civil -------------------------------------------------------------------------------------------------------------------


def test_demand_splits_into_consumed_unserved_and_priced_out() -> None:
    """In the tables of a run with a shortage, for every commodity, hub and week; the rest is a programme's and waits."""
    stops = (outage("ganzhou"), outage("guangdong"))
    run = simulate(replace(still(years=1.5), events=stops, record="full"))
    t = run.trajectories
    short = waited = 0.0
    for place in ("china", "world"):
        for commodity in (
            "ndpr_oxide",
            "dy_oxide",
            "tb_oxide",
            "y_oxide",
            "ndfeb_h_sh",
            "ndfeb_uh_ah",
            "smco_2_17",
        ):
            where = {"scope": "hub", "place": place, "party": "all", "commodity": commodity}
            zero = np.zeros(78)
            part = {v: weekly(t, variable=v, **where) for v in PARTS}
            part = {v: values if len(values) else zero for v, values in part.items()}
            whole = part["consumption"] + part["unserved"] + part["priced_out"]
            idle = part["demand"] - whole  # programmes' items in stock that wait for another one
            least = 1e-9 * np.maximum(part["demand"], 1e-9)
            if place == "world":
                outside = {"scope": "outside", "place": "outside", "party": "defence", "commodity": commodity}
                told = weekly(t, variable="waiting", **outside)
                assert idle == pytest.approx(told if len(told) else zero, rel=1e-9, abs=1e-12)
                waited += idle.sum()
            assert (idle >= -least).all()
            assert (part["unserved"] >= -least).all()
            short += part["unserved"].sum()
    assert short > 1.0
    assert waited > 0.0


def test_users_consume_what_they_want_as_far_as_their_stock_goes(chain: Chain) -> None:
    civil, stock = chain.parts.civil, chain.parts.stock
    paid = chain.parts.prices.opening.copy()
    civil.decide(paid, 0.0, growing=False, switching=True)
    assert civil.wanted == pytest.approx(civil.opening_use)
    before = material(chain)
    held = stock.mass(civil.block.rows)
    held[::2] = 0.0
    stock.kg[civil.block.rows][::2] = 0.0
    gone = before - material(chain)  # what this test took away itself
    civil.consume(stock, held)
    assert not civil.consumed[::2].any()
    assert civil.consumed[1::2] == pytest.approx(np.minimum(civil.wanted, held)[1::2])
    assert material(chain) == pytest.approx(before - gone, rel=1e-12)
    assert stock.consumed.sum() == pytest.approx(civil.consumed[civil.gone].sum())


def test_dearer_goods_are_used_less_and_the_elasticity_says_how_much_less(chain: Chain) -> None:
    civil = chain.parts.civil
    paid = chain.parts.prices.opening * 1.5
    civil.decide(paid, 0.0, growing=False, switching=False)
    assert civil.wanted == pytest.approx(civil.opening_use * 1.5**-civil.elasticity)
    assert civil.demand == pytest.approx(
        civil.opening_use
    )  # the price does not change what would be used at the old one


def test_a_user_who_moves_to_another_pool_answers_to_its_price(chain: Chain) -> None:
    civil, paid = chain.parts.civil, chain.parts.prices.opening.copy()
    kinds = list(zip(civil.pool, civil.sector, strict=True))
    alike = next(
        np.flatnonzero([kind == other for other in kinds]) for kind in kinds if kinds.count(kind) > 1
    )
    civil.pool[alike[0]] -= chain.layout.C  # from the world's pool to China's
    civil.readdress()
    paid[civil.pool[alike[0]]] *= 2.0
    civil.decide(paid, 0.0, growing=False, switching=False)
    dearer = civil.opening_use * 2.0**-civil.elasticity
    assert civil.wanted[alike[0]] == pytest.approx(dearer[alike[0]])
    assert civil.wanted[alike[1:]] == pytest.approx(civil.opening_use[alike[1:]])


def test_growth_compounds_and_only_when_it_is_on(chain: Chain) -> None:
    civil = chain.parts.civil
    paid = chain.parts.prices.opening
    civil.decide(paid, 2.0, growing=True, switching=False)
    assert civil.demand == pytest.approx(civil.opening_use * (1.0 + civil.growth) ** 2)
    civil.decide(paid, 2.0, growing=False, switching=False)
    assert civil.demand == pytest.approx(civil.opening_use)


def test_switching_takes_time_is_capped_and_partly_stays(chain: Chain) -> None:
    civil = chain.parts.civil
    opening = chain.parts.prices.opening
    for week in range(52):
        civil.decide(opening * 8.0, week / 52.0, growing=False, switching=True)
    adopted = civil.adopted.copy()
    assert (adopted <= civil.switch_most * 52 / 52.18 + 1e-12).all()
    assert (adopted * civil.opening_use).sum() <= civil.cap_per_year * civil.opening_use.sum() * (1.0 + 1e-9)
    assert adopted.max() > 0.01
    assert civil.substituted == pytest.approx(civil.opening_use * adopted)
    assert civil.demand == pytest.approx(civil.opening_use * (1.0 - adopted))
    for _ in range(2000):
        civil.decide(opening, 2.0, growing=False, switching=True)
    assert (civil.adopted <= adopted + 1e-12).all()
    assert (civil.adopted >= adopted * civil.switch_kept - 1e-3).any()
    assert (civil.adopted[adopted > 0.01] > 0.0).all()


# -- defence -----------------------------------------------------------------------------------------------------------------


def test_a_unit_waits_for_its_scarcest_item(chain: Chain) -> None:
    d, stock = chain.parts.defence, chain.parts.stock
    p = d.names.index("f_35")
    items = np.flatnonzero(d.programme == p)
    assert len(items) > 2
    need = d.per_unit * d.plan[d.programme]
    scarce = items[1]
    row = d.kits.start + scarce
    stock.kg[row] *= 0.25 * need[scarce] / mass_of(stock.kg[row : row + 1])[0]
    before, books = stock.mass(d.kits.rows), material(chain)
    d.build_week(stock, 0)
    assert d.begun[p] == pytest.approx(0.25 * d.plan[p])
    assert d.scarce[p] == scarce
    assert d.short[scarce] == pytest.approx(0.75 * need[scarce])
    assert not np.delete(d.short, scarce).any()  # the other items are there, and wait
    used = before - stock.mass(d.kits.rows)
    assert used[items] == pytest.approx(0.25 * need[items])
    others = np.arange(len(d.names)) != p
    assert d.begun[others] == pytest.approx(d.plan[others])
    assert (d.scarce[others] == -1).all()
    assert d.late_starts[p] == pytest.approx(0.75 * d.plan[p])
    assert material(chain) == pytest.approx(books, rel=1e-12)


def test_late_starts_are_caught_up_no_faster_than_allowed(chain: Chain) -> None:
    d, stock = chain.parts.defence, chain.parts.stock
    p = d.names.index("f_35")
    d.late_starts[p] = 1.05 * d.plan[p] * d.catch_up
    d.build_week(stock, 0)
    assert d.begun[p] == pytest.approx(d.plan[p] * (1.0 + d.catch_up))
    d.build_week(stock, 1)
    assert d.begun[p] == pytest.approx(d.plan[p] * (1.0 + 0.05 * d.catch_up))
    assert d.late_starts[p] == pytest.approx(0.0)


def test_small_series_are_handed_over_whole_and_none_is_lost() -> None:
    chain = build(still(years=3.0))
    d = chain.parts.defence
    chain.run()
    delivered = chain.recorder["delivered"]
    small = d.plan < SMALL_SERIES
    assert (delivered[:, small] == np.round(delivered[:, small])).all()
    years = chain.weeks * 7.0 / 365.25
    planned = np.array([p.units_per_year for p in chain.world.programmes]) * years
    n = len(planned)
    assert (np.abs(delivered.sum(axis=0)[:n] - planned) <= 1.0).all()
    assert not d.delay_days().any()
    rafale = [h for h in chain.happenings if h.what == "unit delivered" and h.where == "rafale"]
    assert [h.amount for h in rafale] == list(range(1, len(rafale) + 1))
    assert len(rafale) == pytest.approx(planned[d.names.index("rafale")], abs=1.0)
    assert not any(h.where == "jdam" for h in chain.happenings)  # a series is counted by the week


@pytest.mark.parametrize(
    ("programme", "years"), [("guided_155mm", 2.0), ("small_drones_nato", 1.0), ("f_35", 3.9)]
)
def test_the_first_missed_start_comes_cover_after_a_cut_and_the_first_missed_delivery_the_build_time_later(
    programme: str, years: float
) -> None:
    """Every source of one item is cut: nothing of it arrives any more, from whomever. No noise, no substitution."""
    case = still(years=years)
    chain = build(case)
    d, p = chain.parts.defence, chain.parts
    i = d.names.index(programme)
    item = int(np.flatnonzero(d.programme == i)[0])
    line = p.buy.parts["kits"].start + item
    row = next(x for x in case.world.programmes if x.id == programme)
    cut = 6

    arrive = p.inbound.pop

    def arrive_but_for_the_item(into: Array) -> Array:
        before = into[line].copy()
        kg = arrive(into)
        if chain.week >= cut:
            p.stock.count_lost(into[line] - before)
            into[line] = before
        return kg

    p.inbound.pop = arrive_but_for_the_item  # type: ignore[method-assign]
    chain.run()
    r = chain.recorder
    begun = r["begun"][:, i]
    missed_start = int(np.argmax(begun < d.plan[i] * (1.0 - 1e-6)))
    assert abs(missed_start - (cut + row.cover_weeks)) <= 1.0
    late = np.flatnonzero(r["delay"][:, i] > 0.0)
    assert abs(late[0] - (missed_start + row.build_days / 7.0)) <= 1.0
    assert begun[missed_start + 2 :] == pytest.approx(0.0, abs=1e-9)
    others = np.arange(len(d.names)) != i
    assert not r["delay"][:, others].any()


def test_what_a_programme_builds_in_ends_in_products(chain: Chain) -> None:
    d, stock = chain.parts.defence, chain.parts.stock
    products = stock.kg[d.in_use.block.rows, :E].sum()
    building = stock.kg[d.building.rows].copy()
    d.build_week(stock, 0)
    gained = stock.kg[d.in_use.block.rows, :E].sum() - products
    weekly_use = (d.per_unit * d.plan[d.programme]).sum()
    assert gained == pytest.approx(weekly_use, rel=1e-6)
    assert stock.kg[d.building.rows] == pytest.approx(building, rel=1e-9, abs=1e-9)
    assert building.shape[1] == WIDTH
