"""Scalars of one replication, read off its weekly series. ``docs/outcomes.md`` defines each with its threshold.

All replications of a case have the same columns: those of the world's commodities, hubs, blocs and programmes. What was not
reached is nan, or '' for a date.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.case import Case
from sim.readings import Readings
from sim.stock import Array
from sim.world.types import World

Value = float | str
DESKS: Final = ("magnets", "materials", "all")
SHORT: Final = 0.01  # share of demand unserved above which a week is short
SHORT_WEEKS: Final = 4  # in a row: a shortage
SOUND_WEEKS: Final = 13  # in a row without one: recovered
ON_TIME_ROWS: Final = (
    4  # a unit is on time if delivered at most 30 days, that is four weekly rows, after its plan
)


def columns(case: Case) -> list[str]:
    """Names of the scalars of a case, in order. Those that end in ``_date`` are dates."""
    return list(_columns(*_ids(case.world)))


def _ids(world: World) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Commodities, hubs, blocs and programmes, in the order of the tables."""
    return (
        tuple(row.id for row in world.commodities),
        tuple(dict.fromkeys(row.hub for row in world.regions)),
        tuple(dict.fromkeys(row.bloc for row in world.programmes)),
        tuple(row.id for row in world.programmes),
    )


@lru_cache(maxsize=64)
def _columns(
    commodities: tuple[str, ...], hubs: tuple[str, ...], blocs: tuple[str, ...], programmes: tuple[str, ...]
) -> tuple[str, ...]:
    names: list[str] = []
    for c in commodities:
        names += [f"peak_ratio_{c}", f"peak_ratio_{c}_date"]
        names += [f"peak_price_{hub}_{c}" for hub in hubs]
        names += [
            f"shortage_{c}_first_date",
            f"shortage_{c}_recovered_date",
            f"shortage_{c}_t",
            f"min_cover_{c}_days",
        ]
    for who in (*(f"bloc_{b}" for b in blocs), *(f"programme_{p}" for p in programmes)):
        names += [f"late_units_{who}", f"lost_units_{who}"]
    for desk in DESKS:
        names += [
            f"licences_pending_max_{desk}",
            f"licence_wait_mean_{desk}_days",
            f"licences_refused_{desk}",
        ]
    return tuple(names)


def outcomes(readings: Readings, world: World) -> dict[str, Value]:
    """All scalars of ``columns`` by name. Raises ``ValueError`` if the readings are of another world."""
    ids = _ids(world)
    commodities, hubs, blocs, programmes = ids
    if (readings.commodities, readings.programmes) != (commodities, programmes):
        raise ValueError("these readings are of another world")
    place = [readings.hubs.index(hub) for hub in hubs]
    values: list[Value] = []
    for peak, prices, shortage in zip(
        _ratios(readings), _peaks(readings, place), _shortages(readings), strict=True
    ):
        values += [*peak, *prices, *shortage]
    vote = [readings.blocs.index(bloc) for bloc in blocs]
    values += _deliveries(readings.bloc_planned[:, vote], readings.bloc_delivered[:, vote])
    values += _deliveries(readings.planned, readings.delivered)
    values += _licences(readings)
    return dict(zip(_columns(*ids), values, strict=True))


def _ratios(r: Readings) -> list[tuple[float, str]]:
    """By commodity: the largest ratio of the net price outside China to the price in China, and its week."""
    china = r.spot[:, r.hubs.index("china")]
    ratio = np.divide(r.net, china, out=np.full(china.shape, -np.inf), where=china > 0.0)
    ratio[np.isnan(ratio)] = -np.inf
    week = ratio.argmax(axis=0)
    peaks = ratio.max(axis=0).tolist()
    return [
        (peak, r.day(int(w))) if np.isfinite(peak) else (np.nan, "")
        for peak, w in zip(peaks, week, strict=True)
    ]


def _peaks(r: Readings, hubs: list[int]) -> list[list[float]]:
    """By commodity: the highest price of each hub."""
    peaks: list[list[float]] = r.spot.max(axis=0)[hubs].T.tolist()
    return peaks


def _shortages(r: Readings) -> list[tuple[str, str, float, float]]:
    """By commodity: first day of shortage, recovery, tonnes not served, least cover of users."""
    short = r.unserved > SHORT * r.demand
    first = _first_run(short, SHORT_WEEKS, np.zeros(short.shape[1], int))
    after = np.where(first < 0, -1, _first_run(~short, SOUND_WEEKS, first))
    tonnes, cover = r.unserved.sum(axis=0).tolist(), r.cover.min(axis=0).tolist()
    days = [["" if w < 0 else r.day(w) for w in weeks.tolist()] for weeks in (first, after)]
    return list(zip(*days, tonnes, cover, strict=True))


def _first_run(true: NDArray[np.bool_], weeks: int, start: NDArray[np.int64]) -> NDArray[np.int64]:
    """By column: the first week at or after ``start`` with which ``weeks`` true weeks in a row begin; -1 if there is none."""
    if len(true) < weeks:
        return np.full(true.shape[1], -1)
    count = np.zeros((len(true) + 1, true.shape[1]), int)
    np.cumsum(true, axis=0, out=count[1:])
    whole = count[weeks:] - count[:-weeks] == weeks
    whole &= np.arange(len(whole))[:, None] >= start
    found: NDArray[np.int64] = np.where(whole.any(axis=0), whole.argmax(axis=0), -1)
    return found


def _deliveries(planned: Array, delivered: Array) -> list[float]:
    """Late and lost units of each column, one behind the other. Late: planned, and not delivered 30 days later. Lost: planned,
    and not delivered by the end of the run."""
    planned, delivered = np.cumsum(planned, axis=0), np.cumsum(delivered, axis=0)
    before = np.concatenate([np.zeros((1, planned.shape[1])), planned[:-1]])
    then = delivered[ON_TIME_ROWS:]  # weeks too near the end to be judged are left out
    late = np.maximum(planned[: len(then)] - np.maximum(before[: len(then)], then), 0.0).sum(axis=0)
    lost = np.maximum(planned[-1] - delivered[-1], 0.0)
    found: list[float] = np.column_stack([late, lost]).ravel().tolist()
    return found


def _licences(r: Readings) -> list[float]:
    """By desk: most pending, mean of the weeks' mean waits, refused."""
    found: list[float] = []
    for desk in DESKS:
        i = r.desks.index(desk)
        decided = r.wait[r.wait[:, i] > 0.0, i]
        found += [
            float(r.pending[:, i].max()),
            float(decided.mean()) if len(decided) else float("nan"),
            float(r.refused[:, i].sum()),
        ]
    return found
