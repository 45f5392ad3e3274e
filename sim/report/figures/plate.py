"""What a figure is before it is drawn: tidy data, and the words around it.

A *plate* is one numbered figure of the page: a title that states the finding, a subtitle that says what is measured, and
panels side by side. Its data are one Arrow table, a row a week, which is also the CSV beside the page: ``panel, scenario,
series, date, n, median, q05, q25, q75, q95, unit`` and, below 20 replications, ``run_<r>`` columns instead of quantiles.
``series`` tells several lines of one scenario in one panel apart; it is empty where each scenario has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.panel import ENOUGH
from sim.report.folders import Mark
from sim.report.series import Series
from sim.report.stats import Floats, quantiles

QUANTILE_COLUMNS = ("q05", "q25", "median", "q75", "q95")


@dataclass(frozen=True)
class Line:
    """One line of one panel: ``bands[5, week]`` at the quantiles, and the ``runs[replication, week]`` if they are few.

    ``name`` tells lines of the same scenario apart; without it the line is called by its scenario.
    """

    panel: str
    scenario: str
    dates: NDArray[np.datetime64]
    bands: Floats
    runs: Floats | None
    n: int
    unit: str
    name: str = ""

    @property
    def median(self) -> Floats:
        return np.asarray(self.bands[2])


def line(panel: str, scenario: str, series: Series, name: str = "") -> Line:
    """Summarise ``series`` over its replications."""
    n = len(series.replications)
    runs = series.values if 1 < n < ENOUGH else None
    return Line(panel, scenario, series.dates, quantiles(series.values), runs, n, series.unit, name)


@dataclass(frozen=True)
class Panel:
    """One picture of a plate. ``key`` is its name in the table, ``heading`` what stands above it."""

    key: str
    heading: str
    unit: str
    zero: bool = True  # the axis starts at 0
    reference: float | None = None  # a line that means "no difference"
    group: str = ""  # panels of one group share their scale
    least: float = 0.0  # the axis spans at least this much: what is next to nothing is drawn as such
    rows: str = ""  # the panel whose rows it shows, if not its own: a close-up
    window: tuple[np.datetime64, np.datetime64] | None = None  # weeks shown, if not all
    marks: tuple[Mark, ...] | None = None  # events shown, if not all of the plate

    @property
    def data(self) -> str:
        """The name under which its rows stand in the table."""
        return self.rows or self.key


@dataclass(frozen=True)
class Plate:
    """A figure of the page. ``kind`` names the module that draws it; ``facts`` is the small table under it."""

    id: str
    kind: Literal["lines", "stack", "dots", "ranges", "bars"]
    title: str
    subtitle: str
    panels: tuple[Panel, ...]
    table: pa.Table
    marks: tuple[Mark, ...] = ()
    note: str = ""
    columns: int = 3  # panels beside each other where the page is wide
    facts: tuple[tuple[str, ...], ...] = ()  # first row: headings
    extra: dict[str, Any] = field(default_factory=dict)


def tidy(lines: Sequence[Line]) -> pa.Table:
    """The table of ``lines``: see the module's docstring. Weeks without a number are left out."""
    parts = [_rows(one) for one in lines]
    return pa.concat_tables(parts, promote_options="default") if parts else _rows(None)


def _rows(one: Line | None) -> pa.Table:
    if one is None:
        empty = np.zeros((5, 0))
        one = Line("", "", np.array([], "datetime64[D]"), empty, None, 0, "")
    seen = np.isfinite(one.median)
    count = int(seen.sum())
    columns: dict[str, Any] = {
        "panel": pa.array([one.panel] * count, pa.string()),
        "scenario": pa.array([one.scenario] * count, pa.string()),
        "series": pa.array([one.name] * count, pa.string()),
        "date": pa.array(one.dates[seen].astype("datetime64[D]")),
        "n": pa.array([one.n] * count, pa.int32()),
    }
    few = one.n < ENOUGH
    for i, name in enumerate(QUANTILE_COLUMNS):
        hidden = few and name != "median"
        columns[name] = pa.nulls(count, pa.float64()) if hidden else pa.array(one.bands[i][seen])
    columns["unit"] = pa.array([one.unit] * count, pa.string())
    if one.runs is not None:
        columns |= {f"run_{r}": pa.array(one.runs[r][seen]) for r in range(len(one.runs))}
    return pa.table(columns)


def lines_of(table: pa.Table, panel: Panel | str) -> list[Line]:
    """The lines of one panel, read back from the tidy table, in the order in which they stand there."""
    key, window = (panel, None) if isinstance(panel, str) else (panel.data, panel.window)
    rows = table.filter(pc.equal(table.column("panel"), key))
    if window is not None:
        days = rows.column("date").to_numpy().astype("datetime64[D]")
        rows = rows.filter(pa.array((days >= window[0]) & (days <= window[1])))
    owners = list(zip(rows.column("scenario").to_pylist(), rows.column("series").to_pylist(), strict=True))
    found = []
    for scenario, name in dict.fromkeys(owners):
        part = rows.filter(pa.array([o == (scenario, name) for o in owners]))
        bands = np.array(
            [part.column(c).to_numpy(zero_copy_only=False) for c in QUANTILE_COLUMNS], dtype=float
        )
        run_names = [c for c in part.column_names if c.startswith("run_")]
        runs = np.array([part.column(c).to_numpy(zero_copy_only=False) for c in run_names], dtype=float)
        kept = runs if len(run_names) and np.isfinite(runs).any() else None
        day = part.column("date").to_numpy().astype("datetime64[D]")
        n, unit = part.column("n")[0].as_py(), part.column("unit")[0].as_py()
        found.append(Line(key, scenario, day, bands, kept, n, unit, name))
    return found
