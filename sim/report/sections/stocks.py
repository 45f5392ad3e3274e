"""Stock cover outside China: how many days the stocks would last."""

from __future__ import annotations

from sim.report.comparison import Comparison
from sim.report.figures.plate import Line, Panel, Plate, line, tidy
from sim.report.findings import named
from sim.report.sections.section import Section
from sim.report.series import Series
from sim.report.stats import quantiles
from sim.report.words import MAGNETS, month, number, product, slug

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
    plate = Plate(
        id="cover", kind="lines", title=title if fall < 0.9 else "Stock cover outside China stays within a tenth of its start",
        panels=tuple(panels), table=tidy(lines), marks=c.marks,
        subtitle=f"Stock cover outside China by product, days of use, weekly; {c.n}",
    )  # fmt: skip
    return Section("stocks", "Stock cover", INTRO, (plate,))


def cover(series: Series | None) -> Series | None:
    """None unless there is a finite number in every week of the median."""
    if series is None or not bool((quantiles(series.values)[2] >= 0).all()):
        return None
    return series
