"""Recyclers: swarf and press scrap of magnet making, and what is collected of products at the end of their life."""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.goods import add, mass, part, scale_marks, stamp
from sim.in_use import InUse
from sim.stages.end_of_life import Collection, scrap_worth
from sim.stages.plants import Plants
from sim.stock import WIDTH, Array, Block, E, Index, Pipe, Stock, mass_of


class Recyclers:
    """Rows: ``oxide`` one a recycler and product. Scrap is inside ``work`` until it comes out as oxide."""

    def __init__(
        self, plants: Plants, in_use: InUse, collection: Collection, oxide: Block, plant_of: Index, columns: Array,
        collected: Array, recovery: Array, elasticity: Array, lead: Index, opening_scrap: Array, opening_old: Array,
        basket_usd: Array,
    ) -> None:  # fmt: skip
        """``opening_scrap`` and ``opening_old`` [recyclers, WIDTH] are the first day's swarf and end-of-life goods taken in."""
        self.plants, self.in_use, self.collection, self.oxide = plants, in_use, collection, oxide
        self.plant_of, self.columns = plant_of, columns
        self.collected, self.recovery, self.elasticity = collected, recovery, elasticity
        self.basket_usd = basket_usd
        self.basket = np.divide(opening_scrap[:, :E], opening_scrap[:, :E].sum(axis=1, keepdims=True),
                                out=np.zeros((len(opening_scrap), E)),
                                where=opening_scrap[:, :E].sum(axis=1, keepdims=True) > 0.0)  # fmt: skip
        self.work = Pipe(lead)
        self.work.fill(opening_scrap + opening_old)
        self.made = np.zeros(len(plant_of))
        self.taken = mass_of(opening_scrap)  # swarf, kg of this week

    def run(self, stock: Stock, scrap: Array, element_usd: Array) -> None:
        """Collect ``scrap`` [recyclers, WIDTH] of the region and old products, more when they are dear; finish what is due.

        ``element_usd`` [recyclers, 15] is what a kilogram of each element fetches in the recycler's hub.
        """
        worth = scrap_worth(self.basket, element_usd, self.basket_usd)
        fresh, self.taken = _take_scrap(
            scrap, worth, self.collected, self.elasticity, self.plants.working, stock.lost
        )
        leaving = self.in_use.age(stock)
        old = self.collection.collect(leaving, element_usd, self.plants.working)
        due = self.work.pop()
        self.work.push(fresh + old)
        self.made = _finish(
            leaving, due, self.recovery, self.plants.zone, self.plant_of, self.columns, stock.kg[self.oxide.rows],
            stock.lost,
        )  # fmt: skip


@kernel
def _take_scrap(
    scrap: Array, worth: Array, collected: Array, elasticity: Array, working: Array, lost: Array
) -> tuple[Array, Array]:
    """What recyclers take of ``scrap`` at what it is worth, [recyclers, WIDTH] and its kg; the rest is lost."""
    taken, kg = np.zeros(scrap.shape), np.empty(len(scrap))
    for r in range(len(scrap)):
        share = min(collected[r] * max(worth[r], 1e-6) ** elasticity[r] * working[r], 1.0)
        add(taken, r, scrap, r, share)
        kg[r] = mass(taken, r)
        for e in range(E):
            lost[e] += scrap[r, e] - taken[r, e]
    return taken, kg


@kernel
def _finish(
    uncollected: Array, due: Array, recovery: Array, zone: Index, plant_of: Index, columns: Array, oxide: Array,
    lost: Array,
) -> Array:  # fmt: skip
    """Scrap that is ``due`` becomes oxides; what is not recovered is lost, as is what was ``uncollected``.

    Returns kg made, [oxide rows].
    """
    made = np.empty(len(plant_of))
    for i in range(len(uncollected)):
        for e in range(E):
            lost[e] += uncollected[i, e]
    for r in range(len(due)):
        for c in range(WIDTH):
            out = due[r, c] * recovery[r]
            if c < E:
                lost[c] += due[r, c] - out
            due[r, c] = out
        stamp(due, r, zone[r], mass(due, r))
    goods = np.empty((1, WIDTH))
    for i in range(len(plant_of)):
        goods[0] = due[plant_of[i]]
        for e in range(E):
            goods[0, e] *= columns[i, e]
        made[i] = mass(goods, 0)
        scale_marks(goods, 0, part(made[i], mass(due, plant_of[i])))
        add(oxide, i, goods, 0, 1.0)
    return made
