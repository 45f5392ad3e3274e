"""Guaranteed prices: a floor under what a plant gets for a commodity, paid by a state as the difference to the market's price.

The plant sells at the market's price and the state adds what is missing, so that bids and asks do not change; what changes is
what the plant earns, and so whether it runs, and whether it is built. An offtake is the same for a limited tonnage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.stock import Array, E, Index


@dataclass(slots=True)
class Guarantee:
    """A floor for ``commodity`` (its number) at ``sites`` of a ``stage``, in USD a kilogram of product."""

    stage: str  # mine, separator, metal or magnet
    sites: Index
    commodity: int
    usd: float
    above: float  # the state takes upside_share of what the price exceeds this by
    upside_share: float
    most: float  # kg of element a week that are covered; inf: all that is sold
    builds: bool  # a site that it pays for is built at once

    def paid_per_kg(self, price: Array) -> Array:
        """What the state adds at a market price, USD a kilogram of product; less than nothing where it shares in the upside."""
        added: Array = np.maximum(self.usd - price, 0.0)
        if self.upside_share > 0.0:
            added = added - self.upside_share * np.maximum(price - self.above, 0.0)
        return added


class Guarantees:
    """The guarantees in force by the name of the policy, and what they add at each site."""

    def __init__(self, mask: Array, factor: Array, products: dict[str, tuple[Index, Index]]) -> None:
        self.mask, self.factor = (
            mask,
            factor,
        )  # [C, 15] elements of a commodity, [C] kg of product a kg of element
        self.products = products  # metal, magnet: plant and commodity of each row of outputs
        self.given: dict[str, list[Guarantee]] = {}

    def all(self, stage: str) -> list[Guarantee]:
        return [g for given in self.given.values() for g in given if g.stage == stage]

    def in_basket(self, stage: str, usd: Array, could: Array) -> Array:
        """What guarantees add to the worth of each element at the sites of mines or separators, USD/kg [sites, 15].

        ``usd`` [sites, 15] is the worth of elements in the market; ``could`` [sites, 15] the kilograms a week that a site could
        sell, of which a limited guarantee covers a share.
        """
        extra = np.zeros(usd.shape)
        for g in self.all(stage):
            columns = np.flatnonzero(self.mask[g.commodity])
            place = np.ix_(g.sites, columns)
            whole = float(could[place].sum())
            share = 1.0 if whole <= g.most else g.most / whole
            more = share * self.factor[g.commodity] * g.paid_per_kg(usd[place] / self.factor[g.commodity])
            extra[place] = np.where(extra[place] > 0.0, np.maximum(extra[place], more), more)
        return extra

    def on_products(self, stage: str, usd: Array, could: Array) -> Array:
        """The same for metals or magnets by row of outputs: USD a kilogram of product, [rows]."""
        extra = np.zeros(len(usd))
        plant_of, commodity = self.products[stage]
        for g in self.all(stage):
            rows = np.flatnonzero(np.isin(plant_of, g.sites) & (commodity == g.commodity))
            whole = float(could[rows].sum())
            share = 1.0 if whole <= g.most else g.most / whole
            more = share * g.paid_per_kg(usd[rows])
            extra[rows] = np.where(extra[rows] > 0.0, np.maximum(extra[rows], more), more)
        return extra

    def bill(self, name: str, sold: dict[str, tuple[Index, Index, Array, Array]]) -> float:
        """What the policy ``name`` pays for a week's sales, USD. ``sold`` by stage: plant, commodity, kg of element sold and
        price (USD/kg of product) of each line; the prices are raised by what is paid, so that a second guarantee for the same
        goods adds only what the first has left."""
        total = 0.0
        for g in self.given.get(name, ()):
            plant, commodity, kg, price = sold[g.stage]
            lines = np.flatnonzero(np.isin(plant, g.sites) & (commodity == g.commodity))
            whole = float(kg[lines].sum())
            if whole > 0.0:
                share = min(1.0, g.most / whole)
                product = kg[lines] * share * self.factor[g.commodity]
                paid = g.paid_per_kg(price[lines])
                total += float((product * paid).sum())
                price[lines] += share * np.maximum(paid, 0.0)
        return total


def sold_by_mines(
    output: Array, potential: Array, mask: Array, goods: Index, price: Array
) -> tuple[Index, Index, Array, Array]:
    """Lines of concentrate by mine and oxide: what a mine sends off of each oxide in ``goods``, at its hub's prices [mines, C]."""
    n = len(output)
    plant = np.repeat(np.arange(n), len(goods))
    commodity = np.tile(goods, n)
    kg = (output[:, None] * (potential[:, :E] @ mask[goods].T)).ravel()
    return plant, commodity, kg, price[:, goods].ravel()
