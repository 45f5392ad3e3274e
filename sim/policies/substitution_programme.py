"""A substitution programme: users are paid to do without rare earths, or Dy and Tb are designed out of magnets, or both.

Switching: a share of the use of sectors and regions a year, up to a most, beside what users switch by themselves; the cap on
all that can be switched in a year holds for both together. Thrifting: the content of a metal in magnets made in the hubs falls
by a share of the opening recipe a year, down to a least. With substitution off (``behaviour.substitution``) neither works.
A grade has one recipe whoever buys it: where a programme reaches some users of a grade only, ``least_content`` is one minus
their share of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.chain import Chain
from sim.demand.subsidies import Switching
from sim.stages.redesign import Thrifting
from sim.units import WEEKS_PER_YEAR


@dataclass(frozen=True, kw_only=True)
class SubstitutionProgramme:
    """What is known of the programme. Without sectors, or without metals, that half does nothing."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run; what is designed out stays out
    sectors: tuple[str, ...]  # that switch; or all
    regions: tuple[str, ...]  # where; or all
    switched_per_year: float  # share of use
    switched_most: float  # share of use, that of users who switch unpaid included
    usd_per_kg_switched: (
        float  # a kilogram of product (magnet, oxide) no longer used, for as long as the programme lasts
    )
    metals: tuple[str, ...]  # that are thrifted: dy_metal, tb_metal
    grades: tuple[str, ...]  # of magnets; or all
    hubs: tuple[str, ...]  # in which the magnets are made: china, world, sco
    thrifted_per_year: float  # share of the opening recipe
    least_content: float  # of the opening recipe
    usd_per_kg_thrifted: float  # a kilogram of metal saved, for as long as the programme lasts
    sources: tuple[str, ...]


EVENT: Final = SubstitutionProgramme
RANGES: Final[dict[str, tuple[float, float]]] = {
    "switched_per_year": (0.0, 1.0), "switched_most": (0.0, 1.0), "usd_per_kg_switched": (0.0, 100_000.0),
    "thrifted_per_year": (0.0, 1.0), "least_content": (0.0, 1.0), "usd_per_kg_thrifted": (0.0, 100_000.0),
}  # fmt: skip
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "sectors": "sector or all",
    "regions": "region or all",
    "metals": ("dy_metal", "tb_metal"),
    "grades": "magnet or all",
    "hubs": "hub",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: SubstitutionProgramme) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if not event.sectors and not event.metals:
        return "sectors and metals are empty; nothing would be substituted"
    if bool(event.sectors) != bool(event.regions):
        return "sectors and regions go together; one of them is empty"
    if not bool(event.metals) == bool(event.grades) == bool(event.hubs):
        return "metals, grades and hubs go together; one of them is empty"
    return ""


def apply(event: SubstitutionProgramme, chain: Chain) -> None:
    """Begin both halves on the first day, end them on the last."""
    where = ", ".join((*event.regions, *event.hubs))
    subsidies, redesign = chain.parts.civil.subsidies, chain.redesign
    switching, thrifting = switched(event, chain), thrifted(event, chain)

    def begin() -> None:
        if switching.rows.any():
            subsidies.begin(event.name, switching)
        if thrifting.links.any():
            redesign.programmes[event.name] = thrifting
        chain.note("substitution programme begins", where, event.name, event.switched_per_year)

    def end() -> None:
        if event.name in subsidies.programmes:
            subsidies.end(event.name)
        redesign.programmes.pop(event.name, None)
        chain.note("substitution programme over", where, event.name)

    chain.on(chain.day_of(event.start), begin)
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)


def switched(event: SubstitutionProgramme, chain: Chain) -> Switching:
    """The programme's users and what it pays them."""
    lay, civil = chain.layout, chain.parts.civil
    sector = np.array([s.id for s in chain.world.sectors])[civil.sector]
    region = np.array(lay.regions)[civil.block.region]
    rows = named(sector, event.sectors) & named(region, event.regions)
    usd = event.usd_per_kg_switched * lay.factor[civil.block.commodity]
    return Switching(rows, event.switched_per_year / WEEKS_PER_YEAR, event.switched_most, usd)


def thrifted(event: SubstitutionProgramme, chain: Chain) -> Thrifting:
    """The programme's magnets and metals."""
    lay, magnet = chain.layout, chain.parts.magnet
    commodities = np.array(lay.commodities)
    metal = commodities[magnet.inputs.commodity[magnet.link_in]]
    grade = commodities[magnet.outputs.commodity[magnet.link_out]]
    hub = np.array([r.hub for r in chain.world.regions])[magnet.outputs.region[magnet.link_out]]
    links = named(metal, event.metals) & named(grade, event.grades) & named(hub, event.hubs)
    return Thrifting(
        links, event.thrifted_per_year / WEEKS_PER_YEAR, event.least_content, event.usd_per_kg_thrifted
    )


def named(words: NDArray[np.str_], chosen: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which ``words`` are among ``chosen``, or all of them."""
    return np.ones(len(words), bool) if "all" in chosen else np.isin(words, chosen)
