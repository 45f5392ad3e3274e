"""The weekly call on markets of a few lines: the price is the root, and everybody gets what the rules give them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markets import Buyer, Market, Seller
from sim import load
from sim.layout import layout_of
from sim.market.contracts import Prices

kilograms = st.floats(1.0, 1000.0)
level = st.floats(-2.0, 2.0)
softness = st.floats(0.1, 0.5)
buyers = st.lists(
    st.builds(Buyer, want=kilograms, bid=level, width=softness, region=st.integers(0, 1)),
    min_size=1,
    max_size=5,
)
sellers = st.lists(st.builds(Seller, offer=kilograms, ask=level, width=softness), min_size=1, max_size=5)


@given(buyers, sellers, st.floats(-3.0, 3.0))
def test_demand_meets_supply_at_one_price_wherever_the_search_starts(
    b: list[Buyer], s: list[Seller], guess: float
) -> None:
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
    k = (
        2.0**power
    )  # a power of two: floating point scales without rounding, so the price is the same to the bit
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
    weeks, low = len(prices.index), prices.layout.price
    prices.log = prices.log + np.log(2.0)
    prices.settle(use, use)
    mean = low * (1.0 + 1.0 / weeks)
    assert prices.contract == pytest.approx(mean * 1.13 + 0.5)
    share = prices.behaviour.contract_share
    spot = np.exp(prices.log[prices.world])
    assert prices.paid[prices.world] == pytest.approx(share * prices.contract + (1.0 - share) * spot)
    assert prices.net() == pytest.approx((spot - 0.5) / 1.13)
