"""What is written down as the clock runs: named rows of numbers a week, append only."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


class Recorder:
    """One preallocated array ``[weeks, n]`` a name; all names are columns of one table, so that a week is one write."""

    def __init__(self, weeks: int) -> None:
        self.weeks = weeks
        self.rows: dict[str, NDArray[np.float64]] = {}
        self._table: NDArray[np.float64] = np.zeros((weeks, 0))

    def write(self, week: int, values: Mapping[str, NDArray[np.float64]]) -> None:
        """Write a week's values down, by name. The first call fixes the names, their order and the numbers of values."""
        if not self.rows:
            self._open(values)
        np.concatenate(list(values.values()), out=self._table[week])

    def _open(self, values: Mapping[str, NDArray[np.float64]]) -> None:
        ends = np.cumsum([len(row) for row in values.values()])
        self._table = np.zeros((self.weeks, int(ends[-1])))
        self.rows = dict(zip(values, np.split(self._table, ends[:-1], axis=1), strict=True))

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """[weeks, n]. Raises ``KeyError`` for a name never written."""
        return self.rows[name]
