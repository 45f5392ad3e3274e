"""What running a site is worth, as a ratio to the first day: baskets of mines and separators, margins of metal and magnet makers.

Prices are those paid, slowly averaged (``basket_weeks``), and lowered for supply that is on its way: an owner who sees others
building does not count on today's price. The rule is the simplest one: expected price = slow price x exp(-kilograms on their
way / present supply / elasticity). Against what is on its way stands what use is forecast to grow by until the site would come on
stream (growth of the sectors' tables, less that of the mines'); nobody counts on more growth than there is supply on its way.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.compiled import kernel
from sim.grouping import ratio
from sim.invest.works import sites_by_stage
from sim.stock import Array, E, Index

if TYPE_CHECKING:
    from sim.build import Parts

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
        self.sites = sites_by_stage(parts)
        self.count = self.sites["magnet"].stop  # of all sites
        # the rows of goods that metal and magnet makers sell, one stage's behind the other's; makers are numbered likewise
        metal, magnet = p.sell.parts["metal"], p.sell.parts["magnet"]
        self.rows = {
            "metal": slice(0, metal.stop - metal.start),
            "magnet": slice(metal.stop - metal.start, magnet.stop - metal.start),
        }
        self.pool = p.sell.pool[metal.start : magnet.stop]  # [rows], as they sell now: a view
        self.maker = np.concatenate([p.metal.plant_of, p.magnet.plant_of + len(p.metal.plants.ids)])
        self.mix = np.concatenate(
            [p.metal_mix, p.magnet_mix]
        )  # [rows] kg of element, of a kilogram that the maker makes
        self.product = self.mix * lay.factor[self.pool % lay.C]  # [rows] the same of product
        self._least = np.concatenate([conversion["metal"], conversion["magnet"]])
        plants = np.arange(len(p.separators.plants.ids))
        self._first_row = np.searchsorted(p.separators.plant_of, plants)  # of each separator's oxides
        basket_usd = p.mines.basket_usd[:, None]
        # what a dollar of a mine's or separator's first basket was made of, and a kilogram, [sites, 15] each
        self.basket = np.concatenate([p.mines.potential / basket_usd, np.zeros((len(plants), E))])
        self.per_kg = np.concatenate([p.mines.potential, np.zeros((len(plants), E))])
        self.readdress()
        self.full_feed()

    def readdress(self) -> None:
        """Sites sell in other hubs than before."""
        self.hub = np.concatenate([self.parts.mines.hub, self.selling])  # of mines and separators

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
        here = self.sites["separator"]
        self.basket[here] = self.oxides * ratio(np.ones(len(worth)), worth)[:, None]
        self.per_kg[here] = ratio(self.oxides, np.repeat(self.feed_kg, E).reshape(-1, E))

    def week(self, element_usd: Array, paid: Array) -> None:
        """A week has passed: worth of elements [hubs, 15] and prices paid [K]."""
        p = self.parts
        age(self.usd, element_usd, self.price, paid, p.prices.opening, self.mined, p.mines.potential, p.mines.output, self.fresh,
            self.fresh_goods, self.memory)  # fmt: skip

    def earnings(self, own: Array, extra: tuple[Array, Array], orders: Array, years: Array | None) -> Array:
        """What running or building is worth over the first day, [sites] of all stages; see ``baskets`` and ``margins``.

        ``own`` [sites] kg a week that each site itself would add; ``extra``: USD that guarantees add, a kilogram of element
        [mines and separators, 15] and of product [rows of makers]; ``orders`` [K] kg a week; ``years`` [sites] until a new
        plant would run: what is decided and not yet built, and the growth of use, count too. None: only what is there.
        """
        costs = self.parts.cost_of
        out = np.empty(self.count)
        building = years is not None
        baskets(self.basket, self.per_kg, self.hub, self.usd, extra[0], own, own if years is None else years, building,
                self.fresh, self.coming, self.growth, self.mined, self.elasticity, out)  # fmt: skip
        margins(self.pool, self.maker, self.mix, self.product, self.price, self.parts.prices.opening, costs.out, costs.pool,
                costs.weight, costs.rest, self._least, extra[1], own, building, self.fresh_goods, self.coming_goods, orders,
                self.elasticity, len(self.basket), out)  # fmt: skip
        return out

    def effect(self, stage: str, site: int, kg: float) -> tuple[Array, Array]:
        """What ``kg`` a week more at a site adds to the supply of elements [15] and of goods by pool [K]."""
        p = self.parts
        elements, goods = np.zeros(E), np.zeros(p.layout.K)
        if stage == "mine":
            elements = p.mines.potential[site] * kg
        elif stage == "separator":
            elements = self.oxides[site] * min(kg / max(self.feed_kg[site], NOTHING), 1.0)
        else:
            number = self.sites[stage].start + site - self.sites["metal"].start
            rows: Index = np.flatnonzero(self.maker == number)
            np.add.at(goods, self.pool[rows], self.mix[rows] * kg)
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


@kernel
def age(usd: Array, usd_now: Array, price: Array, paid: Array, opening: Array, mined: Array, potential: Array, output: Array,
        fresh: Array, fresh_goods: Array, memory: float) -> None:  # fmt: skip
    """A week passes: worth of elements ``usd`` [hubs, 15], ``price`` [pools] over the ``opening`` one, and what is ``mined`` of
    each element follow slowly, with a memory in weeks; what is fresh is no longer so by as much."""
    for hub in range(usd.shape[0]):
        for e in range(E):
            usd[hub, e] += (usd_now[hub, e] - usd[hub, e]) / memory
    for k in range(len(price)):
        price[k] += (paid[k] / opening[k] - price[k]) / memory
        fresh_goods[k] *= 1.0 - 1.0 / memory
    for e in range(E):
        now = 0.0
        for i in range(len(output)):
            now += potential[i, e] * output[i]
        mined[e] += (now - mined[e]) / memory
        fresh[e] *= 1.0 - 1.0 / memory


@kernel
def baskets(basket: Array, per_kg: Array, hub: Index, usd: Array, extra: Array, own: Array, years: Array, building: bool,
            fresh: Array, coming: Array, growth: Array, mined: Array, elasticity: float, out: Array) -> None:  # fmt: skip
    """Worth of the baskets of mines and separators over the first day's, into ``out`` [sites].

    A site expects the slow price to fall with what is on its way: what is fresh, what it would add itself, and when it is
    ``building`` what is ``coming``, less what use will have grown by in ``years`` (but no more than that). Sites without a basket
    are worth what they were.
    """
    common = np.empty(E)  # what is left of prices for those who add nothing and wait for nothing
    for e in range(E):
        common[e] = left_of_price(
            max(fresh[e] + coming[e], 0.0) if building else fresh[e], mined[e], elasticity
        )
    for i in range(len(basket)):
        alone = own[i] == 0.0 and (not building or years[i] == 0.0)
        worth, whole = 0.0, 0.0
        for e in range(E):
            if basket[i, e] == 0.0:
                continue
            left = common[e]
            if not alone:
                ahead = fresh[e] + own[i] * per_kg[i, e]
                if building:
                    ahead = max(ahead + coming[e] - years[i] * growth[e] * mined[e], 0.0)
                left = left_of_price(ahead, mined[e], elasticity)
            worth += basket[i, e] * (usd[hub[i], e] * left + extra[i, e])
            whole += basket[i, e]
        out[i] = worth if whole > 0.0 else 1.0


@kernel
def left_of_price(ahead: float, mined: float, elasticity: float) -> float:
    """Share of a price that is left when ``ahead`` kg a week more of an element come than are ``mined``."""
    return math.exp(-ahead / mined / elasticity) if mined > NOTHING else 1.0


@kernel
def margins(pool: Index, maker: Index, mix: Array, product: Array, price: Array, opening: Array, out_row: Index, input_pool: Index,
            weight: Array, rest: Array, least: Array, extra: Array, own: Array, building: bool, fresh: Array, coming: Array,
            orders: Array, elasticity: float, first: int, out: Array) -> None:  # fmt: skip
    """What metal and magnet makers earn for converting over the first day's, into ``out`` [sites] from ``first`` on: price less
    inputs, by what a maker makes (``mix`` [rows]; ``product``: the same in kg of product).

    On the first day that is the margin, or the conversion cost of the tables if this is more (``least`` [makers], USD a kilogram
    of product): who ran then was paid for it by customers who pay above the market. What a site would add itself takes from the
    pay of all who convert in the hub, its share of orders over the elasticity, and so does what is ``fresh``, and what is
    ``coming`` when it is ``building`` [pools]. Inputs by link: ``out_row``, ``input_pool``, ``weight``.
    """
    makers, rows = len(least), len(pool)
    buys, normal, kg, gain, crowd = (
        np.zeros(rows),
        np.zeros(makers),
        np.zeros(makers),
        np.zeros(makers),
        np.zeros(makers),
    )
    for link in range(len(out_row)):
        buys[out_row[link]] += weight[link] * price[input_pool[link]]
    for r in range(rows):
        k, m = pool[r], maker[r]
        usd = product[r] * opening[k]
        normal[m] += usd * rest[r]
        kg[m] += product[r]
        gain[m] += usd * (price[k] + extra[r] / opening[k] - buys[r] - rest[r])
        if orders[k] > 0.0:
            ahead = fresh[k] + (coming[k] if building else 0.0) + own[first + m] * mix[r]
            crowd[m] += mix[r] * min(max(ahead / orders[k], -1.0), 1.0)
    for m in range(makers):
        first_pay = max(normal[m], least[m] * kg[m])
        earned = 1.0 + (gain[m] / first_pay if first_pay > 0.0 else 0.0)
        out[first + m] = earned - crowd[m] / elasticity
