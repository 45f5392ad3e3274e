"""Paired differences of two runs under common chance: what a scenario changes, with the range over replications."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.compare.paired import Line, Width, ends, half_width, line, needed
from sim.panel import Floats, Panel, common

__all__ = [
    "Line",
    "Width",
    "by_year",
    "ends",
    "half_width",
    "line",
    "lines",
    "lost",
    "needed",
    "quantities",
    "unserved",
]

PRICED = (
    "ndpr_oxide",
    "dy_oxide",
    "tb_oxide",
    "sm_oxide",
    "y_oxide",
    "ndfeb_n_m",
    "ndfeb_uh_ah",
    "smco_2_17",
)
BLOCS = ("us_nato", "china", "russia")


def quantities() -> list[tuple[str, str, bool, Callable[[Panel], Floats | None]]]:
    """(name, unit, whether the difference is relative, how a replication's weeks are read): means or totals over the run."""
    out: list[tuple[str, str, bool, Callable[[Panel], Floats | None]]] = []
    for hub in ("china", "world", "sco"):
        for c in PRICED:
            out.append(
                (f"quote {c} {hub}", "USD/kg", True, _mean("price_spot", scope="hub", place=hub, commodity=c))
            )
    for hub in ("china", "world"):
        out.append(
            (f"producer margin {hub}", "share", False, _mean("producer_margin", scope="hub", place=hub))
        )
    for bloc in BLOCS:
        out.append(
            (
                f"defence cover {bloc}",
                "days",
                False,
                _mean("cover", scope="bloc", place=bloc, party="defence"),
            )
        )
        out.append((f"delay {bloc}", "days", False, _mean("delay", scope="bloc", place=bloc, party="all")))
    out.append(("unserved outside, all goods", "t product", False, unserved("outside", "outside")))
    out.append(("unserved in China, all goods", "t product", False, unserved("hub", "china")))
    out.append(("unserved and priced out outside", "t product", False, lost("outside", "outside")))
    out.append(("unserved and priced out in China", "t product", False, lost("hub", "china")))
    return out


def _mean(variable: str, **labels: str) -> Callable[[Panel], Floats | None]:
    labels = {"stage": "all", "party": "all", "commodity": "all", **labels}

    def read(panel: Panel) -> Floats | None:
        return panel.series(variable, **labels)

    return read


def unserved(scope: str, place: str) -> Callable[[Panel], Floats]:
    """Unserved demand, t of product a week, all goods together: users who would have paid."""
    return _users(("unserved",), scope, place)


def lost(scope: str, place: str) -> Callable[[Panel], Floats]:
    """The whole shortage, demand less consumption: what is unserved and what is priced out, t of product a week."""
    return _users(("unserved", "priced_out"), scope, place)


def _users(variables: tuple[str, ...], scope: str, place: str) -> Callable[[Panel], Floats]:
    hubs = ("world", "sco") if scope == "outside" else (place,)

    def read(panel: Panel) -> Floats:
        total = np.zeros((len(panel.replications), len(panel.days)))
        for variable in variables:
            for hub in hubs:
                found = panel.series(variable, scope="hub", place=hub, stage="all", party="all")
                total += 0.0 if found is None else found
        return total

    return read


def lines(scenario: Panel, base: Panel, begin: int = 0, weeks: int | None = None) -> list[Line]:
    """Every quantity over ``weeks`` weeks from week ``begin`` (default: to the end of the run)."""
    ours, theirs, both = common(scenario, base)
    window = slice(begin, both if weeks is None else min(begin + weeks, both))
    out = []
    for name, unit, relative, read in quantities():
        a, b = read(scenario), read(base)
        if a is None or b is None:
            continue
        total = unit == "t product"
        x, y = (
            m[rows][:, window].sum(axis=1) if total else m[rows][:, window].mean(axis=1)
            for m, rows in ((a, ours), (b, theirs))
        )
        out.append(line(name, unit, x, y, relative))
    return out


def by_year(scenario: Panel, base: Panel) -> list[tuple[int, float, float, float, float]]:
    """(calendar year, 5 %, 50 %, 95 % of what the scenario adds to unserved demand outside China, and the median with what is
    priced out beside it), t of product, all goods."""
    ours, theirs, weeks = common(scenario, base)
    gaps = []
    for read in (unserved("outside", "outside"), lost("outside", "outside")):
        a, b = read(scenario), read(base)
        gaps.append(a[ours][:, :weeks] - b[theirs][:, :weeks])
    years = np.array([day.year for day in scenario.days[:weeks]])
    out = []
    for year in np.unique(years):
        here = years == year
        low, mid, high = np.quantile(gaps[0][:, here].sum(axis=1), ends(len(ours)))
        whole = float(np.median(gaps[1][:, here].sum(axis=1)))
        out.append((int(year), float(low), float(mid), float(high), whole))
    return out
