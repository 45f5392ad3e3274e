"""Stock cover outside China: how many days the stocks would last."""

from __future__ import annotations

import numpy as np

from sim.report.comparison import Comparison
from sim.report.figures.plate import Line, Panel, Plate, line, tidy
from sim.report.findings import named
from sim.report.sections.facets import COLUMNS, facets, own
from sim.report.sections.section import Section, Table
from sim.report.series import Series
from sim.report.stats import estimate, quantiles
from sim.report.words import MAGNETS, month, number, plain, product, slug

STEADY = "Stock cover outside China stays within a tenth of its start"
INTRO = "Days of use that the stocks held outside China would last. Cover falls before users go short: it is the early sign."


def section(c: Comparison) -> Section:
    """A panel for each chosen product, then for each magnet family that is recorded."""
    lines: list[Line] = []
    panels: list[Panel] = []
    lowest: list[tuple[float, str]] = []
    for commodity in (*c.commodities, *MAGNETS):
        found = [
            (r, s) for r in c.shown if (s := cover(r.series.one("cover", place="world", commodity=commodity)))
        ]
        for r, s in found:
            lines.append(line(slug(commodity), r.scenario, s))
            median = quantiles(s.values)[2]
            week = int(median.argmin())
            start = float(median[0])
            if start > 0:
                text = (
                    f"{product(commodity)} cover falls from {number(start)} to {number(float(median[week]))} days, "
                    f"{month(s.dates[week])}{named(r.scenario, c.shown)}"
                )
                lowest.append((float(median[week]) / start, text))
        if found:
            panels.append(Panel(slug(commodity), product(commodity), "days of use"))
    if not lines:
        return Section(
            "stocks",
            "Stock cover",
            INTRO,
            nothing="No stock cover outside China is recorded in these folders.",
        )
    fall, title = min(lowest, default=(1.0, ""))
    if c.many:
        return _by_scenario(c, title if fall < 0.9 else STEADY)
    plate = Plate(
        id="cover", kind="lines", title=title if fall < 0.9 else STEADY,
        panels=tuple(panels), table=tidy(lines), marks=c.marks,
        subtitle=f"Stock cover outside China by product, days of use, weekly; {c.n}",
    )  # fmt: skip
    return Section("stocks", "Stock cover", INTRO, (plate,))


def _by_scenario(c: Comparison, title: str) -> Section:
    """A panel for each scenario with the product whose cover falls most; all products in a table."""
    least: dict[str, tuple[float, str, Series]] = {}
    scenarios = own(c)
    rows: list[tuple[str, ...]] = []
    for commodity in (*c.commodities, *MAGNETS):
        cells = []
        for r in scenarios:
            s = cover(r.series.one("cover", place="world", commodity=commodity))
            if s is None:
                cells.append("–")
                continue
            lowest = estimate(s.values.min(axis=1))
            cells.append(lowest.text())
            start = float(np.median(s.values[:, 0]))
            if start > 0 and lowest.mid / start < least.get(r.scenario, (2.0, "", s))[0]:
                least[r.scenario] = (lowest.mid / start, commodity, s)
        if set(cells) != {"–"}:
            rows.append((product(commodity), *cells))
    panels, lines, scale = facets(
        c, "days of use", lambda r: (("cover", least[r.scenario][2]),) if r.scenario in least else (),
        heading=lambda r: f"{product(least[r.scenario][1])}: {plain(r.scenario)}",
    )  # fmt: skip
    plate = Plate(
        id="cover", kind="lines", title=title, panels=tuple(panels), table=tidy(lines), marks=c.marks, columns=COLUMNS,
        subtitle=f"Stock cover outside China of the product whose cover falls most, days of use, weekly; {scale}{c.n}",
    )  # fmt: skip
    head = ("Product", *(plain(r.scenario) for r in scenarios))
    table = Table(
        "Lowest cover, days of use (90 % range)", (head, *rows), "The lowest week of each replication."
    )
    return Section("stocks", "Stock cover", INTRO, (plate,), (table,))


def cover(series: Series | None) -> Series | None:
    """None unless there is a finite number in every week of the median."""
    if series is None or not bool((quantiles(series.values)[2] >= 0).all()):
        return None
    return series
