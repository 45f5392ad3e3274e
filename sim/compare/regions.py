"""Who is short, region by region: onset and size of what a scenario takes from users, and what makers there make less."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.panel import Floats, Panel, common

SHORT = 0.005  # share of a region's demand from which a week counts as short of the comparator
MADE = ("ndpr_metal", "ndfeb_n_m", "ndfeb_h_sh", "ndfeb_uh_ah", "smco_2_17")


@dataclass(frozen=True)
class Region:
    """One region, medians over paired replications."""

    name: str
    onset: date | None  # first week in which it is short, by the median difference
    tonnes: (
        float  # unserved and priced out more than in the comparator, t of product, goods recorded by region
    )
    share: float  # of its demand in the weeks compared
    made: float  # t of metal and magnets that its makers make more (+) or less (-)
    made_share: float


def regions(scenario: Panel, base: Panel, begin: int, weeks: int | None) -> list[Region]:
    """All regions with demand, the earliest and largest shortage first."""
    ours, theirs, both = common(scenario, base)
    window = slice(begin, both if weeks is None else min(begin + weeks, both))
    names = sorted(set(_regional(scenario)))
    found = [_one(name, scenario, base, ours, theirs, window) for name in names]
    return sorted(found, key=lambda r: (r.onset or date.max, -r.share))


def _regional(panel: Panel) -> list[str]:
    import pyarrow.compute as pc

    rows = panel.rows("demand")
    places: list[str] = pc.unique(rows.filter(pc.equal(rows["scope"], "region"))["place"]).to_pylist()
    return places


def _one(name: str, a: Panel, b: Panel, ours: list[int], theirs: list[int], window: slice) -> Region:
    where = {"scope": "region", "place": name}

    def both(variable: str, **labels: str) -> tuple[Floats, Floats]:
        x, y = a.series(variable, **where, **labels), b.series(variable, **where, **labels)
        nil = np.zeros((1, len(a.days)))
        left = np.broadcast_to(nil, (len(ours), len(a.days))) if x is None else x[ours]
        right = (
            np.broadcast_to(np.zeros((1, len(b.days))), (len(theirs), len(b.days)))
            if y is None
            else y[theirs]
        )
        return left[:, window], right[:, window]

    demand = both("demand")[1]
    gap = sum((x - y for x, y in (both("unserved"), both("priced_out"))), np.zeros_like(demand))
    made = [both("production", commodity=c) for c in MADE]
    less = sum((x - y for x, y in made), np.zeros_like(demand)).sum(axis=1)
    usual = sum((y for _x, y in made), np.zeros_like(demand)).sum(axis=1)
    middle = np.median(gap / np.maximum(demand, 1e-12), axis=0)
    short = np.flatnonzero(middle > SHORT)
    total = gap.sum(axis=1)
    return Region(
        name=name,
        onset=a.days[window.start + int(short[0])] if len(short) else None,
        tonnes=float(np.median(total)),
        share=float(np.median(total / np.maximum(demand.sum(axis=1), 1e-12))),
        made=float(np.median(less)),
        made_share=float(np.median(less / np.maximum(usual, 1e-12))),
    )


def table(found: list[Region]) -> str:
    """The lines that ``python -m sim.compare --regions`` prints."""
    lines = [
        f"{'region':<18}{'short from':<13}{'short, t':>10}{'of demand':>11}{'makers, t':>12}{'of output':>11}"
    ]
    for r in found:
        onset = f"{r.onset}" if r.onset else "never"
        lines.append(
            f"{r.name:<18}{onset:<13}{r.tonnes:>+10.1f}{r.share:>+11.2%}{r.made:>+12.1f}{r.made_share:>+11.2%}"
        )
    return "\n".join(lines)
