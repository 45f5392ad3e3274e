"""What running a site is worth, as a ratio to the first day: baskets of mines and separators, margins of metal and magnet makers.

Prices are those paid, slowly averaged (``basket_weeks``), and lowered for supply that is on its way: an owner who sees others
building does not count on today's price. The rule is the simplest one: expected price = slow price x exp(-kilograms on their
way / present supply / elasticity). Against what is on its way stands what use is forecast to grow by until the site would come on
stream (growth of the sectors' tables, less that of the mines'); nobody counts on more growth than there is supply on its way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.grouping import blend, ratio, total_by
from sim.stock import Array, E, Index

if TYPE_CHECKING:
    from sim.build import Parts
    from sim.stages.magnet_makers import MagnetMakers
    from sim.stages.metal_makers import MetalMakers

NOTHING = 1e-12


class Worth:
    """Slow prices, supply on its way, and what follows for the sites of each stage."""

    def __init__(self, parts: Parts, element_usd: Array, conversion: dict[str, Array], growth: Array, memory: float,
                 elasticity: float) -> None:  # fmt: skip
        p, lay = parts, parts.layout
        self.parts, self.memory, self.elasticity = parts, memory, elasticity
        self.usd = element_usd.copy()  # [hubs, 15] slow worth of a kilogram of element as oxide
        self.opening_usd = element_usd.copy()
        self.price = np.ones(lay.K)  # slow price paid over the first day's, by pool
        self.mined: Array = p.mines.opening.sum(axis=0)  # kg a week of each element, slow
        self.coming = np.zeros(E)  # decided
        self.fresh = np.zeros(E)  # built, but not yet in the slow price
        self.growth = growth  # [15] share of supply by which use outgrows the mines' tables a year
        self.coming_goods, self.fresh_goods = np.zeros(lay.K), np.zeros(lay.K)
        self.conversion = conversion  # [sites] by stage, USD a kilogram of product
        self.products: dict[str, tuple[MetalMakers | MagnetMakers, Array]] = {
            "metal": (p.metal, p.metal_mix),
            "magnet": (p.magnet, p.magnet_mix),
        }
        plants = np.arange(len(p.separators.plants.ids))
        self._first_row = np.searchsorted(p.separators.plant_of, plants)  # of each separator's oxides
        self.full_feed()

    @property
    def selling(self) -> Index:
        """The hub in whose pools each separator sells now, [separators]."""
        p = self.parts
        hub: Index = p.sell.pool[p.sell.parts["oxide"]][self._first_row] // p.layout.C
        return hub

    def full_feed(self) -> None:
        """What contracts bring to each separator when its mines run in full, kg a week [separators, 15], and what that is worth."""
        p = self.parts
        mines, separators = p.mines, p.separators
        kg = np.maximum(mines.plants.capacity, mines.plants.built)[mines.mine_of] * mines.share
        feed = np.zeros((len(separators.plants.ids), E))
        np.add.at(feed, mines.separator_of, mines.potential[mines.mine_of] * kg[:, None])
        whole = feed.sum(axis=1)
        self.feed_kg = np.minimum(whole, np.maximum(separators.plants.capacity, separators.plants.built))
        self.oxides = feed * ratio(self.feed_kg, whole)[:, None] * separators.separated
        worth = (self.oxides * self.opening_usd[self.selling]).sum(axis=1)
        self.in_separator = self.oxides * ratio(np.ones(len(worth)), worth)[:, None]

    def week(self, element_usd: Array, paid: Array) -> None:
        """A week has passed: worth of elements [hubs, 15] and prices paid [K]."""
        p = self.parts
        blend(self.usd, element_usd, self.memory)
        blend(self.price, paid / p.prices.opening, self.memory)
        blend(self.mined, p.mines.potential.T @ p.mines.output, self.memory)
        for fresh in (self.fresh, self.fresh_goods):
            fresh *= 1.0 - 1.0 / self.memory

    def baskets(self, stage: str, own: Array, extra: Array, years: Array | None) -> Array:
        """Worth of the baskets of mines or separators over the first day's, [sites].

        ``own`` kg a week that the site itself would add; ``extra`` [sites, 15] USD/kg that guarantees add; ``years`` [sites] until
        a new plant would run: what is decided and not yet built, and the growth of use, count too. None: only what is there.
        Sites without a basket are worth what they were.
        """
        p = self.parts
        mines = stage == "mine"
        weight = p.mines.potential / p.mines.basket_usd[:, None] if mines else self.in_separator
        hub = p.mines.hub if mines else self.selling
        mix = p.mines.potential if mines else ratio(self.oxides, np.repeat(self.feed_kg, E).reshape(-1, E))
        ahead = self.fresh + own[:, None] * mix
        if years is not None:
            ahead = np.maximum(ahead + self.coming - years[:, None] * self.growth * self.mined, 0.0)
        fall = np.exp(-ahead / np.maximum(self.mined, NOTHING) / self.elasticity * (self.mined > NOTHING))
        worth: Array = (weight * (self.usd[hub] * fall + extra)).sum(axis=1)
        return np.where(weight.sum(axis=1) > 0.0, worth, 1.0)

    def margins(self, stage: str, own: Array, extra: Array, orders: Array, building: bool) -> Array:
        """What metal or magnet makers earn for converting over the first day's, [sites]: price less inputs, by what a plant makes.

        On the first day that is the margin, or the conversion cost of the tables if this is more: who ran then was paid for it by
        customers who pay above the market. ``own`` kg a week that the site would add: it takes from the pay of all who convert
        in the hub, its share of orders over the elasticity; ``extra`` [rows] USD a kilogram of product that guarantees add;
        ``orders`` [K] kg a week; ``building``: count what is decided and not yet built.
        """
        p = self.parts
        maker, mix = self.products[stage]
        costs = p.cost_of
        part = p.sell.parts[stage]
        first = part.start - p.sell.parts["metal"].start
        pool = p.sell.pool[part]
        here = (costs.out >= first) & (costs.out < first + len(pool))
        row, rest = costs.out[here] - first, costs.rest[first : first + len(pool)]
        sells = self.price[pool] + extra / p.prices.opening[pool]
        buys = total_by(row, costs.weight[here] * self.price[costs.pool[here]], len(pool))
        kg = (
            mix * p.layout.factor[pool % p.layout.C]
        )  # of product, for a kilogram of element that the plant makes
        usd = kg * p.prices.opening[pool]
        of, n = maker.plant_of, len(maker.plants.ids)
        normal = np.maximum(total_by(of, usd * rest, n), self.conversion[stage] * total_by(of, kg, n))
        earned = 1.0 + ratio(total_by(of, usd * (sells - buys - rest), n), normal)
        on_way = self.fresh_goods + (self.coming_goods if building else 0.0)
        ahead = on_way[pool] + own[of] * mix
        share = total_by(of, mix * np.clip(ratio(ahead, orders[pool]), -1.0, 1.0), n)
        lower: Array = earned - share / self.elasticity
        return lower

    def effect(self, stage: str, site: int, kg: float) -> tuple[Array, Array]:
        """What ``kg`` a week more at a site adds to the supply of elements [15] and of goods by pool [K]."""
        p = self.parts
        elements, goods = np.zeros(E), np.zeros(p.layout.K)
        if stage == "mine":
            elements = p.mines.potential[site] * kg
        elif stage == "separator":
            elements = self.oxides[site] * min(kg / max(self.feed_kg[site], NOTHING), 1.0)
        else:
            maker, mix = self.products[stage]
            rows: Index = np.flatnonzero(maker.plant_of == site)
            np.add.at(goods, p.sell.pool[p.sell.parts[stage]][rows], mix[rows] * kg)
        return elements, goods

    def decided(self, effect: tuple[Array, Array], sign: float) -> None:
        """Supply is decided on (``sign`` 1), or what was decided is built and counts as fresh (``sign`` -1)."""
        self.coming += sign * effect[0]
        self.coming_goods += sign * effect[1]
        if sign < 0.0:
            self.changed(effect, 1.0)

    def changed(self, effect: tuple[Array, Array], sign: float) -> None:
        """Supply has just come (1) or gone (-1): the slow price does not know yet."""
        self.fresh += sign * effect[0]
        self.fresh_goods += sign * effect[1]
