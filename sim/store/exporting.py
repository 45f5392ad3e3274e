"""A study in the formats of others: CSV for anybody, IAMC for scenario people, netCDF for those who use xarray."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from sim.store import iamc, netcdf
from sim.store.disk import writing
from sim.store.reading import DESIGN_OWN, StoredStudy
from sim.store.types import StoreError
from sim.wording import not_one_of

FORMULA: Final = "^[=+@\t\r-]"  # a spreadsheet computes a cell that begins so


def export(study: StoredStudy, kind: str, out: Path, variables: Sequence[str] = ()) -> int:
    """Write a study to ``out`` as ``csv``, ``iamc`` or ``netcdf``; returns the number of rows (netCDF: of runs).

    CSV without ``variables`` is a row a run: what it varies, and its outcomes; with them a row a value of these series. IAMC and
    netCDF take all series if no variable is named. Raises StoreError; ``out`` is then as it was before.
    """
    if kind not in KINDS:
        raise StoreError(f"format {not_one_of(kind, KINDS)}")
    if variables:
        known = (
            sorted(set(study.catalogue().column("variable").to_pylist())) if study.about.keeps_series else []
        )
        for name in variables:
            if known and name not in known:
                raise StoreError(f"{study.folder}: variable {not_one_of(name, known)}")
    if out.is_dir():
        raise StoreError(f"{out}: is a folder")
    partial = out.with_name(f".{out.name}.partial")
    try:
        with writing(out):
            rows = KINDS[kind](study, partial, variables)
            os.replace(partial, out)  # noqa: PTH105  as for parts
    finally:
        partial.unlink(missing_ok=True)
    return rows


def run_table(study: StoredStudy) -> pa.Table:
    """A row a run: point, replication, what its point sets, what became of it, its outcomes."""
    table = study.outcomes()
    at = pc.cast(table.column("point"), pa.int64())
    keys = [name for name in study.design.column_names if name not in DESIGN_OWN]
    names = [*table.column_names[:3], *keys, *(n for n in table.column_names[3:] if n != "trace")]
    columns = [
        study.design.column(n).take(at)
        if n in keys
        else table.column(n)  # rows of the design are in order of points
        for n in names
    ]
    return pa.table(columns, names=names)


def harmless(table: pa.Table) -> pa.Table:
    """With a quote before texts that a spreadsheet would take for a formula, names of columns included."""

    def guard(texts: Any) -> Any:
        return pc.if_else(
            pc.match_substring_regex(texts, FORMULA), pc.binary_join_element_wise("'", texts, ""), texts
        )

    columns = []
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        columns.append(guard(column) if pa.types.is_string(column.type) else column)
    return pa.table(columns, names=guard(pa.array(table.column_names, pa.string())).to_pylist())


def _csv(study: StoredStudy, out: Path, variables: Sequence[str]) -> int:
    table = study.series(variable=list(variables)) if variables else run_table(study)
    pa_csv.write_csv(harmless(table), out)
    return int(table.num_rows)


def _iamc(study: StoredStudy, out: Path, variables: Sequence[str]) -> int:
    rows = 0
    with pa_csv.CSVWriter(out, iamc.SCHEMA) as writer:
        for table in iamc.tables(study, variables):
            writer.write_table(harmless(table))
            rows += table.num_rows
    return rows


def _netcdf(study: StoredStudy, out: Path, variables: Sequence[str]) -> int:
    return netcdf.write(study, out, variables)


KINDS: Final[dict[str, Callable[[StoredStudy, Path, Sequence[str]], int]]] = {
    "csv": _csv,
    "iamc": _iamc,
    "netcdf": _netcdf,
}
