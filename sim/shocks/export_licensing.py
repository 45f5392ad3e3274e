"""An export-licence regime: who must ask, how long the desks take, and what is granted to whom.

Two desks (``magnets`` and ``materials``: oxides and metals) each work a queue; goods under the same customs codes that are
not controlled wait for a laboratory test instead. Applications for military use are refused when ``military_refused`` is set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.stock import Index
from sim.trade.licences import DESKS, Regime
from sim.trade.licences import Desk as Queue


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A queue of applications at the ministry: it decides ``reviewers / days_per_application`` a day."""

    reviewers: int  # people who decide
    days_per_application: float  # calendar days one reviewer spends on one application


@dataclass(frozen=True, kw_only=True)
class GeneralLicence:
    """From ``start`` on, ``share`` of the civil trade in these goods to these places needs no application of its own."""

    start: date
    destinations: tuple[str, ...]  # region ids or "all"
    commodities: tuple[str, ...]
    share: float  # of the civil trade in these goods


@dataclass(frozen=True, kw_only=True)
class ExportLicensing:
    """What is known of the regime. Days are calendar days unless said; shares and odds lie between 0 and 1."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    announced: date  # the day on which the news breaks
    origin: str  # region whose exports need the licence
    commodities: tuple[str, ...]  # controlled: an application for each consignment
    tested: tuple[str, ...]  # under the same customs codes, uncontrolled: a laboratory test only
    destinations: tuple[str, ...]  # region ids or "all"
    severity: float  # share of the covered trade that is in fact checked
    odds: dict[str, float]  # destination or "default" -> chance of a civil application for magnets
    odds_material_factor: float  # multiplies odds for oxides and metals
    military_refused: bool  # applications for military use are refused
    province_days: float  # from filing to acceptance by the ministry
    statutory_days: float  # from acceptance to the earliest decision
    desks: dict[str, Desk]  # the two queues: magnets, materials
    test_days: float  # days that a laboratory test takes
    test_from: date  # until then a test takes test_days_first
    test_days_first: float  # days that it takes before test_from
    tonnes_per_application: dict[str, float]  # magnets, materials: t of product asked for in one application
    permit_days: float  # a permit not used by then lapses
    leakage: dict[str, float]  # destination or "default" -> share that arrives through third countries
    general_licences: tuple[GeneralLicence, ...]  # what needs no application of its own, and from when
    news_strength: float  # 0 no news .. 1 the strongest scare
    news_half_life_days: float
    sources: tuple[str, ...]


EVENT: Final = ExportLicensing
RANGES: Final[dict[str, tuple[float, float]]] = {
    "severity": (0.0, 1.0),
    "odds": (0.0, 1.0),
    "odds_material_factor": (0.0, 1.0),
    "province_days": (0.0, 365.0),
    "statutory_days": (0.0, 730.0),
    "reviewers": (1, 1_000_000),
    "days_per_application": (0.001, 365.0),
    "test_days": (0.0, 365.0),
    "test_days_first": (0.0, 365.0),
    "tonnes_per_application": (0.001, 10_000.0),
    "permit_days": (1.0, 1826.0),
    "leakage": (0.0, 1.0),
    "share": (0.0, 1.0),
    "news_strength": (0.0, 1.0),
    "news_half_life_days": (1.0, 3650.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "origin": "region",
    "commodities": "commodity",
    "tested": "commodity",
    "destinations": "region or all",
    "odds": "region or default",
    "leakage": "region or default",
    "desks": DESKS,
    "tonnes_per_application": DESKS,
}
WHOLE: Final = ("desks", "tonnes_per_application")  # mappings in which every word must have its entry


def check(event: ExportLicensing) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    both = [c for c in event.commodities if c in event.tested]
    if both:
        return f"{both[0]!r} stands in both commodities and tested; a product is either controlled or only tested"
    if not event.commodities and not event.tested:
        return "commodities and tested are both empty; nothing would be licensed"
    if event.announced > event.start:
        return f"announced {event.announced} lies after start {event.start}"
    return ""


def apply(event: ExportLicensing, chain: Chain) -> None:
    """Put the regime in force on its day: desks open, tests begin, general licences follow; all of it ends with the end.

    One regime is in force at a time (the loader refuses two at once); one may begin on the day another ends: it takes over its
    permits and what is pending.
    """
    if event.severity <= 0.0:
        return
    border = chain.parts.border
    regime = _regime(event, chain)
    tested = chain.routes(event.origin, event.tested, event.destinations)

    def begin() -> None:
        border.install(regime, chain.env.now)
        border.wait_days[regime.covered > 0.0] = (
            event.province_days + event.statutory_days if border.queue else 0.0
        )
        border.test_weeks[tested] = math.ceil(event.severity * event.test_days_first / 7.0)
        chain.note("licensing begins", event.origin, event.name, event.severity)

    def routine() -> None:
        if border.regime is regime:
            border.test_weeks[tested] = math.ceil(event.severity * event.test_days / 7.0)

    def end() -> None:
        if border.regime is regime:
            border.lift(chain.env.now)
        chain.note("licensing ends", event.origin, event.name)

    chain.announce(event, event.commodities)
    chain.on(chain.day_of(event.start), begin)
    if event.tested:
        chain.on(max(chain.day_of(event.test_from), chain.day_of(event.start)), routine)
    for licence in event.general_licences:
        routes = chain.routes(event.origin, licence.commodities, licence.destinations)
        chain.on(
            chain.day_of(licence.start), partial(_exempt, chain, regime, routes, licence.share, event.name)
        )
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)


def _exempt(chain: Chain, regime: Regime, routes: Index, share: float, name: str) -> None:
    if chain.parts.border.regime is not regime:
        return
    regime.exempt[routes] = share
    chain.note("general licences", "china", name, share)


def _regime(event: ExportLicensing, chain: Chain) -> Regime:
    """The event as arrays by route."""
    lay, traders = chain.layout, chain.parts.traders
    n = len(traders.block)
    covered = np.zeros(n)
    covered[chain.routes(event.origin, event.commodities, event.destinations)] = event.severity
    desk_of = ["magnets" if lay.stage[c] == "magnet" else "materials" for c in traders.block.commodity]
    material = np.array([desk == "materials" for desk in desk_of])
    regions = [lay.regions[r] for r in traders.block.region]
    odds = np.array([event.odds.get(r, event.odds["default"]) for r in regions])
    tonnes = np.array([event.tonnes_per_application[desk] for desk in desk_of])
    return Regime(
        name=event.name,
        covered=covered,
        odds=np.where(material, odds * event.odds_material_factor, odds),
        desk_of=np.array([DESKS.index(desk) for desk in desk_of]),
        desks=tuple(Queue(event.desks[d].reviewers, event.desks[d].days_per_application) for d in DESKS),
        kg_per_application=tonnes * 1000.0 / lay.factor[traders.block.commodity],
        province_days=event.province_days,
        statutory_days=event.statutory_days,
        permit_days=event.permit_days,
        military_refused=event.military_refused,
        leakage=np.array([event.leakage.get(r, event.leakage["default"]) for r in regions]),
        exempt=np.zeros(n),
    )
