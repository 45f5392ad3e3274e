"""Paired differences of two runs under common chance: what a scenario changes, with the range over replications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.panel import Floats, Panel, common

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
YEAR = 52  # weeks, to the first Monday of the next year and back within a few days


@dataclass(frozen=True)
class Line:
    """One quantity: in the comparator, and what the scenario adds to it, median and range over replications."""

    name: str
    unit: str
    base: float
    low: float
    mid: float
    high: float
    relative: bool  # the difference is a share of the comparator

    @property
    def clear(self) -> bool:
        """The whole range lies on one side of nil."""
        return self.low > 0.0 or self.high < 0.0


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
    return out


def _mean(variable: str, **labels: str) -> Callable[[Panel], Floats | None]:
    labels = {"stage": "all", "party": "all", "commodity": "all", **labels}

    def read(panel: Panel) -> Floats | None:
        return panel.series(variable, **labels)

    return read


def unserved(scope: str, place: str) -> Callable[[Panel], Floats | None]:
    """Unserved demand, t of product a week, all goods together."""

    def read(panel: Panel) -> Floats | None:
        found = panel.series("unserved", scope=scope, place=place, stage="all", party="all")
        return np.zeros((len(panel.replications), len(panel.days))) if found is None else found

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
        difference = x / y - 1.0 if relative else x - y
        low, mid, high = np.quantile(difference, (0.05, 0.5, 0.95))
        out.append(Line(name, unit, float(np.median(y)), float(low), float(mid), float(high), relative))
    return out


def by_year(scenario: Panel, base: Panel) -> list[tuple[int, float, float, float]]:
    """(year of the run, 5 %, 50 %, 95 %) of what the scenario adds to unserved demand outside China, t of product, all goods."""
    ours, theirs, weeks = common(scenario, base)
    read = unserved("outside", "outside")
    a, b = read(scenario), read(base)
    assert a is not None  # noqa: S101 (nothing unserved reads as zeros)
    assert b is not None  # noqa: S101
    gap = a[ours][:, :weeks] - b[theirs][:, :weeks]
    out = []
    for year in range(0, weeks, YEAR):
        part = gap[:, year : year + YEAR].sum(axis=1)
        low, mid, high = np.quantile(part, (0.05, 0.5, 0.95))
        out.append((scenario.days[year].year, float(low), float(mid), float(high)))
    return out
