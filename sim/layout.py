"""Where everything stands: the numbers of regions, commodities, pools, and the factors between element and product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.elements import INDEX, OXIDE_PER_KG
from sim.stock import Array, E, Index
from sim.world.types import World

CHINA_HUB, WORLD_HUB, SCO_HUB = 0, 1, 2
HUBS = ("china", "world", "sco")  # sco takes the world's prices, and trades there, until a scenario aligns it
NDPR_SPLIT = (
    0.25,
    0.75,
)  # Pr, Nd in NdPr oxide as traded; "PrNd 25/75", SMM and Argus product specifications, letter B
ZONE_OF = {"china": 0, "russia": 1, "allied": 2}


@dataclass(frozen=True, slots=True)
class Layout:
    """Index arrays of one world. ``C`` commodities, ``R`` regions, ``K = 3 C`` pools (hub-major), ``K * R`` cells."""

    regions: tuple[str, ...]
    region_of: dict[str, int]
    hub: Index  # [R] 0 china, 1 world (regions of sco begin in the world's pools)
    sco: NDArray[np.bool_]  # [R] regions that may be aligned
    zone: Index  # [R]
    commodities: tuple[str, ...]
    commodity_of: dict[str, int]
    stage: tuple[str, ...]
    mask: Array  # [C, 15] 1 where the commodity may hold the element
    factor: Array  # [C] kg of product per kg of contained element
    grade: Array  # [C, 15] share of each element in a magnet grade's rare earths (zero rows for oxides and metals)
    content: Array  # [C] kg of rare earths in a kg of magnet, 1/factor
    oxide_for: Index  # [C] the oxide a metal is made from, -1 otherwise
    is_oxide: Array  # [C] 1 for oxides
    price: Array  # [C] USD/kg product on the first day, China ex VAT

    @property
    def R(self) -> int:
        return len(self.regions)

    @property
    def C(self) -> int:
        return len(self.commodities)

    @property
    def K(self) -> int:
        return len(HUBS) * len(self.commodities)

    def pool(self, region: int, commodity: int) -> int:
        return int(self.hub[region]) * self.C + commodity


def layout_of(world: World) -> Layout:
    """The layout of a world; commodities in table order."""
    regions = tuple(r.id for r in world.regions)
    commodities = tuple(c.id for c in world.commodities)
    number = {c: i for i, c in enumerate(commodities)}
    grades = {g.commodity: np.array(g.wt_pct) for g in world.grades}
    mask = np.zeros((len(commodities), E))
    factor = np.ones(len(commodities))
    grade = np.zeros((len(commodities), E))
    oxide_for = np.full(len(commodities), -1)
    for i, commodity in enumerate(world.commodities):
        columns = [INDEX[e] for e in commodity.elements.split()]
        mask[i, columns] = 1.0
        if commodity.stage == "oxide":
            factor[i] = _oxide_factor(columns)
        elif commodity.stage == "metal":
            oxide_for[i] = number[commodity.id.replace("_metal", "_oxide")]
        else:
            weights = grades[commodity.id]
            mask[i] = (weights > 0.0).astype(float)
            factor[i] = 100.0 / weights.sum()
            grade[i] = weights / weights.sum()
    return Layout(
        regions=regions,
        region_of={r: i for i, r in enumerate(regions)},
        hub=np.array([CHINA_HUB if r.hub == "china" else WORLD_HUB for r in world.regions]),
        sco=np.array([r.hub == "sco" for r in world.regions]),
        zone=np.array([ZONE_OF[r.zone] for r in world.regions]),
        commodities=commodities,
        commodity_of=number,
        stage=tuple(c.stage for c in world.commodities),
        mask=mask,
        factor=factor,
        grade=grade,
        content=1.0 / factor,
        oxide_for=oxide_for,
        is_oxide=np.array([float(c.stage == "oxide") for c in world.commodities]),
        price=np.array([c.usd_per_kg for c in world.commodities]),
    )


def _oxide_factor(columns: list[int]) -> float:
    if len(columns) == 1:
        return OXIDE_PER_KG[columns[0]]
    oxide_share = np.array(NDPR_SPLIT)  # by mass of oxide; elements are its reciprocal-weighted mix
    return float(1.0 / (oxide_share / np.array([OXIDE_PER_KG[c] for c in columns])).sum())
