"""A study as netCDF: outcomes by point and replication, and series by point, replication, series and date."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sim.store import series
from sim.store.reading import DESIGN_OWN, StoredStudy
from sim.store.types import StoreError


def write(study: StoredStudy, out: Path, variables: Sequence[str]) -> int:
    """Write ``out``; returns the number of runs in it. Raises StoreError, also if xarray is not installed."""
    try:
        xarray: Any = importlib.import_module("xarray")
    except ImportError:
        raise StoreError("netCDF needs xarray: pip install 'coercivity[export]'") from None
    data: dict[str, Any] = {}
    table = study.outcomes()
    run = table.column("run").to_numpy()
    for name in study.about.columns:
        data[name] = (("point", "replication"), _spread(study, run, table.column(name)))
    done = np.zeros(study.about.runs, np.int8)
    done[run] = table.column("status").to_numpy() == "ok"
    data["ok"] = (("point", "replication"), done.reshape(study.about.points, -1))
    if study.about.keeps_series:
        for name in variables or sorted(set(study.catalogue().column("variable").to_pylist())):
            data |= _series(study, name)
    elif variables:
        study.series()  # says why there are none
    coords = {
        # A slash in a name would be a group of netCDF.
        key.replace("/", "_"): ("point", _plain(study.design.column(key)))
        for key in study.design.column_names
        if key not in DESIGN_OWN
    }
    attributes = {name: getattr(study.about, name) for name in ("name", "title", "digest", "model", "record")}
    dataset = xarray.Dataset(data, coords, attributes)
    dataset.to_netcdf(out, engine="scipy")  # netCDF 3: needs no library but those that are there
    return int(table.num_rows)


def _spread(study: StoredStudy, run: Any, column: Any) -> Any:
    """A column as a square of points and replications; what is not there is nan, or not a time."""
    if pa.types.is_date(column.type):
        found = np.full(study.about.runs, "NaT", "datetime64[ns]")
        values = column.cast(pa.timestamp("ns"))
    else:
        found = np.full(study.about.runs, np.nan)
        values = column
    found[run] = values.to_numpy()
    return found.reshape(study.about.points, study.about.replications)


def _series(study: StoredStudy, name: str) -> dict[str, Any]:
    """One variable: its values, and the labels of its series, which have a dimension of their own."""
    tidy = study.series(variable=name)
    plain = {label: np.array(tidy.column(label).cast(pa.string()).to_pylist()) for label in series.LABELS[1:]}
    keys, at = np.unique(np.stack(list(plain.values())), axis=1, return_inverse=True)
    days, week = np.unique(tidy.column("date").cast(pa.int32()).to_numpy(), return_inverse=True)
    about = study.about
    values = np.full((about.runs, keys.shape[1], len(days)), np.nan)
    values[tidy.column("run").to_numpy(), at.ravel(), week] = tidy.column("value").to_numpy()
    which, when = f"{name}_series", f"{name}_date"
    shape = (about.points, about.replications, keys.shape[1], len(days))
    found: dict[str, Any] = {name: (("point", "replication", which, when), values.reshape(shape))}
    for label, words in zip(plain, keys, strict=True):
        found[f"{name}_{label}"] = ((which,), words)
    found[when] = ((when,), days.astype("datetime64[D]").astype("datetime64[ns]"))
    return found


def _plain(column: Any) -> Any:
    """A key's values; where a point sets nothing, nan or ''."""
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return column.cast(pa.float64()).to_numpy()
    return np.array(["" if value is None else str(value) for value in column.to_pylist()])
