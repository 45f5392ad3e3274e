"""Recyclers: swarf and press scrap simulated; end-of-life magnets at a fixed rate out of the products in use."""

from __future__ import annotations

import numpy as np

from sim.grouping import GroupSum, ratio
from sim.stages.plants import Plants, mark_origin
from sim.stock import WIDTH, Array, Block, E, Index, Pipe, Stock, mass_of


class Recyclers:
    """Rows: ``oxide`` one a recycler and product. Scrap is inside ``work`` until it comes out as oxide."""

    def __init__(
        self, plants: Plants, products: Block, product_row: Index, oxide: Block, plant_of: Index, columns: Array,
        collected: Array, recovery: Array, elasticity: Array, lead: Index, opening_scrap: Array, end_of_life: Array,
        basket_usd: Array,
    ) -> None:  # fmt: skip
        self.plants, self.products, self.product_row, self.oxide = plants, products, product_row, oxide
        self.plant_of, self.columns = plant_of, columns
        self.collected, self.recovery, self.elasticity = collected, recovery, elasticity
        self.end_of_life = end_of_life  # [recyclers, 15] kg a week
        self.basket_usd = basket_usd
        self._basket_usd = np.where(basket_usd > 0.0, basket_usd, np.inf)
        self._no_basket = (basket_usd <= 0.0).astype(float)  # is worth what it was
        self.basket = np.divide(opening_scrap[:, :E], opening_scrap[:, :E].sum(axis=1, keepdims=True),
                                out=np.zeros((len(opening_scrap), E)),
                                where=opening_scrap[:, :E].sum(axis=1, keepdims=True) > 0.0)  # fmt: skip
        self.work = Pipe(lead)
        self.work.fill(opening_scrap)
        self.to_oxide = GroupSum(plant_of, len(plants.ids))
        self.made = np.zeros(len(plant_of))
        self.taken = mass_of(opening_scrap)

    def run(self, stock: Stock, scrap: Array, element_usd: Array) -> None:
        """Collect ``scrap`` [recyclers, WIDTH] of the region, more when it is dear; finish what is due.

        ``element_usd`` [recyclers, 15] is what a kilogram of each element fetches in the recycler's hub.
        """
        value = np.einsum("ij,ij->i", self.basket, element_usd) / self._basket_usd + self._no_basket
        share = np.minimum(
            self.collected * np.maximum(value, 1e-6) ** self.elasticity * self.plants.working, 1.0
        )
        taken = scrap * share[:, None]
        self.taken = mass_of(taken)
        stock.count_lost(scrap[:, :E] - taken[:, :E])
        due = self.work.pop()
        self.work.push(taken, mass=self.taken)
        out = due * self.recovery[:, None]
        stock.count_lost(due[:, :E] - out[:, :E])
        out = mark_origin(out + self._old_products(stock), self.plants.zone)
        goods = out[self.plant_of]
        mass = mass_of(goods)
        goods[:, :E] *= self.columns
        part = mass_of(goods)
        goods[:, E:] *= ratio(part, mass)[:, None]
        stock.put(self.oxide.rows, goods)
        self.made = part

    def _old_products(self, stock: Stock) -> Array:
        """End-of-life scrap, by element at its fixed rate, as far as the products of the region hold it."""
        held = stock.kg[self.products.rows][self.product_row]
        goods = np.zeros((len(self.product_row), WIDTH))
        goods[:, :E] = np.minimum(self.end_of_life * self.plants.working[:, None], held[:, :E])
        share = ratio(mass_of(goods), mass_of(held))
        goods[:, E:] = held[:, E:] * share[:, None]
        rows = self.products.start + self.product_row
        np.subtract.at(stock.kg, rows, goods)
        return goods
