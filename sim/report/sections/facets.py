"""Small multiples: where scenarios are too many for one axis, each gets a panel, with its comparator in grey."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.report.comparison import Comparison
from sim.report.figures.plate import Line, Panel, line
from sim.report.folders import Mark, Results
from sim.report.sections.section import FLATTENS
from sim.report.series import Series
from sim.report.words import plain

COLUMNS: Final = 4
BEFORE, AFTER = np.timedelta64(182, "D"), np.timedelta64(3 * 365, "D")  # of a close-up around the first event
Named = Sequence[tuple[str, Series | None]]


def own(c: Comparison) -> list[Results]:
    """Scenarios that get a panel: all shown but those that only serve as comparators."""
    bases = {p.base.scenario for p in c.pairs}
    return [r for r in c.shown if c.base_of(r) is not None or r.scenario not in bases]


def facets(c: Comparison, unit: str, read: Callable[[Results], Named], beside: Callable[[Results], Series | None] | None = None,
           heading: Callable[[Results], str] | None = None, reference: float | None = None, zero: bool = True,
           least: float = 0.0) -> tuple[list[Panel], list[Line], str]:  # fmt: skip
    """(panels, lines, words on the scale). ``read`` gives a scenario's lines by name, ``beside`` that of its comparator."""
    panels: list[Panel] = []
    lines: list[Line] = []
    for i, result in enumerate(own(c)):
        key = f"s{i}"
        here = [line(key, result.scenario, s, name) for name, s in read(result) if s is not None]
        if not here:
            continue
        base = c.base_of(result)
        other = beside(base) if beside is not None and base is not None else None
        if base is not None and other is not None:
            here.append(line(key, base.scenario, other))
        lines += here
        title = heading(result) if heading else plain(result.scenario)
        panels.append(Panel(key, title, unit, zero, reference, "all", least, marks=result.marks))
    scales = _scales(panels, lines)
    if len(set(scales.values())) < 2:
        return panels, lines, ""
    return [replace(p, group=scales[p.key]) for p in panels], lines, "scales differ; "


def _scales(panels: Sequence[Panel], lines: Sequence[Line]) -> dict[str, str]:
    """Panels in groups of one scale: from the highest down, a new one where the last would flatten what is drawn on it."""
    highest: dict[str, float] = {}
    for p in panels:
        tops = [
            float(np.nanmax(one.bands[4]))
            for one in lines
            if one.panel == p.key and np.isfinite(one.bands[4]).any()
        ]
        highest[p.key] = max([p.least, *tops])
    found: dict[str, str] = {}
    top, number = np.inf, 0
    for key in sorted(highest, key=lambda k: (-highest[k], k)):
        if top > FLATTENS * highest[key]:
            top, number = highest[key], number + 1
        found[key] = f"scale {number}"
    return found


def close_up(
    dates: NDArray[np.datetime64], marks: Sequence[Mark]
) -> tuple[np.datetime64, np.datetime64] | None:
    """Three years from the first event on, and half a year before it; None if that is most of the run or nothing happens."""
    days_of_run = dates.astype("datetime64[D]")
    first, last = days_of_run[0], days_of_run[-1]
    days = [d for m in marks if first <= (d := np.datetime64(m.start, "D")) < last]
    if not days:
        return None
    low, high = max(first, min(days) - BEFORE), min(last, min(days) + AFTER)
    return (low, high) if (high - low) < 0.75 * (last - first) else None
