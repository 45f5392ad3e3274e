"""Sums by group and slow averages: the two sums that every stage needs, fast on small arrays."""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.stock import Array, Index


class GroupSum:
    """Sum rows of ``[n, width]`` into groups ``[groups, width]``; the grouping is fixed, so its sort is done once."""

    def __init__(self, group: Index, groups: int) -> None:
        self.group = group
        self._flat: dict[int, Index] = {}  # by width: where each number of the rows goes
        self.order = np.argsort(group, kind="stable")
        ordered = group[self.order]
        self.starts = (
            np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(group) else np.zeros(0, int)
        )
        self.present = ordered[self.starts] if len(group) else np.zeros(0, int)
        self.groups = groups

    def __call__(self, rows: Array) -> Array:
        width = rows.shape[1]
        flat = self._flat.get(width)
        if flat is None:
            flat = self._flat[width] = (self.group[:, None] * width + np.arange(width)).ravel()
        return total_by(flat, rows.ravel(), self.groups * width).reshape(self.groups, width)

    def least(self, values: Array) -> Array:
        """Smallest of ``values[n]`` in each group, one where a group is empty, [groups]."""
        out: Array = np.ones(self.groups)
        if len(self.starts):
            out[self.present] = np.minimum.reduceat(values[self.order], self.starts)
        return out


def total_by(group: Index, values: Array, groups: int) -> Array:
    """Sum ``values[n]`` into groups, [groups]."""
    return np.bincount(group, values, groups)  # type: ignore[return-value]  # with weights it counts in float64


def columns_by(values: Array, group: Index, groups: int) -> Array:
    """Sum the columns of ``values[weeks, n]`` into groups, [weeks, groups]."""
    out: Array = np.zeros((len(values), groups))
    _columns_by(values, group, out)
    return out


@kernel
def _columns_by(values: Array, group: Index, out: Array) -> None:
    for week in range(len(values)):
        for i in range(len(group)):
            out[week, group[i]] += values[week, i]


def ratio(part: Array, whole: Array) -> Array:
    """``part / whole``, nil where there is nothing."""
    out: Array = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0.0)
    return out


def blend(old: Array, new: Array, weeks: float) -> Array:
    """Exponential average with a memory of ``weeks``, updated in place and returned."""
    old += (new - old) / weeks
    return old
