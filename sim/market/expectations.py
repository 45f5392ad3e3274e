"""What the market remembers and hears: slow averages of prices, smoothed orders, and news.

News is zero without events, and only news makes buyers want more stock than usual: a chain that panics by itself could not
say what a shock did.
"""

from __future__ import annotations

import numpy as np

from sim.behaviour import Behaviour
from sim.compiled import kernel
from sim.stock import Array, Index

FAINT = 1e-3  # news that nobody minds any more


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
        _remember(
            self.opening, log_price, paid, orders, b.cost_anchor,
            self.user, b.user_reference_weeks, self.maker, b.maker_reference_weeks,
            self.seller, b.seller_reference_weeks, self.cost, b.cost_weeks,
            self.paid, b.use_price_weeks, self.orders, b.signal_weeks, self.news, self.news_half_life,
        )  # fmt: skip


@kernel
def _remember(
    opening: Array, log_price: Array, last_paid: Array, ordered: Array, anchor: float,
    user: Array, user_weeks: float, maker: Array, maker_weeks: float, seller: Array, seller_weeks: float,
    cost: Array, cost_weeks: float, paid: Array, paid_weeks: float, orders: Array, order_weeks: float,
    news: Array, half_life: Array,
) -> None:  # fmt: skip
    """A week of each memory, in place: an average over so many weeks; news fades by half in ``half_life`` days."""
    for k in range(len(opening)):
        normal = anchor * opening[k] + (1.0 - anchor) * log_price[k]
        user[k] += (normal - user[k]) / user_weeks
        maker[k] += (normal - maker[k]) / maker_weeks
        seller[k] += (normal - seller[k]) / seller_weeks
        cost[k] += (log_price[k] - cost[k]) / cost_weeks
        paid[k] += (last_paid[k] - paid[k]) / paid_weeks
        if news[k] > 0.0:
            news[k] *= 0.5 ** (7.0 / half_life[k])
            if news[k] < FAINT:
                news[k] = 0.0
    for cell in range(len(orders)):
        orders[cell] += (ordered[cell] - orders[cell]) / order_weeks
