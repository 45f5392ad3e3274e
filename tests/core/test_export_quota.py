"""An export quota by weight: one rent solved by hand, caps that are never exceeded, and a rent that the price abroad carries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.borders import border
from core.chains import still
from core.levers import BEGIN, OVER, quota, ran, whats
from sim.chain import Chain
from sim.simulate import build
from sim.stock import Array
from sim.trade.quota import Quota

WEEKS = 4
# Two products with margins of 3 and 1 USD/kg; exporters take 2 N / (1 + exp(rent - margin)). The second weighs 2 kg of product
# a kg of element and half as many kg are traded, so that both count alike by weight. At a rent of 2 they take 200 / (1 + 1/e)
# and 200 / (1 + e) kg of product: 200 together, by symmetry.
MARGIN, NORMAL, WEIGHT = np.array([3.0, 1.0]), np.array([100.0, 50.0]), np.array([1.0, 2.0])
AT_TWO = np.array([200.0 / (1.0 + np.exp(-1.0)), 100.0 / (1.0 + np.exp(1.0))])


def taken(rent: float) -> Array:
    kg: Array = 2.0 * NORMAL / (1.0 + np.exp(rent - MARGIN))
    return kg


def held(a_week: float, leakage: float = 0.0) -> Quota:
    return Quota("one", np.arange(2), WEIGHT, a_week * WEEKS, WEEKS, leakage)


def test_one_rent_takes_the_same_off_both_margins() -> None:
    q = held(200.0)
    for _ in range(60):
        caps = q.ration(taken, NORMAL)
    assert q.rent == pytest.approx(2.0, abs=1e-6)
    assert caps == pytest.approx(AT_TWO)
    assert (caps * WEIGHT).sum() == pytest.approx(200.0)
    # what is left of each margin, read back from what is taken, is the margin less the same rent
    left = np.log(caps / (2.0 * NORMAL - caps))
    assert MARGIN - left == pytest.approx([2.0, 2.0])


def test_rent_moves_three_tenths_of_the_way_a_week() -> None:
    q = held(200.0)
    q.ration(taken, NORMAL)
    assert q.rent == pytest.approx(0.6, abs=1e-6)
    q.ration(taken, NORMAL)
    assert q.rent == pytest.approx(0.6 + 0.3 * 1.4, abs=1e-6)


def test_no_rent_where_the_quota_does_not_bind() -> None:
    q = held(400.0)  # 336.6 kg of product are wanted without a rent
    caps = q.ration(taken, NORMAL)
    assert q.rent == 0.0
    assert (caps >= taken(0.0)).all()
    assert (caps * WEIGHT).sum() == pytest.approx(400.0)


def test_what_is_not_used_lapses_and_what_is_left_is_spread() -> None:
    q = held(100.0)
    assert (q.ration(taken, NORMAL) * WEIGHT).sum() == pytest.approx(100.0)
    q.book(np.array([40.0, 0.0]), NORMAL)
    assert (q.ration(taken, NORMAL) * WEIGHT).sum() == pytest.approx(360.0 / 3.0)
    for _ in range(WEEKS - 1):
        q.book(np.array([10.0, 20.0]), NORMAL)
    assert (q.left, q.weeks_left) == (400.0, WEEKS)


def test_what_leaks_counts_for_nothing() -> None:
    q = held(100.0, leakage=0.2)
    caps = q.ration(taken, NORMAL)
    assert ((caps - 0.2 * NORMAL) * WEIGHT).sum() == pytest.approx(100.0)
    assert q.book(caps, NORMAL) == pytest.approx([20.0, 10.0])
    assert q.left == pytest.approx(300.0)


# A REAL BUG when this was written: rents tried on the way stayed on all routes, so that exporters paid twice.
def test_the_border_charges_each_rent_once_and_only_where_it_applies() -> None:
    b = border(None, routes=3)
    weight = np.array([*WEIGHT, 0.0])
    for name in ("one", "two"):
        q = Quota(name, np.arange(2), weight, 800.0, WEEKS, 0.0)
        q.rent = 2.0  # where it stays
        b.allot(q)

    def tried(rent: float) -> Array:
        b.rent[:] = rent
        return np.append(taken(rent), 100.0)

    caps = b.ration(tried, np.append(NORMAL, 100.0))
    assert b.rent == pytest.approx([4.0, 4.0, 0.0], abs=1e-6)
    assert caps[2] == np.inf
    assert b.rationed.tolist() == [1.0, 1.0, 0.0]


def test_routes_inside_a_zone_are_not_counted() -> None:
    b = border(None)
    b.allot(held(200.0))
    b.open(np.array([1]))
    free: Callable[[float], Array] = taken
    for _ in range(60):
        caps = b.ration(free, NORMAL)
    assert caps[1] == np.inf
    assert caps[0] == pytest.approx(200.0)  # the other has it all to itself
    b.ship(np.array([150.0, 70.0]), NORMAL)
    assert b.quotas["one"].left == pytest.approx(650.0)


# -- in a run ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rationed() -> Chain:
    return ran(quota(t_per_period=6000.0), years=1.0)  # of about 11,400 t that leave China in six weeks


def shipped(chain: Chain) -> Array:
    """Kilograms of product a week on the quota's routes."""
    routes = chain.quota_routes["quota"]
    bought = chain.recorder["bought"][:, chain.parts.buy.parts["trader"]][:, routes]
    kg: Array = bought @ chain.layout.factor[chain.parts.traders.block.commodity[routes]]
    return kg


def test_shipments_never_exceed_the_allowance(rationed: Chain) -> None:
    kg = shipped(rationed)
    first, second = kg[BEGIN : BEGIN + 6], kg[BEGIN + 6 : BEGIN + 12]
    assert kg[:BEGIN].min() > 1.5e6
    assert max(first.sum(), second.sum()) <= 6e6 * (1.0 + 1e-12)
    assert first.sum() == pytest.approx(6e6)  # a competitive rent fills the quota
    assert kg[OVER] > 1.5e6


def test_the_rent_ends_with_the_quota_and_the_price_abroad_carries_it(rationed: Chain) -> None:
    rent = rationed.recorder["rent"]
    assert not rent[:BEGIN].any()
    assert not rent[OVER:].any()
    routes = rationed.quota_routes["quota"]
    assert np.ptp(rent[OVER - 1, routes]) == 0.0  # one rent whatever the product
    assert rent[OVER - 1, routes[0]] > 1.0
    assert not np.delete(rent[OVER - 1], routes).any()
    spot = np.exp(rationed.recorder["log_price"])
    world = slice(rationed.layout.C, 2 * rationed.layout.C)
    cheap = rationed.layout.commodity_of["la_oxide"]
    assert spot[OVER - 1, world][cheap] > 1.2 * spot[0, world][cheap]
    assert spot[OVER - 1, cheap] < spot[0, cheap]  # what cannot leave is cheap at home
    assert whats(rationed, "quota") == ["news", "export quota begins", "export quota over"]


def test_landed_and_net_back_prices_by_hand() -> None:
    chain = build_with_rent(5.0)
    p, lay = chain.parts, chain.layout
    i = int(chain.routes("china", ["dy_oxide"], ["japan"])[0])
    dy = lay.commodity_of["dy_oxide"]
    price = np.exp(p.prices.log)
    wedge, freight = p.prices.wedge[dy], p.prices.freight[dy]
    assert np.exp(chain._landed()[i]) == pytest.approx(price[dy] * wedge + freight + 5.0)
    assert np.exp(chain._net_back(p.prices.log)[i]) == pytest.approx(
        (price[lay.C + dy] - freight - 5.0) / wedge
    )
    assert p.prices.landed(price[: lay.C])[dy] == pytest.approx(price[dy] * wedge + freight + 5.0)


def build_with_rent(usd: float) -> Chain:
    chain = build(still())
    chain.parts.border.rent[chain.routes("china", ["all"], ["all"])] = usd
    chain.levels()
    return chain
