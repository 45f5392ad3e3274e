"""Figures as functions of tidy data: ``draw(plate, panel)`` gives a Matplotlib figure, on the page or in a notebook.

=========  ==========================================================================================
plate      what a figure is before it is drawn: tidy table, title, subtitle, panels
axes       what all panels share: frame, years, numbers, shock dates
lines      medians with 50 % and 90 % bands (or the runs, if few), named at the line's end
stack      areas stacked by cause
dots       one dot a row against a tolerance
ranges     one dot with its range a row and place, on a scale of ratios
bars       bars stacked by region, a group a stage
told       the same in words: alternative text and the table of key values
=========  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.report.figures.plate import Panel, Plate
from sim.report.looks import Look, drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(plate: Plate, panel: Panel, styles: Mapping[str, Look] | None = None) -> Figure:
    """One panel of ``plate`` as a Matplotlib figure; ``styles`` as for :func:`sim.report.looks.looks`."""
    from sim.report.figures import bars, dots, lines, ranges, stack

    with drawing(f"{plate.id}-{panel.key}"):
        if plate.kind == "lines":
            return lines.panel(plate, panel, styles)
        if plate.kind == "stack":
            return stack.panel(plate, panel)
        if plate.kind == "dots":
            return dots.panel(plate, panel)
        return ranges.panel(plate, panel) if plate.kind == "ranges" else bars.panel(plate, panel)
