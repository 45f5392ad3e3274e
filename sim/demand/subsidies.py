"""Subsidised switching: programmes that pay civil users to do without rare earths, at their own pace and up to a share.

What a programme has paid for stays switched while it is in force; afterwards users go back as far as those of their sector do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.stock import Array


@dataclass(frozen=True, slots=True)
class Switching:
    """``rows`` [civil rows] truth; ``pace`` share of use a week; ``usd_per_kg`` [rows] of contained element no longer used."""

    rows: NDArray[np.bool_]
    pace: float
    most: float  # share of use switched, that of users who switch unpaid included
    usd_per_kg: Array


class Subsidies:
    """Programmes in force, one behind the other, and the share of use that each holds switched."""

    def __init__(self, rows: int) -> None:
        self.programmes: dict[str, Switching] = {}
        self.spent: dict[str, float] = {}  # USD of this week by programme
        self._arrange(np.zeros((0, rows)))

    def begin(self, name: str, programme: Switching) -> None:
        self.programmes[name] = programme
        self._arrange(np.vstack([self.held, np.zeros_like(self.held, shape=(1, self.held.shape[1]))]))

    def end(self, name: str) -> None:
        others = [other != name for other in self.programmes]
        del self.programmes[name]
        self.spent.pop(name, None)
        self._arrange(self.held[others])

    def _arrange(self, held: Array) -> None:
        rows = self.programmes.values()
        self.held = held  # [programmes, rows]
        self.pace = np.array([p.rows * p.pace for p in rows], float).reshape(
            held.shape
        )  # a week, nil outside
        self.most = np.array([p.most for p in rows], float)

    def pay(self, gross: Array) -> None:
        """Cost of the week: ``gross`` [rows] kg a week would be used if nobody had switched."""
        self.spent = {
            name: float((held * gross * p.usd_per_kg).sum())
            for (name, p), held in zip(self.programmes.items(), self.held, strict=True)
        }
