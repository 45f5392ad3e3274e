"""The weekly call on markets of a few lines: the price is the root, and everybody gets what the rules give them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from core.markets import Buyer, Market, Seller
from hypothesis import given
from hypothesis import strategies as st

from sim import load
from sim.layout import layout_of
from sim.market.contracts import Prices

kilograms = st.floats(1.0, 1000.0)
level = st.floats(-2.0, 2.0)
softness = st.floats(0.1, 0.5)
buyers = st.lists(st.builds(Buyer, want=kilograms, bid=level, width=softness, region=st.integers(0, 1)), min_size=1, max_size=5)
sellers = st.lists(st.builds(Seller, offer=kilograms, ask=level, width=softness), min_size=1, max_size=5)
anyone = st.builds(
    Buyer, want=kilograms, bid=level, width=softness, region=st.integers(0, 1), civil=st.booleans(), pool=st.integers(0, 1)
)
anything = st.builds(
    Seller, offer=kilograms, ask=level, width=softness, region=st.integers(0, 1), licensed=st.sampled_from([0.0, 0.3, 1.0]),
    bound=st.booleans(), pool=st.integers(0, 1), most=st.sampled_from([np.inf, 50.0]),
)  # fmt: skip


@given(buyers, sellers, st.floats(-3.0, 3.0))
def test_demand_meets_supply_at_one_price_wherever_the_search_starts(b: list[Buyer], s: list[Seller], guess: float) -> None:
    market = Market(b, s)
    price = market.price()
    flows, _ = market.flows(price)
    volume = sum(x.want for x in b) + sum(x.offer for x in s)
    assert flows.demand.sum() == pytest.approx(flows.supply.sum(), abs=1e-9 * volume)
    assert market.price(guess)[0] == pytest.approx(price[0], abs=1e-5)


@given(buyers, sellers, st.floats(0.05, 2.0))
def test_excess_demand_falls_through_the_root(b: list[Buyer], s: list[Seller], step: float) -> None:
    market = Market(b, s)
    price = market.price()
    assert market.flows(price + step)[1][0] < 0.0 < market.flows(price - step)[1][0]


@given(buyers, sellers, st.integers(-10, 10))
def test_scaling_every_quantity_leaves_the_price(b: list[Buyer], s: list[Seller], power: int) -> None:
    k = 2.0**power  # a power of two: floating point scales without rounding, so the price is the same to the bit
    scaled = Market([replace(x, want=k * x.want) for x in b], [replace(x, offer=k * x.offer) for x in s])
    assert scaled.price()[0] == Market(b, s).price()[0]


@given(buyers, sellers, kilograms, level)
def test_one_more_seller_lowers_the_price(b: list[Buyer], s: list[Seller], offer: float, ask: float) -> None:
    before = Market(b, s).price()[0]
    assert Market(b, [*s, Seller(offer, ask)]).price()[0] < before


@given(buyers, sellers, st.floats(0.1, 1.0))
def test_a_seller_who_asks_less_lowers_the_price(b: list[Buyer], s: list[Seller], less: float) -> None:
    cheaper = [replace(s[0], ask=s[0].ask - less), *s[1:]]
    assert Market(b, cheaper).price()[0] < Market(b, s).price()[0]


def test_at_par_everybody_takes_and_sells_what_it_means_to() -> None:
    market = Market([Buyer(30.0), Buyer(70.0, region=1)], [Seller(60.0), Seller(40.0)])
    price = market.price(guess=1.0)
    flows, _ = market.flows(price)
    assert price[0] == pytest.approx(0.0, abs=1e-9)
    assert flows.demand == pytest.approx([30.0, 70.0])
    assert flows.supply == pytest.approx([60.0, 40.0])


def test_a_pool_does_not_hear_of_another() -> None:
    first = [Buyer(30.0, 0.4)], [Seller(60.0)]
    other = [Buyer(500.0, 2.0, pool=1)], [Seller(20.0, -1.0, pool=1)]
    both = Market([*first[0], *other[0]], [*first[1], *other[1]], pools=2).price()
    assert both[0] == pytest.approx(Market(*first).price()[0], abs=1e-9)
    alone = Market([replace(x, pool=0) for x in other[0]], [replace(x, pool=0) for x in other[1]])
    assert both[1] == pytest.approx(alone.price()[0], abs=1e-9)


def test_caps_hold() -> None:
    market = Market([Buyer(100.0, 1.0, most=7.0), Buyer(10.0)], [Seller(100.0, most=12.0)])
    flows, _ = market.flows(market.price())
    assert flows.demand[0] == pytest.approx(7.0)
    assert flows.supply[0] == pytest.approx(12.0)
    assert flows.demand[1] == pytest.approx(5.0)


# -- licensed goods ------------------------------------------------------------------------------------------------------


def test_bound_goods_reach_the_civil_buyers_of_their_region_only() -> None:
    """Region 0 holds far more licensed goods than it asks for; region 1 and the military live on the open goods."""
    people = [Buyer(10.0), Buyer(10.0, region=1), Buyer(10.0, civil=False), Buyer(10.0, civil=False, region=1)]
    market = Market(people, [Seller(50.0, licensed=1.0, bound=True), Seller(15.0, region=1)])
    price = market.price()
    flows, served = market.served(price)
    assert price[0] > 0.0  # scarce all the same, for those who may not have the glut
    assert served.sold_licensed[0] == pytest.approx(served.bought[0])
    assert served.bought[1:].sum() == pytest.approx(served.sold[1])
    assert served.bought[0] == pytest.approx(flows.demand[0])  # and its own region is not rationed
    assert served.from_bound[0] == pytest.approx(1.0)
    assert served.from_bound[1] == 0.0
    assert flows.military[0] == pytest.approx(served.bought[2:].sum(), rel=1e-6)


# A REAL BUG when this was written: ``at`` counts the slope of bound goods that region 0 cannot take, the Newton steps of
# ``clear`` become a hundredth of what they should be, and its 80 rounds end far from the root, without a word.
@pytest.mark.parametrize("glut", [100.0, 1000.0, 5000.0, 100_000.0])
def test_goods_that_nobody_else_may_have_do_not_move_the_price(glut: float) -> None:
    people = [Buyer(10.0), Buyer(10.0, region=1), Buyer(10.0, civil=False), Buyer(10.0, civil=False, region=1)]
    market = Market(people, [Seller(glut, licensed=1.0, bound=True), Seller(15.0, region=1)])
    without = Market(people[1:], [Seller(15.0, region=1)]).price()
    assert market.price()[0] == pytest.approx(without[0], abs=1e-6)


def test_a_region_that_its_licensed_goods_do_not_fill_bids_for_open_goods() -> None:
    people = [Buyer(50.0), Buyer(10.0, region=1)]
    market = Market(people, [Seller(20.0, licensed=1.0, bound=True), Seller(30.0, region=1)])
    _, served = market.served(market.price())
    assert served.sold_licensed == pytest.approx([served.sold[0], 0.0])
    assert served.bought[0] > served.sold[0] > 0.0
    assert served.bought.sum() == pytest.approx(served.sold.sum())


def test_licensed_goods_open_to_any_civil_buyer_are_taken_in_both_regions() -> None:
    people = [Buyer(10.0), Buyer(10.0, region=1), Buyer(10.0, civil=False)]
    market = Market(people, [Seller(100.0, licensed=1.0), Seller(10.0)])
    _, served = market.served(np.zeros(1))
    assert served.bought[:2] == pytest.approx([10.0, 10.0])
    assert served.from_civil_only[0] == pytest.approx(1.0)


@given(st.lists(anyone, min_size=1, max_size=6), st.lists(anything, min_size=1, max_size=6), st.booleans())
def test_military_buyers_never_get_licensed_goods(b: list[Buyer], s: list[Seller], priority: bool) -> None:
    market = Market(b, s, pools=2)
    _, served = market.served(market.price(), priority)
    bids, offers = market.bids, market.offers
    got = np.bincount(bids.pool, served.bought * (1.0 - bids.civil), 2)
    open_goods = np.bincount(offers.pool, served.sold - served.sold_licensed, 2)
    assert (got <= open_goods * (1.0 + 1e-9) + 1e-9).all()
    civil = np.bincount(bids.pool, served.bought * bids.civil, 2)
    licensed = np.bincount(offers.pool, served.sold_licensed, 2)
    assert (licensed <= civil * (1.0 + 1e-9) + 1e-9).all()


def test_with_nothing_but_licensed_goods_the_military_go_without() -> None:
    market = Market([Buyer(10.0), Buyer(10.0, bid=3.0, civil=False)], [Seller(100.0, licensed=1.0)])
    _, served = market.served(market.price())
    assert served.bought[1] == 0.0
    assert served.bought[0] > 0.0


# -- allocation ----------------------------------------------------------------------------------------------------------


@given(
    st.lists(anyone, min_size=1, max_size=6), st.lists(anything, min_size=1, max_size=6), st.booleans(), level, level
)  # fmt: skip
def test_what_is_bought_was_sold_at_any_quote(
    b: list[Buyer], s: list[Seller], priority: bool, first: float, second: float
) -> None:
    market = Market(b, s, pools=2)
    flows, served = market.served(np.array([first, second]), priority)
    volume = flows.demand.sum() + flows.supply.sum() + 1e-9
    bought, sold = np.bincount(market.bids.pool, served.bought, 2), np.bincount(market.offers.pool, served.sold, 2)
    assert bought == pytest.approx(sold, abs=1e-9 * volume)
    assert (served.bought <= flows.demand * (1.0 + 1e-9)).all()
    assert (served.sold <= flows.supply * (1.0 + 1e-9)).all()
    assert (served.sold_licensed <= served.sold + 1e-9).all()
    assert (served.bought >= 0.0).all()
    assert (served.sold_licensed >= 0.0).all()


SHORT = Market([Buyer(30.0), Buyer(10.0, region=1), Buyer(20.0, civil=False)], [Seller(18.0), Seller(12.0)])


def test_scarce_goods_are_shared_pro_rata() -> None:
    _, served = SHORT.served(np.zeros(1))
    assert served.bought == pytest.approx([15.0, 5.0, 10.0])
    assert served.sold == pytest.approx([18.0, 12.0])


def test_with_priority_defence_is_served_first() -> None:
    _, served = SHORT.served(np.zeros(1), priority=True)
    assert served.bought == pytest.approx([7.5, 2.5, 20.0])
    scarcer = replace(SHORT, sellers=[Seller(8.0)])
    _, served = scarcer.served(np.zeros(1), priority=True)
    assert served.bought == pytest.approx([0.0, 0.0, 8.0])


# -- the thin quote ------------------------------------------------------------------------------------------------------


def test_where_nothing_is_for_sale_the_floor_makes_the_price() -> None:
    """An assessor counts on a small sale: the price is that at which just so much is bid for."""
    market = Market([Buyer(100.0, 1.0)], [Seller(100.0, most=0.0)])
    price = market.price(floor=3.0)
    assert market.flows(price)[0].demand.sum() == pytest.approx(3.0, rel=1e-6)


def test_a_floor_below_what_is_sold_changes_nothing() -> None:
    market = Market([Buyer(100.0)], [Seller(90.0)])
    assert market.price(floor=20.0)[0] == pytest.approx(market.price()[0], abs=1e-9)


def _prices() -> Prices:
    case = load("scenario=standstill")
    layout = layout_of(case.world)
    return Prices(layout, np.full(layout.C, 1.13), np.full(layout.C, 0.5), case.behaviour)


def test_a_thin_quote_only_moves_towards_the_cleared_price_faster_up_than_down() -> None:
    prices = _prices()
    b, before = prices.behaviour, prices.log.copy()
    prices.thin[:] = 1.0
    prices.quote(before + 1.0)
    step = prices.log - before
    assert step[prices.china] == pytest.approx(1.0)  # China's quote is never assessed
    assert step[prices.world] == pytest.approx(b.quote_up)
    middle = prices.log.copy()
    prices.quote(middle - 1.0)
    assert (prices.log - middle)[prices.world] == pytest.approx(-b.quote_down)
    assert b.quote_down < b.quote_up
    prices.thin[:] = 0.0
    prices.quote(before + 2.0)
    assert prices.log == pytest.approx(before + 2.0)


def test_a_quote_is_thin_when_free_sales_are_a_sliver_of_use() -> None:
    prices = _prices()
    use = np.full(2 * prices.layout.C, 1000.0)
    prices.settle(use, use)
    assert not prices.thin.any()
    for _ in range(60):
        prices.settle(0.0 * use, use)
    assert prices.thin == pytest.approx(1.0)


def test_contracts_average_chinas_index_and_carry_vat_and_freight() -> None:
    prices = _prices()
    use = np.ones(2 * prices.layout.C)
    weeks, low = prices.index.maxlen, prices.layout.price
    assert weeks is not None
    prices.log = prices.log + np.log(2.0)
    prices.settle(use, use)
    mean = low * (1.0 + 1.0 / weeks)
    assert prices.contract == pytest.approx(mean * 1.13 + 0.5)
    share = prices.behaviour.contract_share
    spot = np.exp(prices.log[prices.world])
    assert prices.paid[prices.world] == pytest.approx(share * prices.contract + (1.0 - share) * spot)
    assert prices.net() == pytest.approx((spot - 0.5) / 1.13)
