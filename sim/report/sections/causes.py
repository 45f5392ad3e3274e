"""What made the shortages: ``attribution.parquet`` outside China by cause, a bar a quarter, as tonnes and as shares."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.report.comparison import Comparison
from sim.report.figures.plate import Panel, Plate
from sim.report.figures.stack import QUARTER, REST
from sim.report.findings import named
from sim.report.folders import Results
from sim.report.looks import FILLS
from sim.report.sections.facets import own
from sim.report.sections.section import Section, Table
from sim.report.words import cause, plain, slug

INTRO = (
    "Each week, unserved demand outside China is traced to the constraints that bound: what held up its own sources, or the "
    "sources of those, carried down the chain in proportion. Kilograms are of contained element, so that products can be added."
)
LEAST_KG: Final = 1e6  # shortages of less than 1 % of 1,000 t over a run are not worth a figure
SMALL: Final = 0.01  # of the largest shortage of any scenario: less is not drawn
Sums = dict[tuple[date, str], float]


def section(c: Comparison) -> Section:
    """A plate for each scenario that has gaps."""
    sizes = {r.scenario: sum(by_quarter(r).values()) for r in c.shown}
    most = max(max(sizes.values()), LEAST_KG)
    if c.many:
        return _together(c, [r for r in own(c) if sizes[r.scenario] > SMALL * most])
    plates = tuple(p for r in c.shown if sizes[r.scenario] > SMALL * most and (p := plate(c, r)) is not None)
    return Section(
        "causes",
        "What made the shortages",
        INTRO,
        plates,
        nothing="" if plates else "No unserved demand outside China.",
    )


def _together(c: Comparison, results: list[Results]) -> Section:
    """One plate with a panel for each scenario that has gaps, and the shares of the causes in a table."""
    totals: dict[str, dict[str, float]] = {}
    for r in results:
        for (_, why), kg in by_quarter(r).items():
            of = totals.setdefault(r.scenario, {})
            of[why] = of.get(why, 0.0) + kg
    if not totals:
        return Section(
            "causes", "What made the shortages", INTRO, nothing="No unserved demand outside China."
        )
    all_of = {why: sum(t.get(why, 0.0) for t in totals.values()) for t in totals.values() for why in t}
    kept = sorted((k for k in all_of if k != REST), key=lambda k: (-all_of[k], k))[: len(FILLS)]
    tables, panels = [], []
    for i, r in enumerate(results):
        rows: Sums = {}
        for (day, why), kg in by_quarter(r).items():
            key = (day, why if why in kept else REST)
            rows[key] = rows.get(key, 0.0) + kg
        tables.append(_table(rows, f"s{i}", r.scenario))
        panels.append(Panel(f"s{i}", plain(r.scenario), "t of element a week", marks=r.marks))
    days = [d for r in results for d in (r.series.dates[0], r.series.dates[-1])]
    worst, why, part = max(
        ((s, k, v / sum(t.values())) for s, t in totals.items() for k, v in t.items()),
        key=lambda x: totals[x[0]][x[1]],
    )
    facts = [("Cause", *(plain(s) for s in totals))]
    facts += [(cause(k), *(f"{100 * t.get(k, 0.0) / sum(t.values()):.1f} %" for t in totals.values()))
              for k in sorted(all_of, key=lambda k: (-all_of[k], k))]  # fmt: skip
    plate = Plate(
        id="causes", kind="stack",
        title=f"{cause(why).capitalize()} make {100 * part:.0f} % of the shortages{named(worst, results)}",
        subtitle=f"Unserved demand outside China by binding constraint, t of contained element a week by quarter; scales differ; "
        f"mean, {c.n}",
        panels=tuple(panels), table=pa.concat_tables(tables), marks=c.marks, columns=3,
        extra={"days": (min(days), max(days))}, facts=tuple(facts),
    )  # fmt: skip
    table = Table("Share of each cause in all unserved demand outside China", tuple(facts))
    return Section("causes", "What made the shortages", INTRO, (plate,), (table,))


def plate(c: Comparison, result: Results) -> Plate | None:
    """Tonnes and shares by cause and quarter, mean over replications."""
    sums = by_quarter(result)
    whole = sum(sums.values())
    if whole <= 0:
        return None
    totals: dict[str, float] = {}
    for (_, why), kg in sums.items():
        totals[why] = totals.get(why, 0.0) + kg
    kept = sorted((k for k in totals if k != REST), key=lambda k: (-totals[k], k))[: len(FILLS)]
    rows: Sums = {}
    for (day, why), kg in sums.items():
        key = (day, why if why in kept else REST)
        rows[key] = rows.get(key, 0.0) + kg
    top = kept[0]
    share = 100 * totals[top] / whole
    panels = (
        Panel("tonnes", "Unserved, by cause", "t of element a week, mean of the quarter"),
        Panel("share", "Shares", "% of the quarter; quarters below 1 % of the largest left out"),
    )
    days = result.series.dates
    return Plate(
        id=f"causes_{slug(result.scenario)}" if len(c.shown) < 2 else f"causes_{c.shown.index(result)}", kind="stack",
        title=f"{share:.0f} % of shortages outside China come from {cause(top)}{named(result.scenario, c.shown)}",
        subtitle=f"Unserved demand outside China by binding constraint, t of contained element, {plain(result.scenario)}; "
        f"mean of n = {result.ok} replications",
        panels=panels, table=_table(rows, scenario=result.scenario), marks=result.marks, columns=2,
        extra={"days": (days[0], days[-1])},
        facts=(("Cause", "Share of all unserved demand outside China"), *((cause(k), f"{100 * totals[k] / whole:.1f} %")
                                                 for k in sorted(totals, key=lambda k: (-totals[k], k)))),
    )  # fmt: skip


def by_quarter(result: Results) -> Sums:
    """kg by (first day of the quarter of 13 weeks, cause), summed over pools, mean over replications."""
    table = result.attribution
    if not {"date", "cause", "place", "gap_kg"} <= set(table.column_names):
        return {}
    table = table.filter(pc.not_equal(table.column("place").cast(pa.string()), "china"))
    if not table.num_rows:
        return {}
    start = pa.scalar(result.series.dates[0].astype("datetime64[D]").astype(np.int32).item() - 7, pa.int32())
    days = pc.subtract(pc.subtract(table.column("date").cast(pa.int32()), start), pa.scalar(1, pa.int32()))
    quarter = pc.divide(days, pa.scalar(int(QUARTER), pa.int32()))
    grouped = pa.table(
        {"quarter": quarter, "cause": table.column("cause").cast(pa.string()), "kg": table.column("gap_kg")}
    )
    first = result.series.dates[0].astype("datetime64[D]").item() - timedelta(days=7)
    sums: Sums = {}
    for row in grouped.group_by(["quarter", "cause"]).aggregate([("kg", "sum")]).to_pylist():
        day = first + timedelta(days=int(QUARTER) * row["quarter"])
        sums[day, str(row["cause"])] = row["kg_sum"] / result.ok
    return sums


def _table(sums: Sums, only: str = "", scenario: str = "") -> pa.Table:
    """The tidy table of both panels, or of one called ``only``."""
    of_day: dict[date, float] = {}
    for (day, _), kg in sums.items():
        of_day[day] = of_day.get(day, 0.0) + kg
    rows: list[dict[str, Any]] = []
    for (day, why), kg in sorted(sums.items()):
        about = {"panel": only or "tonnes", "scenario": scenario, "cause": why, "date": day}
        rows.append(about | {"value": kg / 1000 / 13, "unit": "t/week"})
        if not only and of_day[day] > 0.01 * max(of_day.values()):  # shares of next to nothing say nothing
            rows.append(about | {"panel": "share", "value": 100 * kg / of_day[day], "unit": "%"})
    return pa.Table.from_pylist(rows)
