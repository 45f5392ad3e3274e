"""A row a scenario; for each place a filled mark (highest week) and a hollow one (lowest), with ranges, on a scale of ratios.

Table: ``panel, row, place, place_name, end`` (highest or lowest), ``low, median, high, n, unit``; ``low`` and ``high`` hold 90 %
of the replications (all of them below 20). The line at 1 is "as in the comparator". A range that leaves the scale is cut there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.report.figures.axes import TOP, fit, new, renderer
from sim.report.figures.dots import SHAPES
from sim.report.figures.plate import Panel, Plate
from sim.report.looks import COLOURS, GRID, INK
from sim.report.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW: Final = 0.24  # inches
NAMES: Final = 0.36  # of the width, for the names of the rows
STEPS: Final = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)


def panel(plate: Plate, which: Panel) -> Figure:
    """Draw one panel: rows from the top in the order of the table."""
    rows = [r for r in plate.table.to_pylist() if r["panel"] == which.key]
    names = list(dict.fromkeys(r["row"] for r in plate.table.to_pylist()))
    figure, axes = new(plate, which, height=TOP + 0.62 + ROW * max(3, len(names)))
    height = float(figure.get_figheight())
    axes.set_position((NAMES, 0.34 / height, 0.98 - NAMES, (height - 0.34 - TOP - 0.22) / height))
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    low, high = scale([r for r in rows if np.isfinite(r["median"])])
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.axvline(1.0, color=INK[0], lw=0.8, zorder=1)
    for i, name in enumerate(names):
        axes.axhline(i, color=GRID[0], lw=0.5, zorder=0)
        here = [r for r in rows if r["row"] == name and np.isfinite(r["median"])]
        places = list(dict.fromkeys(r["place"] for r in here))
        for row in here:
            _dot(axes, row, i + 0.36 * (places.index(row["place"]) - (len(places) - 1) / 2), (low, high))
    axes.set_ylim(len(names) - 0.4, -0.6)
    _ticks(axes, low, high)
    _names(figure, axes, names)
    _legend(axes, list(dict.fromkeys((r["place"], r["place_name"]) for r in rows)))
    return figure


def scale(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Ends of a logarithmic axis that holds all medians and most of the ranges, 1 among them; at least 0.8 to 1.25."""
    medians = [r["median"] for r in rows if r["median"] > 0]
    low = min([0.8, *(max(r["low"], r["median"] / 3) for r in rows if r["median"] > 0)])
    high = max([1.25, *(min(r["high"], 3 * r["median"]) for r in rows if r["median"] > 0)])
    return min([low, *medians]) / 1.08, max([high, *medians]) * 1.08


def _dot(axes: Axes, row: dict[str, Any], y: float, ends: tuple[float, float]) -> None:
    shape, colour = SHAPES.get(row["place"], ("s", 3))
    look = COLOURS[colour][0]
    axes.plot(
        np.clip([row["low"], row["high"]], *ends), [y, y], color=look, lw=1.4, solid_capstyle="butt", zorder=2
    )
    face = look if row["end"] == "highest" else "white"
    axes.plot(
        [row["median"]], [y], shape, color=look, mfc=face, mew=1.0, ms=4.0, zorder=3, clip_on=False, gid="dot"
    )


def _ticks(axes: Axes, low: float, high: float) -> None:
    """Plain numbers, at most six of them, 1 always among them."""
    from matplotlib.ticker import FixedLocator, NullLocator

    decades = range(int(np.floor(np.log10(low))) - 1, int(np.ceil(np.log10(high))) + 1)
    for steps in (STEPS, (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        ticks = sorted({round(s * 10.0**d, 6) for d in decades for s in steps} | {0.8, 0.9, 1.0, 1.1, 1.25} if high / low < 2
                       else {round(s * 10.0**d, 6) for d in decades for s in steps})  # fmt: skip
        ticks = [t for t in ticks if low <= t <= high]
        if len(ticks) <= 6:
            break
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: number(value))


def _names(figure: Figure, axes: Axes, names: list[str]) -> None:
    """Names of the rows to the left of the frame, cut until they fit there."""
    measure = renderer(figure)
    frame = axes.get_position()
    for i, name in enumerate(names):
        y = frame.y1 - (i + 0.6) / len(names) * frame.height
        text = figure.text(NAMES - 0.015, y, "", fontsize=8, ha="right", va="center")
        fit(figure, measure, text, name, room=(NAMES - 0.02) * figure.bbox.width)
    axes.set_yticks([])


def _legend(axes: Axes, places: list[tuple[str, str]]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], lw=1.4, marker=SHAPES.get(p, ("s", 3))[0], color=COLOURS[SHAPES.get(p, ("s", 3))[1]][0], ms=4.5, label=n)
        for p, n in places
    ]  # fmt: skip
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, frameon=False, fontsize=8,
                handletextpad=0.4, columnspacing=1.0, borderaxespad=0.1)  # fmt: skip
