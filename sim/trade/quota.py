"""An export quota by weight: so many tonnes of product a period, whatever the product, and one rent per kilogram.

Holders ration what is left evenly over the weeks that are left. Licences go to whoever earns most with them, so one rent per
kilogram of product comes off every exporter's margin, and the dear products crowd out the cheap ones: a competitive rent fills
the quota while the gap between the hubs is open. It is solved for at last week's prices; the tonnes are capped in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.stock import Array, Index

HALVINGS = 50
PACE = 0.3  # share of the way that the rent moves towards the solution each week: prices answer late; unsourced estimate


@dataclass(slots=True)
class Quota:
    """One quota in force. ``weight`` [routes] is kg of product per kg of element, 0 on routes that it does not cover."""

    name: str
    routes: Index
    weight: Array
    allowed: float  # kg of product a period
    weeks: int  # of a period
    leakage: float  # share of normal trade that leaves outside the quota
    left: float = field(init=False)
    weeks_left: int = field(init=False)
    rent: float = 0.0  # USD/kg of product

    def __post_init__(self) -> None:
        self.left, self.weeks_left = self.allowed, self.weeks

    def leave(self, out: NDArray[np.bool_]) -> None:
        """Routes that are ``out`` [routes] are no longer covered."""
        self.routes = self.routes[~out[self.routes]]

    def ration(self, taken_at: Callable[[float], Array], normal: Array) -> Array:
        """Caps by route, kg of element, and the rent: ``taken_at(rent)`` [routes] is what exporters would buy at a rent."""
        here = self.routes
        room = self.left / self.weeks_left
        leak = self.leakage * normal[here]
        free = taken_at(0.0)[here]
        wanted = free
        target = 0.0
        if (free * self.weight[here]).sum() > room:
            low, high = 0.0, 1.0
            while (taken_at(high)[here] * self.weight[here]).sum() > room and high < 1e6:
                high *= 4.0
            for _ in range(HALVINGS):
                target = 0.5 * (low + high)
                over = (taken_at(target)[here] * self.weight[here]).sum() > room
                low, high = (target, high) if over else (low, target)
            wanted = taken_at(target)[here]
        self.rent += PACE * (target - self.rent)
        if self.rent < 1e-9:
            self.rent = 0.0
        total = float((wanted * self.weight[here]).sum())
        caps = np.full(len(normal), np.inf)
        caps[here] = (wanted * (room / total) if total > 0.0 else room / self.weight[here]) + leak
        return caps

    def book(self, kg: Array, normal: Array) -> Array:
        """A week's shipments [routes] against the quota; returns what left outside it, kg by route."""
        here = self.routes
        leaked = np.zeros(len(kg))
        leaked[here] = np.minimum(kg[here], self.leakage * normal[here])
        self.left = max(self.left - float(((kg - leaked)[here] * self.weight[here]).sum()), 0.0)
        self.weeks_left -= 1
        if self.weeks_left == 0:  # what is not used lapses
            self.left, self.weeks_left = self.allowed, self.weeks
        return leaked
