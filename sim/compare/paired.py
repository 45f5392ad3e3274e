"""One quantity in two runs that share their chance: its differences, an interval, and how many replications a width needs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.panel import ENOUGH, Floats

CONFIDENCE = 0.95  # of every interval here
ROUGH = (
    5  # paired replications below which a needed number is a rough guess: the spread itself is hardly known
)
MOST = 10_000_000  # needed replications that are still told; above, the wish is the mistake


@dataclass(frozen=True)
class Width:
    """A wanted half-width of the 95 % interval of the mean difference: in the unit, or a share of the scenario's mean."""

    size: float
    relative: bool

    def __str__(self) -> str:
        return f"{100.0 * self.size:g} %" if self.relative else f"{self.size:g}"


@dataclass(frozen=True)
class Line:
    """One quantity: in the comparator, and what the scenario adds to it over the paired replications."""

    name: str
    unit: str
    base: float  # the comparator's median
    level: float  # the scenario's mean; nan of dates
    low: float
    mid: float  # median of the differences
    high: float
    relative: bool  # the difference is a share of the comparator
    pairs: int  # replications in which both are known
    mean: float  # of the differences
    spread: float  # their standard deviation; nan of one pair
    correlation: float  # of scenario and comparator over replications (a share: of logs); nan if one of them does not vary
    gain: float  # (variance of both) / (variance of the difference): how many times fewer replications common chance needs

    @property
    def clear(self) -> bool:
        """The interval of the mean lies on one side of nil; of one pair, the pair."""
        return abs(self.mean) > self.half if self.pairs > 1 else self.mean != 0.0

    @property
    def half(self) -> float:
        """Half-width of the 95 % interval of the mean difference (Student's t); nan of one pair."""
        return half_width(self.spread, self.pairs)

    def wanted(self, width: Width) -> float:
        """``width`` in the unit of the difference. A difference that is a share of the comparator takes 5 % as 0.05."""
        return width.size if self.relative or not width.relative else width.size * abs(self.level)

    def needed(self, width: Width) -> int | None:
        """Replications for which the interval is as narrow; None if that cannot be said (one pair, nothing to be relative to)."""
        return needed(self.spread, self.wanted(width))


def ends(n: int) -> tuple[float, float, float]:
    """Quantiles shown for ``n`` replications: the range that holds 90 % of them, or all of a few."""
    return (0.05, 0.5, 0.95) if n >= ENOUGH else (0.0, 0.5, 1.0)


def line(name: str, unit: str, x: Floats, y: Floats, relative: bool = False, sized: bool = True) -> Line:
    """The scenario's values ``x`` and the comparator's ``y``, one a replication, in the same order; at least one of each.

    ``sized`` is False for dates: nothing is 5 % of a day of the calendar.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # a share of nothing is nan or inf, and is shown so
        difference = x / y - 1.0 if relative else x - y
        low, mid, high = np.quantile(difference, ends(len(x)))
        spread = float(np.std(difference, ddof=1)) if len(x) > 1 else math.nan
        u, v = (np.log(x), np.log(y)) if relative else (x, y)  # a share is a difference of logs
    several = len(x) > 1 and bool(np.isfinite(u).all() and np.isfinite(v).all())
    return Line(
        name=name,
        unit=unit,
        base=float(np.median(y)),
        level=float(np.mean(x)) if sized else math.nan,
        low=float(low),
        mid=float(mid),
        high=float(high),
        relative=relative,
        pairs=len(x),
        mean=float(np.mean(difference)),
        spread=spread,
        correlation=_correlation(u, v) if several else math.nan,
        gain=_gain(u, v) if several else math.nan,
    )


def _correlation(x: Floats, y: Floats) -> float:
    return float(np.corrcoef(x, y)[0, 1]) if np.ptp(x) > 0.0 and np.ptp(y) > 0.0 else math.nan


def _gain(x: Floats, y: Floats) -> float:
    """With a chance of its own for each run the difference would have the variance of both together."""
    apart, paired = float(np.var(x, ddof=1) + np.var(y, ddof=1)), float(np.var(x - y, ddof=1))
    if paired == 0.0:
        return math.inf if apart > 0.0 else math.nan
    return apart / paired


def half_width(spread: float, n: int) -> float:
    """Half-width of the 95 % interval of the mean of ``n`` differences with this standard deviation; nan below two."""
    if n < 2 or not math.isfinite(spread):
        return math.nan
    return _t(n) * spread / math.sqrt(n)


def needed(spread: float, width: float) -> int | None:
    """The least n with ``t(n - 1) * spread / sqrt(n) <= width``, in the unit of both. None for a width of nil, a spread not
    known, or more than ten million."""
    if not (math.isfinite(spread) and width > 0.0):
        return None
    from scipy.special import ndtri

    root = float(ndtri(0.5 + CONFIDENCE / 2)) * spread / width  # of too few: t exceeds the normal quantile
    if root > math.sqrt(MOST):
        return None
    n = max(2, math.ceil(root**2))
    while half_width(spread, n) > width:
        n += 1
    return n


def _t(n: int) -> float:
    """Student's t of ``n`` values. From scipy.special: scipy.stats takes ten times as long to load and gives the same."""
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 0.5 + CONFIDENCE / 2))
