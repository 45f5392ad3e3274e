"""What is written down as the clock runs: named rows of numbers a week, append only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Recorder:
    """One preallocated array ``[weeks, n]`` a name."""

    def __init__(self, weeks: int) -> None:
        self.weeks = weeks
        self.rows: dict[str, NDArray[np.float64]] = {}

    def put(self, week: int, name: str, values: NDArray[np.float64]) -> None:
        """Write a week's values down under a name; the first call fixes their number."""
        table = self.rows.get(name)
        if table is None:
            table = self.rows[name] = np.zeros((self.weeks, len(values)))
        table[week] = values

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """[weeks, n]. Raises ``KeyError`` for a name never written."""
        return self.rows[name]
