"""What the market remembers and hears: slow averages of prices, smoothed orders, and news.

News is zero without events, and only news makes buyers want more stock than usual: a chain that panics by itself could not
say what a shock did.
"""

from __future__ import annotations

import numpy as np

from sim.behaviour import Behaviour
from sim.grouping import blend
from sim.stock import Array, Index


class Expectations:
    """Slow averages by pool (log prices) and by cell (orders)."""

    def __init__(self, log_price: Array, orders: Array, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.opening = log_price.copy()
        self.user = log_price.copy()  # what users call a normal price
        self.cost = log_price.copy()  # what inputs cost of late: no anchor, it is passed on
        self.maker = log_price.copy()
        self.seller = log_price.copy()
        self.paid = np.exp(log_price)  # price paid, as it thins use
        self.orders = orders.copy()  # kg a week at par by cell
        self.news = np.zeros(len(log_price))
        self.news_half_life = np.full(len(log_price), 91.0)

    def hear(self, pools: Index, strength: float, half_life_days: float) -> None:
        """News of a strength 0..1 reaches ``pools``; louder news replaces fainter."""
        louder = strength > self.news[pools]
        self.news_half_life[pools[louder]] = half_life_days
        self.news[pools] = np.maximum(self.news[pools], strength)

    def move(self, cells: Index, step: int) -> None:
        """Orders of ``cells`` are placed ``step`` cells further on from now on."""
        self.orders[cells + step] += self.orders[cells]
        self.orders[cells] = 0.0

    def precaution(self) -> Array:
        """Factor on target stocks by pool: 1 without news."""
        if not self.behaviour.precaution:
            return np.ones_like(self.news)
        factor: Array = 1.0 + (self.behaviour.precaution_multiplier - 1.0) * self.news
        return factor

    def update(self, log_price: Array, paid: Array, orders: Array) -> None:
        """A week has passed: log prices and prices paid by pool, orders by cell."""
        b = self.behaviour
        normal = b.cost_anchor * self.opening + (1.0 - b.cost_anchor) * log_price
        blend(self.user, normal, b.user_reference_weeks)
        blend(self.maker, normal, b.maker_reference_weeks)
        blend(self.seller, normal, b.seller_reference_weeks)
        blend(self.cost, log_price, b.cost_weeks)
        blend(self.paid, paid, b.use_price_weeks)
        blend(self.orders, orders, b.signal_weeks)
        self.news *= 0.5 ** (7.0 / self.news_half_life)
        self.news[self.news < 1e-3] = 0.0
