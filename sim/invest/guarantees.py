"""Guaranteed prices: a floor under what a plant gets for a commodity, paid by a state as the difference to the market's price.

The plant sells at the market's price and the state adds what is missing, so that bids and asks do not change; what changes is
what the plant earns, and so whether it runs, and whether it is built. An offtake is the same for a limited tonnage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.compiled import kernel
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

    @property
    def terms(self) -> tuple[float, float, float, float]:
        """What the kernels want to know of it: floor, level and share of the upside, and the most that is covered."""
        return self.usd, self.above, self.upside_share, self.most


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
            add_to_baskets(
                g.sites, self.mask[g.commodity], float(self.factor[g.commodity]), *g.terms, usd, could, extra
            )
        return extra

    def on_products(self, stage: str, usd: Array, could: Array) -> Array:
        """The same for metals or magnets by row of outputs: USD a kilogram of product, [rows]."""
        extra = np.zeros(len(usd))
        plant_of, commodity = self.products[stage]
        for g in self.all(stage):
            add_to_products(g.sites, g.commodity, plant_of, commodity, *g.terms, usd, could, extra)
        return extra

    def bill(self, name: str, sold: dict[str, tuple[Index, Index, Array, Array]]) -> float:
        """What the policy ``name`` pays for a week's sales, USD. ``sold`` by stage: plant, commodity, kg of element sold and
        price (USD/kg of product) of each line; the prices are raised by what is paid, so that a second guarantee for the same
        goods adds only what the first has left."""
        return sum(
            paid_out(g.sites, g.commodity, *sold[g.stage], float(self.factor[g.commodity]), *g.terms)
            for g in self.given.get(name, ())
        )


@kernel
def paid_per_kg(price: float, usd: float, above: float, upside: float) -> float:
    """What the state adds at a market price, USD a kilogram of product; less than nothing where it shares in the upside."""
    return max(usd - price, 0.0) - upside * max(price - above, 0.0)


@kernel
def add_to_baskets(sites: Index, holds: Array, factor: float, usd: float, above: float, upside: float, most: float,
                   worth: Array, could: Array, extra: Array) -> None:  # fmt: skip
    """One guarantee's addition to the ``worth`` of elements, into ``extra`` [sites, 15] where it is more than another's.

    ``holds`` [15] marks the elements of its commodity, of which a kilogram makes ``factor`` kilograms of product.
    """
    whole = 0.0
    for i in sites:
        for e in range(E):
            if holds[e] > 0.0:
                whole += could[i, e]
    share = 1.0 if whole <= most else most / whole
    for i in sites:
        for e in range(E):
            if holds[e] > 0.0:
                more = share * factor * paid_per_kg(worth[i, e] / factor, usd, above, upside)
                extra[i, e] = max(extra[i, e], more) if extra[i, e] > 0.0 else more


@kernel
def among(sites: Index, site: int) -> bool:
    """Whether a site is one of those."""
    found = False
    for i in sites:
        found = found or i == site
    return found


@kernel
def add_to_products(sites: Index, goods: int, plant: Index, commodity: Index, usd: float, above: float, upside: float, most: float,
                    price: Array, could: Array, extra: Array) -> None:  # fmt: skip
    """The same for the ``price`` [rows] of a kilogram of product, into ``extra`` [rows]."""
    whole = 0.0
    for r in range(len(plant)):
        if commodity[r] == goods and among(sites, plant[r]):
            whole += could[r]
    share = 1.0 if whole <= most else most / whole
    for r in range(len(plant)):
        if commodity[r] == goods and among(sites, plant[r]):
            more = share * paid_per_kg(price[r], usd, above, upside)
            extra[r] = max(extra[r], more) if extra[r] > 0.0 else more


@kernel
def paid_out(sites: Index, goods: int, plant: Index, commodity: Index, kg: Array, price: Array, factor: float, usd: float,
             above: float, upside: float, most: float) -> float:  # fmt: skip
    """What one guarantee costs for ``kg`` of element sold [lines], USD; raises ``price`` [lines] by what is paid."""
    whole, total = 0.0, 0.0
    for i in range(len(kg)):
        if commodity[i] == goods and among(sites, plant[i]):
            whole += kg[i]
    if whole <= 0.0:
        return 0.0
    share = min(1.0, most / whole)
    for i in range(len(kg)):
        if commodity[i] == goods and among(sites, plant[i]):
            paid = paid_per_kg(price[i], usd, above, upside)
            total += kg[i] * share * factor * paid
            price[i] += share * max(paid, 0.0)
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
