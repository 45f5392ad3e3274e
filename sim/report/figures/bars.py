"""Bars stacked by region, a group of bars a stage and a bar a year: how much of one element passes through each stage, where.

Table: ``panel, scenario, stage, region, region_name, year, value, unit``. A region keeps its fill in all panels of a plate;
regions beyond the seventh are summed as "other regions" by whoever makes the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.report.figures.axes import TOP, new, numbers, renderer, room_for_numbers, short
from sim.report.figures.plate import Panel, Plate
from sim.report.looks import FILLS, REST_FILL
from sim.report.words import SITES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

REST: Final = "other regions"
NARROW: Final = {"mine": "mines", "separator": "oxide", "metal": "metal", "magnet": "magnets", "recycler": "recycled",
                "user": "users"}  # fmt: skip


def fills(plate: Plate) -> dict[str, str]:
    """A fill per region, in the order of the table; the rest grey."""
    named = [r for r in dict.fromkeys(plate.table.column("region_name").to_pylist()) if r != REST]
    return dict(zip(named, FILLS, strict=False)) | {REST: REST_FILL}


def panel(plate: Plate, which: Panel) -> Figure:
    """Draw one panel: for each stage the years ``plate.extra["years"]`` beside each other."""
    from matplotlib.patches import Rectangle

    fill, years = fills(plate), plate.extra["years"]
    rows = [r for r in plate.table.to_pylist() if r["panel"] == which.key and r["year"] in years]
    figure, axes = new(plate, which)
    stages = [s for s in SITES if s in plate.table.column("stage").to_pylist()]
    wide = 0.8 / len(years)
    for i, stage in enumerate(stages):
        for j, year in enumerate(years):
            base = 0.0
            for region in fill:
                tall = sum(
                    r["value"]
                    for r in rows
                    if (r["stage"], r["year"], r["region_name"]) == (stage, year, region)
                )
                if tall > 0:
                    axes.add_artist(Rectangle((i - 0.4 + j * wide, base), wide * 0.94, tall, fc=fill[region], ec="white",
                                              lw=0.3, zorder=2))  # fmt: skip
                base += tall
    axes.set_xlim(-0.5, len(stages) - 0.5)
    axes.set_ylim(0, top(plate) * 1.04 or 1.0)
    numbers(axes.yaxis)
    room_for_numbers(figure, axes)
    axes.set_xticks(range(len(stages)), [NARROW.get(s, s) for s in stages])
    axes.tick_params(axis="x", length=0)
    _names(figure, axes, [r for r in fill if any(x["region_name"] == r for x in rows)], fill)
    return figure


def top(plate: Plate) -> float:
    """The highest bar of all panels: they share one scale."""
    sums: dict[Any, float] = {}
    for r in plate.table.to_pylist():
        if r["year"] in plate.extra["years"]:
            key = (r["panel"], r["stage"], r["year"])
            sums[key] = sums.get(key, 0.0) + r["value"]
    return max(sums.values(), default=0.0)


def _names(figure: Figure, axes: Axes, regions: list[str], fill: dict[str, str]) -> None:
    """The regions in the order of stacking to the right of the frame, each beside a patch of its fill."""
    from matplotlib.patches import Rectangle

    if not regions:
        return
    measure = renderer(figure)
    height, width = figure.bbox.height, figure.bbox.width
    step = min(14.0, (height - TOP * 72) / len(regions))
    texts = [figure.text(0, 0, short(r, 18), fontsize=7.5, va="center", gid="end") for r in regions]
    right = 1 - (max(t.get_window_extent(measure).width for t in texts) + 20) / width
    where = axes.get_position()
    axes.set_position((where.x0, where.y0, right - where.x0, where.height))
    bottom = axes.get_window_extent(measure).y0
    for i, (name, text) in enumerate(zip(regions, texts, strict=True)):
        y = bottom + (i + 0.5) * step
        text.set_position((right + 16 / width, y / height))
        figure.add_artist(
            Rectangle((right + 4 / width, (y - 4) / height), 8 / width, 8 / height, color=fill[name], lw=0)
        )


def shares(plate: Plate, which: Panel, stage: str, year: int) -> dict[str, float]:
    """Share of each region in the flow of a stage in a year, largest first."""
    found: dict[str, float] = {}
    for r in plate.table.to_pylist():
        if (r["panel"], r["stage"], r["year"]) == (which.key, stage, year):
            found[r["region_name"]] = found.get(r["region_name"], 0.0) + r["value"]
    whole = sum(found.values())
    order = sorted(found, key=lambda n: (-found[n], n))
    return {n: found[n] / whole if whole else float(np.nan) for n in order}
