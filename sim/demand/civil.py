"""Civil users: they use what growth, price and adopted substitution leave of their opening use, out of their own stock.

Demand splits every week, exactly, into served, *unserved* (would pay, not supplied) and *priced out*; demand is use at
opening real prices after growth and adopted substitution.
"""

from __future__ import annotations

import numpy as np

from sim.demand.subsidies import Subsidies
from sim.grouping import GroupSum
from sim.in_use import InUse
from sim.stock import Array, Block, Index, Stock

MONTHS_TO_WEEKS = 365.25 / 12.0 / 7.0
SPREAD = (
    0.25  # log price: spread of the price at which users of a sector find switching pays; unsourced estimate
)


class Civil:
    """Rows ``stock``: one a region, sector and commodity."""

    def __init__(
        self, block: Block, sector: Index, pool: Index, use: Array, elasticity: Array, switch_price: Array,
        switch_weeks: Array, switch_most: Array, switch_kept: Array, dissipative: Array, growth: Array, opening: Array,
        cap_per_year: float, in_use: InUse, into: Index,
    ) -> None:  # fmt: skip
        self.block, self.sector, self.pool = block, sector, pool
        self.opening_use = use
        self.elasticity = elasticity  # positive
        self.switch_price, self.switch_weeks = switch_price, switch_weeks
        self.switch_most, self.switch_kept = switch_most, switch_kept
        self.gone, self.growth = (
            np.flatnonzero(dissipative > 0.0),
            growth,
        )  # rows whose use leaves nothing behind
        self._log_growth, self._log_switch = np.log1p(growth), np.log(switch_price)
        self._pace, self._most = 0.5 / switch_weeks, switch_most / 52.18  # a week
        self.opening_price = opening  # USD/kg of product, by pool
        self._log_opening = np.log(opening)
        self.cap_per_year = cap_per_year
        self.in_use = in_use
        # into products by region and sector; behind them what is dissipated
        self.into = GroupSum(np.where(dissipative > 0.0, len(in_use), into), len(in_use) + 1)
        n = len(block)
        # those for whom it pays at opening prices have switched already: they are not in the opening use
        self.switched_before = _logistic((self._log_opening[pool] - self._log_switch) / SPREAD)
        self.adopted = np.zeros(n)  # share of use switched away
        self.subsidies = Subsidies(n)
        self.noise = np.ones(n)
        self.surge = np.ones(n)
        self.demand = use.copy()
        self.wanted = use.copy()
        self.consumed = use.copy()
        self.substituted = np.zeros(n)

    def decide(self, paid: Array, years: float, growing: bool, switching: bool) -> None:
        """Demand and what users would consume this week, at the slow average of prices paid [pools]."""
        gross = self.opening_use * self.noise * self.surge
        if growing:
            gross *= np.exp(self._log_growth * years)
        price = np.log(paid)
        if switching:
            self._switch(price[self.pool])
        self.substituted = gross * self.adopted
        self.subsidies.pay(gross)
        self.demand = gross - self.substituted
        # demand is use at opening prices: below them users take more than that, and the priced-out part is negative
        self.wanted = self.demand * np.exp((self._log_opening - price)[self.pool] * self.elasticity)

    def _switch(self, price: Array) -> None:
        """Switching pays for a growing share of users above the sector's price; it takes time, and part of it stays."""
        pays = _logistic((price - self._log_switch) / SPREAD)
        pays = np.maximum((pays - self.switched_before) / (1.0 - self.switched_before), 0.0)
        # redesign goes on at a steady pace: half of what pays is done after the sector's lag, all of it after twice that
        rise = np.minimum(np.maximum(pays - self.adopted, 0.0), np.minimum(pays * self._pace, self._most))
        paid = self.subsidies.rise(self.adopted + rise)
        for more in paid.values():
            rise = rise + more
        back = np.maximum(self.adopted - np.maximum(pays, self.adopted * self.switch_kept), 0.0)
        fall = back * self._pace
        total = (rise * self.opening_use).sum()
        most = self.cap_per_year / 52.18 * self.opening_use.sum()
        part = min(1.0, most / max(total, 1e-12))
        self.adopted += rise * part
        kept = self.subsidies.hold(paid, part, self.adopted)
        self.adopted -= np.minimum(fall, self.adopted - kept)

    def consume(self, stock: Stock, held: Array) -> None:
        """Use what is wanted, as far as the stock ``held`` (kg by row) goes; goods rest in products or are gone."""
        goods = stock.take(self.block.rows, self.wanted, held)
        self.consumed = np.minimum(self.wanted, held)
        into = self.into(goods)
        stock.count_consumed(into[-1])
        self.in_use.put(stock, into[:-1])


def _logistic(x: Array) -> Array:
    out: Array = 1.0 / (1.0 + np.exp(-x))
    return out
