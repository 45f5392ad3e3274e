"""Separators: concentrate in, oxides out after a hold-up of weeks; what nobody buys stays unseparated in a ledger.

Elements in surplus (La, Ce, mostly Sm, Eu, Y, Er, Yb, Tm) are stripped, precipitated and packed only to order: they have a
flat supply curve at their opening price, and come back out of the ledger after ``strip_weeks``. Scarce elements are all sold.
"""

from __future__ import annotations

import numpy as np

from sim.elements import OXIDE_PER_KG
from sim.grouping import GroupSum, ratio, total_by
from sim.stages.first_fill import FirstFill
from sim.stages.plants import Plants, mark_origin
from sim.stages.quotas import Quota
from sim.stock import CHINA, RUSSIA, WIDTH, Array, Block, E, Index, Pipe, Stock, mass_of


class Separators:
    """Rows: ``feed``, ``ledger``, ``tailings`` and (in ``fill``) ``circuit`` one a plant; ``oxide`` one a plant and product."""

    def __init__(
        self, plants: Plants, feed: Block, ledger: Block, tailings: Block, oxide: Block, plant_of: Index, columns: Array,
        separated: Array, unseparated: Array, feed_weeks: Array, hold: Index, opening_feed: Array, opening_sold: Array,
        surplus: Array, mine_groups: GroupSum, gap_weeks: float, strip_weeks: float, fill: FirstFill,
    ) -> None:  # fmt: skip
        self.plants, self.feed, self.ledger, self.tailings, self.oxide = plants, feed, ledger, tailings, oxide
        self.plant_of, self.columns = plant_of, columns  # [oxide rows], [oxide rows, 15]
        self.separated, self.unseparated, self.feed_weeks = separated, unseparated, feed_weeks
        self.surplus = surplus  # [oxide rows] 1 where the product is made to order
        self.groups, self.gap_weeks, self.strip_weeks = mine_groups, gap_weeks, strip_weeks
        self.hold, self.fill = Pipe(hold), fill
        self.expected_feed = mass_of(opening_feed)
        self._row, element = np.nonzero(columns)  # one entry an oxide row and element: most rows hold one
        self._source = plant_of[self._row] * WIDTH + element  # where it lies in a plant's goods, flat
        self._target = self._row * WIDTH + element
        self.quotas: dict[str, tuple[Quota, bool]] = {}  # and whether imported ore counts under it
        self.made = opening_sold.copy()
        self.throughput = self.expected_feed.copy()
        goods = opening_feed.copy()
        goods[:, :E] *= separated
        self.hold.fill(
            mark_origin(
                _scaled_marks(goods, opening_feed, mass_of(goods), mass_of(opening_feed)), plants.zone
            )
        )

    def run(self, stock: Stock, arrived: Array, asked: Array, target: Array) -> None:
        """Take in ``arrived`` feed [plants, WIDTH], process, and release oxides.

        ``asked`` [oxide rows] kg a week that sellers expect to sell, ``target`` the stock they mean to hold.
        """
        stock.put(self.feed.rows, arrived)
        self.expected_feed += (mass_of(arrived) - self.expected_feed) / 8.0
        held = stock.mass(self.feed.rows)
        wish = self.expected_feed + (held - self.feed_weeks * self.expected_feed) / self.gap_weeks
        self.throughput = np.minimum(np.maximum(wish, 0.0), np.minimum(self.plants.able, held))
        if self.quotas:
            self.throughput = self.throughput * self._rationed(stock.kg[self.feed.rows], held)
        raw = stock.take(self.feed.rows, self.throughput, held)
        out, tail = np.empty_like(raw), np.empty_like(raw)
        np.multiply(raw[:, :E], self.separated, out=out[:, :E])
        np.multiply(raw[:, :E], self.unseparated, out=tail[:, :E])
        stock.count_lost(raw[:, :E] - out[:, :E] - tail[:, :E])
        raw_kg, out_kg = mass_of(raw), mass_of(out)
        stock.put(self.tailings.rows, _scaled_marks(tail, raw, mass_of(tail), raw_kg))
        ready = self.hold.pop()
        self.hold.due -= self.fill.keep(stock, ready, self.hold.due)
        self.hold.push(
            mark_origin(_scaled_marks(out, raw, out_kg, raw_kg), self.plants.zone, out_kg), mass=out_kg
        )
        self._release(stock, ready, asked, target)

    def _rationed(self, feed: Array, held: Array) -> Array:
        """Share of the week's throughput that quotas allow, [plants]. A plant works its feed as it lies: mixed."""
        share = np.ones(len(held))
        reo = ratio(feed[:, :E] @ np.array(OXIDE_PER_KG), held)  # kg of oxide in a kg of element
        own = ratio(_home(feed, self.plants.zone), held)
        for quota, imported in self.quotas.values():
            part = np.ones(len(held)) if imported else own  # of a plant's feed that counts
            share = share * (1.0 - part * (1.0 - quota.ration(self.throughput * share * reo * part)))
        return share

    def _release(self, stock: Stock, ready: Array, asked: Array, target: Array) -> None:
        """Scarce elements are packed as they come; of a surplus what is asked for, from the week's flow or the ledger."""
        rows = len(self.plant_of)
        ledger = stock.kg[self.ledger.rows]
        ready_kg, ledger_kg = self.hold.due, mass_of(ledger)
        fresh_kg, old_kg = ready.ravel()[self._source], ledger.ravel()[self._source]
        fresh, old = total_by(self._row, fresh_kg, rows), total_by(self._row, old_kg, rows)
        held = stock.mass(self.oxide.rows)
        # ``target`` is meant for the call; by now a week's sales have left
        wish = np.maximum(asked + (target - asked - held) / self.gap_weeks, 0.0)
        idle = (self.plants.working * self.plants.running)[self.plant_of]
        from_fresh = np.where(self.surplus > 0.0, np.minimum(wish, fresh), fresh) * (idle > 0.0)
        from_old = np.minimum(
            np.maximum(wish - from_fresh, 0.0) * self.surplus * idle, old / self.strip_weeks
        )
        kg = fresh_kg * ratio(from_fresh, fresh)[self._row] + old_kg * ratio(from_old, old)[self._row]
        oxide = stock.kg[self.oxide.rows]
        oxide.reshape(-1)[self._target] += kg
        ready[:, :E] -= total_by(self._source, kg, ready.size).reshape(ready.shape)[:, :E]
        for marks, packed in (
            (_marks_per_kg(ready_kg, ready), from_fresh),
            (_marks_per_kg(ledger_kg, ledger), from_old),
        ):
            oxide[:, E:] += marks[self.plant_of] * packed[:, None]
            ready[:, E:] -= marks * total_by(self.plant_of, packed, len(marks))[:, None]
        ledger += ready  # what nobody asks for stays unseparated
        self.made = from_fresh + from_old


def _home(feed: Array, zone: Index) -> Array:
    """Kilograms of feed mined in the plant's own zone, [plants]."""
    allied = mass_of(feed) - feed[:, CHINA] - feed[:, RUSSIA]
    here: Array = np.choose(zone, [feed[:, CHINA], feed[:, RUSSIA], allied])
    return here


def _marks_per_kg(mass: Array, goods: Array) -> Array:
    marks: Array = goods[:, E:] / np.where(mass > 0.0, mass, np.inf)[:, None]
    return marks


def _scaled_marks(goods: Array, before: Array, mass: Array, mass_before: Array) -> Array:
    """Marks shrink with the mass when part of the elements is left behind."""
    np.multiply(before[:, E:], ratio(mass, mass_before)[:, None], out=goods[:, E:])
    return goods
