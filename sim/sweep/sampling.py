"""Samples of intervals and choices: Latin hypercube, Sobol and Halton points of scipy.stats.qmc, brought into their ranges."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.compose import ConfigError
from sim.sweep.values import Interval

METHODS: Final = ("lhs", "sobol", "halton")


def sampled(
    method: str, over: Mapping[str, Interval | list[Any]], points: int, seed: int
) -> dict[str, list[Any]]:
    """``points`` values of each key: a number, a whole number or an ISO date of its interval, or one of a list by equal shares.

    The same points for the same keys, whatever their order. Raises ConfigError for an interval without a whole number.
    """
    keys = sorted(over)
    unit = _unit(method, len(keys), points, seed)
    return {key: _placed(key, over[key], unit[:, i]) for i, key in enumerate(keys)}


def remark(method: str, points: int) -> str:
    """What should be said about a sample of this size, or ''."""
    if method == "sobol" and points & (points - 1):
        below = 1 << (points.bit_length() - 1)
        return f"{points} Sobol points are not balanced; take a power of two ({below} or {2 * below})"
    return ""


def _unit(method: str, dimensions: int, points: int, seed: int) -> NDArray[np.float64]:
    from scipy.stats import qmc  # 0.8 s: only who samples pays for it

    engines = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol, "halton": qmc.Halton}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # an unbalanced Sobol sample is told by ``remark``
        unit: NDArray[np.float64] = engines[method](dimensions, rng=np.random.default_rng(seed)).random(
            points
        )
    return unit


def _placed(key: str, wanted: Interval | list[Any], unit: NDArray[np.float64]) -> list[Any]:
    if isinstance(wanted, list):
        places = np.minimum((unit * len(wanted)).astype(int), len(wanted) - 1)
        return [wanted[i] for i in places.tolist()]
    low, high = wanted.low, wanted.high
    if wanted.whole:  # each whole number owns the stretch up to the next
        low, top = math.ceil(low), math.floor(high)
        if low > top:
            raise ConfigError(f"{key}: no whole number lies from {wanted.low!r} to {wanted.high!r}")
        high = top + 1
    values = (
        np.exp(_between(math.log(low), math.log(high), unit)) if wanted.log else _between(low, high, unit)
    )
    if not wanted.whole:
        return [float(v) for v in np.clip(values, low, high).tolist()]
    whole = np.clip(np.floor(values), low, high - 1).astype(np.int64).tolist()
    return [date.fromordinal(day).isoformat() for day in whole] if wanted.days else whole


def _between(low: float, high: float, unit: NDArray[np.float64]) -> NDArray[np.float64]:
    return low + unit * (high - low)
