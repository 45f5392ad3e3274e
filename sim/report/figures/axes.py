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
    from matplotlib.text import Text

# Inches, of one panel, by the number of panels beside each other: so that letters are as large on the page in both.
WIDTH: Final = {2: 4.6, 3: 3.6, 4: 2.75}
HEIGHT: Final = {2: 2.55, 3: 2.45, 4: 2.15}
TOP: Final = 0.46  # kept for heading and unit


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
    rows = 1 if plate.marks else 0  # of numbers of events
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes(
        (0.47 / width, 0.28 / height, 1 - 0.57 / width, (height - 0.28 - TOP - 0.15 * rows) / height)
    )
    measure = renderer(figure)
    heading = figure.text(0.005, 1 - 0.13 / height, "", fontsize=9.5, fontweight="bold", va="center")
    unit = figure.text(0.005, 1 - 0.31 / height, "", fontsize=8, color=MUTED[0], va="center")
    fit(figure, measure, heading, clean(which.heading, 80))
    fit(figure, measure, unit, clean(which.unit, 80))
    return figure, axes


def fit(figure: Figure, measure: RendererBase, text: Text, words: str, room: float = np.inf) -> None:
    """Write ``words``, cut between words until they end on the figure and are no wider than ``room`` (in dots)."""
    for limit in range(len(words), 8, -2):
        text.set_text(short(words, limit))
        box = text.get_window_extent(measure)
        if box.x1 <= figure.bbox.width and box.width <= room:
            return
    text.set_text(short(words, 8))


def numbers(axis: Any) -> None:
    """Ticks as plain numbers, about five."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def room_for_numbers(figure: Figure, axes: Axes) -> None:
    """Move the frame to the right until the longest number at its left edge stands on the figure."""
    low, high = axes.get_ylim()
    ticks = [float(v) for v in axes.yaxis.get_major_locator()() if low <= v <= high]
    longest = max((number(v) for v in ticks), key=len, default="")
    text = figure.text(0, 0, longest, fontsize=8.5)
    needed = (text.get_window_extent(renderer(figure)).width + 8) / figure.bbox.width
    text.remove()
    where = axes.get_position()
    if needed > where.x0:
        axes.set_position((needed, where.y0, where.x1 - needed, where.height))


def years(axes: Axes, first: np.datetime64, last: np.datetime64) -> None:
    """A time axis from ``first`` to ``last`` with whole years, or months if the run is short."""
    from matplotlib.dates import DateFormatter, MonthLocator, YearLocator

    low, high = (float(x) for x in day_numbers([first, last]))
    axes.set_xlim(low, max(high, low + 7))
    span = (high - low) / 365.25
    if span > 2:
        narrow = _inches(axes) < 2.0  # years must not touch
        base = 1 if span <= (4 if narrow else 6) else (3 if narrow else 2) if span <= 12 else 5
        axes.xaxis.set_major_locator(YearLocator(base=base))  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(DateFormatter("%Y"))  # type: ignore[no-untyped-call]
    else:
        months = (1, 7) if span > 1 else (1, 4, 7, 10)
        axes.xaxis.set_major_locator(MonthLocator(bymonth=months))  # type: ignore[no-untyped-call]
        # not "%b": the words must not follow the machine's language
        axes.xaxis.set_major_formatter(lambda x, _: _month_tick(x))


def _inches(axes: Axes) -> float:
    """Width of the frame."""
    figure = axes.get_figure(root=True)
    return 0.0 if figure is None else float(figure.get_figwidth()) * axes.get_position().width


def _month_tick(x: float) -> str:
    from matplotlib.dates import num2date

    day: date = num2date(x).date()  # type: ignore[no-untyped-call]
    return f"{MONTHS[day.month - 1][:3]} {day.year}"


MOST_NUMBERS = 5  # written out above a panel


def draw_marks(axes: Axes, key: Sequence[Mark], shown: Sequence[Mark] | None = None) -> None:
    """A line at each date, shade while it lasts if it ends; above the frame its number in ``key``, whose words stand below.

    ``shown`` are those that concern this panel (all, if not given). Numbers that would touch are written as one: ``2–4``.
    """
    low, high = axes.get_xlim()
    inch = (high - low) / max(_inches(axes), 0.5)
    drawn: list[tuple[float, list[int]]] = []
    for number_, mark in enumerate(key, 1):
        x = float(day_numbers(mark.start)[0])
        if (shown is not None and mark not in shown) or not low <= x <= high:
            continue
        if mark.end is not None:
            end = min(float(day_numbers(mark.end)[0]), high)
            axes.axvspan(x, end, color=GRID[0], alpha=0.45, lw=0, zorder=0)
        axes.axvline(x, color=INK[0], lw=0.8, zorder=1)
        if drawn and x - drawn[-1][0] < (0.06 + 0.08 * len(_together(drawn[-1][1]))) * inch:
            drawn[-1][1].append(number_)
        else:
            drawn.append((x, [number_]))
    for x, numbers_ in drawn:
        axes.annotate(
            _together(numbers_), (x, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2), textcoords="offset points",
            ha="left", va="bottom", fontsize=7.5, color=INK[0], gid="mark",
        )  # fmt: skip


def _together(numbers_: Sequence[int]) -> str:
    """``3``, ``2–4`` or ``2, 5``; of many, how many between the first and the last."""
    first, last = numbers_[0], numbers_[-1]
    if len(numbers_) > 2 and last - first == len(numbers_) - 1:
        return f"{first}–{last}"
    if len(numbers_) > MOST_NUMBERS:
        return f"{len(numbers_)} events, {first} to {last}"
    return ", ".join(str(n) for n in numbers_)


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
