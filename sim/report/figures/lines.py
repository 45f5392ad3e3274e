"""Lines with bands: the median of the replications, the middle half and the middle 90 % of them, named at the line's end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.panel import ENOUGH
from sim.report.figures.axes import (
    HEIGHT,
    day_numbers,
    draw_marks,
    new,
    numbers,
    renderer,
    room_for_numbers,
    thin,
    years,
)
from sim.report.figures.plate import Line, Panel, Plate, lines_of
from sim.report.labels import spread
from sim.report.looks import DASHES, INK, Look, looks
from sim.report.words import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FINE: Final = 0.006  # inches: finer detail of a line is not drawn
MOST_LABELS: Final = 6  # more lines are told apart by the legend above the figure


def panel(plate: Plate, which: Panel, styles: Mapping[str, Look] | None = None) -> Figure:
    """Draw one panel of ``plate`` from its tidy table.

    ``styles`` fixes the look of each scenario; left out, it follows from the scenario ids in the table.
    """
    styles = styles or looks(plate.table.column("scenario").to_pylist())
    lines = lines_of(plate.table, which)
    names = [n for n in dict.fromkeys(plate.table.column("series").to_pylist()) if n]
    figure, axes = new(plate, which)
    low, high = limits(_on_its_scale(plate, which), which.zero, which.reference, which.least)
    drawn = {id(one): look_of(one, styles, names) for one in lines}
    for one in lines:
        _draw(axes, one, drawn[id(one)], (high - low) * FINE / HEIGHT[plate.columns])
    if which.reference is not None:
        axes.axhline(which.reference, color=INK[0], lw=0.7, zorder=1)
    below = 0.0 if which.zero else 0.05
    axes.set_ylim(low - below * (high - low), high + 0.04 * (high - low))
    numbers(axes.yaxis)
    room_for_numbers(figure, axes)
    if len(lines) <= MOST_LABELS:
        name_ends(figure, axes, lines, [drawn[id(one)] for one in lines])
    days = plate.table.column("date").to_numpy()
    years(
        axes, *(which.window or (days.min(), days.max()))
    )  # after the names, which take width from the years
    draw_marks(axes, plate.marks, which.marks)
    return figure


def look_of(one: Line, styles: Mapping[str, Look], names: Sequence[str]) -> Look:
    """The scenario's colour and dash; of several lines of one scenario each has a dash of its own."""
    look = styles[one.scenario]
    return replace(look, dash=DASHES[names.index(one.name) % len(DASHES)]) if one.name else look


def _on_its_scale(plate: Plate, which: Panel) -> pa.Table:
    """The rows that share the panel's scale: its own, or those of its group; of a close-up its weeks only."""
    keys = [p.data for p in plate.panels if p == which or (which.group and p.group == which.group)]
    rows = plate.table.filter(pc.is_in(plate.table.column("panel"), pa.array(keys)))
    if which.window is None:
        return rows
    days = rows.column("date").to_numpy().astype("datetime64[D]")
    return rows.filter(pa.array((days >= which.window[0]) & (days <= which.window[1])))


def limits(table: pa.Table, zero: bool, reference: float | None, least: float = 0.0) -> tuple[float, float]:
    """Lowest and highest number that will be drawn: 90 % bands, or runs, or medians. At least ``least`` apart."""
    names = [c for c in table.column_names if c in ("q05", "median", "q95") or c.startswith("run_")]
    values = np.concatenate([table.column(c).to_numpy(zero_copy_only=False).astype(float) for c in names])
    values = values[np.isfinite(values)]
    extra = [0.0] if zero else []
    extra += [] if reference is None else [reference]
    values = np.concatenate([values, extra]) if extra else values
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if high - low <= 1e-9 * max(1.0, abs(high)):
        high = low + (least or max(1.0, abs(low) * 0.1))
        low, high = (low, high) if zero or not least else (low - least / 2, high - least / 2)
    if high - low < least:
        more = least - (high - low)
        low, high = (low, high + more) if zero else (low - more / 2, high + more / 2)
    return low, high


def _draw(axes: Axes, one: Line, look: Look, tolerance: float) -> None:
    from matplotlib.patches import Polygon

    x = day_numbers(one.dates)
    if one.n >= ENOUGH:
        for low, high, alpha in ((0, 4, 0.15), (1, 3, 0.25)):
            a, b = thin(x, one.bands[low], tolerance), thin(x, one.bands[high], tolerance)
            outline = (
                np.concatenate([x[a], x[b][::-1]]),
                np.concatenate([one.bands[low][a], one.bands[high][b][::-1]]),
            )
            # add_artist, not fill: limits are set by us, and measuring each patch for them costs more than drawing it
            axes.add_artist(Polygon(np.column_stack(outline), color=look.colour, alpha=alpha, lw=0, zorder=2))
    elif one.runs is not None:
        for run in one.runs:
            i = thin(x, run, tolerance)
            axes.plot(x[i], run[i], color=look.colour, lw=0.5, alpha=0.5, zorder=2)
    i = thin(x, one.median, tolerance)
    dashes: dict[str, Any] = {"dashes": look.dash} if look.dash else {}
    axes.plot(x[i], one.median[i], color=look.colour, zorder=3, **dashes)


def name_ends(figure: Figure, axes: Axes, lines: Sequence[Line], drawn: Sequence[Look]) -> None:
    """Scenario names at the right end of their lines, in their colour, pushed apart; the frame makes room for them."""
    if not lines:
        return
    measure = renderer(figure)
    texts = [
        figure.text(
            0, 0, _short(one.name or one.scenario), color=look.colour, fontsize=8, va="center", gid="end"
        )
        for one, look in zip(lines, drawn, strict=True)
    ]
    boxes = [t.get_window_extent(measure) for t in texts]
    width, height = figure.bbox.width, figure.bbox.height
    where = axes.get_position()
    right = 1 - (max(b.width for b in boxes) + 8) / width
    axes.set_position((where.x0, where.y0, right - where.x0, where.height))
    frame = axes.get_window_extent(measure)
    ends = [float(axes.transData.transform((0.0, one.median[-1]))[1]) for one in lines]
    tall = max(b.height for b in boxes) + 1
    for text, y in zip(texts, spread(ends, tall, frame.y0 - 4, frame.y1), strict=True):
        text.set_position((right + 4 / width, y / height))


def _short(name: str) -> str:
    text = plain(name)
    return text if len(text) <= 20 else text[:19] + "…"
