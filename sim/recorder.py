"""What is written down as the clock runs: named rows of numbers a week, append only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
T = TypeVar("T")


class Recorder(Generic[T]):
    """One preallocated array ``[weeks, n]`` a name; all names are columns of one table, so that a week is one write.

    ``sources`` say by name how a row is read off what is recorded; only the rows asked for are read at all.
    """

    def __init__(self, weeks: int, sources: Mapping[str, Callable[[T], Floats]]) -> None:
        self.weeks, self.sources = weeks, sources
        self.rows: dict[str, Floats] = {}
        self._names = list(sources)
        self._table: Floats = np.zeros((weeks, 0))

    def keep_only(self, names: Iterable[str]) -> None:
        """Write down just these rows; to be said before the first week. Raises ``KeyError`` for a name without a source."""
        self._names = []
        self.keep(*names)

    def keep(self, *names: str) -> None:
        """Write these rows down whatever else is: somebody reads them while the clock runs. Raises as ``keep_only``."""
        for name in names:
            self.sources[name]
            if name not in self._names:
                self._names.append(name)

    def write(self, week: int, what: T) -> None:
        """Write a week down. The first call fixes the numbers of values."""
        values = [self.sources[name](what) for name in self._names]
        if not self.rows:
            self._open(values)
        np.concatenate(values, out=self._table[week])

    def _open(self, values: list[Floats]) -> None:
        ends = np.cumsum([len(row) for row in values])
        self._table = np.zeros((self.weeks, int(ends[-1])))
        self.rows = dict(zip(self._names, np.split(self._table, ends[:-1], axis=1), strict=True))

    def __getitem__(self, name: str) -> Floats:
        """[weeks, n]. Raises ``KeyError`` for a name never written."""
        return self.rows[name]
