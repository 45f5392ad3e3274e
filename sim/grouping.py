"""Sums by group and slow averages: the two sums that every stage needs, fast on small arrays."""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.stock import Array, Index


class GroupSum:
    """Sum rows of ``[n, width]`` into groups ``[groups, width]``; the grouping is fixed."""

    def __init__(self, group: Index, groups: int) -> None:
        self.group, self.groups = group, groups

    def __call__(self, rows: Array) -> Array:
        return _rows_by(self.group, rows, self.groups)


@kernel
def _rows_by(group: Index, rows: Array, groups: int) -> Array:
    out = np.zeros((groups, rows.shape[1]))
    for i in range(len(group)):
        for j in range(rows.shape[1]):
            out[group[i], j] += rows[i, j]
    return out


@kernel
def total_by(group: Index, values: Array, groups: int) -> Array:
    """Sum ``values[n]`` into groups, [groups]."""
    out = np.zeros(groups)
    for i in range(len(group)):
        out[group[i]] += values[i]
    return out


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
