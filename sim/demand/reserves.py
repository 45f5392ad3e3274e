"""Stockpiles of states: each with its owner's rule, and whatever policies order on top of it.

Three rules (conf/world/.../stockpiles.csv, columns after ``reserved_for``): a reserve *buys* while its product is cheaper than
``buy_below`` times the first day's price, *releases* to the market while it is dearer than ``release_above`` times that, and
one that is reserved for defence *issues* to programmes of its region what they lack of ``issue_weeks`` of need. Between the two
prices nothing moves: a standing start stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.grouping import ratio
from sim.stock import Array, Block, Index, Stock, mass_of
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
        self.issue_weeks = np.array([s.issue_weeks for s in rows])
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
        now = log_price[self.pool]
        ratio = np.exp(slow[self.pool] - opening[self.pool])
        cheap = np.where(self.below > 0.0, 1.0 - ratio / np.where(self.below > 0.0, self.below, 1.0), 0.0)
        dear = np.where(self.above > 0.0, ratio / np.where(self.above > 0.0, self.above, 1.0) - 1.0, 0.0)
        self.wanted = self.pace * np.minimum(np.maximum(cheap / RAMP, 0.0), 1.0)
        self.offered = held * self.share * np.minimum(np.maximum(dear / RAMP, 0.0), 1.0)
        self.bid = np.minimum(now, opening[self.pool] + np.log(np.maximum(self.below, 1e-6)))
        self.asked = {}
        for name, order in self.orders.items():
            i = order.row
            # a bid is soft: it would still take something of goods dearer than it
            buy = order.buy(float(held[i] + due[i])) if now[i] <= order.most else 0.0
            if buy > 0.0:
                self.wanted[i] += buy
                self.bid[i] = float(now[i])
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
        self.issued = np.zeros(len(self))
        given = np.zeros(len(kits))
        held = stock.mass(self.block.rows)
        for i in np.flatnonzero(held > 0.0):
            if self.reserved_for[i] != DEFENCE or self.issue_weeks[i] <= 0.0:
                continue
            mine = np.flatnonzero(
                (kits.region == self.block.region[i]) & (kits.commodity == self.block.commodity[i])
            )
            have = stock.mass(kits.start + mine)
            lack = np.maximum(self.issue_weeks[i] * need[mine] - have, 0.0)
            if lack.sum() <= 0.0:
                continue
            row = np.array([self.block.start + i])
            goods = stock.take(row, np.minimum(lack.sum(), held[i : i + 1])).copy()
            stock.put(kits.start + mine, goods * ratio(lack, np.full(len(lack), lack.sum()))[:, None])
            self.issued[i] = mass_of(goods)[0]
            given[mine] += self.issued[i] * lack / lack.sum()
        return given
