"""An export quota by weight: so many tonnes of product in half a year, and the rent that comes of it (sim/trade/quota.py)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.trade.quota import Quota


@dataclass(frozen=True, kw_only=True)
class ExportQuota:
    """What is known of the quota. It renews itself each period until its end; what is not used lapses."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    announced: date  # the day on which the news breaks
    origin: str  # region whose exports are rationed
    commodities: tuple[str, ...]  # commodity ids or "all"
    destinations: tuple[str, ...]  # region ids or "all"
    t_per_period: float  # tonnes of product, whatever the product
    period_weeks: float  # length of a period
    severity: float  # the allowance is t_per_period / severity; 0 is no quota
    leakage: float  # share of normal trade that leaves outside the quota
    news_strength: float  # 0 no news .. 1 the strongest scare
    news_half_life_days: float
    sources: tuple[str, ...]


EVENT: Final = ExportQuota
RANGES: Final[dict[str, tuple[float, float]]] = {
    "t_per_period": (1e-6, 1e7),
    "period_weeks": (1.0, 530.0),
    "severity": (0.0, 1.0),
    "leakage": (0.0, 1.0),
    "news_strength": (0.0, 1.0),
    "news_half_life_days": (1.0, 3650.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "origin": ("china",),
    "commodities": "commodity or all",
    "destinations": "region or all",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: ExportQuota) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    for field in ("commodities", "destinations"):
        if not getattr(event, field):
            return f"{field} is empty; nothing would be rationed"
    if event.announced > event.start:
        return f"announced {event.announced} lies after start {event.start}"
    return ""


def apply(event: ExportQuota, chain: Chain) -> None:
    """Open the first period on the first day; the quota renews itself until it ends."""
    if event.severity <= 0.0:
        return
    border, lay = chain.parts.border, chain.layout
    routes = chain.routes(event.origin, event.commodities, event.destinations)
    weight = np.zeros(border.routes)
    weight[routes] = lay.factor[chain.parts.traders.block.commodity[routes]]
    allowed = event.t_per_period * 1000.0 / event.severity
    weeks = math.ceil(event.period_weeks)
    chain.quota_routes[event.name] = routes

    def begin() -> None:
        border.allot(Quota(event.name, routes, weight, allowed, weeks, event.leakage))
        chain.note("export quota begins", event.origin, event.name, allowed / 1000.0)

    def end() -> None:
        border.quotas.pop(event.name, None)
        border.rent[:] = border.rationed[:] = 0.0
        chain.levels()
        chain.note("export quota over", event.origin, event.name)

    words = (
        [lay.commodities[c] for c in range(lay.C)] if "all" in event.commodities else list(event.commodities)
    )
    chain.announce(event, words)
    chain.on(chain.day_of(event.start), begin)
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)
