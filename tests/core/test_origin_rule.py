"""The rule of origin: what is under it, what passes on which day, and that it leaves no trace."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.chains import still
from core.levers import BEGIN, OVER, origin, ran, whats
from sim import load
from sim.compose import ConfigError
from sim.shocks.origin_rule import sold_abroad
from sim.simulate import build
from sim.stock import CHINA, LICENSED, WIDTH
from sim.trade.origin import OriginRule

# three makers: 0.2 %, 0.1 % and 50 % of Chinese content; the first sells half of its goods abroad, the last a fifth
GOODS = np.zeros((3, WIDTH))
HELD = np.array([100.0, 100.0, 10.0])
GOODS[:, CHINA] = (0.2, 0.1, 5.0)
ABROAD = np.array([0.5, 1.0, 0.2])


def rule(severity: float = 1.0, military_refused: bool = True) -> OriginRule:
    return OriginRule(ABROAD, 0.001, severity, 0.6, 100.0, military_refused)


def test_only_content_above_the_threshold_and_only_sales_abroad() -> None:
    assert rule().bound(GOODS, HELD) == pytest.approx([0.5, 0.0, 0.2])
    assert rule(0.5).bound(GOODS, HELD) == pytest.approx([0.25, 0.0, 0.1])


def test_waiting_then_odds() -> None:
    assert rule().passing(GOODS, HELD, 99.0) == pytest.approx([0.5, 1.0, 0.8])
    assert rule().passing(GOODS, HELD, 100.0) == pytest.approx([1 - 0.5 * 0.4, 1.0, 1 - 0.2 * 0.4])
    assert rule(0.0).passing(GOODS, HELD, 99.0) == pytest.approx([1.0, 1.0, 1.0])


def test_what_is_under_the_rule_is_not_for_military_users() -> None:
    goods = GOODS.copy()
    goods[2, LICENSED] = 7.0  # certified already, by more than the rule asks for
    rule().mark(goods, HELD)
    assert goods[:, LICENSED] == pytest.approx([50.0, 0.0, 7.0])
    free = GOODS.copy()
    rule(military_refused=False).mark(free, HELD)
    assert not free[:, LICENSED].any()


def test_share_of_sales_abroad_by_hand() -> None:
    """What a region makes and imports beyond its own use, over what it makes and imports."""
    chain = build(still())
    p, lay, o = chain.parts, chain.layout, chain.parts.opening
    cell = lay.pool(lay.region_of["japan"], lay.commodity_of["ndfeb_uh_ah"]) * lay.R + lay.region_of["japan"]
    magnet = p.sell.parts["magnet"]
    made = o.magnet[p.sell.cell[magnet] == cell].sum() + o.route_flow[p.traders.cell == cell].sum()
    share = sold_abroad(chain)
    here = share[magnet][p.sell.cell[magnet] == cell]
    assert here == pytest.approx(1.0 - o.use[cell] / made)
    assert 0.0 < here[0] < 1.0
    assert not share[p.sell.parts["trader"]].any()
    assert not share[p.sell.pool < lay.C].any()


def test_a_threshold_that_nothing_reaches_changes_nothing() -> None:
    chain, undisturbed = ran(origin(threshold=1.0)), ran()
    assert chain.recorder["log_price"].tobytes() == undisturbed.recorder["log_price"].tobytes()
    assert chain.recorder["mass"].tobytes() == undisturbed.recorder["mass"].tobytes()


def test_makers_sell_less_while_they_wait_and_it_leaves_no_mark() -> None:
    chain, undisturbed = ran(origin(), years=1.0), ran(years=1.0)
    p, lay = chain.parts, chain.layout
    magnet = p.sell.parts["magnet"]
    grade = lay.commodity_of["ndfeb_uh_ah"]
    japan = (p.sell.pool[magnet] == lay.C + grade) & (p.sell.cell[magnet] % lay.R == lay.region_of["japan"])
    share = sold_abroad(chain)[magnet][japan][0]
    sold = chain.recorder["sold"][:, magnet][:, japan].sum(axis=1)
    usual = undisturbed.recorder["sold"][:, magnet][:, japan].sum(axis=1)
    assert sold[:BEGIN] == pytest.approx(usual[:BEGIN])
    assert sold[BEGIN] / usual[BEGIN] == pytest.approx(1.0 - share, abs=0.12)  # the price answers at once
    assert sold[BEGIN + 4] > sold[BEGIN]  # the first licences
    assert sold[OVER] > usual[OVER]  # what was refused had stayed in stock
    assert not p.stock.kg[:, LICENSED].any()
    assert whats(chain, "origin") == ["news", "origin rule begins", "origin rule over"]


def test_rules_may_follow_each_other_but_not_overlap() -> None:
    first, second = origin("first", end=date(2025, 4, 7)), origin("second", start=date(2025, 4, 7))
    chain = ran(second, first)
    assert chain.origin is None
    middle = build(still())
    assert middle.origin is None
    with pytest.raises(ConfigError, match="rules of origin may follow, not overlap"):
        load("shock=[origin_rule_2025,origin_rule_2026]")
