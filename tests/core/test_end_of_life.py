"""Goods in use and what comes back of them: lives, the first day, growth, collection and its value, marks, balance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.chains import material, still
from sim.build import element_values
from sim.chain import Chain
from sim.elements import ELEMENTS
from sim.in_use import STAGES, InUse, opened, through_stage, weekly_rate
from sim.simulate import build
from sim.stages.end_of_life import Collection, opening_shares
from sim.stock import CHINA, WIDTH, Array, E, Stock, mass_of
from sim.units import WEEKS_PER_YEAR
from sim.world.types import World

ND, PR = ELEMENTS.index("Nd"), ELEMENTS.index("Pr")


def small(years: float = 2.0) -> tuple[Stock, InUse]:
    """One region, one class, nothing in use yet."""
    stock = Stock()
    block = stock.add("products", ["lamps"] * STAGES, "user", [0] * STAGES, [-1] * STAGES)
    return stock, InUse(block, np.array([0]), ("lamps",), weekly_rate(np.array([years])))


def neodymium(kg: float) -> Array:
    goods = np.zeros((1, WIDTH))
    goods[0, ND] = kg
    return goods


# -- lives -----------------------------------------------------------------------------------------------------------------


def test_a_pulse_of_goods_comes_back_after_its_mean_life_with_the_spread_of_three_stages() -> None:
    stock, use = small(years=2.0)
    use.put(stock, neodymium(1000.0))
    out = np.array([use.age(stock)[0, ND] for _ in range(3000)])
    week = np.arange(1, 3001)
    mean = (week * out).sum() / out.sum()
    deviation = np.sqrt(((week - mean) ** 2 * out).sum() / out.sum())
    # a stage left at rate r a week takes 1/r weeks; passing three stages in a week is impossible, so the first exit is week 3
    assert out.sum() == pytest.approx(1000.0)
    assert not out[: STAGES - 1].any()
    assert mean == pytest.approx(2.0 * WEEKS_PER_YEAR)
    assert deviation == pytest.approx(mean / np.sqrt(STAGES), rel=0.02)


def test_a_steady_inflow_finds_its_stock_and_leaves_as_it_came() -> None:
    stock, use = small(years=2.0)
    inflow = neodymium(10.0)
    stock.put(
        use.block.rows, opened(inflow, use.rate, through_stage(use.rate, np.zeros(1))).reshape(-1, WIDTH)
    )
    assert stock.total()[ND] == pytest.approx(10.0 * 2.0 * WEEKS_PER_YEAR)
    for _ in range(20):
        assert use.age(stock)[0, ND] == pytest.approx(10.0, rel=1e-12)
        use.put(stock, inflow)


@pytest.mark.parametrize("growth", [0.3, 0.05, -0.1])
def test_an_inflow_that_grows_is_met_by_the_stock_of_its_past(growth: float) -> None:
    """Once the stock is that of past growth, everything grows by the same factor for ever."""
    stock, use = small(years=2.0)
    through = through_stage(use.rate, np.array([growth]))
    factor = (1.0 + growth) ** (1.0 / WEEKS_PER_YEAR)
    stock.put(use.block.rows, opened(neodymium(10.0), use.rate, through).reshape(-1, WIDTH))
    first = stock.kg[:, ND].copy()
    for week in range(100):
        assert use.age(stock)[0, ND] == pytest.approx(10.0 * factor**week * through[0] ** STAGES, rel=1e-9)
        use.put(stock, neodymium(10.0 * factor**week))
    assert stock.kg[:, ND] == pytest.approx(first * factor**100, rel=1e-9)


def test_use_that_falls_faster_than_goods_wear_out_has_no_past() -> None:
    with pytest.raises(ValueError, match="lifetimes"):
        through_stage(weekly_rate(np.array([40.0])), np.array([-0.2]))


# -- the first day ---------------------------------------------------------------------------------------------------------


def prices(chain: Chain) -> Array:
    """USD a kilogram of each element, by recycler."""
    p = chain.parts
    usd: Array = element_values(p.prices)[chain.layout.hub[p.recyclers.plants.region]]
    return usd


@pytest.mark.parametrize("growth", [False, True])
def test_the_first_day_returns_the_tonnes_of_the_tables_at_shares_between_nought_and_one(
    growth: bool,
) -> None:
    chain = build(still(growth=growth))
    p, o = chain.parts, chain.parts.opening
    collection, stock = p.recyclers.collection, p.stock
    assert (collection.share >= 0.0).all()
    assert (collection.share <= 1.0).all()
    scrap = collection.collect(p.recyclers.in_use.age(stock), prices(chain), np.ones(len(o.end_of_life)))
    got, wanted = scrap[:, :E] * p.recyclers.recovery[:, None], o.end_of_life
    together = [[PR, ND], *([e] for e in range(E) if e not in (PR, ND))]
    for elements in together:
        assert got[:, elements].sum(axis=1) == pytest.approx(
            wanted[:, elements].sum(axis=1), rel=1e-9, abs=1e-9
        )
    assert wanted.sum() > 0.0


def test_with_growth_less_leaves_use_than_goes_in_so_more_of_it_is_collected() -> None:
    steady, growing = (build(still(growth=on)).parts.recyclers.collection for on in (False, True))
    china = growing.share[:, ND] > 0.0
    assert (growing.share[china, ND] > 1.5 * steady.share[china, ND]).all()


def test_nothing_of_defence_and_nothing_that_cannot_be_taken_back_is_collected() -> None:
    chain = build(still())
    use, collection = chain.parts.recyclers.in_use, chain.parts.recyclers.collection
    able = {row.id for row in chain.world.lifetimes if row.recoverable}
    kind = np.array(use.kind)
    assert "defence" in kind
    assert not collection.share[~np.isin(kind, list(able))].any()
    assert not collection.share[~collection.reached].any()


def test_scrap_that_is_more_than_what_leaves_use_is_refused_in_one_line() -> None:
    def more(w: World) -> World:
        row = w.recyclers[1]
        return replace(
            w, recyclers=(w.recyclers[0], replace(row, end_of_life_t=(1e6,) * E), *w.recyclers[2:])
        )

    together = np.eye(E)
    with pytest.raises(
        ValueError, match=r"row 'b', La: end-of-life scrap of 2 kg a week is more than the 1 that leave"
    ):
        opening_shares(np.full((2, E), [[0.5], [2.0]]), np.ones((2, E)), together, ("a", "b"))
    case = still()
    with pytest.raises(ValueError, match="japan"):
        build(replace(case, world=more(case.world)))


# -- collection ------------------------------------------------------------------------------------------------------------


def collection(share: float, elasticity: float = 0.0) -> Collection:
    """Two rows in use: one in the region of the only recycler, one beyond its reach."""
    shares = np.array([[share] * E, [0.0] * E])
    opening = np.zeros((1, E))
    opening[0, ND] = 1.0
    return Collection(np.array([0, -1]), shares, 1, opening, np.full((1, E), 50.0), np.array([elasticity]))


def leaving(kg: float) -> Array:
    goods = np.zeros((2, WIDTH))
    goods[:, ND] = kg
    goods[:, CHINA] = kg / 4.0
    return goods


def test_a_share_is_collected_with_its_marks_and_the_rest_is_left_to_be_lost() -> None:
    goods = leaving(100.0)
    scrap = collection(0.3).collect(goods, np.full((1, E), 50.0), np.ones(1))
    assert scrap[0, ND] == pytest.approx(30.0)
    assert scrap[0, CHINA] == pytest.approx(7.5)
    assert goods[:, ND] == pytest.approx([70.0, 100.0])
    assert goods[:, CHINA] == pytest.approx([17.5, 25.0])


def test_dear_scrap_is_collected_more_of_and_a_stopped_recycler_collects_nothing() -> None:
    for price, working, kg in (
        (50.0, 1.0, 30.0),
        (200.0, 1.0, 60.0),
        (1e6, 1.0, 100.0),
        (12.5, 1.0, 15.0),
        (50.0, 0.0, 0.0),
    ):
        scrap = collection(0.3, elasticity=0.5).collect(
            leaving(100.0), np.full((1, E), price), np.array([working])
        )
        assert scrap[0, ND] == pytest.approx(kg)


# -- the chain -------------------------------------------------------------------------------------------------------------


def test_what_is_collected_comes_out_as_oxide_after_the_lead_time_and_the_balance_closes() -> None:
    chain = build(still())
    r, stock = chain.parts.recyclers, chain.parts.stock
    r.work.ring[:] = 0.0
    before = material(chain)
    nothing = np.zeros((len(r.plants.ids), WIDTH))
    for week in range(int(r.work.lag.max()) + 1):
        r.run(stock, nothing, prices(chain))
        assert (r.made > 0.0).any() == (week >= r.work.lag.min())
    per_week = np.bincount(r.plant_of, r.made, len(r.plants.ids))
    assert per_week == pytest.approx(
        chain.parts.opening.end_of_life.sum(axis=1), rel=0.01
    )  # use has run down a little
    assert material(chain) == pytest.approx(before, rel=1e-12)


def test_old_products_take_their_origin_with_them() -> None:
    chain = build(still())
    r, stock = chain.parts.recyclers, chain.parts.stock
    r.work.ring[:] = 0.0
    inside = stock.kg[r.in_use.block.rows]
    inside[:, CHINA] = mass_of(inside)  # every product in the world is Chinese
    stock.kg[r.oxide.rows] = 0.0
    nothing = np.zeros((len(r.plants.ids), WIDTH))
    for _ in range(int(r.work.lag.max()) + 1):
        r.run(stock, nothing, prices(chain))
    assert stock.kg[r.in_use.block.rows, CHINA] == pytest.approx(stock.mass(r.in_use.block.rows), rel=1e-9)
    assert stock.mass(r.oxide.rows).sum() > 0.0
    assert stock.kg[r.oxide.rows, CHINA] == pytest.approx(stock.mass(r.oxide.rows), rel=1e-9)


def test_goods_in_use_and_what_is_thrown_away_stand_still_without_growth() -> None:
    chain = build(still(years=2.0))
    rows = chain.parts.recyclers.in_use.block.rows
    before = mass_of(chain.parts.stock.kg[rows])
    chain.run()
    assert mass_of(chain.parts.stock.kg[rows]) == pytest.approx(before, rel=1e-9)
    for name in ("discarded", "collected"):
        rows_by_week = chain.recorder[name]
        assert rows_by_week == pytest.approx(np.tile(rows_by_week[0], (chain.weeks, 1)), rel=1e-9)
        assert rows_by_week.sum() > 0.0


def test_with_growth_more_and_more_is_thrown_away_and_comes_back() -> None:
    chain = build(still(years=5.0, growth=True))
    chain.run()
    collected = chain.recorder["collected"].sum(axis=1)
    assert 1.1 < collected[-13:].mean() / collected[0] < 3.0
