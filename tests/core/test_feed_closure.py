"""A closed feed: what stops goes elsewhere as far as there is room, then to the pile, and the rest is not mined."""

from __future__ import annotations

import numpy as np
import pytest

from core.world_events import BEGIN, END, OVER, closure, number, ran, same, whats
from sim.chain import Chain
from sim.stages.stoppages import Stop, Stoppages


@pytest.fixture(scope="module")
def still_chain() -> Chain:
    return ran()


def stoppages() -> Stoppages:
    """Mine 0 sends all to separator 0, mine 1 half to each of two; feeds 3 and 4 are ways to separator 1 nobody uses."""
    mine, separator = np.array([0, 1, 1, 0]), np.array([0, 0, 1, 1])
    return Stoppages(mine, separator, np.array([1.0, 0.5, 0.5, 0.0]), 2)


def stop(share: list[float], to: list[float], pile: float = 0.0, flow: float = 1.0) -> Stop:
    return Stop(np.array(share), np.array(to), pile, flow)


def test_what_stops_goes_where_there_is_room_and_the_rest_is_not_mined() -> None:
    ways, output = stoppages(), np.array([10.0, 4.0])
    ways.impose("one", stop([0.5, 0, 0, 0], [0, 0, 0, 1]))
    routed = ways.route(output, np.array([100.0, 5.0]))
    assert routed.sent == pytest.approx(
        [5.0, 2.0, 2.0, 3.0]
    )  # separator 1 takes 5, of which it gets 2 anyway
    assert routed.mined == pytest.approx([8.0, 4.0])
    routed = ways.route(output, np.array([100.0, 100.0]))
    assert routed.sent == pytest.approx([5.0, 2.0, 2.0, 5.0])
    assert routed.mined == pytest.approx(output)


def test_a_pile_grows_to_its_limit_and_flows_out_after_reopening() -> None:
    ways, output, able = stoppages(), np.array([10.0, 4.0]), np.array([100.0, 100.0])
    ways.impose("one", stop([1, 0, 0, 0], [0, 0, 0, 0], pile=2.5, flow=5.0))
    mined = [ways.route(output, able).mined[0] for _ in range(4)]
    assert mined == pytest.approx([10.0, 10.0, 5.0, 0.0])
    assert ways.piled == pytest.approx([25.0, 0.0])
    ways.lift("one")
    flow = [ways.route(output, able).out[0] for _ in range(6)]
    assert flow == pytest.approx([5.0] * 5 + [0.0], abs=1e-9)
    assert ways.idle


def test_two_causes_multiply_and_the_end_of_one_leaves_the_other() -> None:
    ways = stoppages()
    ways.impose("one", stop([0.5, 0, 0, 0], [0, 0, 0, 0]))
    ways.impose("two", stop([0.4, 0, 0, 0], [0, 0, 0, 0]))
    assert ways.passing() == pytest.approx([0.3, 1.0, 1.0, 1.0])
    ways.lift("one")
    assert ways.passing() == pytest.approx([0.6, 1.0, 1.0, 1.0])


def test_mines_share_a_separators_room_by_what_they_bring() -> None:
    ways = Stoppages(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 0.0, 0.0]), 2)
    ways.impose("both", stop([1, 1, 0, 0], [0, 0, 1, 1]))
    routed = ways.route(np.array([30.0, 10.0]), np.array([100.0, 20.0]))
    assert routed.sent == pytest.approx([0.0, 0.0, 15.0, 5.0])


def test_a_closed_mine_stands_still_and_comes_back() -> None:
    chain = ran(closure(mines=("kachin_clays",), end=END))
    output = chain.recorder["mined"][:, number(chain, "mine", "kachin_clays")]
    first = output[0]
    assert output[:BEGIN] == pytest.approx(first)
    assert not output[BEGIN:OVER].any()
    assert output[OVER] > 0.99 * first
    assert whats(chain, "shut") == ["feed closed", "feed open"]


def test_a_share_of_one_of_two_feeds(still_chain: Chain) -> None:
    """Three quarters of Kachin's clay goes to Ganzhou: half of that stops and nothing else does."""
    chain = ran(closure(feeds=("kachin_clays__ganzhou",), severity=0.5))
    site = number(chain, "mine", "kachin_clays")
    output, before = chain.recorder["mined"][BEGIN], still_chain.recorder["mined"][BEGIN]
    assert output[site] == pytest.approx(before[site] * (1.0 - 0.75 * 0.5))
    assert np.delete(output, site) == pytest.approx(np.delete(before, site))


def test_american_concentrate_goes_to_the_separator_at_home_as_far_as_it_can_work_it() -> None:
    event = closure(feeds=("mountain_pass__sichuan",), to=("mountain_pass__mp_stage_2",), pile_weeks=1000.0)
    chain = ran(event, years=1.5)
    site, home = number(chain, "mine", "mountain_pass"), number(chain, "separator", "mp_stage_2")
    assert chain.recorder["mined"][:, site] == pytest.approx(chain.recorder["mined"][0, site], rel=0.01)
    used, able = (chain.recorder[name][:, home] for name in ("throughput", "separator_able"))
    assert used[-1] == pytest.approx(able[-1], rel=0.02)
    assert used[0] < 0.6 * able[0]
    mines, took = chain.parts.mines, able[-1]
    stopped = chain.recorder["mined"][-1, site] * mines.share[mines.mine_of == site].sum() - took
    assert mines.stoppages.piled[site] == pytest.approx(stopped * (chain.weeks - BEGIN), rel=0.02)
    assert chain.balance_error().max() < 1e-9


def test_a_closure_that_stops_nothing_is_none(still_chain: Chain) -> None:
    assert same(ran(closure(mines=("kachin_clays",), severity=0.0)), still_chain)


def test_feeds_that_nobody_uses_carry_nothing(still_chain: Chain) -> None:
    mines = still_chain.parts.mines
    unused = mines.share == 0.0
    assert unused.sum() >= 10
    assert not mines.feed.held[unused].any()
