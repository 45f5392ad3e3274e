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
    """Programmes in force, and the share of use that each holds switched."""

    def __init__(self, rows: int) -> None:
        self.programmes: dict[str, Switching] = {}
        self.held: dict[str, Array] = {}
        self.spent: dict[str, float] = {}  # USD of this week by programme
        self._none = np.zeros(rows)

    def begin(self, name: str, programme: Switching) -> None:
        self.programmes[name], self.held[name] = programme, self._none.copy()

    def end(self, name: str) -> None:
        del self.programmes[name], self.held[name]
        self.spent.pop(name, None)

    def rise(self, adopted: Array) -> dict[str, Array]:
        """Share of use that each programme would switch this week beyond ``adopted`` [rows], one after the other."""
        out: dict[str, Array] = {}
        for name, p in self.programmes.items():
            out[name] = np.where(p.rows, np.clip(p.most - adopted, 0.0, p.pace), 0.0)
            adopted = adopted + out[name]
        return out

    def hold(self, rises: dict[str, Array], part: float, adopted: Array) -> Array:
        """Book the ``part`` of ``rises`` that could be done; returns what stays switched, [rows], at most ``adopted``."""
        for name, rise in rises.items():
            self.held[name] += rise * part
        if not self.held:
            return self._none
        held: Array = np.minimum(np.sum(list(self.held.values()), axis=0), adopted)
        return held

    def pay(self, gross: Array) -> None:
        """Cost of the week: ``gross`` [rows] kg a week would be used if nobody had switched."""
        self.spent = {
            name: float((self.held[name] * gross * p.usd_per_kg).sum()) for name, p in self.programmes.items()
        }
