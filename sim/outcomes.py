"""Scalars of one replication, read off its weekly series. ``docs/outcomes.md`` defines each with its threshold.

All replications of a case have the same columns: those of the world's commodities, hubs, blocs and programmes. What was not
reached is nan, or '' for a date.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.case import Case, Run

Floats = NDArray[np.float64]
LABELS: Final = ("variable", "scope", "place", "stage", "party", "commodity")
DESKS: Final = ("magnets", "materials", "all")
SHORT: Final = 0.01  # share of demand unserved above which a week is short
SHORT_WEEKS: Final = 4  # in a row: a shortage
SOUND_WEEKS: Final = 13  # in a row without one: recovered
ON_TIME_ROWS: Final = (
    4  # a unit is on time if delivered at most 30 days, that is four weekly rows, after its plan
)
EPOCH: Final = date(1970, 1, 1)


def columns(case: Case) -> list[str]:
    """Names of the scalars of a case, in order. Those that end in ``_date`` are dates."""
    world = case.world
    names: list[str] = []
    for c in (row.id for row in world.commodities):
        names += [f"peak_ratio_{c}", f"peak_ratio_{c}_date"]
        names += [f"peak_price_{hub}_{c}" for hub in _hubs(case)]
        names += [
            f"shortage_{c}_first_date",
            f"shortage_{c}_recovered_date",
            f"shortage_{c}_t",
            f"min_cover_{c}_days",
        ]
    for bloc in _blocs(case):
        names += [f"late_units_bloc_{bloc}", f"lost_units_bloc_{bloc}"]
    for p in world.programmes:
        names += [f"late_units_programme_{p.id}", f"lost_units_programme_{p.id}"]
    for desk in DESKS:
        names += [
            f"licences_pending_max_{desk}",
            f"licence_wait_mean_{desk}_days",
            f"licences_refused_{desk}",
        ]
    return names


def outcomes(run: Run) -> dict[str, float | str]:
    """All scalars of ``columns(run.case)`` by name."""
    series = _Series(run.trajectories)
    found: dict[str, float | str] = {}
    for commodity in (row.id for row in run.case.world.commodities):
        found |= _prices(series, run.case, commodity) | _shortage(series, commodity)
    for bloc in _blocs(run.case):
        found |= _deliveries(series, f"bloc_{bloc}", bloc, "all")
    for p in run.case.world.programmes:
        found |= _deliveries(series, f"programme_{p.id}", p.bloc, p.id)
    for desk in DESKS:
        found |= _licences(series, desk)
    return found


class _Series:
    """Weekly series by label, on one common grid of dates. A series left out because it is zero reads as zeros."""

    def __init__(self, table: pa.Table) -> None:
        codes, words = zip(*(_codes(table.column(name)) for name in LABELS), strict=True)
        day = table.column("date").cast(pa.int32()).to_numpy()
        self.days, week = np.unique(day, return_inverse=True)
        values = table.column("value").to_numpy()
        self._found: dict[tuple[str, ...], tuple[NDArray[np.int64], Floats]] = {}
        if table.num_rows:
            order = np.lexsort(codes[::-1])
            stacked = np.stack([c[order] for c in codes])
            starts = np.flatnonzero(np.any(np.diff(stacked, axis=1) != 0, axis=0)) + 1
            for rows in np.split(order, starts):
                key = tuple(w[c[rows[0]]] for c, w in zip(codes, words, strict=True))
                self._found[key] = (week[rows], values[rows])

    def read(
        self, variable: str, scope: str, place: str, commodity: str, party: str = "all", fill: float = 0.0
    ) -> Floats:
        """The series over all weeks; ``fill`` where there is no row. A total has stage and party 'all' or ''."""
        whole = np.full(len(self.days), fill)
        for stage in ("all", ""):
            for who in (party, "") if party == "all" else (party,):
                rows = self._found.get((variable, scope, place, stage, who, commodity))
                if rows is not None:
                    whole[rows[0]] = rows[1]
                    return whole
        return whole

    def any_stage(self, variable: str, scope: str, place: str, commodity: str, stage: str) -> Floats:
        """The series of one stage; nan where there is no row."""
        whole = np.full(len(self.days), np.nan)
        for party in ("all", ""):
            rows = self._found.get((variable, scope, place, stage, party, commodity))
            if rows is not None:
                whole[rows[0]] = rows[1]
        return whole

    def date(self, at: int) -> str:
        """ISO date of a week."""
        return (EPOCH + timedelta(days=int(self.days[at]))).isoformat()


def _codes(column: Any) -> tuple[NDArray[np.int64], list[str]]:
    """A text column as numbers and their words."""
    joined = (
        pa.chunked_array([column.cast(pa.string()).combine_chunks()]).dictionary_encode().combine_chunks()
    )
    joined = joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined
    return joined.indices.to_numpy(zero_copy_only=False).astype(np.int64), [
        str(w) for w in joined.dictionary.to_pylist()
    ]


def _hubs(case: Case) -> list[str]:
    return list(dict.fromkeys(region.hub for region in case.world.regions))


def _blocs(case: Case) -> list[str]:
    return list(dict.fromkeys(p.bloc for p in case.world.programmes))


def _best(values: Floats, choose: Callable[[Floats], Any]) -> float:
    """Largest or smallest of what is there; nan if nothing is."""
    there = values[np.isfinite(values)]
    return float(choose(there)) if len(there) else float("nan")


def _prices(series: _Series, case: Case, commodity: str) -> dict[str, float | str]:
    china = series.read("price_spot", "hub", "china", commodity, fill=np.nan)
    net = series.read("price_net", "hub", "world", commodity, fill=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(china > 0.0, net / china, np.nan)
    reached = bool(np.isfinite(ratio).any())
    found: dict[str, float | str] = {
        f"peak_ratio_{commodity}": _best(ratio, np.max),
        f"peak_ratio_{commodity}_date": series.date(int(np.nanargmax(ratio))) if reached else "",
    }
    for hub in _hubs(case):
        price = series.read("price_spot", "hub", hub, commodity, fill=np.nan)
        found[f"peak_price_{hub}_{commodity}"] = _best(price, np.max)
    return found


def _shortage(series: _Series, commodity: str) -> dict[str, float | str]:
    unserved = series.read("unserved", "outside", "outside", commodity)
    demand = series.read("demand", "outside", "outside", commodity)
    short = unserved > SHORT * demand
    first = _first_run(short, SHORT_WEEKS, 0)
    after = -1 if first < 0 else _first_run(~short, SOUND_WEEKS, first)
    return {
        f"shortage_{commodity}_first_date": series.date(first) if first >= 0 else "",
        f"shortage_{commodity}_recovered_date": series.date(after) if after >= 0 else "",
        f"shortage_{commodity}_t": float(unserved.sum()),
        f"min_cover_{commodity}_days": _best(
            series.any_stage("cover", "hub", "world", commodity, "user"), np.min
        ),
    }


def _first_run(true: NDArray[np.bool_], weeks: int, start: int) -> int:
    """First week at or after ``start`` with which ``weeks`` true weeks in a row begin; -1 if there is none."""
    if len(true) - start < weeks:
        return -1
    windows = np.lib.stride_tricks.sliding_window_view(true[start:], weeks).all(axis=1)
    return start + int(np.argmax(windows)) if windows.any() else -1


def _deliveries(series: _Series, name: str, bloc: str, party: str) -> dict[str, float | str]:
    """Late: planned, and not delivered 30 days later. Lost: planned, and not delivered by the end of the run."""
    planned = np.cumsum(series.read("units_planned", "bloc", bloc, "all", party))
    delivered = np.cumsum(series.read("units_delivered", "bloc", bloc, "all", party))
    if not len(planned):
        return {f"late_units_{name}": 0.0, f"lost_units_{name}": 0.0}
    before = np.concatenate([[0.0], planned[:-1]])
    then = delivered[ON_TIME_ROWS:]  # weeks too near the end to be judged are left out
    late = np.clip(planned[: len(then)] - np.maximum(before[: len(then)], then), 0.0, None)
    return {
        f"late_units_{name}": float(late.sum()),
        f"lost_units_{name}": float(max(planned[-1] - delivered[-1], 0.0)),
    }


def _licences(series: _Series, desk: str) -> dict[str, float | str]:
    pending = series.read("licences_pending", "hub", "china", "all", desk)
    wait = series.read("licence_wait", "hub", "china", "all", desk, fill=np.nan)
    refused = series.read("licences_refused", "hub", "china", "all", desk)
    decided = wait[np.isfinite(wait) & (wait > 0.0)]
    return {
        f"licences_pending_max_{desk}": float(pending.max()) if len(pending) else 0.0,
        f"licence_wait_mean_{desk}_days": float(decided.mean()) if len(decided) else float("nan"),
        f"licences_refused_{desk}": float(refused.sum()),
    }
