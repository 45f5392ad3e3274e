"""A price floor: a state guarantees plants a least price for what they sell, and pays the difference to the market's.

The plant goes on selling at the market's price. With the floor its basket or margin is worth more to it: it runs on when others are
mothballed, and what could be built at the site is decided at once if the floor covers its full cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.invest import Guarantee


@dataclass(frozen=True, kw_only=True)
class Floor:
    """One commodity's floor, USD a kilogram of product; of what the price exceeds ``upside_above`` the state takes a share."""

    commodity: str
    usd_per_kg: float  # guaranteed, of product
    upside_above_usd_per_kg: float  # above this price the state takes its share
    upside_share: float  # of what the price exceeds that by, which the state takes


@dataclass(frozen=True, kw_only=True)
class PriceFloor:
    """What is known of the guarantee: either single sites of a stage, or all of it in some regions."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    stage: str  # mine, separator, metal or magnet
    sites: tuple[str, ...]  # ids of that stage's table
    regions: tuple[str, ...]  # region ids or "all"; empty if sites are named
    floors: tuple[Floor, ...]  # one a commodity
    sources: tuple[str, ...]


EVENT: Final = PriceFloor
RANGES: Final[dict[str, tuple[float, float]]] = {
    "usd_per_kg": (0.0, 100_000.0),
    "upside_above_usd_per_kg": (0.0, 100_000.0),
    "upside_share": (0.0, 1.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "stage": ("mine", "separator", "metal", "magnet"),
    "sites": "site",
    "regions": "region or all",
    "commodity": "commodity",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: PriceFloor) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if not event.floors:
        return "floors is empty; nothing would be guaranteed"
    if bool(event.sites) == bool(event.regions):
        return "name either sites or regions, not both and not neither"
    for floor in event.floors:
        if floor.upside_share > 0.0 and floor.upside_above_usd_per_kg < floor.usd_per_kg:
            return f"upside_above_usd_per_kg {floor.upside_above_usd_per_kg:g} lies below the floor {floor.usd_per_kg:g}"
    return ""


def apply(event: PriceFloor, chain: Chain) -> None:
    """In force from the first day to the last; paid week by week under the event's name."""
    plants, _working = chain.plants_of(event.stage)
    if event.sites:
        sites = np.array([plants.ids.index(site) for site in event.sites])
    elif "all" in event.regions:
        sites = np.arange(len(plants.ids))
    else:
        sites = np.flatnonzero(np.isin(plants.region, [chain.layout.region_of[r] for r in event.regions]))
    given = [
        Guarantee(event.stage, sites, chain.layout.commodity_of[f.commodity], f.usd_per_kg, f.upside_above_usd_per_kg,
                  f.upside_share, np.inf, builds=True)
        for f in event.floors
    ]  # fmt: skip
    where = ", ".join(event.sites or event.regions)

    def begin() -> None:
        chain.invest.give(event.name, given)
        chain.note("price floor begins", where, event.name, event.floors[0].usd_per_kg)

    def end() -> None:
        chain.invest.end(event.name)
        chain.note("price floor over", where, event.name)

    chain.on(chain.day_of(event.start), begin)
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)
