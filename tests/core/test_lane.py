"""Lanes: what is hit arrives late by whole weeks, what is shut does not come, and who waits longer orders more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.chains import still
from core.parcels import mixed, popped
from core.world_events import BEGIN, END, OVER, corridor, lane, number, ran, same, whats
from sim.chain import Chain
from sim.lanes import legs_of
from sim.shocks import lane as kind
from sim.shocks.lane import Pair
from sim.simulate import build
from sim.stock import Array, Index
from sim.trade.shipments import Shipments
from sim.units import weeks_in


@pytest.fixture(scope="module")
def still_chain() -> Chain:
    return ran()


def routes(chain: Chain, commodity: str, region: str) -> Index:
    """Numbers of the routes from China with a commodity to a region."""
    return chain.routes("china", [commodity], [region])


def arrived(chain: Chain, commodity: str, region: str) -> Array:
    kg: Array = chain.recorder["arrived"][:, routes(chain, commodity, region)].sum(axis=1)
    return kg


# -- parcels on the way ------------------------------------------------------------------------------------------------------


def pipe(lag: int = 3) -> Shipments:
    one = np.zeros(1, int)
    made = Shipments(np.array([lag]), one, 1, one, np.ones(1, bool), 1, slice(0, 0))
    made.fill(np.eye(1, 18), np.zeros(1))
    return made


@pytest.mark.parametrize(
    ("detours", "course"),
    [
        ([], [0, 0, 10, 0, 0, 0]),
        ([(2, 0.4)], [0, 0, 6, 0, 4, 0]),
        ([(1, 0.5), (3, 0.5)], [0, 0, 0, 5, 0, 5]),
        ([(-2, 0.25)], [2.5, 0, 7.5, 0, 0, 0]),
        ([(-9, 1.0)], [10, 0, 0, 0, 0, 0]),
    ],
)
def test_a_share_arrives_later_or_earlier_and_nothing_is_lost(
    detours: list[tuple[int, float]], course: list[float]
) -> None:
    way = pipe()
    way.detours = [(weeks, np.array([share])) for weeks, share in detours]
    way.push(mixed(way, np.eye(1, 18)), np.array([10.0]), np.zeros(0))
    way.detours = []
    assert way.total().sum() == pytest.approx(10.0)
    found = []
    for _ in range(6):
        found.append(float(popped(way)[0, 0]))
        way.push(mixed(way, np.eye(1, 18)), np.zeros(1), np.zeros(0))
    assert found == pytest.approx(course)
    assert way.held == pytest.approx([0.0])


# -- where goods come from ---------------------------------------------------------------------------------------------------


def test_the_legs_of_a_line_are_what_its_region_lacks(still_chain: Chain) -> None:
    legs = legs_of(still_chain.world, still_chain.layout, still_chain.parts)
    total = np.bincount(legs.line, legs.weight, legs.lines)
    assert (total <= 1.0 + 1e-9).all()
    assert (legs.origin != legs.destination)[legs.feed < 0].all()
    trader = still_chain.parts.buy.parts["trader"]
    exports = np.flatnonzero(still_chain.parts.traders.to_world) + trader.start
    assert total[exports] == pytest.approx(1.0)
    lay = still_chain.layout
    to_japan = (legs.destination == lay.region_of["japan"]) & (legs.goods == lay.commodity_of["ndpr_oxide"])
    asia = to_japan & (legs.origin == lay.region_of["southeast_asia"])
    assert (
        legs.weight[asia].min() > legs.weight[to_japan & ~asia & (legs.weight < 1.0)].max()
    )  # Kuantan first


# -- delay -------------------------------------------------------------------------------------------------------------------


def test_what_goes_through_suez_is_late_by_whole_weeks(still_chain: Chain) -> None:
    """40 days from China to Europe are 6 weeks on the road, 52 are 8: for two weeks nothing arrives, then all of it."""
    assert weeks_in(52.0) - weeks_in(40.0) == 2
    chain = ran(lane(chokepoints=("suez",), days_added=12.0))
    before, after = (arrived(c, "ndfeb_n_m", "europe") for c in (still_chain, chain))
    gap = BEGIN + weeks_in(40.0)
    assert after[:gap] == pytest.approx(before[:gap])
    assert not after[gap : gap + 2].any()
    assert after[gap + 2] == pytest.approx(chain.recorder["bought"][BEGIN, _line(chain)].sum(), rel=1e-6)
    assert arrived(chain, "ndfeb_n_m", "japan")[: gap + 2] == pytest.approx(
        arrived(still_chain, "ndfeb_n_m", "japan")[: gap + 2], rel=0.02
    )
    assert chain.balance_error().max() < 1e-9


def _line(chain: Chain) -> Index:
    return chain.parts.buy.parts["trader"].start + routes(chain, "ndfeb_n_m", "europe")


def test_who_waits_longer_orders_what_the_longer_way_holds(still_chain: Chain) -> None:
    """Two weeks longer: in the end two weeks' goods more are on the way, and most of them were ordered on top."""
    chain = ran(lane(chokepoints=("suez",), days_added=12.0), years=1.0)
    usual = still_chain.recorder["bought"][0, _line(chain)].sum()
    line = chain.recorder["inbound"][:, _line(chain)].sum(axis=1)
    assert line[-1] - line[0] == pytest.approx(2.0 * usual, rel=0.02)
    assert (chain.recorder["bought"][:, _line(chain)].sum(axis=1) - usual).sum() > 0.75 * usual


def test_half_of_the_ships_late_is_half_of_the_goods_late(still_chain: Chain) -> None:
    chain = ran(lane(chokepoints=("suez",), days_added=12.0, severity=0.5))
    after = arrived(chain, "ndfeb_n_m", "europe")
    gap = BEGIN + weeks_in(40.0)
    first = chain.recorder["bought"][BEGIN, _line(chain)].sum()
    assert after[gap] == pytest.approx(first / 2.0, rel=1e-6)


def test_of_two_troubles_on_one_lane_the_days_add_up() -> None:
    chain = build(still())
    for i, hit in enumerate((lane(days_added=7.0), lane(days_added=14.0))):
        event = replace(hit, name=f"lane_{i}", pairs=(Pair(origin="china", destination="europe"),))
        kind.apply(event, chain)
    chain.env.run(until=BEGIN * 7 + 0.5)
    assert {weeks for weeks, _ in chain.parts.inbound.detours} == {3}


def test_dearer_freight_is_paid_on_the_route_and_on_concentrate() -> None:
    plain, chain = build(still()), build(still())
    kind.apply(lane(chokepoints=("malacca",), freight_added_usd_per_kg=2.0), chain)
    chain.env.run(until=BEGIN * 7 + 0.5)
    there = routes(chain, "dy_oxide", "europe")
    assert (chain._freight - plain._freight)[there] == pytest.approx(2.0)
    assert (chain._freight - plain._freight)[routes(chain, "dy_oxide", "japan")] == pytest.approx(0.0)
    dy = chain.layout.commodity_of["dy_oxide"]
    mean = (
        chain.parts.prices.freight[dy] - plain.parts.prices.freight[dy]
    )  # in the price formula of contracts
    assert 0.0 < mean < 2.0
    mines = chain.parts.mines
    site = number(chain, "mine", "serra_verde")
    assert mines.way_usd[site] == pytest.approx(2.0 * mines.reo[site])
    assert mines.way_usd[number(chain, "mine", "bayan_obo")] == 0.0


def test_concentrate_is_late_too(still_chain: Chain) -> None:
    """Mount Weld to Kuantan is 28 days by Lombok: 14 days more are two weeks without any, and the pipe holds them after."""
    chain = ran(lane(chokepoints=("sunda_lombok",), days_added=14.0))
    feeds = [f.id for f in chain.world.feeds]
    feed = feeds.index("mount_weld__lynas_malaysia")
    held = chain.parts.mines.feed.held[feed]
    assert held == pytest.approx(still_chain.parts.mines.feed.held[feed] * 6.0 / 4.0, rel=1e-3)


# -- closure -----------------------------------------------------------------------------------------------------------------


def test_a_shut_crossing_stops_exports_and_feeds_and_opens_again(still_chain: Chain) -> None:
    chain = ran(lane(chokepoints=("zabaikalsk_manzhouli",), closed_share=1.0, end=END))
    banned = chain.recorder["banned"][:, routes(chain, "ndfeb_n_m", "russia")]
    assert banned[:, 0] == pytest.approx(
        [0.0] * BEGIN + [1.0] * (OVER - BEGIN) + [0.0] * (chain.weeks - OVER)
    )
    assert not chain.recorder["banned"][:, routes(chain, "ndfeb_n_m", "europe")].any()
    site = number(chain, "mine", "lovozero")
    share = chain.recorder["mined"][:, site] / still_chain.recorder["mined"][:, site]
    assert share[BEGIN:OVER] == pytest.approx(0.653846, abs=0.01)  # what goes to Estonia
    assert share[OVER] == pytest.approx(1.0, abs=0.01)
    assert chain.parts.border.idle
    assert whats(chain, "lane") == ["lane hit", "lane open"]


def test_inside_a_hub_a_region_goes_without_what_came_over_the_lane(still_chain: Chain) -> None:
    """Kuantan to Japan shut: Japanese makers buy no more than the rest of their use, others buy what they like."""
    event = lane(pairs=(Pair(origin="southeast_asia", destination="japan"),), closed_share=1.0)
    chain = ran(event)
    legs = legs_of(chain.world, chain.layout, chain.parts)
    lay = chain.layout
    hit = (legs.origin == lay.region_of["southeast_asia"]) & (legs.destination == lay.region_of["japan"])
    part = np.bincount(legs.line[hit], legs.weight[hit], legs.lines)[: len(chain.parts.buy.pool)]
    lines = np.flatnonzero((part > 0.1) & (still_chain.recorder["bought"][0] > 0.0))
    assert len(lines) > 3
    first = chain.recorder["bought"][BEGIN, lines] / still_chain.recorder["bought"][BEGIN, lines]
    assert first == pytest.approx(1.0 - part[lines], rel=0.02)
    europe = chain.parts.buy.cell % lay.R == lay.region_of["europe"]
    assert not chain.shut[europe].any()


# -- corridors ---------------------------------------------------------------------------------------------------------------


def test_goods_on_a_faster_corridor_arrive_earlier_as_far_as_it_goes(still_chain: Chain) -> None:
    """20 days instead of 40: three weeks instead of six, for the share of the trade that it has room for."""
    legs = legs_of(still_chain.world, still_chain.layout, still_chain.parts)
    lay = still_chain.layout
    china, europe = lay.region_of["china"], lay.region_of["europe"]
    here = (legs.origin == china) & (legs.destination == europe) & (legs.feed < 0)
    chain = ran(corridor(capacity_t_per_year=float(legs.flow[here].sum()) / 4.0, cost_usd=1e6))
    gap = BEGIN + 3
    bought = chain.recorder["bought"][:, _line(chain)].sum(axis=1)
    usual = arrived(still_chain, "ndfeb_n_m", "europe")
    assert arrived(chain, "ndfeb_n_m", "europe")[gap] - usual[gap] == pytest.approx(
        bought[BEGIN] / 4.0, rel=0.02
    )
    assert chain.spending["corridor"].sum() == pytest.approx(1e6)
    assert (chain._freight - build(still())._freight)[routes(chain, "dy_oxide", "europe")] == pytest.approx(
        0.3 / 4.0, rel=0.05
    )


def test_a_corridor_takes_what_a_closed_lane_stops() -> None:
    stop = lane(chokepoints=("suez",), closed_share=1.0)
    alone, helped = ran(stop), ran(stop, corridor(days=60.0))
    lines = routes(alone, "ndfeb_n_m", "europe")
    assert alone.recorder["banned"][BEGIN, lines] == pytest.approx(1.0)
    assert not helped.recorder["banned"][BEGIN, lines].any()
    asia = helped.recorder["banned"][BEGIN][routes(helped, "ndfeb_n_m", "india")]
    assert asia == pytest.approx(alone.recorder["banned"][BEGIN][routes(alone, "ndfeb_n_m", "india")])


def test_a_corridor_that_is_slower_and_one_that_is_cut_carry_nothing(still_chain: Chain) -> None:
    slow = ran(corridor(days=60.0))
    assert slow.recorder["arrived"].tobytes() == still_chain.recorder["arrived"].tobytes()
    cut = ran(corridor(), lane(corridors=("corridor",), closed_share=1.0))
    assert cut.recorder["arrived"].tobytes() == still_chain.recorder["arrived"].tobytes()


def test_trouble_that_hits_no_ship_is_none(still_chain: Chain) -> None:
    assert same(ran(lane(chokepoints=("malacca",), closed_share=1.0, severity=0.0)), still_chain)
