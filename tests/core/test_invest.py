"""Final decisions: when they are taken, what comes of them, and that each counts the others in."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.chains import still
from core.owners import earning, happened, only
from sim import load
from sim.build import Builder
from sim.chain import Chain
from sim.invest.decisions import PAUSE
from sim.invest.options import cost_of_project
from sim.invest.worth import Worth
from sim.simulate import build
from sim.stock import Array

SITE = "mountain_pass"


def investing(years: float = 3.0) -> Chain:
    return build(still(years, investment=True))


@pytest.mark.parametrize("kick", [1.0, 1.02])
def test_nothing_is_decided_and_nothing_is_mothballed_at_opening_prices(kick: float) -> None:
    """Nor when every stock is 2 % larger: so the standing chain stands with owners who may decide, too."""
    chain = build(still(6.0, investment=True, mothballing=True))
    chain.parts.stock.kg *= kick
    chain.parts.stock.opening = chain.parts.stock.total() + Builder.in_pipes(chain.parts)
    chain.run()
    assert not [h for h in chain.happenings if h.what != "unit delivered"]
    assert not any(plants.added.any() for plants in (chain.parts.mines.plants, chain.parts.magnet.plants))


@pytest.mark.parametrize("first", [0, 20])
def test_a_decision_takes_exactly_the_weeks_of_patience_and_the_plant_its_lead_time(first: int) -> None:
    chain = investing(5.0)
    only(chain, f"mine_{SITE}")
    option = next(o for o in chain.invest.decisions.options if o.id == f"mine_{SITE}")
    option.lead = 700.0
    enough = option.cost * (1.0 + chain.behaviour.investment_hurdle) + 1e-9
    earning(chain, lambda week, stage: enough if week >= first else enough - 0.01)
    chain.run()
    patience = round(chain.behaviour.investment_weeks)
    day = 7.0 * (first + patience - 1)
    assert happened(chain, "final decision") == [(day, SITE)]
    assert happened(chain, "start-up") == [(day + 700.0, SITE)]
    plants, site = chain.parts.mines.plants, option.site
    assert plants.added[site] == pytest.approx(option.kg)
    able = chain.recorder["mine_able"][:, site]
    begin, ramp = round((day + 700.0) / 7.0), math.ceil(option.ramp * 365.25 / 12.0 / 7.0)
    assert able[: begin + 1] == pytest.approx(able[0])
    assert able[begin + ramp :] == pytest.approx(able[0] + option.kg)
    assert able[begin + 10] == pytest.approx(able[0] + option.kg * 10 / ramp)


def test_one_good_week_less_than_patience_asks_for_decides_nothing() -> None:
    chain = investing(4.0)
    only(chain, f"mine_{SITE}")
    patience = round(chain.behaviour.investment_weeks)
    earning(chain, lambda week, stage: 0.9 if week % patience == patience - 1 else 9.0)
    chain.run()
    assert not happened(chain, "final decision")


def test_one_decision_a_year_for_each_good_in_the_order_of_cost() -> None:
    chain = investing(6.0)
    names = (SITE, "mount_weld", "serra_verde", "browns_range")  # the last one for Dy and Tb
    only(chain, *(f"mine_{name}" for name in names))
    left = [o for o in chain.invest.decisions.by_cost if o.id in [f"mine_{name}" for name in names]]
    for option in left:
        option.part = 1.0
    order = [o for o in left if o.good == "NdPr mine"]
    earning(chain, lambda week, stage: 9.0 if stage == "mine" else 1.0)
    chain.run()
    found = happened(chain, "final decision")
    days = [day for day, site in found if site != "browns_range" and site != "iluka_eneabba"]
    assert np.diff(days) == pytest.approx(7.0 * PAUSE)
    assert [s for _, s in found if s in names[:3]] == [chain.parts.mines.plants.ids[o.site] for o in order]
    assert "browns_range" in [site for _, site in found]


def test_a_mine_without_an_outlet_brings_its_separator_along() -> None:
    chain = investing(4.0)
    only(chain, "mine_nolans")
    earning(chain, lambda week, stage: 9.0)
    chain.run()
    assert {site for _, site in happened(chain, "final decision")} == {"nolans", "nolans_refinery"}


def still_unaided(chain: Chain) -> tuple[Array, Array]:
    """Guarantees add nothing."""
    return np.zeros(chain.invest.worth.basket.shape), np.zeros(len(chain.invest.worth.maker))


def test_what_is_on_its_way_lowers_the_price_that_is_expected() -> None:
    chain = investing()
    worth = chain.invest.worth
    none = np.zeros(worth.count)

    def baskets(years: Array | None) -> Array:
        return worth.earnings(none, still_unaided(chain), chain.parts.prices.paid, years)[worth.sites["mine"]]

    assert baskets(none) == pytest.approx(1.0)
    more = 0.06 * worth.mined  # 6 % more of every element at an elasticity of 0.6: a tenth in logarithms
    worth.decided((more, np.zeros(chain.layout.K)), 1.0)
    worth.elasticity = 0.6
    assert baskets(none) == pytest.approx(math.exp(-0.1))
    assert baskets(None) == pytest.approx(1.0)  # not built yet: those who run do not mind
    worth.decided((more, np.zeros(chain.layout.K)), -1.0)
    assert baskets(None) == pytest.approx(math.exp(-0.1))
    worth.growth = np.full(15, 0.01)
    assert baskets(none + 2.0) == pytest.approx(math.exp(-0.04 / 0.6))  # 2 of 6 % are grown into
    assert baskets(none + 9.0) == pytest.approx(1.0)


def test_makers_count_the_price_of_what_they_sell_and_of_what_they_buy() -> None:
    chain = investing()
    worth, sell = chain.invest.worth, chain.parts.sell
    pool = sell.pool[sell.parts["metal"]]

    def margins() -> Array:
        earned = worth.earnings(np.zeros(worth.count), still_unaided(chain), np.ones(chain.layout.K), None)
        return earned[worth.sites["metal"]]

    assert margins() == pytest.approx(1.0)
    worth.price[pool] *= 1.02
    assert (margins() > 1.0).all()
    worth.price[:] = 1.02  # everything dearer by the same: the margin grows with it
    assert (margins() > 1.0).all()
    worth.price[pool] = 1.0
    assert (margins() < 1.0).all()


@pytest.mark.parametrize(("odds", "luck", "cost"), [(0.5, 0.3, 1.0), (0.5, None, math.exp(0.4 * 0.674490)), (0.9, 0.9, 1.0),
                                                    (0.5, 0.841345, math.exp(0.4)), (0.158655, 0.5, math.exp(0.4))])  # fmt: skip
def test_the_odds_of_a_project_tell_its_full_cost(odds: float, luck: float | None, cost: float) -> None:
    assert cost_of_project(odds, luck, 0.4) == pytest.approx(cost, rel=1e-4)


def test_a_project_that_luck_lets_go_is_no_option_and_one_that_it_does_not_costs_more() -> None:
    case = load("scenario=baseline")
    chain = build(replace(case, years=1.0), 1, 3)
    waiting, going = 0, 0
    for o in chain.invest.decisions.options:
        if o.part < 1.0:
            assert o.kg == 0.0
            assert o.cost == 1.0
            going += 1
        elif o.kg > 0.0:
            assert o.cost > 1.0
            waiting += 1
    assert waiting > 5
    assert going > 5


def test_equal_seeds_decide_alike_and_lead_times_lie_between_their_limits() -> None:
    case = load("scenario=baseline")
    case = replace(case, years=1.0)
    rows = {row.id: row for row in case.world.candidates}
    one, two = (build(case, 1, 5).invest.decisions.options for _ in range(2))
    other = build(case, 2, 5).invest.decisions.options
    assert [o.lead for o in one] == [o.lead for o in two] != [o.lead for o in other]
    for o in one:
        assert rows[o.id].build_days_low <= o.lead <= rows[o.id].build_days_high + 1.0


def test_the_slow_price_forgets_what_is_fresh() -> None:
    chain = build(still())
    opened = chain.invest.worth
    worth = Worth(chain.parts, opened.usd, opened.conversion, opened.growth, 10.0, 0.6)
    worth.changed((np.ones(15), np.ones(worth.parts.layout.K)), -1.0)
    for _ in range(10):
        worth.week(worth.opening_usd, worth.parts.prices.opening)
    assert worth.fresh == pytest.approx(-(0.9**10))


@pytest.mark.slow
def test_investment_does_not_swing() -> None:
    """Twenty years of growth: prices with owners who answer stay below those without, and do not go up and down."""
    case = replace(load("scenario=baseline"), years=20.0)
    prices = {}
    for switch in (False, True):
        b = replace(case.behaviour, chance=False, investment=switch)
        chain = build(replace(case, behaviour=b))
        chain.run()
        k = chain.layout.C + chain.layout.commodity_of["ndpr_oxide"]
        prices[switch] = chain.recorder["log_price"][: 52 * 20, k].reshape(20, 52).mean(axis=1)
    assert (prices[True][10:] < prices[False][10:]).all()
    assert np.diff(prices[True])[10:].min() > -0.1
