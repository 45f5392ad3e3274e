"""The defence table: which programme is late first, for how long and by how many units, by bloc and scenario.

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

from sim.report.comparison import Comparison
from sim.report.folders import Results
from sim.report.sections.facets import own
from sim.report.sections.section import Table
from sim.report.series import Series
from sim.report.stats import Estimate, Floats, estimate
from sim.report.words import plain, product, short_month

LATE: Final = 30.0  # days behind plan
TOGETHER: Final = "\u00a0"  # keeps month and year, number and unit on one line
MOST: Final = 200  # rows of the long table
Days = NDArray[np.datetime64]


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


def paired(result: Results, base: Results, column: str) -> Estimate | None:
    """The scenario's scalar less the comparator's, replication by replication."""
    a, b = _column(result, column), _column(base, column)
    if a is None or b is None:
        return None
    _, ia, ib = np.intersect1d(a[0], b[0], return_indices=True)
    return estimate(a[1][ia] - b[1][ib]) if len(ia) else None


def _column(result: Results, column: str) -> tuple[NDArray[np.int64], Floats] | None:
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


def tables(c: Comparison) -> tuple[Table, ...]:
    """By bloc; then programmes by scenario; then everything, folded."""
    scenarios = [*own(c), *(r for r in c.shown if r.scenario not in {o.scenario for o in own(c)})]
    found = {r.scenario: lateness(c, r) for r in scenarios}
    if not any(found.values()):
        return ()
    made = (
        _by_bloc(c, scenarios, found),
        _matrix(c, scenarios, found),
        _long(c, [r for r in scenarios if r in own(c)], found),
    )
    return tuple(t for t in made if len(t.rows) > 1)


def when(first: np.datetime64 | None, share: float) -> str:
    """``Aug 2026, 85 %``, or a dash if it is never late."""
    if first is None:
        return "–"
    return f"{short_month(first).replace(' ', TOGETHER)}, {100 * share:.0f}{TOGETHER}%"


def _by_bloc(c: Comparison, scenarios: list[Results], found: dict[str, list[Lateness]]) -> Table:
    blocs = sorted({x.bloc for rows in found.values() for x in rows}, key=_order)
    covered = any(x.cover for rows in found.values() for x in rows)
    head = ("Bloc", "Scenario", "Programmes late in most replications", "First late programme", "In, share of replications",
            "Late deliveries, weeks of plan", "beyond the comparator (paired)",
            *(("Median cover at the first event",) * covered))  # fmt: skip
    rows = [head]
    for bloc in blocs:
        for r in scenarios:
            here = [x for x in found[r.scenario] if x.bloc == bloc]
            late = [x for x in here if x.share > 0.5]
            first = min(late, key=lambda x: (x.first, x.programme), default=None)
            base = c.base_of(r)
            name = f"late_units_bloc_{bloc}"
            units, more = scalar(r, name), None if base is None else paired(r, base, name)
            cover = [x.cover.mid for x in here if x.cover is not None]
            if c.many and base is not None and not late and (units is None or units.high <= 0):
                continue  # said in the note
            rows.append((
                c.where(bloc), plain(r.scenario), f"{len(late)} of {len(here)}",
                "none" if first is None else c.name(first.programme),
                "–" if first is None else when(first.first, first.share), "not recorded" if units is None else units.text(),
                "–" if more is None else more.text(sign=True),
                *(((f"{float(np.median(cover)):.0f} days" if cover else "–"),) * covered),
            ))  # fmt: skip
    note = (
        "Late: more than 30 days behind plan. Weeks of plan: a bloc's total counts each programme in units of its own weekly plan; "
        "one programme's early units may stand in for another's late ones there."
    )
    if c.many:
        note += " Scenarios in which nothing of a bloc is late are left out of its rows."
    return Table("Who is late, by bloc", tuple(rows), note)


def _matrix(c: Comparison, scenarios: list[Results], found: dict[str, list[Lateness]]) -> Table:
    by = {(x.bloc, x.programme, r.scenario): x for r in scenarios for x in found[r.scenario]}
    ever = sorted(
        {(x.bloc, x.programme) for x in by.values() if x.share > 0},
        key=lambda k: (*_order(k[0]), c.name(k[1])),
    )
    head = ("Programme", "Bloc", *(plain(r.scenario) for r in scenarios))
    rows = [head]
    for bloc, programme in ever:
        cells = [by.get((bloc, programme, r.scenario)) for r in scenarios]
        rows.append(
            (c.name(programme), c.where(bloc), *("–" if x is None else when(x.first, x.share) for x in cells))
        )
    total = len({(x.bloc, x.programme) for x in by.values()})
    note = (
        f"Month of the first delivery more than 30 days late (median of the replications in which there is one), and the share of "
        f"replications in which there is one. {total - len(ever)} of {total} programmes are late in no scenario and left out."
    )
    return Table("First late delivery of each programme", tuple(rows), note)


def _long(c: Comparison, scenarios: list[Results], found: dict[str, list[Lateness]]) -> Table:
    late = [x for r in scenarios for x in found[r.scenario] if x.share > 0]
    late.sort(key=lambda x: (-x.longest.mid, x.programme, x.scenario))
    covered = any(x.cover for x in late)
    head = ("Programme", "Bloc", "Scenario", "First late, share of replications", "Waits first for",
            "Longest delay, days (90 % range)", "Units late", "late beyond the comparator (paired)", "Units lost",
            "lost beyond the comparator (paired)",
            *(("Cover at the first event, days",) * covered))  # fmt: skip
    rows = [
        (c.name(x.programme), c.where(x.bloc), plain(x.scenario), when(x.first, x.share),
         product(x.item) if x.item else "–", x.longest.text(),
         *("–" if e is None else e.text(sign=signed) for e, signed in
           ((x.late, False), (x.more_late, True), (x.lost, False), (x.more_lost, True))),
         *(("–" if x.cover is None else x.cover.text(),) * covered))
        for x in late[:MOST]
    ]  # fmt: skip
    note = "Late: not delivered 30 days after plan; lost: not delivered by the end of the run. Bills of material are estimates."
    if len(late) > MOST:
        note += f" The {MOST} rows of {len(late)} with the longest delay."
    return Table("All late programmes: delay and units", (head, *rows), note, folded=True)


def _order(bloc: str) -> tuple[int, str]:
    order = ("us_nato", "china", "russia")
    return (order.index(bloc) if bloc in order else len(order), bloc)
