"""What all panels share: the frame, years, numbers with thousands separators, shock dates, and thinner lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.report.figures.plate import Panel, Plate
from sim.report.folders import Mark
from sim.report.looks import GRID, INK, MUTED
from sim.report.stats import Floats
from sim.report.words import MONTHS, clean, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

# Inches, of one panel, by the number of panels beside each other: so that letters are as large on the page in both.
WIDTH: Final = {2: 4.6, 3: 3.6}
HEIGHT: Final = {2: 2.55, 3: 2.45}
TOP: Final = 0.46  # kept for heading and unit
NAMED: Final = 2  # as many shocks are named in the panel; more are numbered


def day_numbers(days: Any) -> Floats:
    """Matplotlib's number for each day, whatever kind of date it is."""
    from matplotlib.dates import date2num

    return np.atleast_1d(np.asarray(date2num(days), dtype=np.float64))  # type: ignore[no-untyped-call]


def renderer(figure: Figure) -> RendererBase:
    """What measures texts; nothing is painted."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    measure: RendererBase = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    return measure


def new(plate: Plate, which: Panel, height: float = 0.0) -> tuple[Figure, Axes]:
    """An empty panel with its heading and unit, and room above the frame for the names of the shocks."""
    from matplotlib.figure import Figure

    width, height = WIDTH[plate.columns], height or HEIGHT[plate.columns]
    rows = min(len(plate.marks), NAMED) if len(plate.marks) <= NAMED else 1
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes(
        (0.47 / width, 0.28 / height, 1 - 0.57 / width, (height - 0.28 - TOP - 0.15 * rows) / height)
    )
    heading, unit = which.heading, which.unit
    figure.text(0.005, 1 - 0.13 / height, clean(heading, 60), fontsize=9.5, fontweight="bold", va="center")
    figure.text(0.005, 1 - 0.31 / height, clean(unit, 70), fontsize=8, color=MUTED[0], va="center")
    return figure, axes


def numbers(axis: Any) -> None:
    """Ticks as plain numbers, about five."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def years(axes: Axes, first: np.datetime64, last: np.datetime64) -> None:
    """A time axis from ``first`` to ``last`` with whole years, or months if the run is short."""
    from matplotlib.dates import DateFormatter, MonthLocator, YearLocator

    low, high = (float(x) for x in day_numbers([first, last]))
    axes.set_xlim(low, max(high, low + 7))
    span = (high - low) / 365.25
    if span > 2:
        axes.xaxis.set_major_locator(YearLocator(base=1 if span <= 6 else 2 if span <= 12 else 5))  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(DateFormatter("%Y"))  # type: ignore[no-untyped-call]
    else:
        months = (1, 7) if span > 1 else (1, 4, 7, 10)
        axes.xaxis.set_major_locator(MonthLocator(bymonth=months))  # type: ignore[no-untyped-call]
        # not "%b": the words must not follow the machine's language
        axes.xaxis.set_major_formatter(lambda x, _: _month_tick(x))


def _month_tick(x: float) -> str:
    from matplotlib.dates import num2date

    day: date = num2date(x).date()  # type: ignore[no-untyped-call]
    return f"{MONTHS[day.month - 1][:3]} {day.year}"


def draw_marks(axes: Axes, marks: Sequence[Mark]) -> None:
    """A line at each date, shade while it lasts if it ends; above the frame its name, or its number if there are many."""
    figure = axes.get_figure(root=True)
    if figure is None:
        return
    low, high = axes.get_xlim()
    days = [float(day_numbers(m.start)[0]) for m in marks]
    seen = [(i, m, x) for i, (m, x) in enumerate(zip(marks, days, strict=True), 1) if low <= x <= high]
    named = len(marks) <= NAMED
    last_x = -np.inf
    for row, (i, mark, x) in enumerate(seen):
        if mark.end is not None:
            axes.axvspan(
                x, min(float(day_numbers(mark.end)[0]), high), color=GRID[0], alpha=0.45, lw=0, zorder=0
            )
        axes.axvline(x, color=INK[0], lw=0.8, zorder=1)
        if not named and (x - last_x) / (high - low) < 0.06:
            continue  # the numbers would collide: the list under the figure has them all
        last_x = x
        left = (x - low) / (high - low) < 0.5
        up = 2 + (10.5 * row if named else 0)
        note = axes.annotate(
            mark.label if named else str(i), (x, 1.0), xycoords=("data", "axes fraction"), xytext=(0, up),
            textcoords="offset points", ha="left" if left else "right", va="bottom", fontsize=7.5, color=INK[0], gid="mark",
        )  # fmt: skip
        if named:
            _shorten(figure, note, mark.label)


def _shorten(figure: Figure, note: Annotation, label: str) -> None:
    """Cut the words of ``note`` until they fit on the figure."""
    measure = renderer(figure)
    for limit in range(min(len(label), 90), 8, -3):
        note.set_text(short(label, limit))
        box = note.get_window_extent(measure)
        if box.x0 >= 0 and box.x1 <= figure.bbox.width:
            return


def short(text: str, limit: int) -> str:
    """``text`` cut between words, with an ellipsis, if it is longer than ``limit``."""
    text = clean(text)
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut[limit // 2 :] else cut}…"


def thin(x: Floats, y: Floats, tolerance: float) -> NDArray[np.intp]:
    """Indices that are enough to draw ``y(x)`` with no point further than ``tolerance`` (in ``y``) from the drawn line.

    Ramer, Douglas and Peucker's rule with vertical distance: extremes stay, nothing is smoothed, files are small.
    """
    keep = np.zeros(len(x), dtype=bool)
    if len(x) == 0:
        return np.flatnonzero(keep)
    keep[[0, -1]] = True
    pending = [(0, len(x) - 1)]
    while pending:
        a, b = pending.pop()
        if b - a < 2:
            continue
        inner = slice(a + 1, b)
        chord = y[a] + (y[b] - y[a]) * (x[inner] - x[a]) / (x[b] - x[a])
        away = np.abs(y[inner] - chord)
        worst = int(np.argmax(away))
        if away[worst] > tolerance:
            split = a + 1 + worst
            keep[split] = True
            pending += [(a, split), (split, b)]
    return np.flatnonzero(keep)
