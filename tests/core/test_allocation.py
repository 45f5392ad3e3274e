"""Who gets what once the price stands: licensed goods for those who may have them, scarce goods shared out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markets import Buyer, Market, Seller
from sim.market.clearing import GLUT

kilograms = st.floats(1.0, 1000.0)
level = st.floats(-2.0, 2.0)
softness = st.floats(0.1, 0.5)
anyone = st.builds(
    Buyer,
    want=kilograms,
    bid=level,
    width=softness,
    region=st.integers(0, 1),
    civil=st.booleans(),
    pool=st.integers(0, 1),
)
anything = st.builds(
    Seller, offer=kilograms, ask=level, width=softness, region=st.integers(0, 1), licensed=st.sampled_from([0.0, 0.3, 1.0]),
    bound=st.booleans(), pool=st.integers(0, 1), most=st.sampled_from([np.inf, 50.0]),
)  # fmt: skip


# -- licensed goods ------------------------------------------------------------------------------------------------------


def test_bound_goods_reach_the_civil_buyers_of_their_region_only() -> None:
    """Region 0 holds far more licensed goods than it asks for; region 1 and the military live on the open goods."""
    people = [
        Buyer(10.0),
        Buyer(10.0, region=1),
        Buyer(10.0, civil=False),
        Buyer(10.0, civil=False, region=1),
    ]
    market = Market(people, [Seller(50.0, licensed=1.0, bound=True), Seller(15.0, region=1)])
    price = market.price()
    flows, served = market.served(price)
    assert price[0] > 0.0  # scarce all the same, for those who may not have the glut
    assert served.sold_licensed[0] == pytest.approx(served.bought[0])
    assert served.bought[1:].sum() == pytest.approx(served.sold[1])
    assert served.bought[0] == pytest.approx(flows.demand[0])  # and its own region is not rationed
    assert served.from_bound[0] == pytest.approx(1.0)
    assert served.from_bound[1] == 0.0
    assert flows.military[0] == pytest.approx(
        served.bought[2:].sum(), rel=5e-3
    )  # the glut weighs a thousandth


@pytest.mark.parametrize("glut", [100.0, 1000.0])
def test_goods_that_nobody_else_may_have_hardly_move_the_price(glut: float) -> None:
    """Ten and a hundred times what their region asks for: they press on the price as a thousandth of open goods would."""
    people = [
        Buyer(10.0),
        Buyer(10.0, region=1),
        Buyer(10.0, civil=False),
        Buyer(10.0, civil=False, region=1),
    ]
    market = Market(people, [Seller(glut, licensed=1.0, bound=True), Seller(15.0, region=1)])
    without = Market(people[1:], [Seller(15.0, region=1)]).price()
    pressed = Market(people[1:], [Seller(15.0, region=1), Seller(glut * GLUT, region=1)]).price()
    assert pressed[0] - 1e-3 < market.price()[0] < without[0]
    assert market.price()[0] == pytest.approx(without[0], abs=0.02)


@pytest.mark.parametrize("bound", [True, False])
def test_military_bids_without_goods_leave_the_price_at_one_level(bound: bool) -> None:
    """Licensed goods in plenty, nothing open but military bids: the price is the same wherever the search for it begins."""
    people = [Buyer(10.0), Buyer(20.0, bid=1.0, civil=False)]
    market = Market(people, [Seller(100.0, licensed=1.0, bound=bound)])
    found = [market.price(guess)[0] for guess in (-3.0, -0.5, 0.0, 0.5, 3.0)]
    assert found == pytest.approx([found[0]] * 5, abs=1e-4)


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
    bought, sold = (
        np.bincount(market.bids.pool, served.bought, 2),
        np.bincount(market.offers.pool, served.sold, 2),
    )
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
