"""Start-of-run totals by plain arithmetic from the tables, beside what has been published.

This is the independent check of the standing start: no solver, no market, one multiplication after another.
All masses here are t REO or t of product a year.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from sim.elements import ELEMENTS, INDEX, MAGNET_ELEMENTS, OXIDE_PER_KG
from sim.world.cells import TABLES
from sim.world.check import fail, nearest, one_of
from sim.world.types import DefenceTotal, Demand, Published, World

NDPR: Final = ("Nd", "Pr")
GAP: Final = 0.10  # a gap wider than this needs an explanation
LIGHT_METALS: Final = (
    "La",
    "Ce",
    "Pr",
    "Nd",
)  # by electrolysis; the others are reduced with calcium or lanthanum
Totals = dict[str, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One published figure and ours; ``gap`` is relative to the nearest end of the published range."""

    row: Published
    ours: float
    gap: float


def operating(world: World, table: str) -> set[str]:
    """Ids of the rows of ``table`` that run on the first day."""
    return {row.id for row in getattr(world, table) if row.status == "operating"}


def mined(world: World) -> dict[str, Totals]:
    """t REO of each element by mine."""
    return {
        m.id: {e: m.output_t_reo_per_year * m.basket_pct[INDEX[e]] / sum(m.basket_pct) for e in ELEMENTS}
        for m in world.mines
    }


def separated(world: World) -> dict[str, Totals]:
    """t REO of each element separated, by region."""
    ore = mined(world)
    plants = {s.id: s for s in world.separators}
    out: dict[str, Totals] = defaultdict(lambda: dict.fromkeys(ELEMENTS, 0.0))
    for feed in world.feeds:
        plant = plants[feed.separator]
        if plant.status == "operating":
            for e in ELEMENTS:
                out[plant.region][e] += ore[feed.mine][e] * feed.share * plant.separated[INDEX[e]]
    return out


def chain_yield(world: World) -> float:
    """Finished magnet over metal drawn: alloy x sintering x machining."""
    fraction = {y.id: y.fraction for y in world.yields}
    return fraction["alloy"] * fraction["sintering"] * fraction["machining"]


def metal_yield(world: World, element: str) -> float:
    """Metal over the metal in the oxide drawn."""
    name = "ndpr_metal" if element in LIGHT_METALS else "heavy_metal"
    return next(y.fraction for y in world.yields if y.id == name)


def uses(world: World) -> tuple[Demand | DefenceTotal, ...]:
    """Every row of use, civil and defence."""
    return (*world.demand, *world.defence_totals)


def products_used(world: World) -> Totals:
    """t of product by commodity, civil and defence; defence is the balance's total, as at gross_up 1."""
    out: Totals = defaultdict(float)
    for row in uses(world):
        out[row.commodity] += row.t_product_per_year
    return out


def magnets_made(world: World) -> dict[tuple[str, str], float]:
    """Finished t by (region, commodity); residual makers take what the others leave of world use."""
    use, run = products_used(world), operating(world, "magnet_makers")
    region = {m.id: m.region for m in world.magnet_makers}
    out: dict[tuple[str, str], float] = defaultdict(float)
    named: Totals = defaultdict(float)
    for row in world.magnet_outputs:
        if row.maker in run and not row.residual:
            out[region[row.maker], row.commodity] += row.output_t_product_per_year
            named[row.commodity] += row.output_t_product_per_year
    for row in world.magnet_outputs:
        if row.residual:
            out[region[row.maker], row.commodity] += use[row.commodity] - named[row.commodity]
    return out


def magnet_elements(world: World) -> dict[str, Totals]:
    """t of element in finished magnets, by region where they are made."""
    weight = {g.commodity: g.wt_pct for g in world.grades}
    out: dict[str, Totals] = defaultdict(lambda: dict.fromkeys(ELEMENTS, 0.0))
    for (region, commodity), t in magnets_made(world).items():
        for e in ELEMENTS:
            out[region][e] += t * weight[commodity][INDEX[e]] / 100.0
    return out


def magnet_reo(world: World) -> dict[str, Totals]:
    """Gross t REO drawn for magnets, by region where they are made."""
    chain = chain_yield(world)
    return {
        region: {e: t * OXIDE_PER_KG[INDEX[e]] / chain / metal_yield(world, e) for e, t in elements.items()}
        for region, elements in magnet_elements(world).items()
    }


def recycled(world: World) -> dict[str, Totals]:
    """t REO returned by region: swarf and scrap of magnet making, and products at the end of their life."""
    lost = 1.0 / chain_yield(world) - 1.0
    finished = magnet_elements(world)
    out: dict[str, Totals] = {}
    for row in world.recyclers:
        swarf = row.swarf_collected * row.recovery * lost
        made = finished.get(row.region, dict.fromkeys(ELEMENTS, 0.0))
        out[row.region] = {
            e: made[e] * OXIDE_PER_KG[INDEX[e]] * swarf + row.end_of_life_t[INDEX[e]] for e in ELEMENTS
        }
    return out


def oxide_elements(world: World) -> dict[str, tuple[str, ...]]:
    """The elements of each oxide product."""
    return {c.id: tuple(c.elements.split()) for c in world.commodities if c.stage == "oxide"}


def metals_made(world: World) -> tuple[float, float]:
    """t of metal that magnets need over the world, and what named makers outside China make of it."""
    region = {m.id: m.region for m in world.metal_makers}
    run = operating(world, "metal_makers")
    need = sum(sum(elements.values()) for elements in magnet_elements(world).values()) / chain_yield(world)
    outside = sum(
        row.output_t_product_per_year
        for row in world.metal_outputs
        if row.maker in run and not row.residual and region[row.maker] != "china"
    )
    return need, outside


def measures(world: World) -> Totals:
    """Every total that a row of ``published.csv`` may name."""
    out: Totals = {f"price {c.id}": c.usd_per_kg for c in world.commodities}
    ore = mined(world)
    for mine in world.mines:
        for key in (f"mined {mine.country}", "mined world"):
            out[key] = out.get(key, 0.0) + mine.output_t_reo_per_year
    by_region, back = separated(world), recycled(world)
    total = {e: sum(region[e] for region in by_region.values()) for e in ELEMENTS}
    returned = {e: sum(region[e] for region in back.values()) for e in ELEMENTS}
    gross, use = magnet_reo(world), products_used(world)
    for oxide, held in oxide_elements(world).items():
        out[f"mined {oxide}"] = sum(t[e] for t in ore.values() for e in held)
        out[f"supply {oxide}"] = sum(total[e] + returned[e] for e in held)
        out[f"use {oxide}"] = use[oxide] + sum(region[e] for region in gross.values() for e in held)
    out["magnet rare earths, gross"] = sum(t[e] for t in gross.values() for e in MAGNET_ELEMENTS)
    china = by_region["china"]
    out["China share of separation, Nd Pr Dy Tb"] = _share(china, total, MAGNET_ELEMENTS)
    out["China share of separation, Dy Tb"] = _share(china, total, ("Dy", "Tb"))
    out["China share of mining"] = 100.0 * out["mined China"] / out["mined world"]
    direct = (d.t_product_per_year for d in uses(world) if (d.region, d.commodity) == ("china", "ndpr_oxide"))
    out["China use of NdPr oxide"] = sum(gross["china"][e] for e in NDPR) + sum(direct)
    out["China output of NdPr oxide"] = sum(china[e] + back["china"][e] for e in NDPR)
    out["China output of Dy oxide"] = china["Dy"] + back["china"]["Dy"]
    out["China output of Tb oxide"] = china["Tb"] + back["china"]["Tb"]
    out["China recycled"] = sum(back["china"].values())
    need, outside = metals_made(world)
    out["China share of metal"] = 100.0 * (1.0 - outside / need)
    out.update(_magnet_measures(world))
    return out


def _share(part: Totals, whole: Totals, elements: tuple[str, ...]) -> float:
    return 100.0 * sum(part[e] for e in elements) / sum(whole[e] for e in elements)


def _magnet_measures(world: World) -> Totals:
    family = {c.id: c.family for c in world.commodities}
    made: dict[tuple[str, str], float] = defaultdict(float)
    for (region, commodity), t in magnets_made(world).items():
        made[region, family[commodity]] += t
    out: Totals = {}
    for name in ("NdFeB", "SmCo"):
        world_total = sum(t for (_, kind), t in made.items() if kind == name)
        out[f"China share of {name} magnets"] = 100.0 * made["china", name] / world_total
        out[f"{name} magnets made"] = world_total
    machining = next(y.fraction for y in world.yields if y.id == "machining")
    out["China NdFeB blanks"] = made["china", "NdFeB"] / machining
    out["EV traction magnets"] = sum(d.t_product_per_year for d in world.demand if d.sector == "ev_traction")
    return out


def compare(world: World) -> list[Comparison]:
    """Ours beside each published figure. Raises ``WorldError`` for an unknown measure or an unexplained gap over 10 %."""
    ours = measures(world)
    out: list[Comparison] = []
    for row in world.published:
        if row.measure not in ours:
            known = sorted(ours)
            rule = f"allowed: {one_of(known)}{nearest(row.measure, known)}"
            raise fail("published", row, "measure", row.measure, rule)
        value = ours[row.measure]
        near = min(max(value, row.value), row.value_high)
        gap = value / near - 1.0 if near else 0.0
        if abs(gap) > GAP and not row.explains:
            rule = f"allowed: an explanation, because ours ({value:.4g}) is {gap:+.0%} from it"
            raise fail("published", row, "explains", "", rule)
        out.append(Comparison(row=row, ours=value, gap=gap))
    return out


def estimate_share(world: World) -> float:
    """Share of all rows whose letter is C."""
    counts = letters(world).values()
    return sum(c["C"] for c in counts) / max(1, sum(sum(c.values()) for c in counts))


def letters(world: World) -> dict[str, dict[str, int]]:
    """Rows by table and confidence letter, facts included as ``world``."""
    out: dict[str, dict[str, int]] = {}
    for table in (*TABLES, "facts"):
        counts = dict.fromkeys(("A", "B", "C"), 0)
        for row in getattr(world, table):
            counts[row.confidence] += 1
        out["world" if table == "facts" else table] = counts
    return out
