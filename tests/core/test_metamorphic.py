"""Relations between runs: what must follow when a case is changed in a way whose effect is known.

All with the standing chain, so that what moves is the outage's doing and the change's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from core.chains import outage, still
from sim.case import Case
from sim.chain import Chain
from sim.simulate import build
from sim.stock import Array
from sim.world.types import World

YEARS = 2.0
STOPPED = ("ganzhou", "guangdong")


def stopped(
    severity: float = 1.0, years: float = YEARS, change: Callable[[World], World] | None = None
) -> Case:
    """The standing chain with the two largest heavy separators stopped from March 2025 on."""
    case = still(years=years)
    world = case.world if change is None else change(case.world)
    return replace(case, world=world, events=tuple(outage(site, severity) for site in STOPPED))


def ran(case: Case) -> Chain:
    chain = build(case)
    chain.run()
    return chain


def unserved(chain: Chain) -> Array:
    """Kilograms that civil users wanted and did not get, by week and row."""
    r = chain.recorder
    short: Array = r["wanted"] - r["consumed"]
    return np.where(short > 1e-6 * r["wanted"], short, 0.0)


@pytest.fixture(scope="module")
def plain() -> Chain:
    return ran(stopped())


def scaled(rows: Sequence[object], factor: float, *fields: str) -> tuple[object, ...]:
    """Rows with the numbers in ``fields`` multiplied."""

    def times(value: object) -> object:
        return tuple(factor * v for v in value) if isinstance(value, tuple) else factor * value  # type: ignore[operator]

    return tuple(replace(row, **{f: times(getattr(row, f)) for f in fields}) for row in rows)  # type: ignore[type-var]


# -- buffers -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1.5, 3.0])
def test_with_bigger_buffers_nobody_goes_without_earlier(plain: Chain, factor: float) -> None:
    """By row: a sector, region and commodity that keeps more in stock is not short sooner."""
    more = ran(stopped(change=lambda w: replace(w, sectors=scaled(w.sectors, factor, "stock_weeks"))))
    never = plain.weeks
    before, after = ((unserved(c) > 0.0) for c in (plain, more))
    first = np.where(before.any(axis=0), before.argmax(axis=0), never)
    then = np.where(after.any(axis=0), after.argmax(axis=0), never)
    assert (first < never).sum() > 10
    assert first.min() < then.min()
    earlier = np.flatnonzero(then < first)
    assert earlier.size == 0, [(plain.parts.civil.block.owner[i], first[i], then[i]) for i in earlier]


# -- severity ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded() -> list[Chain]:
    return [ran(stopped(severity)) for severity in (0.0, 0.5, 0.75)]  # the price alone balances a half


def test_a_worse_outage_leaves_more_unserved(graded: list[Chain], plain: Chain) -> None:
    totals = [unserved(chain).sum() for chain in [*graded, plain]]
    assert totals[0] == 0.0
    assert totals == sorted(totals)
    assert totals[-1] > totals[-2] > totals[0]


def test_a_worse_outage_moves_prices_more(graded: list[Chain], plain: Chain) -> None:
    for commodity in ("dy_oxide", "tb_oxide"):
        k = plain.layout.commodity_of[commodity]
        peaks = [np.exp(chain.recorder["log_price"][:, k]).max() for chain in [*graded, plain]]
        assert peaks == sorted(peaks)
        assert peaks[-1] > 1.2 * peaks[0]


# -- units -------------------------------------------------------------------------------------------------------------------


def twice(w: World) -> World:
    """The same world with every mass doubled; what is counted in shares, days and dollars a kilogram stays."""
    return replace(
        w,
        mines=scaled(w.mines, 2.0, "output_t_reo_per_year", "capacity_t_reo_per_year"),
        separators=scaled(w.separators, 2.0, "capacity_t_reo_per_year"),
        metal_makers=scaled(w.metal_makers, 2.0, "capacity_t_metal_per_year"),
        metal_outputs=scaled(w.metal_outputs, 2.0, "output_t_product_per_year"),
        magnet_makers=scaled(w.magnet_makers, 2.0, "capacity_t_magnet_per_year"),
        magnet_outputs=scaled(w.magnet_outputs, 2.0, "output_t_product_per_year"),
        recyclers=scaled(w.recyclers, 2.0, "end_of_life_t"),
        demand=scaled(w.demand, 2.0, "t_product_per_year"),
        programme_items=scaled(w.programme_items, 2.0, "kg_product_per_unit"),
        defence_totals=scaled(w.defence_totals, 2.0, "t_product_per_year"),
        stockpiles=scaled(w.stockpiles, 2.0, "t_product"),
    )  # type: ignore[arg-type]


def test_a_world_of_twice_the_mass_has_the_same_prices(plain: Chain) -> None:
    double = ran(stopped(change=twice))
    assert double.recorder["log_price"] == pytest.approx(plain.recorder["log_price"], abs=1e-9)
    assert np.ptp(plain.recorder["log_price"], axis=0).max() > 0.5  # and something happened
    assert double.parts.stock.total() == pytest.approx(2.0 * plain.parts.stock.total(), rel=1e-9)
    assert double.recorder["delivered"] == pytest.approx(plain.recorder["delivered"], rel=1e-9, abs=1e-9)
    assert unserved(double).sum() == pytest.approx(2.0 * unserved(plain).sum(), rel=1e-6)


# -- time --------------------------------------------------------------------------------------------------------------------


def test_a_short_run_is_the_beginning_of_a_long_one(plain: Chain) -> None:
    short = ran(stopped(years=1.0))
    assert short.weeks == 52
    for name, rows in short.recorder.rows.items():
        assert (rows == plain.recorder[name][: short.weeks]).all(), name


def test_nothing_moves_before_the_outage_and_what_it_moves_comes_after(plain: Chain) -> None:
    prices = plain.recorder["log_price"]
    begin = int(plain.day_of(outage("ganzhou").start) // 7)
    assert begin == 8
    assert np.abs(prices[:begin] - prices[0]).max() < 1e-9
    assert np.abs(prices[begin:] - prices[0]).max() > 0.5


def test_a_later_outage_has_the_same_effect_later(plain: Chain) -> None:
    """The chain stands still, so that it does not matter when it is pushed."""
    weeks = 10
    case = stopped()
    later = replace(
        case, events=tuple(replace(e, start=e.start + timedelta(weeks=weeks)) for e in case.events)
    )
    moved = ran(later).recorder["log_price"]
    assert moved[weeks:] == pytest.approx(plain.recorder["log_price"][:-weeks], abs=1e-8)
