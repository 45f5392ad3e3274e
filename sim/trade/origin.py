"""A rule of origin beyond the border: goods made elsewhere with more than a sliver of one country's content need its licence.

It binds the share of a maker's sales that crosses a border; what is sold at home is nobody else's business. Where the content
stands above the threshold, military users may not have those goods, and civil sales wait for a first licence and then pass
with odds: what is refused stays in stock and is asked for again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.grouping import ratio
from sim.stock import CHINA, LICENSED, Array


@dataclass(frozen=True, slots=True)
class OriginRule:
    """The rule in force. Arrays have one entry a selling line."""

    abroad: Array  # share of the line's sales that crosses a border under the rule, 0 where it does not apply
    threshold: float  # share of content above which it applies
    severity: float  # share of the covered sales that obeys
    odds: float
    open_from: float  # day on which the first licences are decided
    military_refused: bool

    def bound(self, goods: Array, held: Array) -> Array:
        """Share of each line's goods [lines, WIDTH] of ``held`` kg that is under the rule."""
        content = ratio(goods[:, CHINA], held)
        share: Array = np.where(content > self.threshold, self.abroad * self.severity, 0.0)
        return share

    def mark(self, goods: Array, held: Array) -> None:
        """Certify in place what is under the rule: such goods are not for military users."""
        if self.military_refused:
            goods[:, LICENSED] = np.maximum(goods[:, LICENSED], self.bound(goods, held) * held)

    def passing(self, goods: Array, held: Array, day: float) -> Array:
        """Share of each line's offer that may be sold on ``day``."""
        odds = self.odds if day >= self.open_from else 0.0
        passing: Array = 1.0 - self.bound(goods, held) * (1.0 - odds)
        return passing
