"""What policies cost the state, by policy and year."""

from __future__ import annotations

import numpy as np

from sim.report.comparison import Comparison
from sim.report.folders import Results
from sim.report.sections.section import Section, Table
from sim.report.series import Series
from sim.report.stats import estimate
from sim.report.words import plain

INTRO = (
    "Public money spent by each policy, in million real US dollars a calendar year; "
    "what sales bring in is not taken off."
)


def section(c: Comparison) -> Section:
    """A table; left out where no folder records a cost."""
    found = [(r, party, s) for r in c.shown for party, s in costs(r)]
    if not found:
        return Section("costs", "Cost of policies", INTRO, hidden=True)
    years = sorted({int(y) for _, _, s in found for y in _years(s)})
    head = ("Policy", "Scenario", *(str(y) for y in years), "Whole run (90 % range)")
    rows = [head]
    for r, party, s in found:
        of = _years(s)
        cells = [estimate(s.values[:, of == y].sum(axis=1)).text() if (of == y).any() else "–" for y in years]
        rows.append((c.event(party), plain(r.scenario), *cells, estimate(s.values.sum(axis=1)).text()))
    return Section(
        "costs",
        "Cost of policies",
        INTRO,
        (),
        (Table("Cost by policy and year, million USD (90 % range)", tuple(rows)),),
    )


def costs(result: Results) -> list[tuple[str, Series]]:
    """(policy, million USD a week) of each policy that costs or earns anything."""
    keys = [k for k in result.series.keys("policy_cost") if k.party not in ("all", "")]
    return [(k.party, s) for k in keys if (s := result.series.read(k)).values.any()]


def _years(series: Series) -> np.ndarray:
    """The calendar year in which each week begins."""
    begins = series.dates - np.timedelta64(7, "D")
    return begins.astype("datetime64[Y]").astype(int) + 1970
