"""What could be built outside China and is not decided on the first day: projects that may not come, expansions, new plants.

Full cost is a ratio to what the site's basket or margin was worth at opening prices. By revealed preference it is above one: what
paid had been decided. Of an announced project the odds tell more. If full costs of such projects are spread log-normally (standard
deviation ``full_cost_spread``), a probability p of coming at opening prices puts the median at ``exp(-spread * z(p))``; the draw
that says whether the project comes says also what it costs: ``exp(spread * (z(draw) - z(p)))``, above one exactly when it does not
come. With chance off it is the median of those draws. Of a metal or magnet maker the tables know conversion and capital: their
annuity is set against the margin of the first day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.behaviour import Behaviour
from sim.chance import Chance
from sim.elements import OXIDE_PER_KG
from sim.invest.works import plants_by_stage
from sim.stock import Array
from sim.units import per_week
from sim.world.types import Candidate, World

if TYPE_CHECKING:
    from sim.build import Parts

CANDIDATE = "candidate"
PROJECT = "project"
LEAST_MARGIN = (
    0.5  # USD/kg: below this a margin of the first day says nothing about costs; unsourced estimate
)


@dataclass(slots=True)
class Option:
    """One row of ``candidates.csv``: a site of a stage, what would be built there, at what cost and how fast."""

    id: str
    stage: str
    site: int
    kg: float  # kg of element a week; of a project what of it does not come by itself
    cost: float  # full cost over the first day's basket or margin
    lead: float  # days from decision to start-up
    ramp: float  # months
    tonnes: float  # t a year
    part: float  # of a project, what does not come by itself; 1 for the rest
    feeds: tuple[
        tuple[int, float], ...
    ]  # numbers of feed contracts that are moved to it, shares of those mines' concentrate
    good: str  # what it is mainly built for: one decision a year for each


def kg_per_tonne(world: World, parts: Parts, stage: str) -> Array:
    """Kilograms of element a week for one tonne a year of a stage's tables (REO, metal, finished magnet), [sites]."""
    week = per_week(1.0)
    if stage == "mine":
        baskets = np.array([m.basket_pct for m in world.mines]) / np.array(OXIDE_PER_KG) / 100.0
        mine: Array = week * baskets.sum(axis=1)
        return mine
    if stage == "separator":
        return np.full(len(world.separators), week / float(np.mean(OXIDE_PER_KG[:4])))
    if stage == "metal":
        return np.full(len(world.metal_makers), week)
    lay = parts.layout
    content = np.array([1.0 / lay.factor[lay.commodity_of[o.commodity]] for o in world.magnet_outputs])
    plant_of = parts.magnet.plant_of
    maker: Array = week * np.bincount(plant_of, content * parts.magnet_mix) / np.maximum(
        np.bincount(plant_of, parts.magnet_mix), 1e-12)  # fmt: skip
    return maker


def draw(chance: Chance, stage: str, site: str) -> float:
    """The uniform draw that says whether an announced project comes (below its probability) and what it costs."""
    return float(chance.generator(f"project.{stage}.{site}").random())


def cost_of_project(probability: float, uniform: float | None, spread: float) -> float:
    """Full cost over opening basket of a project that does not come at opening prices; ``uniform`` None: the median."""
    p = min(max(probability, 1e-6), 1.0 - 1e-6)
    u = (1.0 + p) / 2.0 if uniform is None else min(max(uniform, 1e-9), 1.0 - 1e-9)
    normal = NormalDist()
    return max(1.0, math.exp(spread * (normal.inv_cdf(u) - normal.inv_cdf(p))))


def read(world: World, parts: Parts, behaviour: Behaviour, chance: Chance) -> list[Option]:
    """The options of a world on its first day; lead times are drawn between their limits."""
    scale = {stage: kg_per_tonne(world, parts, stage) for stage in plants_by_stage(parts)}
    routes = {feed.id: i for i, feed in enumerate(world.feeds)}
    return [_option(row, world, parts, behaviour, chance, scale, routes) for row in world.candidates]


def _option(row: Candidate, world: World, parts: Parts, b: Behaviour, chance: Chance, scale: dict[str, Array],
            routes: dict[str, int]) -> Option:  # fmt: skip
    plants = plants_by_stage(parts)[row.site_stage]
    site = plants.ids.index(row.site)
    tables: dict[str, tuple[Any, ...]] = {
        "mine": world.mines,
        "separator": world.separators,
        "metal": world.metal_makers,
        "magnet": world.magnet_makers,
    }
    plant = tables[row.site_stage][site]
    tonnes, cost = row.t_per_year, max(row.full_cost_ratio, 1.0)
    kg, part = tonnes * float(scale[row.site_stage][site]), 1.0
    if plant.status == PROJECT:
        uniform = draw(chance, row.site_stage, row.site) if chance.on else None
        part = 1.0 - plant.probability if uniform is None else float(uniform >= plant.probability)
        kg = plants.capacity[site] * part
        tonnes = kg / float(scale[row.site_stage][site])
        cost = cost_of_project(plant.probability, uniform, b.full_cost_spread)
    elif row.site_stage in ("metal", "magnet"):
        conversion = getattr(plant, f"conversion_usd_per_kg_{row.site_stage}")
        capital = b.capital_charge * row.capital_usd_per_t_year / 1000.0
        cost = max(
            cost, (conversion + capital) / max(_opening_margin(parts, row.site_stage, site), LEAST_MARGIN)
        )
    lead = row.build_days
    if chance.on:
        luck = chance.generator(f"lead.{row.id}")
        lead = float(luck.triangular(row.build_days_low, row.build_days, row.build_days_high + 1.0))
    return Option(row.id, row.site_stage, site, kg, cost, lead, row.ramp_months, tonnes, part,
                  ((routes[row.feed], row.feed_share),) if row.feed else (), good_of(parts, row.site_stage, site))  # fmt: skip


def _opening_margin(parts: Parts, stage: str, site: int) -> float:
    """Price less inputs on the first day, USD a kilogram of what a metal or magnet maker makes."""
    p, lay = parts, parts.layout
    maker, mix = (p.metal, p.metal_mix) if stage == "metal" else (p.magnet, p.magnet_mix)
    part = p.sell.parts[stage]
    first = part.start - p.sell.parts["metal"].start
    rows = np.flatnonzero(maker.plant_of == site)
    pool = p.sell.pool[part][rows]
    product = mix[rows] * lay.factor[pool % lay.C]
    usd = (product * p.prices.opening[pool] * p.cost_of.rest[first + rows]).sum()
    return float(usd / max(float(product.sum()), 1e-12))


def good_of(parts: Parts, stage: str, site: int) -> str:
    """What a site is mainly worth building for: ndpr or heavy (Dy, Tb) for mines and separators, metal, NdFeB or SmCo."""
    p, lay = parts, parts.layout
    if stage == "metal":
        return "metal"
    if stage == "magnet":
        row = int(np.flatnonzero(p.magnet.plant_of == site)[0])
        held = lay.grade[p.magnet.outputs.commodity[row]] @ lay.mask[lay.commodity_of["sm_oxide"]]
        return "SmCo magnets" if held > 0.0 else "NdFeB magnets"
    usd = lay.price * lay.factor
    basket = p.mines.potential[site] if stage == "mine" else p.separators.separated[site]
    if stage == "separator":
        feeding = p.mines.mine_of[p.mines.separator_of == site]
        basket = basket * p.mines.potential[feeding].sum(axis=0) if len(feeding) else basket
    worth = {name: usd[lay.commodity_of[f"{name}_oxide"]] * float((basket * lay.mask[lay.commodity_of[f"{name}_oxide"]]).sum())
             for name in ("ndpr", "dy", "tb")}  # fmt: skip
    kind = "NdPr" if worth["ndpr"] >= worth["dy"] + worth["tb"] else "Dy and Tb"
    return f"{kind} {stage}"
