"""Flows of one element: how much passes through each stage, and in which regions, in the first and the last whole year."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from sim.report.comparison import Comparison
from sim.report.figures.bars import REST
from sim.report.figures.plate import Panel, Plate
from sim.report.findings import named
from sim.report.folders import Results
from sim.report.looks import FILLS
from sim.report.sections.section import Section
from sim.report.words import SITES, number, plain

INTRO = (
    "Tonnes of the element a calendar year: mined, separated, made into metal, made into magnets, and used. Stages do not add up "
    "to one another: what is lost, stored, recycled or used in other goods lies between them."
)
ORDER: Final = tuple(SITES)
Flows = dict[tuple[str, str, int], float]  # t by stage, region and year
WHOLE: Final = 51  # weeks that make a year whole


def section(c: Comparison) -> Section:
    """A plate for each chosen element."""
    plates = tuple(p for e in c.elements if (p := plate(c, symbol(e))) is not None)
    if not plates:
        return Section(
            "flows",
            "Flows by region",
            INTRO,
            nothing="No flow of these elements by region is recorded in these folders.",
        )
    return Section("flows", "Flows by region", INTRO, plates)


def symbol(element: str) -> str:
    """NdPr is followed by its neodymium."""
    return "nd" if element == "NdPr" else element.lower()


def plate(c: Comparison, element: str) -> Plate | None:
    """A panel for each scenario; all years in the table, the first and the last whole one drawn."""
    found = {r.scenario: yearly(r, element) for r in c.shown}
    years = sorted({y for flows in found.values() for *_, y in flows})
    if not years:
        return None
    drawn = [years[0], years[-1]] if len(years) > 1 else years
    kept = _largest(found)
    rows: list[dict[str, Any]] = []
    panels = []
    for i, r in enumerate(c.shown):
        if not found[r.scenario]:
            continue
        panels.append(Panel(f"s{i}", plain(r.scenario), f"t {element.capitalize()} a year"))
        rows += [
            {"panel": f"s{i}", "scenario": r.scenario, "stage": stage, "region": region,
             "region_name": _region(c, region) if region in kept else REST, "year": year, "value": value, "unit": "t element/year"}
            for (stage, region, year), value in found[r.scenario].items()
        ]  # fmt: skip
    rows.sort(
        key=lambda x: (
            x["panel"],
            ORDER.index(x["stage"]),
            kept.index(x["region"]) if x["region"] in kept else 99,
            x["region"],
        )
    )
    rows.sort(key=lambda x: x["region_name"] == REST)  # fills in the order of size, the rest last
    pairs = f"{drawn[0]} (left) and {drawn[-1]} (right)" if len(drawn) > 1 else str(drawn[0])
    return Plate(
        id=f"flows_{element}", kind="bars", title=_title(c, element, found, drawn), panels=tuple(panels), columns=3,
        table=pa.Table.from_pylist(rows),
        subtitle=f"{element.capitalize()} by stage and region, t of element a year, {pairs}; mean of the replications, {c.n}",
        extra={"years": tuple(drawn)}, facts=_facts(c, found, kept, drawn),
    )  # fmt: skip


def yearly(result: Results, element: str) -> Flows:
    """t of element by (stage, region, calendar year), mean over replications; whole years only (all, if none is whole)."""
    begins = (result.series.dates - np.timedelta64(7, "D")).astype("datetime64[Y]").astype(int) + 1970
    weeks = {int(y): int((begins == y).sum()) for y in np.unique(begins)}
    whole = [y for y, n in weeks.items() if n >= WHOLE] or list(weeks)
    found: Flows = {}
    for key in result.series.keys("element_flow", scope="region", commodity=element):
        if key.stage not in ORDER:
            continue
        mean = result.series.read(key).values.mean(axis=0)
        for y in whole:
            where = (key.stage, key.place, y)
            found[where] = found.get(where, 0.0) + float(mean[begins == y].sum())
    return found


def _largest(found: dict[str, Flows]) -> list[str]:
    """The regions with the largest flows, as many as there are fills, the largest first."""
    size: dict[str, float] = {}
    for flows in found.values():
        for (_, region, _), value in flows.items():
            size[region] = size.get(region, 0.0) + value
    return sorted(size, key=lambda r: (-size[r], r))[: len(FILLS)]


def _region(c: Comparison, region: str) -> str:
    name = c.where(region)
    return name[:1].upper() + name[1:]


def _sum(flows: Flows, stage: str, year: int, regions: set[str] | None = None) -> float:
    return sum(
        v for (s, r, y), v in flows.items() if s == stage and y == year and (regions is None or r in regions)
    )


def _facts(
    c: Comparison, found: dict[str, Flows], kept: list[str], drawn: list[int]
) -> tuple[tuple[str, ...], ...]:
    """Stage by stage: each region, then the sum, a column for each scenario and year."""
    shown = [s for s in found if found[s]]
    head = ("Stage, region", *(f"{plain(s)}, {y}" for s in shown for y in drawn))
    rows = [head]
    regions = sorted({r for f in found.values() for _, r, _ in f})
    groups = [(_region(c, r), {r}) for r in kept] + (
        [(REST, set(regions) - set(kept))] if len(regions) > len(kept) else []
    )
    for stage in (s for s in ORDER if any(k[0] == s for f in found.values() for k in f)):
        for name, of in groups:
            cells = [_sum(found[s], stage, y, of) for s in shown for y in drawn]
            if any(cells):
                rows.append((f"{SITES[stage]}, {name}", *(number(v) for v in cells)))
        rows.append(
            (f"{SITES[stage]}, sum", *(f"{number(_sum(found[s], stage, y))} t" for s in shown for y in drawn))
        )
    return tuple(rows)


def _title(c: Comparison, element: str, found: dict[str, Flows], drawn: list[int]) -> str:
    """China's share of a stage at both dates, in the scenario in which it changes most."""
    name, first, last = element.capitalize(), drawn[0], drawn[-1]
    for stage, work in (("separator", "separation"), ("mine", "mining"), ("magnet", "magnet making")):
        best: tuple[float, str] = (-1.0, "")
        for r in c.shown:
            wholes = [(y, _sum(found[r.scenario], stage, y)) for y in (first, last)]
            if all(whole > 0 for _, whole in wholes):
                a, b = (100 * _sum(found[r.scenario], stage, y, {"china"}) / whole for y, whole in wholes)
                told = f"China's share of {name} {work}: {a:.0f} % in {first}, {b:.0f} % in {last}"
                if abs(b - a) > best[0]:
                    best = (abs(b - a), told + named(r.scenario, c.shown))
        if best[1]:
            return best[1]
    return f"{name} by stage and region"
