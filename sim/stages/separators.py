"""Separators: concentrate in, oxides out after a hold-up of weeks; what nobody buys stays unseparated in a ledger.

Elements in surplus (La, Ce, mostly Sm, Eu, Y, Er, Yb, Tm) are stripped, precipitated and packed only to order: they have a
flat supply curve at their opening price, and come back out of the ledger after ``strip_weeks``. Scarce elements are all sold.
"""

from __future__ import annotations

import numpy as np

from sim.grouping import GroupSum
from sim.stages.plants import Plants, mark_origin
from sim.stock import E, WIDTH, Array, Block, Index, Pipe, Stock, mass_of


class Separators:
    """Rows: ``feed``, ``ledger`` and ``tailings`` one a plant; ``oxide`` one a plant and product."""

    def __init__(
        self, plants: Plants, feed: Block, ledger: Block, tailings: Block, oxide: Block, plant_of: Index, columns: Array,
        separated: Array, unseparated: Array, feed_weeks: Array, hold: Index, opening_feed: Array, opening_sold: Array,
        surplus: Array, mine_groups: GroupSum, gap_weeks: float, strip_weeks: float,
    ) -> None:  # fmt: skip
        self.plants, self.feed, self.ledger, self.tailings, self.oxide = plants, feed, ledger, tailings, oxide
        self.plant_of, self.columns = plant_of, columns  # [oxide rows], [oxide rows, 15]
        self.separated, self.unseparated, self.feed_weeks = separated, unseparated, feed_weeks
        self.surplus = surplus  # [oxide rows] 1 where the product is made to order
        self.groups, self.gap_weeks, self.strip_weeks = mine_groups, gap_weeks, strip_weeks
        self.hold = Pipe(hold)
        self.expected_feed = mass_of(opening_feed)
        self.to_plant = GroupSum(plant_of, len(plants.ids))
        self.made = opening_sold.copy()
        self.throughput = self.expected_feed.copy()
        goods = opening_feed.copy()
        goods[:, :E] *= separated
        self.hold.fill(mark_origin(_scaled_marks(goods, opening_feed), plants.zone))

    def run(self, stock: Stock, arrived: Array, asked: Array, target: Array) -> None:
        """Take in ``arrived`` feed [plants, WIDTH], process, and release oxides.

        ``asked`` [oxide rows] kg a week that sellers expect to sell, ``target`` the stock they mean to hold.
        """
        stock.put(self.feed.rows, arrived)
        self.expected_feed += (mass_of(arrived) - self.expected_feed) / 8.0
        held = stock.mass(self.feed.rows)
        wish = self.expected_feed + (held - self.feed_weeks * self.expected_feed) / self.gap_weeks
        self.throughput = np.minimum(np.clip(wish, 0.0, None), np.minimum(self.plants.able, held))
        raw = stock.take(self.feed.rows, self.throughput, held)
        out = raw.copy()
        out[:, :E] *= self.separated
        tail = raw.copy()
        tail[:, :E] *= self.unseparated
        stock.put(self.tailings.rows, _scaled_marks(tail, raw))
        stock.count_lost(raw[:, :E] - out[:, :E] - tail[:, :E])
        ready = self.hold.pop()
        self.hold.push(mark_origin(_scaled_marks(out, raw), self.plants.zone))
        self._release(stock, ready, asked, target)

    def _release(self, stock: Stock, ready: Array, asked: Array, target: Array) -> None:
        """Scarce elements are packed as they come; of a surplus what is asked for, from the week's flow or the ledger."""
        fresh = (ready[self.plant_of, :E] * self.columns).sum(axis=1)
        old = (stock.kg[self.ledger.rows][self.plant_of, :E] * self.columns).sum(axis=1)
        held = stock.mass(self.oxide.rows)
        # ``target`` is meant for the call; by now a week's sales have left
        wish = np.clip(asked + (target - asked - held) / self.gap_weeks, 0.0, None)
        idle = self.plants.working[self.plant_of]
        from_fresh = np.where(self.surplus > 0.0, np.minimum(wish, fresh), fresh) * np.where(idle > 0.0, 1.0, 0.0)
        from_old = np.minimum(np.clip(wish - from_fresh, 0.0, None) * self.surplus * idle, old / self.strip_weeks)
        goods = np.zeros((len(self.plant_of), WIDTH))
        share = np.divide(from_fresh, fresh, out=np.zeros_like(fresh), where=fresh > 0.0)
        goods += ready[self.plant_of] * _with_marks(self.columns, ready[self.plant_of]) * share[:, None]
        ledger = stock.kg[self.ledger.rows]
        share = np.divide(from_old, old, out=np.zeros_like(old), where=old > 0.0)
        goods_old = ledger[self.plant_of] * _with_marks(self.columns, ledger[self.plant_of]) * share[:, None]
        stock.kg[self.ledger.rows] += ready - self.to_plant(goods + goods_old)
        stock.put(self.oxide.rows, goods + goods_old)
        self.made = from_fresh + from_old


def _scaled_marks(goods: Array, before: Array) -> Array:
    """Marks shrink with the mass when part of the elements is left behind."""
    mass = mass_of(before)
    share = np.divide(mass_of(goods), mass, out=np.zeros_like(mass), where=mass > 0.0)
    goods[:, E:] = before[:, E:] * share[:, None]
    return goods


def _with_marks(columns: Array, source: Array) -> Array:
    """Selector [n, WIDTH]: the product's element columns, and the marks in proportion to its share of the mass."""
    mass = mass_of(source)
    part = (source[:, :E] * columns).sum(axis=1)
    share = np.divide(part, mass, out=np.zeros_like(mass), where=mass > 0.0)
    return np.hstack([columns, np.repeat(share[:, None], WIDTH - E, axis=1)])
