"""One section of the page: what it is about, its figures, its tables, or one sentence on why there is nothing to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sim.report.figures.plate import Line, Panel, Plate

Row = tuple[str, ...]
FLATTENS: Final = 5.0  # a panel this many times higher than another leaves it no room on a common scale


@dataclass(frozen=True)
class Table:
    """A table with a heading; the first row holds column names, the first cell of each row is its name."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""
    folded: bool = False  # shown when asked for


@dataclass(frozen=True)
class Section:
    """``nothing`` is shown in place of figures when the folders hold no data for them."""

    id: str
    heading: str
    intro: str
    plates: tuple[Plate, ...] = ()
    tables: tuple[Table, ...] = ()
    nothing: str = ""
    hidden: bool = False  # left out: these folders have no business with it


def scaled(panels: Sequence[Panel], lines: Sequence[Line]) -> tuple[list[Panel], str]:
    """One scale for all, unless the highest would flatten the others: then each its own, and words for the subtitle."""
    highest = {
        p.key: max(float(np.nanmax(one.bands[4])) for one in lines if one.panel == p.key) for p in panels
    }
    if max(highest.values()) <= FLATTENS * min(highest.values()):
        return list(panels), ""
    return [replace(p, group="") for p in panels], "scales differ; "
