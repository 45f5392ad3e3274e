"""One section of the page: what it is about, its figures, its tables, or one sentence on why there is nothing to show."""

from __future__ import annotations

from dataclasses import dataclass

from sim.report.figures.plate import Plate

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table with a heading; the first row holds column names, the first cell of each row is its name."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True)
class Section:
    """``nothing`` is shown in place of figures when the folders hold no data for them."""

    id: str
    heading: str
    intro: str
    plates: tuple[Plate, ...] = ()
    tables: tuple[Table, ...] = ()
    nothing: str = ""
