"""Bars stacked by cause, a bar a quarter: how large the gap was and what made it.

Table: ``panel, scenario, cause, date`` (first day of the quarter), ``value, unit``. A cause keeps its fill in all panels
of a plate; those beyond the seventh are summed as "other causes" by whoever makes the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sim.report.figures.axes import (
    day_numbers,
    draw_marks,
    new,
    numbers,
    renderer,
    room_for_numbers,
    short,
    years,
)
from sim.report.figures.plate import Panel, Plate
from sim.report.labels import spread
from sim.report.looks import FILLS, REST_FILL
from sim.report.words import cause

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUARTER: Final = 91.0  # days
REST: Final = "other causes"


def order(plate: Plate) -> list[str]:
    """Causes by their total over all panels, largest first, the rest last: the order of stacking and of fills."""
    totals: dict[str, float] = {}
    for name, value in zip(*(plate.table.column(c).to_pylist() for c in ("cause", "value")), strict=True):
        totals[name] = totals.get(name, 0.0) + value
    return sorted(totals, key=lambda c: (c == REST, -totals[c], c))


def fills(causes: list[str]) -> dict[str, str]:
    """A fill per cause."""
    named = [c for c in causes if c != REST]
    return dict(zip(named, FILLS, strict=False)) | {REST: REST_FILL}


def panel(plate: Plate, which: Panel) -> Figure:
    """Draw one panel of a stacked plate."""
    from matplotlib.patches import Rectangle

    causes = order(plate)
    fill = fills(causes)
    rows = [r for r in plate.table.to_pylist() if r["panel"] == which.key]
    figure, axes = new(plate, which)
    quarters = sorted({r["date"] for r in rows})
    x = day_numbers(quarters)
    base = np.zeros(len(quarters))
    for name in causes:
        height = np.zeros(len(quarters))
        for row in rows:
            if row["cause"] == name:
                height[quarters.index(row["date"])] = row["value"]
        for left, low, tall in zip(x, base, height, strict=True):
            if tall > 0:
                axes.add_artist(
                    Rectangle((left, low), QUARTER, tall, fc=fill[name], ec="white", lw=0.3, zorder=2)
                )
        base += height
    days = plate.extra["days"]
    years(axes, days[0], days[1])
    numbers(axes.yaxis)
    axes.set_ylim(0, float(base.max(initial=0.0)) * 1.04 or 1.0)
    room_for_numbers(figure, axes)
    draw_marks(axes, plate.marks, which.marks)
    _names(figure, axes, [c for c in causes if c in {r["cause"] for r in rows}], fill)
    return figure


def _names(figure: Figure, axes: Axes, causes: list[str], fill: dict[str, str]) -> None:
    """The causes in the order of stacking to the right of the frame, each beside a patch of its fill."""
    from matplotlib.patches import Rectangle

    if not causes:
        return
    measure = renderer(figure)
    texts = [figure.text(0, 0, short(cause(c), 24), fontsize=8, va="center", gid="end") for c in causes]
    boxes = [t.get_window_extent(measure) for t in texts]
    width, height = figure.bbox.width, figure.bbox.height
    where = axes.get_position()
    right = 1 - (max(b.width for b in boxes) + 20) / width
    axes.set_position((where.x0, where.y0, right - where.x0, where.height))
    frame = axes.get_window_extent(measure)
    wanted = [frame.y0 + (i + 0.5) * frame.height / len(causes) for i in range(len(causes))]
    for name, text, y in zip(causes, texts, spread(wanted, 14, frame.y0 - 4, frame.y1), strict=True):
        text.set_position((right + 16 / width, y / height))
        patch = Rectangle(
            (right + 4 / width, (y - 4) / height), 8 / width, 8 / height, color=fill[name], lw=0
        )
        figure.add_artist(patch)
