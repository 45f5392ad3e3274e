"""Stockpiles: owners' rules, what policies buy and sell, and who is given what is reserved for defence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.chains import material, still
from core.levers import BEGIN, ran, release, stockpile, whats
from sim.chain import Chain
from sim.demand.reserves import Order, Reserves
from sim.policies import reserve_lines
from sim.simulate import build
from sim.stock import CHINA, Array, Block
from sim.world.types import Stockpile

FACTOR = 1.25  # kg of product a kg of element


def reserves(**rule: object) -> Reserves:
    """One stockpile of 100 kg of element whose owner buys below 0.6 of the first price and sells above 3 times that."""
    row = Stockpile(
        id="one", name="One", owner="A state", region="japan", commodity="dy_oxide", t_product=0.125, reserved_for="all",
        buy_below=0.6, buy_t_per_year=52.18, release_above=3.0, release_share_per_week=0.02, issue_weeks=0.0,
        rule_source="", source="", confidence="C",
    )  # fmt: skip
    row = replace(row, **rule)  # type: ignore[arg-type]
    block = Block("state", 0, 1, ("one",), "state", np.array([0]), np.array([0]))
    return Reserves(block, (row,), np.array([0]), np.array([FACTOR]))


def decided(
    r: Reserves, price: float, slow: float | None = None, due: float = 0.0
) -> tuple[float, float, float]:
    """Bought, sold (kg of element) and bid (over the first day's price) at a price over the first day's."""
    log = np.log([price])
    r.decide(log, log if slow is None else np.log([slow]), np.zeros(1), np.array([100.0]), np.array([due]))
    return float(r.wanted[0]), float(r.offered[0]), float(np.exp(r.bid[0]))


@pytest.mark.parametrize(
    ("price", "bought", "sold"),
    [(1.0, 0.0, 0.0), (0.6, 0.0, 0.0), (0.525, 400.0, 0.0), (0.45, 800.0, 0.0), (0.1, 800.0, 0.0), (3.0, 0.0, 0.0),
     (3.375, 0.0, 1.0), (3.75, 0.0, 2.0), (9.0, 0.0, 2.0)],
)  # fmt: skip
def test_an_owner_s_rule_by_hand(price: float, bought: float, sold: float) -> None:
    """In full force a quarter beyond the threshold, half of it halfway: 1,000 kg of product a week, a fiftieth of 100 kg."""
    found = decided(reserves(), price)
    assert found[:2] == pytest.approx((bought, sold))
    if bought:
        assert found[2] == pytest.approx(min(price, 0.6))


def test_the_rule_answers_to_slow_prices_not_to_one_week_s() -> None:
    assert decided(reserves(), 5.0, slow=1.0)[:2] == (0.0, 0.0)


def test_an_order_buys_at_its_pace_and_not_above_its_price() -> None:
    r = reserves(buy_below=0.0, release_above=0.0)
    r.orders["policy.0"] = Order(
        0, lambda have: min(max(120.0 - have, 0.0), 15.0), np.log(2.0), lambda _held: 0.0
    )
    assert decided(r, 1.9) == pytest.approx((15.0, 0.0, 1.9))
    assert decided(r, 1.9, due=18.0)[0] == pytest.approx(2.0)
    assert decided(r, 2.1)[0] == 0.0
    assert decided(r, 1.9, due=20.0)[0] == 0.0


def test_two_orders_pay_for_what_each_of_them_asked() -> None:
    """A REAL BUG when this was written: both were charged the whole."""
    r = reserves(buy_below=0.0)
    for name, kg in (("one.0", 30.0), ("two.0", 10.0)):
        r.orders[name] = Order(0, lambda _have, kg=kg: kg, 5.0, lambda _held: 0.0)  # type: ignore[misc]
    decided(r, 1.0)
    assert r.moved(np.array([20.0]), np.zeros(1)) == pytest.approx({"one.0": 15.0, "two.0": 5.0})


# -- in a run ----------------------------------------------------------------------------------------------------------------


def held(chain: Chain, name: str) -> Array:
    """Tonnes of product that a stockpile holds at the end of each week."""
    r = chain.parts.reserves
    i = r.block.owner.index(name)
    kg: Array = chain.recorder["mass"][:, r.block.start + i] * chain.layout.factor[r.block.commodity[i]]
    return kg / 1000.0


@pytest.fixture(scope="module")
def filled() -> Chain:
    return ran(stockpile(), years=1.0)


def test_a_build_reaches_its_target_and_stays_there(filled: Chain) -> None:
    t = held(filled, "us_defence_y_oxide")
    assert not t[: BEGIN + 1].any()
    assert (np.diff(t) >= 0.0).all()
    assert t[BEGIN + 3] < 10.0  # 2 t a week, some weeks on the way
    assert t[-1] == pytest.approx(20.0, rel=0.02)
    assert t.max() <= 20.0 * 1.001


def test_what_it_costs_is_booked(filled: Chain) -> None:
    usd = filled.spending["fill"]
    assert not usd[:BEGIN].any()
    k = filled.layout.C + filled.layout.commodity_of["y_oxide"]
    paid = filled.recorder["paid"][:, k]
    assert usd.sum() == pytest.approx(20_000.0 * paid[BEGIN], rel=0.15)
    assert usd[-4:].sum() < 0.02 * usd.sum()


def test_a_build_stops_at_its_price() -> None:
    chain = ran(stockpile(most_price_ratio=0.9))
    assert not held(chain, "us_defence_y_oxide").any()
    assert not chain.spending


def test_a_target_in_weeks_of_need() -> None:
    """Of the programmes of its region if it is reserved for defence, of everybody there if not."""
    chain = build(still())
    p, lay = chain.parts, chain.layout
    usa, dy = lay.region_of["north_america"], lay.commodity_of["dy_oxide"]
    defence, industry = reserve_lines.find(chain, ["us_defence_dy_oxide", "us_industry_dy_oxide"])
    kits = p.defence.kits
    military = p.opening.kit_use[(kits.region == usa) & (kits.commodity == dy)].sum()
    assert reserve_lines.need(chain, defence) == pytest.approx(military)
    assert reserve_lines.need(chain, industry) == pytest.approx(p.opening.use[(lay.C + dy) * lay.R + usa])
    built = ran(
        stockpile(stockpiles=("us_defence_dy_oxide",), target_t=0.0, target_weeks=4.0, pace_weeks=4.0)
    )
    assert held(built, "us_defence_dy_oxide")[-1] == pytest.approx(
        4.0 * military * defence.factor / 1000.0, rel=0.02
    )


def test_a_release_sells_its_share_at_its_pace() -> None:
    chain = ran(release(), years=1.0)
    t = held(chain, "japan_ndpr_oxide")
    assert (t[:BEGIN] == t[0]).all()
    weekly = -np.diff(t[BEGIN - 1 :])
    assert weekly.max() <= 0.05 * t[0] * (1.0 + 1e-9)
    assert t[-1] == pytest.approx(0.5 * t[0], rel=1e-3)
    assert t.min() >= 0.5 * t[0] * (1.0 - 1e-9)
    assert chain.spending["open"].sum() < 0.0  # it earns
    assert whats(chain, "open") == ["stockpile release begins"]


def test_the_end_of_a_build_ends_its_orders() -> None:
    from core.levers import END, OVER

    chain = ran(stockpile(end=END, pace_weeks=40.0), years=1.0)
    t = held(chain, "us_defence_y_oxide")
    assert t[-1] < 10.0
    assert t[-1] == pytest.approx(t[OVER + 10])
    assert not chain.parts.reserves.orders


def test_nothing_moves_in_a_standing_start() -> None:
    chain = ran()
    state = chain.parts.stock.blocks["state"].rows
    assert (chain.recorder["mass"][:, state] == chain.recorder["mass"][0, state]).all()
    assert not chain.recorder["issued"].any()


# -- reserved for defence ----------------------------------------------------------------------------------------------------


def test_a_defence_reserve_issues_to_programmes_of_its_region_only() -> None:
    """All stocks of yttrium run out everywhere: the US reserve fills up its own programmes, in proportion to what they lack."""
    chain = build(still())
    p, lay = chain.parts, chain.layout
    kits, stock = p.defence.kits, p.stock
    y, usa = lay.commodity_of["y_oxide"], lay.region_of["north_america"]
    here = np.flatnonzero((kits.commodity == y) & (kits.region == usa))
    abroad = np.flatnonzero((kits.commodity == y) & (kits.region != usa))
    stock.kg[kits.start + np.concatenate([here, abroad])] = 0.0
    row = p.reserves.block.owner.index("us_defence_y_oxide")
    goods = np.zeros_like(stock.kg[0])
    need = p.defence.wanted
    goods[14 if lay.mask[y][14] else int(lay.mask[y].argmax())] = (
        4.0 * need[here].sum()
    )  # half of eight weeks' need
    goods[CHINA] = goods.sum()
    others = [i for i, name in enumerate(p.reserves.block.owner) if name != "us_defence_y_oxide"]
    stock.kg[p.reserves.block.start + np.array(others)] = 0.0
    stock.kg[p.reserves.block.start + row] = goods
    before = material(chain)
    given = p.reserves.issue(stock, kits, need)
    assert given[here] == pytest.approx(4.0 * need[here])
    assert not np.delete(given, here).any()
    assert stock.mass(kits.start + here) == pytest.approx(4.0 * need[here])
    assert stock.mass(p.reserves.block.rows)[row] == pytest.approx(0.0)
    assert material(chain) == pytest.approx(before)


def test_a_defence_reserve_issues_no_more_than_is_lacking() -> None:
    chain = build(still())
    p = chain.parts
    assert not p.reserves.issue(p.stock, p.defence.kits, p.defence.wanted).any()


def test_a_defence_reserve_may_not_have_certified_goods() -> None:
    """It buys as the military does."""
    chain = build(still())
    state = chain.parts.buy.parts["state"]
    for name, civil in zip(chain.parts.reserves.block.owner, chain.parts.buy.civil[state], strict=True):
        assert civil == (0.0 if name.startswith(("us_defence", "eu_defence", "us_nds")) else 1.0)
