"""Numbers read off a series for titles, key figures and the first paragraph: one definition of a peak for all of them.

The peak is the week in which the median over replications is highest; its range is that of the replications in that same
week. So a title, a key figure and the line in the picture say the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.report.series import Series
from sim.report.stats import Estimate, Floats, estimate, quantiles
from sim.report.words import clean, month, plain


@dataclass(frozen=True)
class Peak:
    """Where the median is highest: ``week`` is its index, ``value`` its median and range over replications."""

    week: int
    date: np.datetime64
    value: Estimate

    @property
    def month(self) -> str:
        return month(self.date)


def peak(series: Series | None) -> Peak | None:
    """The highest week of the median; None if there is no number at all."""
    if series is None or not series.values.size:
        return None
    median = quantiles(series.values)[2]
    if not np.isfinite(median).any():
        return None
    week = int(np.nanargmax(median))
    return Peak(week, series.dates[week], estimate(series.values[:, week]))


def at(series: Series, day: np.datetime64) -> Floats:
    """The number of each replication in the week dated ``day``; NaN where there is no such week."""
    found = np.flatnonzero(series.dates == day)
    return series.values[:, found[0]] if found.size else np.full(len(series.replications), np.nan)


def back_below(series: Series, level: float) -> str:
    """The month in which the median, after its peak, is first below ``level`` again; in words if it never is."""
    top = peak(series)
    if top is None or top.value.mid <= level:
        return f"never above {level:g}"
    median = quantiles(series.values)[2]
    later = np.flatnonzero(median[top.week :] < level)
    return month(series.dates[top.week + later[0]]) if later.size else "not within the run"


def last_above(series: Series, level: float) -> str:
    """The last month in which the median is above ``level``; in words if it never is or still is in the last week."""
    median = quantiles(series.values)[2]
    weeks = np.flatnonzero(median > level)
    if not weeks.size:
        return f"never above {level:g}"
    return "still at the end" if weeks[-1] == len(median) - 1 else month(series.dates[weeks[-1]])


def named(scenario: str, among: Sequence[object]) -> str:
    """``" (controls 2025)"`` where more than one scenario could be meant, else nothing: titles stay short."""
    return f" ({clean(plain(scenario), 24)})" if len(among) > 1 else ""
