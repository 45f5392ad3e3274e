"""Recyclers: swarf and press scrap of magnet making, and what is collected of products at the end of their life."""

from __future__ import annotations

import numpy as np

from sim.grouping import GroupSum, ratio
from sim.in_use import InUse
from sim.stages.end_of_life import Collection
from sim.stages.plants import Plants, mark_origin
from sim.stock import Array, Block, E, Index, Pipe, Stock, mass_of


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
        self._basket_usd = np.where(basket_usd > 0.0, basket_usd, np.inf)
        self._no_basket = (basket_usd <= 0.0).astype(float)  # is worth what it was
        self.basket = np.divide(opening_scrap[:, :E], opening_scrap[:, :E].sum(axis=1, keepdims=True),
                                out=np.zeros((len(opening_scrap), E)),
                                where=opening_scrap[:, :E].sum(axis=1, keepdims=True) > 0.0)  # fmt: skip
        self.work = Pipe(lead)
        self.work.fill(opening_scrap + opening_old)
        self.to_oxide = GroupSum(plant_of, len(plants.ids))
        self.made = np.zeros(len(plant_of))
        self.taken = mass_of(opening_scrap)  # swarf, kg of this week

    def run(self, stock: Stock, scrap: Array, element_usd: Array) -> None:
        """Collect ``scrap`` [recyclers, WIDTH] of the region and old products, more when they are dear; finish what is due.

        ``element_usd`` [recyclers, 15] is what a kilogram of each element fetches in the recycler's hub.
        """
        value = np.einsum("ij,ij->i", self.basket, element_usd) / self._basket_usd + self._no_basket
        share = np.minimum(
            self.collected * np.maximum(value, 1e-6) ** self.elasticity * self.plants.working, 1.0
        )
        taken = scrap * share[:, None]
        self.taken = mass_of(taken)
        stock.count_lost(scrap[:, :E] - taken[:, :E])
        leaving = self.in_use.age(stock)
        old = self.collection.collect(leaving, element_usd, self.plants.working)
        stock.count_lost(leaving)
        due = self.work.pop()
        self.work.push(taken + old)
        out = due * self.recovery[:, None]
        stock.count_lost(due[:, :E] - out[:, :E])
        goods = mark_origin(out, self.plants.zone)[self.plant_of]
        mass = mass_of(goods)
        goods[:, :E] *= self.columns
        part = mass_of(goods)
        goods[:, E:] *= ratio(part, mass)[:, None]
        stock.put(self.oxide.rows, goods)
        self.made = part
