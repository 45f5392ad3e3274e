"""The organ: once a week, after the call, owners look at what they earn; states pay what they have guaranteed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.behaviour import Behaviour
from sim.chance import Chance
from sim.grouping import ratio
from sim.invest.decisions import Decisions
from sim.invest.guarantees import Guarantee, Guarantees, sold_by_mines
from sim.invest.mothball import Mothballs, Owners
from sim.invest.options import Option, kg_per_tonne, read
from sim.invest.works import STAGES, Clock, Works, plants_by_stage
from sim.invest.worth import Worth
from sim.stock import Array, E
from sim.world.types import World

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.build import Parts

    Mask = NDArray[np.bool_]

MANY_PITS = (
    0.3  # supply elasticity from which a mine is many pits that close one by one, as sim.stages.mines says
)


@dataclass(frozen=True, slots=True)
class Grant:
    """Capacity paid for by a state: ``share`` of ``tonnes`` a year at a site, ``lead`` days and ``ramp`` months away."""

    name: str
    stage: str
    site: int
    tonnes: float
    lead: float
    ramp: float
    share: float
    of_project: bool
    feeds: tuple[tuple[int, float], ...]


class Invest:
    """Earnings, decisions, mothballs and guarantees of one replication; ``clock`` is the chain."""

    def __init__(
        self, world: World, parts: Parts, behaviour: Behaviour, chance: Chance, clock: Clock, usd: Array
    ) -> None:
        self.parts, self.b, self.chance, self.clock = parts, behaviour, chance, clock
        lay = parts.layout
        self.oxides = np.flatnonzero(lay.is_oxide)
        conversion = {"metal": np.array([m.conversion_usd_per_kg_metal for m in world.metal_makers]),
                      "magnet": np.array([m.conversion_usd_per_kg_magnet for m in world.magnet_makers])}  # fmt: skip
        growth = _growth(world, parts) if behaviour.growth else np.zeros(E)
        self.worth = Worth(
            parts, usd, conversion, growth, behaviour.basket_weeks, behaviour.expected_elasticity
        )
        self.works = Works(parts, clock)
        products = {"metal": (parts.metal.plant_of, parts.metal.outputs.commodity),
                    "magnet": (parts.magnet.plant_of, parts.magnet.outputs.commodity)}  # fmt: skip
        self.guarantees = Guarantees(lay.mask, lay.factor, products)
        self.scale = {stage: kg_per_tonne(world, parts, stage) for stage in STAGES}
        options = read(world, parts, behaviour, chance)
        self.decisions = Decisions(options, parts, self.worth, self.works, behaviour.investment_hurdle,
                                   round(behaviour.investment_weeks))  # fmt: skip
        self._no_extra = (
            np.zeros((len(world.mines) + len(world.separators), E)),
            np.zeros(len(self.worth.maker)),
        )
        self._unbound = np.zeros(self.worth.count, bool)
        self.mothballs = Mothballs(_owners(world, parts, behaviour), parts, self.worth, clock, behaviour)

    # -- once a week --------------------------------------------------------------------------------------------------
    def week(self, week: int, element_usd: Array, sold: Array, orders: Array) -> None:
        """After the call: worth of elements [hubs, 15], goods sold by seller row, orders by pool [K]; kg a week."""
        self.worth.week(element_usd, self.parts.prices.paid)
        if self.guarantees.given:
            self._pay(sold)
        self._lift_mines(element_usd)
        if not (self.b.mothballing or self.b.investment or self.guarantees.given):
            return
        extra = self._extra() if self.guarantees.given else self._no_extra
        if self.b.mothballing:
            self.mothballs.week(lambda own: self.worth.earnings(own, extra, orders, None))
        self._decide(week, extra, orders)

    def _decide(self, week: int, extra: tuple[Array, Array], orders: Array) -> None:
        """Options under a guarantee may always go ahead; the others only if owners answer prices at all."""
        bound = self._guaranteed() if self.guarantees.given else self._unbound
        if not self.b.investment and not bound.any():
            return
        earned = self.worth.earnings(self.decisions.own, extra, orders, self.decisions.years)
        if not self.b.investment:
            earned = np.where(bound, earned, 0.0)
        self.decisions.week(week, earned, bound)

    # -- guarantees ---------------------------------------------------------------------------------------------------
    def give(self, name: str, guarantees: list[Guarantee]) -> None:
        """A policy's guarantees are in force from now on."""
        self.guarantees.given[name] = guarantees

    def end(self, name: str) -> None:
        """A policy's guarantees are over."""
        self.guarantees.given.pop(name, None)

    def luck(self, name: str, probability: float) -> float:
        """Share of something uncertain that happens: all or nothing by a draw addressed by name, its odds with chance off."""
        if not self.chance.on:
            return probability
        return float(self.chance.generator(name).random() < probability)

    def sign(self, stage: str, site: int, why: str, share: float) -> None:
        """A buyer's contract decides what is still open at a site: ``share`` of it goes ahead."""
        option = self.decisions.option(stage, site)
        if option is not None and share > 0.0:
            self.decisions.decide(option, why, share)

    def grant(self, gift: Grant) -> None:
        """Public money adds capacity at a site; ``of_project``: only what of the site's own option does not come anyway."""
        kg = gift.tonnes * float(self.scale[gift.stage][gift.site])
        if gift.of_project:
            option = self.decisions.option(gift.stage, gift.site)
            if option is None:
                return
            kg = min(kg, option.kg)
            self.decisions.close(option)
        added = Option(gift.name, gift.stage, gift.site, kg, 1.0, gift.lead, gift.ramp,
                       kg / float(self.scale[gift.stage][gift.site]), 1.0, gift.feeds, "")  # fmt: skip
        self.decisions.go_ahead(added, gift.name, gift.share)

    def _guaranteed(self) -> Mask:
        """Whether a site is under a guarantee, its own or that of the separator which takes its concentrate, [sites of all]."""
        sites, mines = self._unbound.copy(), self.parts.mines
        for stage, here in self.worth.sites.items():
            for g in self.guarantees.all(stage):
                sites[here.start + g.sites] |= g.builds
        taking = sites[self.worth.sites["separator"]][mines.separator_of] & (mines.share > 0.0)
        sites[mines.mine_of[taking]] = True
        return sites

    def _extra(self) -> tuple[Array, Array]:
        """What guarantees add to slow prices: USD/kg of element by site of mines and separators, [sites, 15], and a kilogram of
        product by row of metal and magnet makers."""
        worth, opening = self.worth, self.parts.prices.opening
        products = []
        for stage in ("metal", "magnet"):
            rows = worth.rows[stage]
            pool, plants = worth.pool[rows], plants_by_stage(self.parts)[stage]
            plant_of, _ = self.guarantees.products[stage]
            full = worth.mix[rows] * plants.built[plant_of]
            products.append(self.guarantees.on_products(stage, worth.price[pool] * opening[pool], full))
        return self._in_baskets(worth.usd), np.concatenate(products)

    def _in_baskets(self, usd: Array) -> Array:
        """What guarantees add to the worth ``usd`` [hubs, 15] of elements at the sites of mines and separators, [sites, 15]."""
        mines, worth = self.parts.mines, self.worth
        could = mines.potential * np.maximum(mines.plants.built, mines.plants.capacity)[:, None]
        own = self.guarantees.in_basket("mine", usd[mines.hub], could)
        separators = self.guarantees.in_basket("separator", usd[worth.selling], worth.oxides)
        np.add.at(own, mines.mine_of, separators[mines.separator_of] * mines.share[:, None])
        return np.concatenate([own, separators])

    def _lift_mines(self, usd: Array) -> None:
        """A mine whose buyer has a floor under its oxides earns it too: contracts follow the price of the basket."""
        mines = self.parts.mines
        mines.lift[:] = 0.0
        if self.guarantees.given:
            extra = self._in_baskets(usd)[: len(mines.lift)]
            mines.lift[:] = (mines.potential * extra).sum(axis=1)

    def _pay(self, sold: Array) -> None:
        """Enter what each policy pays for this week's sales."""
        p, lay = self.parts, self.parts.layout
        paid = p.prices.paid
        sell, separators = p.sell, p.separators
        lines = {
            "mine": sold_by_mines(p.mines.output, p.mines.potential, lay.mask, self.oxides,
                                  paid.reshape(-1, lay.C)[p.mines.hub]),
        }  # fmt: skip
        for stage, part, plant, commodity in (
            ("separator", "oxide", separators.plant_of, separators.oxide.commodity),
            ("metal", "metal", p.metal.plant_of, p.metal.outputs.commodity),
            ("magnet", "magnet", p.magnet.plant_of, p.magnet.outputs.commodity),
        ):
            rows = sell.parts[part]
            lines[stage] = (plant, commodity, sold[rows], paid[sell.pool[rows]])
        for name in self.guarantees.given:
            self.clock.spend(name, self.guarantees.bill(name, lines))


def _growth(world: World, parts: Parts) -> Array:
    """Share of each element's supply by which use outgrows the mines a year, as the tables of sectors and mines have it, [15]."""
    o = parts.opening
    rate = np.array([s.growth_pct_per_year for s in world.sectors])[o.civil_sector] / 100.0
    civil = o.mix[o.civil_commodity] * o.civil_use[:, None]
    use = civil.sum(axis=0) + (o.mix[o.kit_commodity] * o.kit_use[:, None]).sum(axis=0)
    mine = np.array([m.growth_pct_per_year for m in world.mines]) / 100.0
    mined = parts.mines.opening.sum(axis=0)
    return ratio((civil * rate[:, None]).sum(axis=0), use) - ratio(mine @ parts.mines.opening, mined)


def _owners(world: World, parts: Parts, b: Behaviour) -> list[Owners]:
    """Who may mothball: sites outside China, but for by-products and for mines that are many pits."""
    plants, mines = plants_by_stage(parts), parts.mines
    china = parts.layout.regions.index("china")
    outside = {stage: plants[stage].region != china for stage in STAGES}
    outside["mine"] = outside["mine"] & ~mines.by_product.astype(bool) & (mines.elasticity < MANY_PITS)
    cost = {
        "mine": np.full(len(world.mines), b.running_cost_share),
        "separator": np.full(len(world.separators), b.running_cost_share),
        "metal": _ranked(
            [m.conversion_usd_per_kg_metal for m in world.metal_makers], b.conversion_cost_share
        ),
        "magnet": _ranked(
            [m.conversion_usd_per_kg_magnet for m in world.magnet_makers], b.conversion_cost_share
        ),
    }
    return [Owners(stage, plants[stage], outside[stage], cost[stage]) for stage in STAGES]


def _ranked(conversion: list[float], highest: float) -> Array:
    """Avoidable cost over margin in the rank of conversion costs: the dearest at ``highest``, the cheapest at half of it."""
    usd = np.array(conversion)
    cost: Array = highest * (0.5 + 0.5 * usd / usd.max())
    return cost
