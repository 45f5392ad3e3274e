"""Separators: concentrate in, oxides out after a hold-up of weeks; what nobody buys stays unseparated in a ledger.

Elements in surplus (La, Ce, mostly Sm, Eu, Y, Er, Yb, Tm) are stripped, precipitated and packed only to order: they have a
flat supply curve at their opening price, and come back out of the ledger after ``strip_weeks``. Scarce elements are all sold.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.elements import OXIDE_PER_KG
from sim.goods import add, mass, move, part, scale_marks, stamp
from sim.grouping import GroupSum, ratio
from sim.stages.first_fill import FirstFill
from sim.stages.plants import Plants
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
        row, self._element = (np.ascontiguousarray(of) for of in np.nonzero(columns))
        # oxide row i holds _element[_first[i]:_first[i + 1]]: most hold one
        self._first = np.searchsorted(row, np.arange(len(plant_of) + 1))
        self.quotas: dict[str, tuple[Quota, bool]] = {}  # and whether imported ore counts under it
        self.made = opening_sold.copy()
        self.throughput = self.expected_feed.copy()
        goods = opening_feed.copy()
        for i in range(len(goods)):
            _keep_elements(goods, i, separated[i], plants.zone[i])
        self.hold.fill(goods)

    def run(self, stock: Stock, arrived: Array, asked: Array, target: Array) -> None:
        """Take in ``arrived`` feed [plants, WIDTH], process, and release oxides.

        ``asked`` [oxide rows] kg a week that sellers expect to sell, ``target`` the stock they mean to hold.
        """
        feed, zone = stock.kg[self.feed.rows], self.plants.zone
        held, self.throughput = _take_in(
            feed, arrived, self.expected_feed, self.feed_weeks, self.gap_weeks, self.plants.able
        )
        if self.quotas:
            self.throughput = self.throughput * self._rationed(feed, held)
        goods, kg = _process(
            feed, held, self.throughput, self.separated, self.unseparated, zone, stock.kg[self.tailings.rows], stock.lost
        )  # fmt: skip
        ready = self.hold.pop()
        self.hold.due -= self.fill.keep(stock, ready, self.hold.due)
        self.hold.push(goods, mass=kg)
        self.made = _release(
            ready, self.hold.due, stock.kg[self.ledger.rows], stock.kg[self.oxide.rows], self.plant_of, self._first,
            self._element, self.surplus, self.plants.working, self.plants.running, asked, target, self.gap_weeks,
            self.strip_weeks,
        )  # fmt: skip

    def _rationed(self, feed: Array, held: Array) -> Array:
        """Share of the week's throughput that quotas allow, [plants]. A plant works its feed as it lies: mixed."""
        share = np.ones(len(held))
        reo = ratio(feed[:, :E] @ np.array(OXIDE_PER_KG), held)  # kg of oxide in a kg of element
        own = ratio(_home(feed, self.plants.zone), held)
        for quota, imported in self.quotas.values():
            part = np.ones(len(held)) if imported else own  # of a plant's feed that counts
            share = share * (1.0 - part * (1.0 - quota.ration(self.throughput * share * reo * part)))
        return share


def _home(feed: Array, zone: Index) -> Array:
    """Kilograms of feed mined in the plant's own zone, [plants]."""
    allied = mass_of(feed) - feed[:, CHINA] - feed[:, RUSSIA]
    here: Array = np.choose(zone, [feed[:, CHINA], feed[:, RUSSIA], allied])
    return here


@kernel
def _keep_elements(goods: Array, i: int, shares: Array, zone: int) -> float:
    """Keep ``shares`` [15] of the elements of row ``i``, and of the marks what goes with that mass, as made in ``zone``."""
    before = mass(goods, i)
    for e in range(E):
        goods[i, e] *= shares[e]
    kg = mass(goods, i)
    scale_marks(goods, i, part(kg, before))
    stamp(goods, i, zone, kg)
    return kg


@kernel
def _take_in(
    feed: Array, arrived: Array, expected: Array, feed_weeks: Array, gap_weeks: float, able: Array
) -> tuple[Array, Array]:
    """Put ``arrived`` to the feed; returns what lies there and what plants mean to process of it this week, kg by plant.

    They process what they have come to expect, and bring the stock of feed to ``feed_weeks`` of that.
    """
    held, throughput = np.empty(len(expected)), np.empty(len(expected))
    for i in range(len(expected)):
        add(feed, i, arrived, i, 1.0)
        expected[i] += (mass(arrived, i) - expected[i]) / 8.0
        held[i] = mass(feed, i)
        wish = expected[i] + (held[i] - feed_weeks[i] * expected[i]) / gap_weeks
        throughput[i] = min(max(wish, 0.0), able[i], held[i])
    return held, throughput


@kernel
def _process(
    feed: Array, held: Array, throughput: Array, separated: Array, unseparated: Array, zone: Index, tailings: Array,
    lost: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """Feed goes into solution: what will be separated is returned, [plants, WIDTH] and its kg; the rest is tailings or lost."""
    goods, kg = np.zeros(feed.shape), np.empty(len(feed))
    left = np.empty((1, WIDTH))
    for i in range(len(feed)):
        move(goods, i, feed, i, min(part(throughput[i], held[i]), 1.0))
        raw = mass(goods, i)
        left[0] = goods[i]
        for e in range(E):
            left[0, e] *= unseparated[i, e]
            lost[e] += goods[i, e] - goods[i, e] * separated[i, e] - left[0, e]
        scale_marks(left, 0, part(mass(left, 0), raw))
        add(tailings, i, left, 0, 1.0)
        kg[i] = _keep_elements(goods, i, separated[i], zone[i])
    return goods, kg


@kernel
def _release(
    ready: Array, ready_kg: Array, ledger: Array, oxide: Array, plant_of: Index, first: Index, element: Index,
    surplus: Array, working: Array, running: Array, asked: Array, target: Array, gap_weeks: float, strip_weeks: float,
) -> Array:  # fmt: skip
    """Scarce elements are packed as they come; of a surplus what is asked for, from the week's flow or the ledger.

    What nobody asks for of ``ready`` goes to the ledger, unseparated. Returns kg packed, [oxide rows].
    """
    made = np.empty(len(plant_of))
    packed = np.zeros(ready.shape)
    ledger_kg = np.empty(len(ledger))
    for p in range(len(ledger)):
        ledger_kg[p] = mass(ledger, p)
    for i in range(len(plant_of)):
        p, fresh, old, held = plant_of[i], 0.0, 0.0, 0.0
        for k in range(first[i], first[i + 1]):
            fresh += ready[p, element[k]]
            old += ledger[p, element[k]]
            held += oxide[i, element[k]]
        able = working[p] * running[p]
        # ``target`` is meant for the call; by now a week's sales have left
        wish = max(asked[i] + (target[i] - asked[i] - held) / gap_weeks, 0.0)
        from_fresh = 0.0
        if able > 0.0:
            from_fresh = min(wish, fresh) if surplus[i] > 0.0 else fresh
        from_old = min(max(wish - from_fresh, 0.0) * surplus[i] * able, old / strip_weeks)
        made[i] = from_fresh + from_old
        of_fresh, of_old = part(from_fresh, fresh), part(from_old, old)
        for k in range(first[i], first[i + 1]):
            kg = ready[p, element[k]] * of_fresh + ledger[p, element[k]] * of_old
            oxide[i, element[k]] += kg
            packed[p, element[k]] += kg
        of_fresh, of_old = part(from_fresh, ready_kg[p]), part(from_old, ledger_kg[p])
        for mark in range(E, WIDTH):
            kg = ready[p, mark] * of_fresh + ledger[p, mark] * of_old
            oxide[i, mark] += kg
            packed[p, mark] += kg
    for p in range(len(ledger)):
        add(ledger, p, ready, p, 1.0)
        add(ledger, p, packed, p, -1.0)
    return made
