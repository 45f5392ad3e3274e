"""Tables of the defence section: who is late by bloc, which programme first, and all late programmes in full."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.report.comparison import Comparison
from sim.report.folders import Results
from sim.report.sections.facets import own
from sim.report.sections.programmes import Lateness, late_weeks, lateness, later, when
from sim.report.sections.section import Table
from sim.report.stats import estimate
from sim.report.words import plain, product

MOST: Final = 200  # rows of the long table


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
            weeks = late_weeks(r, bloc)
            units = None if weeks is None else estimate(weeks[1])
            pair = next((p for p in c.pairs if p.scenario.scenario == r.scenario), None)
            more = None if pair is None else later(pair, bloc)
            cover = [x.cover.mid for x in here if x.cover is not None]
            if c.many and pair is not None and not late and (units is None or units.high <= 0):
                continue  # said in the note
            rows.append((
                c.where(bloc), plain(r.scenario), f"{len(late)} of {len(here)}",
                "none" if first is None else c.name(first.programme),
                "–" if first is None else when(first.first, first.share), "not recorded" if units is None else units.text(),
                "–" if more is None else more.text(sign=True),
                *(((f"{float(np.median(cover)):.0f} days" if cover else "–"),) * covered),
            ))  # fmt: skip
    note = (
        "Late: more than 30 days behind plan. Weeks of plan: late units of each programme over its own weekly plan, summed over "
        "the bloc's programmes."
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
