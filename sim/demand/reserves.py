"""Stockpiles of states: each with its owner's rule, and whatever policies order on top of it.

Three rules (conf/world/.../stockpiles.csv, columns after ``reserved_for``): a reserve *buys* while its product is cheaper than
``buy_below`` times the first day's price, *releases* to the market while it is dearer than ``release_above`` times that, and
one that is reserved for defence *issues* to programmes of its region what they lack of ``issue_weeks`` of need. Between the two
prices nothing moves: a standing start stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.compiled import kernel
from sim.goods import add, mass
from sim.stock import WIDTH, Array, Block, Index, Stock
from sim.world.types import Stockpile

RAMP = 0.25  # a rule is in full force when the price is this share beyond its threshold: unsourced estimate
DEFENCE = "defence"


@dataclass(frozen=True, slots=True)
class Order:
    """What a policy has a reserve do: kilograms of element a week to buy and to sell, given what is held or on its way."""

    row: int
    buy: Callable[[float], float]
    most: float  # log of the highest price paid
    sell: Callable[[float], float]


class Reserves:
    """Rows ``block``: one a stockpile. They are buying lines and selling lines of their pools."""

    def __init__(self, block: Block, rows: tuple[Stockpile, ...], pool: Index, factor: Array) -> None:
        self.block, self.pool = block, pool
        self.reserved_for = tuple(s.reserved_for for s in rows)
        self.below = np.array([s.buy_below for s in rows])
        self.above = np.array([s.release_above for s in rows])
        self.pace = np.array([s.buy_t_per_year * 1000.0 / 52.18 for s in rows]) / factor  # kg a week
        self.share = np.array([s.release_share_per_week for s in rows])
        self._weeks_to_issue = np.array([s.issue_weeks * (s.reserved_for == DEFENCE) for s in rows])
        self.orders: dict[str, Order] = {}
        self.asked: dict[str, tuple[float, float]] = {}  # by order, kg it means to buy and to sell this week
        n = len(block)
        self.wanted, self.bid = np.zeros(n), np.full(n, -np.inf)
        self.offered = np.zeros(n)
        self.issued = np.zeros(n)  # kg handed to programmes this week

    def __len__(self) -> int:
        return len(self.block)

    def decide(self, log_price: Array, slow: Array, opening: Array, held: Array, due: Array) -> None:
        """Set what is bid and offered this week from log prices [K], slow and of the first day, and kg held and on the way."""
        self.wanted, self.offered, self.bid = _own_rule(
            log_price, slow, opening, self.pool, held, self.below, self.above, self.pace, self.share
        )
        self.asked = {}
        for name, order in self.orders.items():
            i = order.row
            # a bid is soft: it would still take something of goods dearer than it
            now = float(log_price[self.pool[i]])
            buy = order.buy(float(held[i] + due[i])) if now <= order.most else 0.0
            if buy > 0.0:
                self.wanted[i] += buy
                self.bid[i] = now
                self.offered[i] = 0.0  # who builds up does not sell
            sell = min(order.sell(float(held[i])), float(held[i]))
            self.offered[i] = max(self.offered[i], sell)
            self.asked[name] = (buy, sell)

    def moved(self, bought: Array, sold: Array) -> dict[str, float]:
        """Kilograms bought less sold by order, of what was bought and sold by row; the owner's own rule has its part."""
        rows = {name: self.orders[name].row for name in self.asked if name in self.orders}
        return {
            name: float(
                self.asked[name][0] / max(self.wanted[i], 1e-12) * bought[i]
                - min(self.asked[name][1] / max(self.offered[i], 1e-12), 1.0) * sold[i]
            )
            for name, i in rows.items()
        }

    def issue(self, stock: Stock, kits: Block, need: Array) -> Array:
        """Hand to programmes what they lack of ``issue_weeks`` of ``need`` [kits] kg a week; returns kg by kit."""
        block = self.block
        self.issued, given = _issue(
            stock.kg[block.rows], self._weeks_to_issue, block.region, block.commodity,
            stock.kg[kits.rows], need, kits.region, kits.commodity,
        )  # fmt: skip
        return given


@kernel
def _own_rule(
    log_price: Array, slow: Array, opening: Array, pool: Index, held: Array, below: Array, above: Array, pace: Array,
    share: Array,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """What owners buy and sell this week, kg, and the log price that they bid at most, [rows]."""
    wanted, offered, bid = np.zeros(len(pool)), np.zeros(len(pool)), np.empty(len(pool))
    for i in range(len(pool)):
        first = opening[pool[i]]
        over = math.exp(slow[pool[i]] - first)
        if below[i] > 0.0:
            wanted[i] = pace[i] * min(max((1.0 - over / below[i]) / RAMP, 0.0), 1.0)
        if above[i] > 0.0:
            offered[i] = held[i] * share[i] * min(max((over / above[i] - 1.0) / RAMP, 0.0), 1.0)
        bid[i] = min(log_price[pool[i]], first + math.log(max(below[i], 1e-6)))
    return wanted, offered, bid


@kernel
def _issue(
    state: Array, weeks: Array, region: Index, commodity: Index, kits: Array, need: Array, kit_region: Index,
    kit_commodity: Index,
) -> tuple[Array, Array]:  # fmt: skip
    """Hand kits of a reserve's region and product what they lack of ``weeks`` of ``need``, in proportion to that.

    Returns kg issued [reserves] and given [kits].
    """
    issued, given, lack = np.zeros(len(state)), np.zeros(len(kits)), np.zeros(len(kits))
    goods = np.empty((1, WIDTH))
    for i in range(len(state)):
        held = mass(state, i)
        if weeks[i] <= 0.0 or held <= 0.0:
            continue
        all_lack = 0.0
        for k in range(len(kits)):
            lack[k] = 0.0
            if kit_region[k] == region[i] and kit_commodity[k] == commodity[i]:
                lack[k] = max(weeks[i] * need[k] - mass(kits, k), 0.0)
                all_lack += lack[k]
        if all_lack <= 0.0:
            continue
        goods[0] = state[i] * min(all_lack / held, 1.0)
        state[i] -= goods[0]
        issued[i] = mass(goods, 0)
        for k in range(len(kits)):
            add(kits, k, goods, 0, lack[k] / all_lack)
            given[k] += issued[i] * lack[k] / all_lack
    return issued, given
