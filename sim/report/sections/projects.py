"""Projects: capacity on stream outside China by stage, and which projects are decided, start up, are mothballed or restarted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.report.comparison import Comparison, minus
from sim.report.figures.bars import NARROW
from sim.report.figures.plate import Line, Panel, Plate, line, tidy
from sim.report.findings import named
from sim.report.folders import Results
from sim.report.sections.facets import COLUMNS, facets, own
from sim.report.sections.programmes import Days, middle, when
from sim.report.sections.section import Section, Table
from sim.report.series import Series
from sim.report.stats import estimate, quantiles
from sim.report.words import SITES, month, number, plain

INTRO = (
    "Capacity on stream is what plants outside China could make in a week, after what has been announced, decided, mothballed and "
    "restarted, less what outages take. Projects are named with the month in which something befalls them and how often it does."
)
DECIDED: Final = ("decision", "final decision")
WORDS: Final = {
    "decision": "Decided", "final decision": "Decided", "start-up waits for feed": "Waits for feed",
    "start-up waits for an outlet": "Waits for an outlet", "start-up": "Starts up", "mothballed": "Mothballed",
    "restart": "Restarted",
}  # fmt: skip
MOST: Final = 150  # rows


def section(c: Comparison) -> Section:
    """Capacity by stage against the comparator; a table of projects; decisions by year."""
    plates = tuple(p for p in (_capacity(c),) if p is not None)
    tables = tuple(t for t in (_decided(c), _projects(c)) if len(t.rows) > 1)
    why = (
        "" if plates or tables else "Neither capacity by region nor any project is recorded in these folders."
    )
    if tables and not plates and _stages(c):
        why = "In every scenario capacity outside China stays within one percent of the comparator's, at every stage."
    return Section("projects", "Projects on stream", INTRO, plates, tables, why)


def outside(result: Results, stage: str) -> Series | None:
    """Capacity of ``stage`` summed over the regions outside China."""
    keys = [k for k in result.series.keys("capacity", scope="region", stage=stage) if k.place != "china"]
    found = [result.series.read(k) for k in keys]
    return found[0].with_values(np.sum([s.values for s in found], axis=0), found[0].unit) if found else None


def _stages(c: Comparison) -> list[str]:
    return [s for s in SITES if any(outside(r, s) is not None for r in c.shown)]


def _capacity(c: Comparison) -> Plate | None:
    stages = _stages(c)
    if not stages:
        return None
    columns, scale, marks = (2 if len(stages) in (2, 4) else 3), "", c.marks
    panels: list[Panel] = []
    lines: list[Line] = []
    if c.many:
        if c.pairs and not _departs(c, stages):
            return None
        columns = COLUMNS
        panels, lines, scale = facets(
            c, "% of the comparator's" if c.pairs else "% of the first week",
            lambda r: [(NARROW[s], _percent(c, r, s)) for s in stages],
            reference=100.0, zero=False, least=4.0,
        )  # fmt: skip
    else:
        for stage in stages:
            found = [(r, s) for r in c.shown if (s := outside(r, stage)) is not None]
            lines += [line(stage, r.scenario, s) for r, s in found]
            panels.append(Panel(stage, SITES[stage], found[0][1].unit))
    measure = "over the comparator's, paired" if c.many and c.pairs else "t a week"
    return Plate(
        id="capacity", kind="lines", title=_title(c, stages), panels=tuple(panels), table=tidy(lines), marks=marks, columns=columns,
        subtitle=f"Capacity on stream outside China by stage, {measure}; {scale}{c.n}",
    )  # fmt: skip


def _percent(c: Comparison, result: Results, stage: str) -> Series | None:
    """Capacity in % of the comparator's, paired; of its first week where there is none."""
    a = outside(result, stage)
    pair = next((p for p in c.pairs if p.scenario.scenario == result.scenario), None)
    if a is None or pair is None:
        return None if a is None else a.with_values(_over(a.values, a.values[:, :1]), "%")
    top, bottom = outside(pair.scenario, stage), outside(pair.base, stage)
    if top is None or bottom is None:
        return None
    change = minus(top, bottom)
    _, ia, _ = np.intersect1d(bottom.replications, change.replications, return_indices=True)
    base = bottom.values[ia]
    return change.with_values(_over(change.values + base, base), "%")


def _departs(c: Comparison, stages: Sequence[str]) -> bool:
    """Whether the median of any stage in any scenario is ever more than 1 % off the comparator's."""
    found = [s for p in c.pairs for stage in stages if (s := _percent(c, p.scenario, stage)) is not None]
    return any(bool((np.abs(quantiles(s.values)[2] - 100) > 1).any()) for s in found)


def _over(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(
        np.divide(100 * a, b, out=np.full(a.shape, 100.0), where=np.broadcast_to(b > 0, a.shape))
    )


def _title(c: Comparison, stages: Sequence[str]) -> str:
    """The stage whose capacity departs most from the comparator's at any time, and when."""
    best: tuple[float, str] = (0.0, "")
    for pair in c.pairs:
        for stage in stages:
            s = _percent(c, pair.scenario, stage)
            if s is None or not s.values.size:
                continue
            away = quantiles(s.values)[2] - 100
            week = int(np.abs(away).argmax())
            if abs(away[week]) > best[0]:
                side = "above" if away[week] > 0 else "below"
                told = f"{SITES[stage]} outside China: {number(abs(away[week]))} % {side} the comparator's capacity"
                told += f", {month(s.dates[week])}"
                best = (abs(float(away[week])), told + named(pair.scenario.scenario, c.pairs))
    if best[0] >= 1:
        return best[1]
    if c.pairs:
        return "Capacity outside China stays within one percent of the comparator's"
    return "Capacity on stream outside China by stage"


def _happenings(result: Results, what: str) -> dict[tuple[str, str], Days]:
    """First date of ``what`` by (site, cause) and replication; NaT where it does not happen."""
    table = result.happenings
    if not table.num_rows:
        return {}
    table = table.filter(pc.equal(table.column("event").cast(pa.string()), what))
    where = {int(r): i for i, r in enumerate(result.series.replications)}
    found: dict[tuple[str, str], Days] = {}
    columns = (table.column(n) for n in ("replication", "date", "place", "cause"))
    for r, day, place, cause in zip(*(col.to_pylist() for col in columns), strict=True):
        if r in where and day is not None:
            days = found.setdefault(
                (str(place), str(cause)), np.full(len(where), np.datetime64("NaT"), "datetime64[D]")
            )
            days[where[r]] = (
                np.datetime64(day, "D")
                if np.isnat(days[where[r]])
                else min(days[where[r]], np.datetime64(day, "D"))
            )
    return found


def _projects(c: Comparison) -> Table:
    """What befalls each project, a column a scenario; start-ups that are the same everywhere are in it too."""
    scenarios = [*own(c), *(r for r in c.shown if r.scenario not in {o.scenario for o in own(c)})]
    cells: dict[tuple[str, str, str], dict[str, str]] = {}
    firsts: dict[tuple[str, str, str], np.datetime64] = {}
    for r in scenarios:
        for what in WORDS:
            for (site, cause), days in _happenings(r, what).items():
                key = (site, what, cause)
                day, share = middle(days)
                cells.setdefault(key, {})[r.scenario] = when(day, share)
                if day is not None:
                    firsts[key] = min(day, firsts.get(key, day))
    order = sorted(cells, key=lambda k: (list(WORDS).index(k[1]), firsts[k], k))
    head = ("Project", "What", "Why", *(plain(r.scenario) for r in scenarios))
    rows = [
        (c.name(site), WORDS[what], plain(cause), *(cells[site, what, cause].get(r.scenario, "–") for r in scenarios))
        for site, what, cause in order[:MOST]
    ]  # fmt: skip
    note = "Month (median of the replications in which it happens) and share of replications in which it happens."
    if len(order) > MOST:
        note += f" The first {MOST} of {len(order)} rows."
    return Table(
        "Projects: decided, on stream, mothballed, restarted", (head, *rows), note, folded=len(rows) > 12
    )


def _decided(c: Comparison) -> Table:
    """Projects decided in each year: their mean number, and the share of replications with at least one."""
    counts: dict[str, dict[int, np.ndarray]] = {}
    for r in c.shown:
        for days in [d for what in DECIDED for d in _happenings(r, what).values()]:
            seen = ~np.isnat(days)
            for year in np.unique(days[seen].astype("datetime64[Y]")).astype(int) + 1970:
                one = seen & (days.astype("datetime64[Y]").astype(int) + 1970 == year)
                of = counts.setdefault(r.scenario, {})
                of[int(year)] = of.get(int(year), np.zeros(len(days))) + one
    years = sorted({y for of in counts.values() for y in of})
    rows = [("Scenario", *(str(y) for y in years), "Whole run (90 % range)")]
    for r in c.shown if years else ():
        of = counts.get(r.scenario, {})
        told = [
            f"{number(float(of[y].mean()))} ({100 * float((of[y] > 0).mean()):.0f} %)" if y in of else "–"
            for y in years
        ]
        total = np.sum(list(of.values()), axis=0) if of else np.zeros(r.ok)
        rows.append((plain(r.scenario), *told, estimate(np.asarray(total, dtype=float)).text()))
    note = "Mean number of investment decisions of the year; in brackets the share of replications with at least one."
    return Table("Projects decided by year", tuple(rows), note)
