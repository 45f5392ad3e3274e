"""Sellers who act as one aim at a dominant seller's markup, get there slowly, and stay there."""

from __future__ import annotations

import numpy as np
import pytest

from core.chains import still, until_week
from core.world_events import BEGIN, END, OVER, cartel, number, ran, same, whats
from sim.chain import Chain
from sim.shocks.consolidation import Cartel, lerner
from sim.simulate import build
from sim.stock import Array


def test_the_aim_is_that_of_a_dominant_seller_with_a_fringe() -> None:
    share = np.array([1.0, 0.5, 0.0])
    assert lerner(share, 2.0, 1.0) == pytest.approx([0.5, 0.2, 0.0])
    assert lerner(share, 0.5, 0.0) == pytest.approx([0.9, 0.9, 0.0])  # nobody aims beyond the greatest


@pytest.fixture(scope="module")
def decade() -> Chain:
    return ran(cartel(), years=10.0)


def price(chain: Chain) -> Array:
    """Log price of NdPr oxide in China over the first day's, by quarter."""
    k = chain.layout.commodity_of["ndpr_oxide"]
    log = chain.recorder["log_price"][:, k]
    n = len(log) // 13
    quarters: Array = (log[: n * 13] - log[0]).reshape(n, 13).mean(axis=1)
    return quarters


def test_the_price_comes_to_stand_near_the_aim_and_does_not_swing(decade: Chain) -> None:
    late = price(decade)[-8:]
    assert np.ptp(late) < 0.1
    p = decade.parts
    made = decade.recorder["sold"][-26:].mean(axis=0)
    pool = decade.layout.commodity_of["ndpr_oxide"]
    here = p.sell.pool == pool
    own = here & (np.arange(len(here)) < p.sell.parts["oxide"].stop)
    aim = -np.log1p(-lerner(np.array([made[own].sum() / made[here].sum()]), 0.8, 1.0))[0]
    assert late.mean() == pytest.approx(aim, abs=0.2)
    cut = 1.0 - p.mines.stoppages.passing()
    assert 0.02 < cut.max() <= 0.3


def test_it_takes_years_and_rises_all_the_way_in_small_steps(decade: Chain) -> None:
    first = price(decade)
    assert first[2] < 0.02  # the first cut comes after a quarter, and its metal later
    assert np.abs(np.diff(first)).max() < 0.2


def test_what_is_withheld_is_not_made_and_not_hoarded(decade: Chain) -> None:
    """Less is mined; nobody's stock of concentrate or oxide, and no pile, grows for it."""
    mined = decade.recorder["mined"]
    site = number(decade, "mine", "bayan_obo")
    assert mined[-1, site] < 0.98 * mined[0, site]
    stock = decade.parts.stock
    chinese = decade.parts.separators.plants.region == 0
    mass = decade.recorder["mass"]
    feed = mass[:, stock.blocks["feed"].rows][:, chinese].sum(axis=1)
    assert feed[-1] < 1.02 * feed[0]
    oxide = stock.blocks["oxide"]
    tight = (oxide.commodity == decade.layout.commodity_of["ndpr_oxide"]) & (oxide.region == 0)
    held = mass[:, oxide.rows][:, tight].sum(axis=1)
    assert held[-1] < 1.2 * held[0]
    assert not decade.parts.mines.stoppages.piled.any()
    assert decade.balance_error().max() < 1e-9


def test_a_most_cut_is_never_exceeded_and_the_end_gives_all_back() -> None:
    chain = ran(cartel(most_cut=0.03, step_per_quarter=0.25, end=END), years=1.0)
    site = number(chain, "mine", "bayan_obo")
    share = chain.recorder["mined"][:, site] / chain.recorder["mined"][0, site]
    assert share[BEGIN + 13 : OVER] == pytest.approx(0.97, abs=2e-3)
    assert share[OVER + 1 :] == pytest.approx(1.0, abs=2e-3)
    assert whats(chain, "cartel") == ["sellers act as one", "sellers act alone"]


def test_makers_withhold_by_planning_for_fewer_sales() -> None:
    chain = build(still())
    until_week(chain, 1)
    event = cartel(stage="magnet", commodities=("ndfeb_n_m",))
    group = Cartel(event, chain)
    before = chain.magnet_expected.copy()
    group.withhold(0.25)
    until_week(chain, 2)
    chinese = chain.parts.magnet.plants.region[chain.parts.magnet.plant_of] == 0
    assert chain.magnet_expected[chinese] == pytest.approx(0.75 * before[chinese], rel=1e-6)
    assert chain.magnet_expected[~chinese] == pytest.approx(before[~chinese], rel=1e-6)
    group.withhold(0.0)
    assert (chain.parts.magnet.plants.willing == 1.0).all()


def test_sellers_who_aim_at_nothing_change_nothing() -> None:
    assert same(ran(cartel(severity=0.0)), ran())
