"""A production quota: the plants of a region may handle so many tonnes a year and no more.

What is above the quota is rationed pro rata over the plants that it covers, by what they handle and not by their capacity. A
quota of separators also says how much concentrate they take in: what it leaves no room for waits at the mine, and in the end is
not mined. The mining quota that China's mines grow by stands in the world's tables (``growth_pct_per_year`` of mines.csv): a
quota of this kind comes on top and bites only where it lies below that course.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.stages.quotas import Quota
from sim.stages.stoppages import Stop
from sim.stock import Array
from sim.units import per_week


@dataclass(frozen=True, kw_only=True)
class ProductionQuota:
    """What is known of the quota. Tonnes are of rare-earth oxide contained in what is mined or fed."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    region: str
    stage: str  # mine or separator
    sites: tuple[str, ...]  # ids of that stage, or "all" of the region
    t_reo_per_year: float  # the quota, t of oxide contained a year
    growth_pct_per_year: float  # of the quota, after its first day
    imported: bool  # separators: whether ore from other regions counts under it
    severity: float  # share of the excess that is in fact stopped
    pile_weeks: float  # of a mine's output that may wait for a separator
    flow_weeks: float  # in which what waits is taken in after the end
    sources: tuple[str, ...]


EVENT: Final = ProductionQuota
RANGES: Final[dict[str, tuple[float, float]]] = {
    "t_reo_per_year": (0.0, 1e7),
    "growth_pct_per_year": (-50.0, 50.0),
    "severity": (0.0, 1.0),
    "pile_weeks": (0.0, 1040.0),
    "flow_weeks": (1.0, 1040.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "region": "region",
    "stage": ("mine", "separator"),
    "sites": "site or all",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: ProductionQuota) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if not event.sites:
        return "sites is empty; nobody would be under the quota"
    if event.stage == "mine" and event.imported:
        return "imported is true; a mining quota covers what is mined in the region"
    return ""


def apply(event: ProductionQuota, chain: Chain) -> None:
    """In force from the first day to the last; what a year leaves unused is void on New Year's Day."""
    if event.severity == 0.0:
        return
    quotas: list[Quota] = []

    def begin() -> None:
        quotas.extend(_impose(event, chain))
        chain.note("production quota begins", event.region, event.name, event.t_reo_per_year)

    def end() -> None:
        mines = chain.parts.mines
        mines.quotas.pop(event.name, None)
        mines.smelting.pop(event.name, None)
        mines.stoppages.lift(event.name)
        chain.parts.separators.quotas.pop(event.name, None)
        chain.note("production quota ends", event.region, event.name)

    def new_year() -> None:
        for quota in quotas:
            quota.new_year()

    chain.on(chain.day_of(event.start), begin)
    for year in range(event.start.year + 1, event.start.year + 60):
        if not chain.on(chain.day_of(date(year, 1, 1)), new_year):
            break
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)


def _impose(event: ProductionQuota, chain: Chain) -> list[Quota]:
    """Put the quota on its plants, and a separators' quota on the feeds behind them as well."""
    mines, separators = chain.parts.mines, chain.parts.separators
    plants, _working = chain.plants_of(event.stage)
    region = chain.layout.region_of[event.region]
    named = np.array(
        [event.sites == ("all",) or "all" in event.sites or i in event.sites for i in plants.ids]
    )
    covered = ((plants.region == region) & named).astype(float)
    kg, growth = per_week(event.t_reo_per_year), event.growth_pct_per_year / 100.0

    def quota(of: Array) -> Quota:
        return Quota(of, kg, growth, event.severity)

    if event.stage == "mine":
        mines.quotas[event.name] = quota(covered)
        return [mines.quotas[event.name]]
    at_home = (mines.plants.region[mines.mine_of] == region) | event.imported
    on_feeds = quota(covered[mines.separator_of] * at_home)
    mines.smelting[event.name] = on_feeds
    none = np.zeros(len(mines.mine_of))
    mines.stoppages.impose(event.name, Stop(none, none, event.pile_weeks, event.flow_weeks))
    separators.quotas[event.name] = (quota(covered), event.imported)
    return [on_feeds, separators.quotas[event.name][0]]
