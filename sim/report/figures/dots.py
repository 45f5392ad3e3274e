"""One dot a row against a tolerance: how far things that should not move have moved.

Table: ``panel, row, place, value, tolerance, unit``; a dot for each place, in the colour and shape of the place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.report.figures.axes import TOP, new, numbers
from sim.report.figures.plate import Panel, Plate
from sim.report.looks import COLOURS, GRID, INK
from sim.report.words import clean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHAPES: Final = {"china": ("o", 2), "world": ("D", 1)}
ROW: Final = 0.19  # inches


def panel(plate: Plate, which: Panel) -> Figure:
    """Draw one panel: rows from the top in the order of the table, a tick where the tolerance ends."""
    from matplotlib.lines import Line2D

    rows = [r for r in plate.table.to_pylist() if r["panel"] == which.key]
    names = list(dict.fromkeys(r["row"] for r in rows))
    figure, axes = new(plate, which, height=TOP + 0.62 + ROW * max(3, len(names)))
    height = float(figure.get_figheight())
    axes.set_position((0.34, 0.34 / height, 0.62, (height - 0.34 - TOP - 0.22) / height))
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    for i, name in enumerate(names):
        axes.axhline(i, color=GRID[0], lw=0.5, zorder=0)
        here = [r for r in rows if r["row"] == name]
        for j, row in enumerate(here):
            y = i + 0.3 * (j - (len(here) - 1) / 2)  # hubs beside each other, or one would hide the other
            shape, colour = SHAPES.get(row["place"], ("s", 3))
            axes.plot([row["tolerance"]] * 2, [i - 0.4, i + 0.4], color=INK[0], lw=1.0)
            axes.plot(
                [row["value"]],
                [y],
                shape,
                clip_on=False,
                zorder=3,
                color=COLOURS[colour][0],
                ms=3.8,
                gid="dot",
            )
    axes.set_yticks(range(len(names)), [clean(n, 22) for n in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    most = max([*(r["value"] for r in rows), *(r["tolerance"] for r in rows)], default=1.0)
    axes.set_xlim(-0.02 * most, most * 1.08)
    numbers(axes.xaxis)
    places = list(dict.fromkeys((r["place"], r["place_name"]) for r in rows))
    handles = [
        Line2D(
            [],
            [],
            ls="",
            marker=SHAPES.get(p, ("s", 3))[0],
            color=COLOURS[SHAPES.get(p, ("s", 3))[1]][0],
            ms=4.5,
            label=n,
        )
        for p, n in places
    ]
    handles.append(Line2D([], [], ls="", marker="|", color=INK[0], ms=8, label="tolerance"))
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, frameon=False, fontsize=8,
                handletextpad=0.1, columnspacing=1.0, borderaxespad=0.1)  # fmt: skip
    return figure
