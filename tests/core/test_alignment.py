"""Alignment: nothing before the day, nothing lost on the day, and no border towards China after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from core.chains import material, still, weekly
from core.levers import BEGIN, START, alignment, ban, duty, quota, ran, sanction
from core.run_digest import digests
from sim import load
from sim.chain import Chain
from sim.layout import SCO_HUB, WORLD_HUB
from sim.simulate import build, simulate
from sim.stock import LICENSED, Array

ZONE = ("russia", "central_asia")


def pools(chain: Chain, hub: int) -> slice:
    return slice(hub * chain.layout.C, (hub + 1) * chain.layout.C)


def inside(chain: Chain) -> Array:
    """Numbers of the routes from China into the zone."""
    routes: Array = chain.routes("china", ["all"], ZONE)
    return routes


# -- before ------------------------------------------------------------------------------------------------------------------


def test_until_the_day_sco_is_the_world_to_the_bit() -> None:
    events = (*load("scenario=controls_2025").events, alignment(start=date(2025, 11, 3)))  # week 43
    chain = build(replace(load("scenario=baseline"), years=1.0, events=events), seed=4)
    chain.run()
    assert chain.zone_week == 42  # its call is the first that sees the zone; the day lies between two calls
    for name in ("log_price", "paid", "news"):
        values = chain.recorder[name]
        world, sco = values[:, pools(chain, WORLD_HUB)], values[:, pools(chain, SCO_HUB)]
        assert (world[:42] == sco[:42]).all()
    assert (chain.recorder["log_price"][-1, pools(chain, WORLD_HUB)] != sco[-1]).any()


def test_an_alignment_beyond_the_end_is_none() -> None:
    case = replace(load("scenario=baseline"), years=0.5)
    late = replace(case, events=(alignment(start=date(2025, 9, 1)),))
    assert digests(simulate(late, seed=2)) == digests(simulate(case, seed=2))


# A REAL BUG when this was written: routes were moved in the opening that all replications of a process share.
def test_a_run_with_a_zone_leaves_no_trace_in_the_next() -> None:
    case = replace(load("scenario=baseline"), years=0.5)
    before = digests(simulate(case, seed=2))
    simulate(replace(case, events=(alignment(),)), seed=2)
    assert digests(simulate(case, seed=2)) == before


# -- on the day --------------------------------------------------------------------------------------------------------------


def probed(chain: Chain) -> dict[str, Array]:
    p = chain.parts
    return {
        "kg": p.stock.kg.copy(), "inbound": p.inbound.held.copy(), "all": material(chain), "way": p.inbound.total(),
        "orders": p.expectations.orders.copy(), "made": np.concatenate([
            share * p.expectations.orders.reshape(chain.layout.K, -1).sum(axis=1)[p.sell.pool[p.sell.parts[name]]]
            for name, share in (("metal", p.metal_share), ("magnet", p.magnet_share))
        ]),
    }  # fmt: skip


@pytest.fixture(scope="module")
def the_day() -> tuple[Chain, dict[str, Array], dict[str, Array]]:
    """A chain, and what it held right before and right after the alignment."""
    chain = build(still(years=1.0))
    found: list[dict[str, Array]] = []

    def align() -> None:
        found.append(probed(chain))
        chain.align(ZONE)
        found.append(probed(chain))

    chain.on(59.0, align)
    chain.run()
    return chain, *found


def test_no_kilogram_moves_or_vanishes(the_day: tuple[Chain, dict[str, Array], dict[str, Array]]) -> None:
    _chain, before, after = the_day
    assert (before["kg"] == after["kg"]).all()
    assert (before["inbound"] == after["inbound"]).all()
    assert after["way"] == pytest.approx(before["way"], rel=1e-12)
    assert after["all"] == pytest.approx(before["all"], rel=1e-12)


def test_orders_move_with_the_lines(the_day: tuple[Chain, dict[str, Array], dict[str, Array]]) -> None:
    chain, before, after = the_day
    lay = chain.layout
    old, new = (x["orders"].reshape(3, lay.C, lay.R) for x in (before, after))
    zone = [lay.region_of[r] for r in ZONE]
    assert not old[SCO_HUB].any()
    assert (new[SCO_HUB][:, zone] == old[WORLD_HUB][:, zone]).all()
    assert not new[WORLD_HUB][:, zone].any()
    rest = np.setdiff1d(np.arange(lay.R), zone)
    assert (new[WORLD_HUB][:, rest] == old[WORLD_HUB][:, rest]).all()
    assert after["made"] == pytest.approx(before["made"])  # makers expect to sell the same tonnes
    buy = chain.parts.buy
    here = np.isin(buy.cell % lay.R, zone)
    assert (buy.pool[here] // lay.C == SCO_HUB).all()
    assert (buy.cell[here] // lay.R == buy.pool[here]).all()


def test_goods_under_way_arrive(the_day: tuple[Chain, dict[str, Array], dict[str, Array]]) -> None:
    """What was bought before arrives as if nothing had happened: on routes of three weeks and more, for two calls."""
    chain = the_day[0]
    undisturbed = ran(years=0.5)
    far = np.flatnonzero((chain.parts.traders.lag >= 3) & (undisturbed.recorder["arrived"][0] > 0.0))
    assert len(np.intersect1d(far, inside(chain)))
    for week in (BEGIN + 1, BEGIN + 2):
        assert chain.recorder["arrived"][week, far] == pytest.approx(
            undisturbed.recorder["arrived"][week, far], rel=1e-9
        )


# -- after -------------------------------------------------------------------------------------------------------------------


def test_no_licence_ban_quota_or_duty_inside() -> None:
    events = (
        *load("scenario=controls_2025").events, ban(commodities=("y_oxide", "ndfeb_h_sh")),
        duty(end=None), quota(end=None, t_per_period=500.0), alignment(start=date(2025, 6, 2)),
    )  # fmt: skip
    chain = build(replace(still(years=1.0), events=events))
    chain.run()
    border, routes = chain.parts.border, inside(chain)
    others = np.setdiff1d(chain.routes("china", ["all"], ["all"]), routes)
    for free in (
        border.banned,
        border.covered(),
        border.barred(),
        border.rent,
        border.tests(),
        border.waiting(),
    ):
        assert not free[routes].any()
    for held in (border.banned, border.covered(), border.rent):
        assert held[others].any()
    assert (border.duty[routes] == 1.0).all()
    assert (border.most(chain.parts.traders.normal)[routes] == np.inf).all()
    bought = chain.recorder["bought"][:, chain.parts.buy.parts["trader"]]
    y = chain.routes("china", ["y_oxide"], ["russia"])
    assert not bought[20, y].any()  # the ban held it before
    assert bought[-1, y] > 0.9 * bought[0, y]
    assert not bought[-1, chain.routes("china", ["y_oxide"], ["japan"])].any()


def test_certificates_bind_nobody_inside() -> None:
    events = (*load("scenario=controls_2025").events, alignment(start=date(2025, 9, 1)))
    chain = build(replace(still(years=1.5), events=events))
    chain.run()
    kits = chain.parts.defence.kits
    here = np.isin(kits.region, [chain.layout.region_of[r] for r in ZONE])
    there = chain.parts.stock.blocks["civil"]
    abroad = np.isin(there.region, [chain.layout.region_of["japan"]])
    marks = chain.parts.stock.kg[:, LICENSED]
    assert not marks[kits.rows][here].any()
    assert marks[there.rows][abroad].any()


def test_no_programme_of_russia_is_later_for_it() -> None:
    controls = load("scenario=controls_2025").events
    case = still(years=3.0)
    delays = []
    for events in (controls, (*controls, alignment(start=date(2026, 1, 5)))):
        chain = build(replace(case, events=tuple(events)))
        chain.run()
        russian = np.array([bloc == "russia" for bloc in chain.parts.defence.bloc])
        delays.append(chain.recorder["delay"][:, russian])
    alone, aligned = delays
    assert alone[-1].max() > 30.0
    assert (aligned <= alone + 1e-6).all()
    assert aligned[-1].sum() < 0.5 * alone[-1].sum()


def test_outside_is_the_world_and_the_zone() -> None:
    """Demand and shortage of the hubs add up; flat demand stays the same sum when the zone leaves."""
    events = (*load("scenario=controls_2025").events, alignment(start=date(2025, 9, 1)))
    table = simulate(replace(still(years=1.0), events=events)).trajectories
    for variable in ("demand", "unserved"):
        for commodity in ("dy_oxide", "ndfeb_h_sh", "y_oxide"):
            parts = [series(table, variable, place, commodity, "hub") for place in ("world", "sco")]
            outside = series(table, variable, "outside", commodity, "outside")
            assert parts[0] + parts[1] == pytest.approx(outside)
    sco = series(table, "demand", "sco", "ndfeb_h_sh", "hub")
    assert not sco[:33].any()
    assert sco[36:].all()


def series(table: pa.Table, variable: str, place: str, commodity: str, scope: str) -> Array:
    found = weekly(table, variable=variable, scope=scope, place=place, party="all", commodity=commodity)
    return found if len(found) else np.zeros(52)


def test_who_did_not_buy_from_russia_need_not_go_without_what_is_no_longer_there() -> None:
    chain = ran(sanction(direction=("buying",), end=None), alignment(start=START), years=0.3)
    assert not chain.denied


def test_what_surplus_plants_expect_to_sell_stays_the_same() -> None:
    """A REAL BUG when this was written: their share stayed that of a market that others had left."""
    chain = build(still())
    p, lay = chain.parts, chain.layout
    orders = p.expectations.orders.reshape(lay.K, -1).sum(axis=1)
    expected = p.sell.share * orders[p.sell.pool]
    chain.align(ZONE)
    orders = p.expectations.orders.reshape(lay.K, -1).sum(axis=1)
    packed = slice(0, p.sell.parts["recycled"].stop)
    assert (p.sell.share * orders[p.sell.pool])[packed] == pytest.approx(expected[packed])
