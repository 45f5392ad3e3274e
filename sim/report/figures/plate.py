"""What a figure is before it is drawn: tidy data, and the words around it.

A *plate* is one numbered figure of the page: a title that states the finding, a subtitle that says what is measured, and
panels side by side. Its data are one Arrow table, a row a week, which is also the CSV beside the page: ``panel, scenario,
date, n, median, q05, q25, q75, q95, unit`` and, below 20 replications, ``run_<r>`` columns instead of quantiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.report.folders import Mark
from sim.report.series import Series
from sim.report.stats import ENOUGH, Floats, quantiles

QUANTILE_COLUMNS = ("q05", "q25", "median", "q75", "q95")


@dataclass(frozen=True)
class Line:
    """One scenario in one panel: ``bands[5, week]`` at the quantiles, and the ``runs[replication, week]`` if they are few."""

    panel: str
    scenario: str
    dates: NDArray[np.datetime64]
    bands: Floats
    runs: Floats | None
    n: int
    unit: str

    @property
    def median(self) -> Floats:
        return np.asarray(self.bands[2])


def line(panel: str, scenario: str, series: Series) -> Line:
    """Summarise ``series`` over its replications."""
    n = len(series.replications)
    runs = series.values if 1 < n < ENOUGH else None
    return Line(panel, scenario, series.dates, quantiles(series.values), runs, n, series.unit)


@dataclass(frozen=True)
class Panel:
    """One picture of a plate. ``key`` is its name in the table, ``heading`` what stands above it."""

    key: str
    heading: str
    unit: str
    zero: bool = True  # the axis starts at 0
    reference: float | None = None  # a line that means "no difference"
    group: str = ""  # panels of one group share their scale


@dataclass(frozen=True)
class Plate:
    """A figure of the page. ``kind`` names the module that draws it; ``facts`` is the small table under it."""

    id: str
    kind: Literal["lines", "stack", "dots"]
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


def lines_of(table: pa.Table, panel: str) -> list[Line]:
    """The lines of one panel, read back from the tidy table, in the order in which they stand there."""
    names = table.column("panel").to_numpy(zero_copy_only=False)
    rows = table.filter(pa.array(names == panel))
    scenarios = rows.column("scenario").to_pylist()
    found = []
    for scenario in dict.fromkeys(scenarios):
        part = rows.filter(pa.array([s == scenario for s in scenarios]))
        bands = np.array(
            [part.column(c).to_numpy(zero_copy_only=False) for c in QUANTILE_COLUMNS], dtype=float
        )
        run_names = [c for c in part.column_names if c.startswith("run_")]
        runs = np.array([part.column(c).to_numpy(zero_copy_only=False) for c in run_names], dtype=float)
        kept = runs if len(run_names) and np.isfinite(runs).any() else None
        day = part.column("date").to_numpy().astype("datetime64[D]")
        found.append(
            Line(
                panel, scenario, day, bands, kept, part.column("n")[0].as_py(), part.column("unit")[0].as_py()
            )
        )
    return found
