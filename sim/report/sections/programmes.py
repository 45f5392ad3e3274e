"""Which programme is late first, for how long, by how many units and for want of what, by bloc and scenario.

A programme is late when its deliveries are more than ``LATE`` days behind plan, as in ``outcomes.parquet``. A date is the
median over the replications in which the programme is late; beside it stands the share of replications in which it is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.report.comparison import Comparison, Pair
from sim.report.folders import Results
from sim.report.series import Series
from sim.report.stats import Estimate, Floats, estimate
from sim.report.words import short_month

LATE: Final = 30.0  # days behind plan
TOGETHER: Final = "\u00a0"  # keeps month and year, number and unit on one line
Days = NDArray[np.datetime64]
Column = tuple[NDArray[np.int64], Floats]  # (replications, values)


@dataclass(frozen=True)
class Lateness:
    """A programme in one scenario. ``more_*``: beyond the comparator, paired; None without comparator or scalars."""

    programme: str
    bloc: str
    scenario: str
    first: np.datetime64 | None  # median over replications in which it is late
    share: float  # of replications, in which it is late
    longest: Estimate  # days
    late: Estimate | None  # units
    lost: Estimate | None
    more_late: Estimate | None
    more_lost: Estimate | None
    cover: Estimate | None  # days of use in stock when the first event begins
    item: str  # it waits for first in most replications; empty if it never waits


def lateness(c: Comparison, result: Results) -> list[Lateness]:
    """All programmes of ``result``, by bloc and id."""
    base = c.base_of(result)
    items = waited_for(result)
    found = []
    for key in result.series.keys("units_planned", scope="bloc"):
        if key.party in ("all", ""):
            continue
        first, share = first_late(result, key.place, key.party)
        delay = result.series.one("delay", place=key.place, party=key.party)
        names = [f"{kind}_units_programme_{key.party}" for kind in ("late", "lost")]
        late, lost = (scalar(result, n) for n in names)
        more = [None if base is None else paired(result, base, n) for n in names]
        found.append(Lateness(
            key.party, key.place, result.scenario, first, share,
            estimate(np.zeros(result.ok) if delay is None else delay.values.max(axis=1)), late, lost, more[0], more[1],
            _cover(result, key.place, key.party), items.get(key.party, ""),
        ))  # fmt: skip
    return found


def waited_for(result: Results) -> dict[str, str]:
    """The item that each programme waits for first, in most replications that see it wait after the first event."""
    table = result.happenings
    if not table.num_rows or not result.marks:
        return {}
    kept = pc.and_(pc.equal(table.column("event").cast(pa.string()), "held back"),
                   pc.greater_equal(table.column("date"), pa.scalar(result.marks[0].start, pa.date32())))  # fmt: skip
    rows = table.filter(kept).sort_by([("date", "ascending")])
    first: dict[tuple[int, str], str] = {}
    for r, name, item in zip(
        *(rows.column(n).to_pylist() for n in ("replication", "place", "cause")), strict=True
    ):
        first.setdefault((r, str(name)), str(item))
    counts: dict[str, Counter[str]] = {}
    for (_, name), item in first.items():
        counts.setdefault(name, Counter())[item] += 1
    return {name: max(of, key=lambda k: (of[k], k)) for name, of in counts.items()}


def first_days(result: Results, bloc: str, party: str) -> Days:
    """The first week of each replication in which deliveries are late; NaT where they never are."""
    series = result.series.one("delay", place=bloc, party=party)
    if series is None:
        return np.full(result.ok, np.datetime64("NaT"), "datetime64[D]")
    late = series.values > LATE
    days = series.dates[late.argmax(axis=1)].astype("datetime64[D]")
    days[~late.any(axis=1)] = np.datetime64("NaT")
    return np.asarray(days)


def first_late(result: Results, bloc: str, party: str) -> tuple[np.datetime64 | None, float]:
    """(median of :func:`first_days`, share of replications that have one)."""
    return middle(first_days(result, bloc, party))


def middle(days: Days) -> tuple[np.datetime64 | None, float]:
    """The median of those that are dates (the earlier of two), and their share of all."""
    seen = np.sort(days[~np.isnat(days)])
    return (seen[(len(seen) - 1) // 2] if len(seen) else None), len(seen) / max(len(days), 1)


def scalar(result: Results, column: str) -> Estimate | None:
    """A column of ``outcomes.parquet``; None where there is none."""
    values = _column(result, column)
    return None if values is None else estimate(values[1])


def late_weeks(result: Results, bloc: str) -> Column | None:
    """Late units of a bloc's programmes, each over its own weekly plan, summed: so one's early units make up for no other's.

    None where the folder holds no scalars.
    """
    total: Column | None = None
    for key in result.series.keys("units_planned", scope="bloc", place=bloc):
        late = None if key.party in ("all", "") else _column(result, f"late_units_programme_{key.party}")
        if late is None:
            continue
        plan = float(result.series.read(key).values.mean())
        weeks = late[1] / plan if plan > 0 else np.zeros_like(late[1])
        total = (late[0], weeks if total is None else total[1] + weeks)
    return total


def paired(result: Results, base: Results, column: str) -> Estimate | None:
    """The scenario's scalar less the comparator's, replication by replication."""
    return less(_column(result, column), _column(base, column))


def later(pair: Pair, bloc: str) -> Estimate | None:
    """:func:`late_weeks` beyond the comparator's, paired; None without scalars."""
    return less(late_weeks(pair.scenario, bloc), late_weeks(pair.base, bloc))


def less(a: Column | None, b: Column | None) -> Estimate | None:
    """``a - b`` over the replications that both have."""
    if a is None or b is None:
        return None
    _, ia, ib = np.intersect1d(a[0], b[0], return_indices=True)
    return estimate(a[1][ia] - b[1][ib]) if len(ia) else None


def _column(result: Results, column: str) -> Column | None:
    table = result.outcomes
    if column not in table.column_names or "replication" not in table.column_names or not table.num_rows:
        return None
    values = pc.cast(table.column(column), "float64").to_numpy(zero_copy_only=False)
    return table.column("replication").to_numpy(zero_copy_only=False).astype(np.int64), np.asarray(
        values, dtype=float
    )


def _cover(result: Results, bloc: str, party: str) -> Estimate | None:
    series: Series | None = result.series.one("cover", scope="bloc", place=bloc, party=party)
    if series is None or not result.marks:
        return None
    day = np.datetime64(result.marks[0].start, "D")
    week = max(int(np.searchsorted(series.dates, day, side="right")) - 1, 0)
    return estimate(series.values[:, week])


def when(first: np.datetime64 | None, share: float) -> str:
    """``Aug 2026, 85 %``, or a dash if it is never late."""
    if first is None:
        return "–"
    return f"{short_month(first).replace(' ', TOGETHER)}, {100 * share:.0f}{TOGETHER}%"
