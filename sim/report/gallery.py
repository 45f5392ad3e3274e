"""``python -m sim.report.gallery FOLDER... --element Dy --out FILE.png``: one figure of the report as a picture.

Folders are compared as in the report; the panels of a product's prices are put on one sheet with its title.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from sim.report.comparison import compare
from sim.report.errors import ReportError
from sim.report.figures import draw
from sim.report.figures.plate import Plate
from sim.report.folders import read_folders
from sim.report.looks import looks
from sim.report.sections.prices import plate
from sim.report.words import month

WIDE, TALL, HEAD, KEY, DPI = (
    5.6,
    3.5,
    0.75,
    0.22,
    160,
)  # inches of a panel, of the title, of a line of the key; dots an inch


def sheet(one: Plate, styles: Any) -> Any:
    """The panels of a plate on one Matplotlib figure, two beside each other, under title and subtitle."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(one.panels) // 2)
    high = rows * TALL + HEAD + KEY * len(one.marks)
    page = Figure(figsize=(2 * WIDE, high), dpi=DPI, facecolor="white")
    page.text(0.02, 1 - 0.28 / high, one.title, fontsize=15, weight="bold", va="center", parse_math=False)
    page.text(0.02, 1 - 0.58 / high, one.subtitle, fontsize=9.5, color="0.35", va="center", parse_math=False)
    for i, mark in enumerate(one.marks):
        text = f"{i + 1}: {month(mark.start)}, {mark.label}"
        y = (len(one.marks) - i - 0.4) * KEY / high
        page.text(0.02, y, text, fontsize=9.5, color="0.35", va="center", parse_math=False)
    for i, panel in enumerate(one.panels):
        figure = draw(one, panel, styles)
        figure.set_dpi(DPI)
        figure.set_facecolor("white")
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
        row, column = divmod(i, 2)
        left, bottom = column * 0.5 + 0.01, 1 - (HEAD + (row + 1) * TALL) / high
        axes = page.add_axes((left, bottom, 0.48, (TALL - 0.1) / high))
        axes.imshow(np.asarray(canvas.buffer_rgba()), aspect="equal", interpolation="lanczos")
        axes.set_axis_off()
    FigureCanvasAgg(page)
    return page


def main(arguments: list[str] | None = None) -> int:
    """Write the picture. Exit code 2 and one line for a mistake."""
    parser = argparse.ArgumentParser(prog="python -m sim.report.gallery", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--element", default="Dy")
    parser.add_argument("--against", default="")
    parser.add_argument("--out", type=Path, default=Path("docs/figures/controls_2025.png"))
    asked = parser.parse_args(arguments)
    try:
        comparison = compare(read_folders(asked.folders), asked.against, (asked.element,))
        one = plate(comparison, f"{asked.element.lower()}_oxide")
        if one is None:
            raise ReportError(f"{asked.element}: no price of its oxide in these folders")
    except ReportError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    sheet(one, looks(r.scenario for r in comparison.results)).savefig(asked.out, metadata={"Software": None})
    sys.stdout.write(f"{asked.out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
