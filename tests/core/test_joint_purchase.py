"""Joint purchase: members bid on what they lack together, and fear builds no stock."""

from __future__ import annotations

import numpy as np
import pytest

from core.chains import still
from core.levers import BEGIN, OVER, START, ran, together, whats
from sim.chain import Chain
from sim.shocks.news import News
from sim.simulate import build

GOODS = "dy_oxide"


def members(chain: Chain) -> np.ndarray:
    """Buying lines of European and Japanese users of dysprosium oxide."""
    buy, lay = chain.parts.buy, chain.layout
    users = np.arange(len(buy.pool)) >= buy.parts["trader"].stop
    here = np.isin(buy.cell % lay.R, [lay.region_of["europe"], lay.region_of["japan"]])
    found: np.ndarray = np.flatnonzero(users & here & (buy.pool == lay.C + lay.commodity_of[GOODS]))
    return found


def test_the_common_lack_by_hand() -> None:
    """One has 10 of 40, another 30 of 40: together they lack half. In another pool there is too much, by a quarter."""
    chain = build(still())
    lines = members(chain)[:2]
    buy = chain.parts.buy
    other = np.flatnonzero(buy.pool == 2)[:1]
    position, target = np.zeros(len(buy.pool)), np.zeros(len(buy.pool))
    position[lines], target[lines] = (10.0, 30.0), 40.0
    position[other], target[other] = 50.0, 40.0
    found = chain._common(np.concatenate([lines, other]), position, target)
    assert found == pytest.approx([0.5, 0.5, -0.25])


def test_members_bid_alike_and_others_as_before() -> None:
    """One member's stock is gone: with the union its bid rises as the group's does, the others' with it."""
    bids = []
    for discipline in (0.0, 0.5, 1.0):
        chain = build(still())
        lines = members(chain)
        chain.parts.stock.kg[chain.parts.buy.row[lines[0]]] = 0.0
        if discipline:
            chain.unions["union"] = (lines, discipline)
        chain._access()
        chain._deliver()
        found, _offers = chain._decide()
        bids.append(found.log_bid.copy())
    alone, half, union = bids
    lines = members(chain)
    assert alone[lines[0]] > union[lines[0]] > alone[lines[1:]].max() - 1e-12
    assert np.delete(alone, lines) == pytest.approx(np.delete(union, lines))
    assert alone[lines[0]] > half[lines[0]] > union[lines[0]]


def test_news_builds_no_stock_among_members() -> None:
    news = News(
        name="scare", kind="news", title="For a test", start=START, hubs=("world",), commodities=(GOODS,), strength=1.0,
        half_life_days=90.0, sources=("assumed: for a test",),
    )  # fmt: skip
    hoarded = []
    for events in ((news,), (news, together(discipline=0.5)), (news, together())):
        chain = ran(*events)
        hoarded.append(chain.recorder["hoarding"][BEGIN:OVER][:, members(chain)].sum())
    assert hoarded[0] > 0.0
    assert hoarded[1] == pytest.approx(0.5 * hoarded[0], rel=0.05)
    assert hoarded[2] == pytest.approx(0.0, abs=1e-9)
    assert whats(chain, "union") == ["joint purchase begins", "joint purchase over"]
    assert not chain.unions
