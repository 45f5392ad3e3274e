"""Series as the IAMC's long format has them: model, scenario, region, variable, unit, year, value.

A year's value is the sum of its weeks for flows (units a week), and their mean for all else: prices, stocks, days, shares. A week
belongs to the year in which it begins, and only years are told of which the run has every week.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.store import series
from sim.store.reading import StoredStudy

SCHEMA: Final = pa.schema(
    [
        ("model", pa.string()),
        ("scenario", pa.string()),
        ("region", pa.string()),
        ("variable", pa.string()),
        ("unit", pa.string()),
        ("year", pa.int32()),
        ("value", pa.float64()),
    ]
)
FLOW: Final = "/week"
OUTSIDE: Final = (
    "Outside China"  # what the model calls world: a reader of this format would take it for the globe
)
TOTAL: Final = ("all", "")  # labels that name nothing


def tables(study: StoredStudy, variables: Sequence[str] = ()) -> Iterator[pa.Table]:
    """The rows, a variable at a time: a large study does not fit into memory whole. Raises StoreError."""
    known = study.catalogue() if not variables else None
    names = variables or sorted(set(known.column("variable").to_pylist() if known is not None else []))
    if not names:
        study.series()  # says why there are none
    for name in names:
        yield _table(study, study.series(variable=name))


def variable(labels: dict[str, str]) -> str:
    """``Price|Spot|Dy Oxide`` for price_spot of dy_oxide: variable, stage, party, commodity; totals are not named."""
    tree = labels["variable"].split("_")
    tree += [labels[name] for name in ("stage", "party", "commodity") if labels[name] not in TOTAL]
    return "|".join(_title(word) for word in tree)


def region(labels: dict[str, str]) -> str:
    """``China``, ``Outside China`` for the hub world; with its scope where that is not a hub, which may share the name."""
    if labels["scope"] == labels["place"] == "outside":
        return f"{OUTSIDE} (all hubs)"
    place = OUTSIDE if labels["place"] == "world" else _title(labels["place"])
    return place if labels["scope"] == "hub" else f"{place} ({labels['scope']})"


def scenario(study: StoredStudy, run: int) -> str:
    """The study, the number of the point, what it sets, and the replication if there are several."""
    point, replication = divmod(run, study.about.replications)
    set_ = ", ".join(f"{key}={value}" for key, value in study.varied(point).items())
    told = f"{study.about.name} {point}" + (f": {set_}" if set_ else "")
    return told + (f" (replication {replication})" if study.about.replications > 1 else "")


def whole_years(days: NDArray[np.int32]) -> list[tuple[int, NDArray[np.intp]]]:
    """The years of which every week is there, with its rows. ``days``: ends of the weeks, days since 1970, in order."""
    begins = [date(1970, 1, 1) + timedelta(days=int(day) - series.WEEK) for day in days]
    years = np.array([day.year for day in begins])
    found = []
    for year in np.unique(years):
        rows = np.flatnonzero(years == year)
        first, last = begins[rows[0]], begins[rows[-1]]
        gapless = np.all(np.diff(days[rows]) == series.WEEK)
        if (
            gapless
            and (first - timedelta(days=series.WEEK)).year < year < (last + timedelta(days=series.WEEK)).year
        ):
            found.append((int(year), rows))
    return found


def _table(study: StoredStudy, tidy: pa.Table) -> pa.Table:
    rows: list[dict[str, Any]] = []
    day = tidy.column("date").cast(pa.int32()).to_numpy()
    run, value = tidy.column("run").to_numpy(), tidy.column("value").to_numpy()
    # A series' rows of one run stand together: a new block begins where a label or the run changes.
    change = np.diff(run) != 0
    coded = []
    for name in series.LABELS:
        codes, words = series.coded_labels(tidy.column(name))
        change |= np.diff(codes) != 0
        coded.append((name, codes, words))
    bounds = [0, *(np.flatnonzero(change) + 1).tolist(), len(run)] if len(run) else []
    names = {int(r): scenario(study, int(r)) for r in np.unique(run)}
    calendars: dict[bytes, list[tuple[int, NDArray[np.intp]]]] = {}
    for a, b in pairwise(bounds):
        labels = {name: words[codes[a]] for name, codes, words in coded}
        flow = FLOW in labels["unit"]
        weeks = day[a:b].tobytes()
        if weeks not in calendars:
            calendars[weeks] = whole_years(day[a:b])
        for year, at in calendars[weeks]:
            block = value[a:b][at]
            rows.append(
                {
                    "model": f"Coercivity {study.about.model}",
                    "scenario": names[int(run[a])],
                    "region": region(labels),
                    "variable": variable(labels),
                    "unit": labels["unit"].replace(FLOW, "/yr") if flow else labels["unit"],
                    "year": year,
                    "value": float(block.sum() if flow else block.mean()),
                }
            )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _title(word: str) -> str:
    return " ".join(part[:1].upper() + part[1:] for part in word.split("_"))
