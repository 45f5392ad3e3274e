"""Shipments that are addressed anew: every kilogram arrives on its day."""

from __future__ import annotations

import numpy as np
import pytest

from core.parcels import mixed, popped
from sim.stock import LICENSED, WIDTH
from sim.trade.shipments import Shipments


def _on_the_way() -> Shipments:
    """Three lines, the first a trading house; weeks of 1, 3 and 2 on the way; a week's goods sent, half a kilogram of each
    element a kilogram; the first line's second parcel waits two weeks more."""
    lag = np.array([3, 1, 2])
    way = Shipments(
        lag, np.array([0, 1, 1]), 3, np.array([0, 2, 3]), np.array([True, True, False]), 2, slice(0, 1)
    )
    for week, extra in enumerate((0, 2)):
        if week:
            popped(way)
        by_pool = np.zeros((3, WIDTH))
        by_pool[:, 0] = 0.25 * (week + 1)
        by_pool[:, 1] = 1.0 - 0.25 * (week + 1)
        table = mixed(way, by_pool)
        way.push(table, np.array([8.0, 4.0, 2.0]) * (week + 1), np.array([3.0]), np.array([extra]))
    return way


def test_shipments_addressed_anew_keep_every_kilogram_and_its_day() -> None:
    plain, moved = _on_the_way(), _on_the_way()
    total = plain.total()
    moved.readdress(np.array([0, 2, 1]), np.array([1, 4, 3]), np.array([True, False, True]))
    assert moved.total() == pytest.approx(total)
    assert moved.held == pytest.approx(plain.held)
    for _ in range(6):
        assert popped(moved) == pytest.approx(popped(plain))  # elements and marks, line by line
        for way in (plain, moved):
            way.push(mixed(way, np.zeros((3, WIDTH))), np.zeros(3), np.zeros(1))
    assert not moved.total().any()
    assert moved.held == pytest.approx(0.0)


def test_what_is_no_longer_bound_to_anybody_loses_its_mark_and_nothing_else() -> None:
    way = _on_the_way()
    total = way.total()
    way.readdress(np.array([0, 1, 1]), np.array([0, 2, 3]), np.array([True, True, False]))
    way.unmark(np.array([True, False, False]))
    assert way.total() == pytest.approx(total)
    marks = [popped(way)[0, LICENSED] for _ in range(6)]
    assert not any(marks)
