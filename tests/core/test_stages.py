"""Mines, separators, metal and magnet makers, recyclers: each taken out of a standing chain and run by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.chains import material, still
from sim.build import element_values
from sim.chain import Chain
from sim.elements import ELEMENTS
from sim.simulate import build
from sim.stages.mines import running_share
from sim.stock import CHINA, RUSSIA, WIDTH, Array, E, mass_of


@pytest.fixture
def chain() -> Chain:
    return build(still())


def usd(chain: Chain) -> Array:
    return element_values(chain.parts.prices)


# -- separators --------------------------------------------------------------------------------------------------------------


def separate(chain: Chain, factor: float = 1.0) -> tuple[Array, Array, Array]:
    """One week with ``factor`` times the usual orders; returns what is ready by oxide row, what went into the oxide
    stocks, and what went into the ledgers by plant."""
    s, stock = chain.parts.separators, chain.parts.stock
    slot = (s.hold.now + 1) % s.hold.size
    ready = (s.hold.ring[slot][s.plant_of, :E] * s.columns).sum(axis=1)
    oxide, ledger = stock.mass(s.oxide.rows), stock.mass(s.ledger.rows)
    asked = s.made * factor
    s.run(stock, s.groups(chain.parts.mines.feed.pop()), asked, 3.0 * asked)
    return ready, stock.mass(s.oxide.rows) - oxide, stock.mass(s.ledger.rows) - ledger


def test_separators_lose_what_the_tables_say_and_nothing_more(chain: Chain) -> None:
    s, stock = chain.parts.separators, chain.parts.stock
    before, tailings = material(chain), stock.kg[s.tailings.rows, :E].copy()
    coming = chain.parts.mines.feed
    feed = stock.kg[s.feed.rows, :E].sum(axis=0) + coming.ring[(coming.now + 1) % coming.size, :, :E].sum(
        axis=0
    )
    separate(chain)
    assert material(chain) == pytest.approx(before, rel=1e-12)
    taken_in = feed - stock.kg[s.feed.rows, :E].sum(axis=0)
    left = (stock.kg[s.tailings.rows, :E] - tailings).sum(axis=0)
    went_in = s.hold.ring[(s.hold.now + s.hold.lag) % s.hold.size, np.arange(len(s.plants.ids)), :E].sum(
        axis=0
    )
    assert taken_in == pytest.approx(went_in + left + stock.lost, rel=1e-9)
    assert (stock.lost > 0.0).any()
    assert (s.separated + s.unseparated <= 1.0 + 1e-12).all()


@pytest.mark.parametrize("factor", [0.0, 1.0, 20.0])
def test_scarce_elements_are_all_packed_whatever_is_asked_for(chain: Chain, factor: float) -> None:
    s = chain.parts.separators
    tight = (s.surplus == 0.0) & (s.plants.started[s.plant_of] > 0.0)
    ready, made, _ = separate(chain, factor)
    assert ready[tight].sum() > 0.0
    assert made[tight] == pytest.approx(ready[tight])
    names = {chain.layout.commodities[c] for c in s.oxide.commodity[s.surplus == 0.0]}
    assert {"ndpr_oxide", "tb_oxide", "dy_oxide"} <= names
    assert not names & {"la_oxide", "ce_oxide"}


def test_a_surplus_nobody_asks_for_goes_to_the_ledger(chain: Chain) -> None:
    surplus = chain.parts.separators.surplus > 0.0
    ready, made, ledger = separate(chain, 0.0)
    assert made[surplus] == pytest.approx(0.0, abs=1e-9)
    assert ledger.sum() == pytest.approx(ready[surplus].sum())


def test_more_of_a_surplus_is_packed_to_order_and_the_ledger_pays_slowly(chain: Chain) -> None:
    s, stock = chain.parts.separators, chain.parts.stock
    old = (stock.kg[s.ledger.rows][s.plant_of, :E] * s.columns).sum(axis=1)
    usual = s.made.copy()
    ready, made, _ = separate(chain, 20.0)
    surplus = (s.surplus > 0.0) & (usual > 0.0)
    assert (made[surplus] >= usual[surplus] * (1.0 - 1e-9)).all()
    assert made[surplus].sum() > 2.0 * usual[surplus].sum()
    room = ready + old / s.strip_weeks
    assert (made[surplus] <= room[surplus] * (1.0 + 1e-9)).all()
    assert (stock.kg[s.ledger.rows] >= -1e-6).all()


def test_a_plant_that_stands_still_packs_and_takes_in_nothing(chain: Chain) -> None:
    s = chain.parts.separators
    site = s.plants.ids.index("ganzhou")
    s.plants.working[site] = 0.0
    _, made, ledger = separate(chain, 20.0)
    assert s.throughput[site] == 0.0
    assert made[s.plant_of == site] == pytest.approx(0.0)
    assert ledger[site] > 0.0  # what was in process waits in its books
    assert made[s.plant_of != site].sum() > 0.0


def test_throughput_stays_within_capacity_and_feed(chain: Chain) -> None:
    s, stock = chain.parts.separators, chain.parts.stock
    stock.kg[s.feed.rows] *= 50.0
    s.run(stock, np.zeros((len(s.plants.ids), WIDTH)), s.made, s.made)
    assert (s.throughput <= s.plants.able * (1.0 + 1e-12)).all()
    assert (s.throughput > 0.0).any()
    stock.kg[s.feed.rows] = 0.0
    s.run(stock, np.zeros((len(s.plants.ids), WIDTH)), s.made, s.made)
    assert not s.throughput.any()


# -- mines -------------------------------------------------------------------------------------------------------------------


def test_a_mine_runs_while_its_basket_covers_its_cost() -> None:
    cost = 0.85
    ratio = np.array([2.0, 1.0, 0.86, 0.85, 0.8, 0.75 * cost, 0.5, 0.5 * cost, 0.1])
    share = np.array([running_share(r, cost) for r in ratio])
    assert share[:4] == pytest.approx(1.0)
    assert 0.0 < share[6] < share[5] < share[4] < 1.0
    assert share[5] == pytest.approx(0.5)  # half-way between its cost and half of it
    assert share[7:] == pytest.approx(0.0)


def test_mines_shut_when_the_basket_is_worth_less_than_it_costs_but_by_products_run_on(chain: Chain) -> None:
    """Nobody shuts for a bad week; what is worth less than half its cost for years is shut, and opens when it pays again."""
    mines, stock = chain.parts.mines, chain.parts.stock
    opening = mass_of(mines.opening)
    mines.run(stock, usd(chain))
    assert mines.output == pytest.approx(opening)
    running = opening > 0.0
    own = running & ~mines.by_product
    assert own.any()
    answer = 0.3 ** mines.elasticity[own]  # within its capacity a mine goes slower at once
    mines.run(stock, usd(chain) * 0.3)
    assert mines.output[own] == pytest.approx(opening[own] * answer)
    for _ in range(round(10.0 * chain.behaviour.basket_weeks)):
        mines.run(stock, usd(chain) * 0.3)
    assert not mines.output[own].any()
    assert (mines.output[running & mines.by_product] > 0.0).all()
    for _ in range(round(10.0 * chain.behaviour.basket_weeks)):
        mines.run(stock, usd(chain))
    assert mines.output[running] == pytest.approx(opening[running], rel=1e-3)


def test_mines_under_the_quota_run_at_any_price(chain: Chain) -> None:
    mines, stock = chain.parts.mines, chain.parts.stock
    bound = np.array([m.quota_bound and not m.by_product for m in chain.world.mines]) & (
        mass_of(mines.opening) > 0.0
    )
    assert bound.sum() > 5
    for _ in range(round(10.0 * chain.behaviour.basket_weeks)):
        mines.run(stock, usd(chain) * 0.1)
    assert mines.output[bound] == pytest.approx(mass_of(mines.opening)[bound])


def test_a_better_basket_calls_up_what_capacity_allows(chain: Chain) -> None:
    mines, stock = chain.parts.mines, chain.parts.stock
    mines.run(stock, usd(chain) * 1.1)
    some = mines.output.copy()
    mines.run(stock, usd(chain) * 1000.0)
    opening = mass_of(mines.opening)
    assert (some >= opening * (1.0 - 1e-12)).all()
    assert (some > opening).any()
    assert (mines.output <= opening * mines.room * (1.0 + 1e-12)).all()


def test_what_is_mined_is_counted_and_keeps_its_basket(chain: Chain) -> None:
    mines, stock = chain.parts.mines, chain.parts.stock
    before = material(chain)
    mines.run(stock, usd(chain))
    assert stock.mined == pytest.approx(mines.opening.sum(axis=0))
    assert material(chain) == pytest.approx(before, rel=1e-12)
    goods = mines.feed.ring[
        (mines.feed.now + mines.feed.lag) % mines.feed.size, np.arange(len(mines.mine_of))
    ]
    chinese = mines.plants.zone[mines.mine_of] == 0
    assert goods[chinese, CHINA] == pytest.approx(mass_of(goods[chinese]))
    assert not goods[~chinese, CHINA].any()


# -- recyclers ---------------------------------------------------------------------------------------------------------------


def recycle(chain: Chain, scrap: Array) -> Array:
    """One week; returns what went into the oxide stocks by element."""
    r, stock = chain.parts.recyclers, chain.parts.stock
    before = stock.kg[r.oxide.rows, :E].sum(axis=0)
    r.run(stock, scrap, usd(chain)[chain.layout.hub[r.plants.region]])
    gained: Array = stock.kg[r.oxide.rows, :E].sum(axis=0) - before
    return gained


def scrap_of(chain: Chain, kg: float) -> Array:
    scrap = np.zeros((len(chain.parts.recyclers.plants.ids), WIDTH))
    scrap[:, ELEMENTS.index("Nd")] = kg
    return scrap


def test_recyclers_return_their_share_of_the_scrap_after_the_lead_time(chain: Chain) -> None:
    r, stock = chain.parts.recyclers, chain.parts.stock
    nd = ELEMENTS.index("Nd")
    r.work.ring[:] = 0.0
    stock.kg[r.in_use.block.rows] = 0.0  # no old products
    before = material(chain)
    lag = r.work.lag
    got = [recycle(chain, scrap_of(chain, 1000.0 * (week == 0)))[nd] for week in range(int(lag.max()) + 2)]
    assert sum(got) == pytest.approx((1000.0 * r.collected * r.recovery).sum())
    for week, kg in enumerate(got):
        assert kg == pytest.approx((1000.0 * r.collected * r.recovery)[lag == week].sum())
    lost = (1000.0 * (1.0 - r.collected * r.recovery)).sum()
    assert stock.lost[nd] == pytest.approx(lost)
    after = material(chain)
    after[nd] -= 1000.0 * len(lag)  # came from outside
    assert after == pytest.approx(before, rel=1e-12)


def test_dear_scrap_is_collected_more_of_but_never_more_than_there_is(chain: Chain) -> None:
    r, stock = chain.parts.recyclers, chain.parts.stock
    price = usd(chain)[chain.layout.hub[r.plants.region]]
    elastic = (r.elasticity > 0.0) & (r.basket_usd > 0.0)
    assert elastic.any()
    taken = []
    for factor in (0.5, 1.0, 2.0, 1e9):
        r.run(stock, scrap_of(chain, 1000.0), price * factor)
        taken.append(r.taken)
    assert (np.diff(np.array(taken)[:3, elastic], axis=0) > 0.0).all()
    assert (taken[-1] <= 1000.0).all()
    assert taken[1] == pytest.approx(1000.0 * r.collected)


# -- origin ------------------------------------------------------------------------------------------------------------------


def test_what_china_makes_is_chinese_and_marks_never_exceed_the_mass(chain: Chain) -> None:
    chain.run()
    stock = chain.parts.stock
    for name in ("oxide", "metal_out", "magnet_out"):
        block = stock.blocks[name]
        here = chain.layout.regions.index("china") == block.region
        kg = stock.kg[block.rows]
        assert kg[here, CHINA] == pytest.approx(mass_of(kg[here]), rel=1e-9, abs=1e-6)
    rest = np.ones(len(stock.kg), bool)
    rest[stock.blocks["products"].rows] = False
    marked = stock.kg[:, CHINA] + stock.kg[:, RUSSIA]
    assert (marked <= stock.mass(slice(None)) * (1.0 + 1e-9) + 1e-6)[rest].all()
