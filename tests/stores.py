"""Small studies for tests of the store: results with chance in them that depends on the number of the run alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sim.store import About, RunResult, Store

COLUMNS = (
    "peak_ratio_dy_oxide",
    "peak_ratio_dy_oxide_date",
    "shortage_dy_oxide_t",
    "late_units_bloc_us_nato",
)
SERIES = (
    ("price_spot", "hub", "china", "all", "all", "dy_oxide", "USD/kg oxide"),
    ("price_spot", "hub", "world", "all", "all", "dy_oxide", "USD/kg oxide"),
    ("price_spot", "hub", "world", "all", "all", "ndpr_oxide", "USD/kg oxide"),
    ("demand", "outside", "outside", "all", "all", "dy_oxide", "t oxide/week"),
    ("demand", "region", "world", "all", "civil", "dy_oxide", "t oxide/week"),
    ("cover", "hub", "world", "user", "all", "dy_oxide", "days"),
)
START = date(2025, 1, 6)


def about(points: int = 10, replications: int = 3, record: str = "outcomes", **other: Any) -> About:
    """A study of two keys in chunks of four runs."""
    told: dict[str, Any] = {
        "name": "trial",
        "title": "A trial",
        "digest": hashlib.sha256(f"{points} {replications} {record}".encode()).hexdigest(),
        "model": "0.1.0+12345678",
        "world_tables": {"mines.csv": "ab" * 32},
        "versions": {"python": "3.11.7"},
        "record": record,
        "seed": 7,
        "replications": replications,
        "points": points,
        "keys": ("scenario", "behaviour.precaution"),
        "columns": COLUMNS,
        "bases": ({"scenario": {"name": "baseline"}, "years": 1},),
        "chunk": 4,
    }
    return About(**{**told, **other})


def design(about: About) -> pa.Table:
    """Points that differ in a word and in a number."""
    return pa.table(
        {
            "point": pa.array(range(about.points), pa.int32()),
            "base": pa.array([0] * about.points, pa.int32()),
            "digest": [hashlib.sha256(str(p).encode()).hexdigest() for p in range(about.points)],
            "scenario": [("baseline", "=cmd()")[p % 2] for p in range(about.points)],
            "behaviour.precaution": pa.array(
                [None if p == 0 else p / 8 for p in range(about.points)], pa.float64()
            ),
        }
    )


def series(run: int, weeks: int = 60) -> pa.Table:
    """The tidy table of a run, in the order in which the model hands it over. Every third run lacks one series."""
    names = SERIES[1:] if run % 3 == 2 else SERIES
    days = [START + timedelta(weeks=w + 1) for w in range(weeks)] * len(names)
    values = 100.0 + np.random.default_rng(run).normal(size=len(days))
    columns: dict[str, Any] = {
        "replication": pa.array(np.zeros(len(days), np.int16)),
        "date": pa.array(days, pa.date32()),
    }
    for i, label in enumerate(("variable", "scope", "place", "stage", "party", "commodity", "unit")):
        columns[label] = pa.array([name[i] for name in names for _ in range(weeks)]).dictionary_encode()
    return pa.table({**columns, "value": values})


def result(about: About, run: int, status: str = "ok") -> RunResult:
    """Run ``run`` of a study; with another status it is the same run, failed."""
    rng = np.random.default_rng([run, 1])
    point, replication = divmod(run, about.replications)
    found: dict[str, float | str] = {}
    for name in about.columns:
        if name.endswith("_date"):
            found[name] = (
                "" if rng.random() < 0.3 else (START + timedelta(days=int(rng.integers(900)))).isoformat()
            )
        else:
            found[name] = float("nan") if rng.random() < 0.1 else float(rng.normal())
    ok = RunResult(
        index=run,
        point=point,
        replication=replication,
        digest=hashlib.sha256(f"{run}".encode()).hexdigest(),
        seed=about.seed,
        status="ok",
        outcomes=found,
        series=series(run) if about.keeps_series else None,
        balance_error=float(rng.random()) * 1e-12,
        seconds=float(run),
    )
    if status == "ok":
        return ok
    message, trace = f"=balance of Dy is off in {run}\nsecond line", ("chain.py:12 run", "stock.py:7 move")
    return replace(
        ok, status=status, outcomes=None, series=None, kind="BalanceError", message=message, trace=trace
    )


def results(about: About, failed: tuple[int, ...] = ()) -> list[RunResult]:
    """All runs of a study; those ``failed`` have failed."""
    return [result(about, run, "failed" if run in failed else "ok") for run in range(about.runs)]


def stored(folder: Path, about: About, failed: tuple[int, ...] = ()) -> Path:
    """A finished study in ``folder``."""
    with Store.open(folder, about, design(about)) as store:
        store.add(results(about, failed))
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }
