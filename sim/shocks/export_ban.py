"""An export ban: named goods do not leave the origin for named places, for all or for military users only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.trade.border import Ban


@dataclass(frozen=True, kw_only=True)
class ExportBan:
    """What is known of the ban. Shares lie between 0 and 1."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    announced: date  # the day on which the news breaks
    origin: str  # region whose exports are banned
    commodities: tuple[str, ...]
    destinations: tuple[str, ...]  # region ids or "all"
    end_uses: tuple[str, ...]  # civil, military
    severity: float  # share of the covered trade that stops
    certificates: bool  # what goes elsewhere is bound to users there: no way round by way of others' imports
    leakage: dict[
        str, float
    ]  # destination or "default" -> share of the covered trade that arrives through third countries
    news_strength: float  # 0 no news .. 1 the strongest scare
    news_half_life_days: float
    sources: tuple[str, ...]


EVENT: Final = ExportBan
RANGES: Final[dict[str, tuple[float, float]]] = {
    "severity": (0.0, 1.0),
    "leakage": (0.0, 1.0),
    "news_strength": (0.0, 1.0),
    "news_half_life_days": (1.0, 3650.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "origin": "region",
    "commodities": "commodity",
    "destinations": "region or all",
    "end_uses": ("civil", "military"),
    "leakage": "region or default",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: ExportBan) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    for field in ("commodities", "destinations", "end_uses"):
        if not getattr(event, field):
            return f"{field} is empty; nothing would be banned"
    if event.announced > event.start:
        return f"announced {event.announced} lies after start {event.start}"
    return ""


def apply(event: ExportBan, chain: Chain) -> None:
    """Stop the routes on the first day, open them after the last. A ban on military users alone binds what still goes to
    civil ones, as a licence does."""
    if event.severity <= 0.0:
        return
    border, lay = chain.parts.border, chain.layout
    routes = chain.routes(event.origin, event.commodities, event.destinations)
    military = border.military_share[routes]
    share = np.zeros(len(routes))
    if "military" in event.end_uses:
        share = share + military
    if "civil" in event.end_uses:
        share = share + 1.0 - military
    regions = [lay.regions[r] for r in chain.parts.traders.block.region[routes]]
    leak = np.array([event.leakage.get(r, event.leakage["default"]) for r in regions])

    n = len(border.banned)
    spared = np.zeros(n)  # of a ban on military users alone: what they get of a milder one
    spared[routes] = (1.0 - event.severity) * military
    certified = np.zeros(n) if event.certificates else None
    ban = Ban(np.zeros(n), np.zeros(n), np.zeros(n, bool), spared=spared, certified=certified)
    ban.share[routes] = event.severity * share
    ban.leakage[routes] = leak
    ban.military_only[routes] = "civil" not in event.end_uses
    if certified is not None:
        others = np.setdiff1d(chain.routes(event.origin, event.commodities, ("all",)), routes)
        certified[others] = event.severity

    def begin() -> None:
        if event.severity > 0.0:
            border.impose(event.name, ban)
        chain.note("ban begins", event.origin, event.name, event.severity)

    def lift() -> None:
        border.revoke(event.name)
        chain.note("ban lifted", event.origin, event.name)

    chain.announce(event, event.commodities)
    chain.on(chain.day_of(event.start), begin)
    if event.end is not None:
        chain.on(chain.day_of(event.end), lift)
