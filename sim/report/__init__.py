"""One HTML page from run folders: it reads what runs have written and never runs anything.

    python -m sim.report outputs/report/baseline-... outputs/report/controls_2025-... --out outputs/report.html

folders   reads a run folder            stats       quantiles, paired ranges
series    finds a series                findings    peaks and their dates
comparison  who is compared with whom   headline    key figures and the first paragraph
figures   tidy data -> Matplotlib       sections    what is shown, in order
looks     colour and dash by scenario   svg, page, writing   figure -> SVG -> HTML -> file
"""

from __future__ import annotations

from sim.report.errors import ReportError

__all__ = ["ReportError", "make"]


def make(folders: list[str], out: str, against: str = "", elements: str = "") -> None:
    """Write the page for ``folders`` to ``out`` and its data beside it. Raises :class:`ReportError` with nothing written."""
    from pathlib import Path

    from sim.report.comparison import compare, elements_named
    from sim.report.folders import read_folders
    from sim.report.page import build
    from sim.report.words import DEFAULT_ELEMENTS
    from sim.report.writing import check, data_folder, write

    target = Path(out)
    check(target)
    chosen = elements_named(elements) if elements else DEFAULT_ELEMENTS
    comparison = compare(read_folders([Path(f) for f in folders]), against, chosen)
    write(build(comparison, data_folder(target).name), target)
