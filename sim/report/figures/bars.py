"""Bars stacked by region, a group of bars a stage and a bar a year: how much of one element passes through each stage, where.

Table: ``panel, scenario, stage, region, region_name, year, value, unit``. A region keeps its fill in all panels of a plate;
regions beyond the seventh are summed as "other regions" by whoever makes the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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


def sums(plate: Plate) -> dict[tuple[str, str, int], dict[str, float]]:
    """Tonnes by (panel, stage, year) and name of the region."""
    columns = (plate.table.column(n).to_pylist() for n in ("panel", "stage", "year", "region_name", "value"))
    found: dict[tuple[str, str, int], dict[str, float]] = {}
    for key, stage, year, region, value in zip(*columns, strict=True):
        of = found.setdefault((key, stage, year), {})
        of[region] = of.get(region, 0.0) + value
    return found


def panel(plate: Plate, which: Panel) -> Figure:
    """Draw one panel: for each stage the years ``plate.extra["years"]`` beside each other."""
    from matplotlib.patches import Rectangle

    fill, years, tonnes = fills(plate), plate.extra["years"], sums(plate)
    figure, axes = new(plate, which)
    stages = [s for s in SITES if any(stage == s for _, stage, _ in tonnes)]
    wide = 0.8 / len(years)
    seen: set[str] = set()
    for i, stage in enumerate(stages):
        for j, year in enumerate(years):
            base, here = 0.0, tonnes.get((which.key, stage, year), {})
            for region in (r for r in fill if here.get(r, 0.0) > 0):
                place = (i - 0.4 + j * wide, base)
                axes.add_artist(
                    Rectangle(place, wide * 0.94, here[region], fc=fill[region], ec="white", lw=0.3, zorder=2)
                )
                base += here[region]
                seen.add(region)
    axes.set_xlim(-0.5, len(stages) - 0.5)
    highest = max((sum(of.values()) for (_, _, year), of in tonnes.items() if year in years), default=0.0)
    axes.set_ylim(0, highest * 1.04 or 1.0)  # one scale for all panels
    numbers(axes.yaxis)
    room_for_numbers(figure, axes)
    axes.set_xticks(range(len(stages)), [NARROW.get(s, s) for s in stages])
    axes.tick_params(axis="x", length=0, labelsize=7)
    _names(figure, axes, [r for r in fill if r in seen], fill)
    return figure


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
