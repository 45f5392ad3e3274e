"""Quantiles over replications and paired intervals: one definition for the whole report.

A *band* is the range between quantiles over replications, week by week (numpy's linear definition, no smoothing).
A *paired* quantity is formed within each replication first (scenario and comparator with the same chance), then
summarised. Below ``ENOUGH`` replications a 90 % range means nothing: the runs are shown instead, and ranges are
minimum to maximum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.panel import ENOUGH
from sim.report.words import decimals, fixed, number, signed

Floats = NDArray[np.float64]
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


def quantiles(values: Floats) -> Floats:
    """``[replication, week]`` -> ``[5, week]`` at :data:`QUANTILES`; weeks without any number stay NaN."""
    found = np.full((len(QUANTILES), values.shape[1]), np.nan)
    missing = np.isnan(values).sum(axis=0)
    whole, part = missing == 0, (missing > 0) & (missing < len(values))
    if whole.any():
        found[:, whole] = np.quantile(values[:, whole], QUANTILES, axis=0)
    if part.any():  # slow: only where some replications have no number
        found[:, part] = np.nanquantile(values[:, part], QUANTILES, axis=0)
    return found


@dataclass(frozen=True)
class Estimate:
    """The median over ``n`` replications and the range that holds 90 % of them (all of them below 20)."""

    mid: float
    low: float
    high: float
    n: int

    def text(self, unit: str = "", sign: bool = False) -> str:
        """``12.3 % (10.1 to 15.0)``: three significant digits of the largest, all with as many decimals."""
        if not np.isfinite(self.mid):
            return "not recorded"
        unit = f" {unit}" if unit else ""
        if self.n < 2:
            return f"{signed(self.mid) if sign else number(self.mid)}{unit}"
        largest = max(abs(self.mid), abs(self.low), abs(self.high))
        digits = decimals(largest) if largest >= 5e-4 else 0
        mid, low, high = (_shown(v, digits, sign) for v in (self.mid, self.low, self.high))
        return f"{mid}{unit} ({low} to {high})"

    @property
    def clear(self) -> bool:
        """The whole range lies on one side of zero: a difference that chance alone does not make."""
        return bool(self.low > 0 or self.high < 0)


def _shown(value: float, digits: int, sign: bool) -> str:
    if abs(value) < 5e-4:
        return "0"
    text = fixed(value, digits)
    return f"+{text}" if sign and value > 0 and text.strip("0.,") else text


def estimate(values: Floats) -> Estimate:
    """One number per replication -> median and range; NaN (not recorded in that replication) is left out and not counted."""
    values = values[np.isfinite(values)]
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    low, high = (0.05, 0.95) if values.size >= ENOUGH else (0.0, 1.0)
    q = np.quantile(values, [low, 0.5, high])
    return Estimate(float(q[1]), float(q[0]), float(q[2]), int(values.size))


def range_words(n: int) -> str:
    """How the range in brackets is to be read, for ``n`` replications."""
    if n >= ENOUGH:
        return f"median of {n} replications; in brackets the range that holds 90 % of them"
    return (
        f"median of {n} replications; in brackets the lowest and highest of them (too few for a 90 % range)"
    )


def rolling(values: Floats, weeks: int) -> Floats:
    """Mean of the last ``weeks`` columns, shorter at the beginning; shape kept."""
    sums = np.cumsum(values, axis=1)
    out = sums.copy()
    out[:, weeks:] = sums[:, weeks:] - sums[:, :-weeks]
    counts = np.minimum(np.arange(1, values.shape[1] + 1), weeks)
    return np.asarray(out / counts)
