"""Duties: net-back and landed prices by hand, the mean that enters contracts, and trade that goes elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from core.chains import still
from core.levers import BEGIN, END, OVER, duty, ran, route, whats
from sim.chain import Chain
from sim.simulate import build
from sim.stock import Array


def taxed(*events: tuple[str, Array, float]) -> Chain:
    chain = build(still())
    for name, routes, rate in events:
        chain.duty(name, routes, rate)
    return chain


def test_net_back_and_landed_price_by_hand() -> None:
    plain = build(still())
    usa, japan = route(plain, "dy_oxide", "north_america"), route(plain, "dy_oxide", "japan")
    chain = taxed(("one", np.array([usa]), 0.25))
    p, lay = chain.parts, chain.layout
    dy = lay.commodity_of["dy_oxide"]
    price = np.exp(p.prices.log)
    wedge, freight = p.prices.wedge[dy], p.prices.freight[dy]
    net = np.exp(chain._net_back(p.prices.log))
    assert net[usa] == pytest.approx((price[lay.C + dy] - freight) / (wedge * 1.25))
    assert net[japan] == pytest.approx((price[lay.C + dy] - freight) / wedge)
    landed = np.exp(chain._landed())
    assert landed[usa] == pytest.approx(price[dy] * wedge * 1.25 + freight)
    assert landed[japan] == pytest.approx(price[dy] * wedge + freight)


def test_duties_beside_each_other_multiply_and_one_of_them_ends() -> None:
    chain = build(still())
    routes = chain.routes("china", ["dy_oxide"], ["north_america", "europe"])
    chain.duty("one", routes, 0.25)
    chain.duty("two", routes[:1], 0.10)
    assert chain.parts.border.duty[routes] == pytest.approx([1.25 * 1.10, 1.25])
    chain.duty("one", routes, 0.0)
    assert chain.parts.border.duty[routes] == pytest.approx([1.10, 1.0])


def test_contracts_carry_the_mean_over_the_trade() -> None:
    chain = build(still())
    dy = chain.layout.commodity_of["dy_oxide"]
    all_of = chain.routes("china", ["dy_oxide"], ["all"])
    flow = chain.parts.traders.normal[all_of]
    usa = route(chain, "dy_oxide", "north_america")
    chain.duty("one", np.array([usa]), 0.5)
    share = chain.parts.traders.normal[usa] / flow.sum()
    prices = chain.parts.prices
    assert prices.duty[dy] == pytest.approx(1.0 + 0.5 * share)
    assert (np.delete(prices.duty, dy) == 1.0).all()
    china = prices.opening[: chain.layout.C]
    assert prices.landed(china)[dy] == pytest.approx(
        china[dy] * prices.wedge[dy] * prices.duty[dy] + prices.freight[dy]
    )


def test_a_duty_of_china_makes_goods_that_go_home_fetch_less() -> None:
    chain = build(still())
    (home,) = chain.routes("world", ["ndpr_oxide"], ["china"])[:1]
    before = np.exp(chain._net_back(chain.parts.prices.log)[home])
    chain.duty("one", np.array([home]), 0.25)
    assert np.exp(chain._net_back(chain.parts.prices.log)[home]) == pytest.approx(before / 1.25)


def test_a_zone_pays_no_duty() -> None:
    chain = build(still())
    chain.duty("one", chain.routes("china", ["all"], ["all"]), 0.25)
    chain.align(["russia"])
    assert chain.parts.border.duty[route(chain, "dy_oxide", "russia")] == 1.0
    assert chain.parts.border.duty[route(chain, "dy_oxide", "japan")] == 1.25
    assert chain.parts.prices.duty[chain.layout.commodity_of["dy_oxide"]] == pytest.approx(1.25)


def test_one_region_s_duty_sends_goods_elsewhere() -> None:
    goods = ("ndfeb_h_sh",)
    chain = ran(duty(rate=1.0, commodities=goods, destinations=("north_america",)))
    still_there = ran()
    kg = chain.recorder["bought"][:, chain.parts.buy.parts["trader"]]
    usual = still_there.recorder["bought"][:, chain.parts.buy.parts["trader"]]
    usa = route(chain, goods[0], "north_america")
    others = np.setdiff1d(chain.routes("china", goods, ["all"]), [usa])
    under = slice(BEGIN, OVER)
    less = usual[under, usa].sum() - kg[under, usa].sum()
    more = kg[under][:, others].sum() - usual[under][:, others].sum()
    assert less > 0.3 * usual[under, usa].sum()
    assert 0.05 * less < more < less
    assert kg[OVER:, usa].mean() > 0.9 * usual[0, usa]  # it comes back
    assert whats(chain, "duty") == ["duty begins", "duty over"]


def test_a_milder_duty_is_milder() -> None:
    chains = [ran(duty(severity=s, end=END, commodities=("dy_oxide",))) for s in (0.0, 0.25, 0.5, 0.75, 1.0)]
    dy = chains[0].layout.C + chains[0].layout.commodity_of["dy_oxide"]
    prices = [float(np.exp(chain.recorder["log_price"][OVER - 1, dy])) for chain in chains]
    assert (np.diff(prices) > 0.0).all()
    assert prices[-1] < 1.25 * prices[0]  # sellers at home carry a part
