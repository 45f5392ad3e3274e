"""Joint purchase: users of some regions share their stocks and do not outbid each other.

Each bids as badly as the group stands, not as it stands itself; and news makes members build up less stock of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain


@dataclass(frozen=True, kw_only=True)
class JointPurchase:
    """What is known of the arrangement."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    regions: tuple[str, ...]
    commodities: tuple[str, ...]  # commodity ids or "all"
    discipline: float  # 0: everybody for itself .. 1: members bid as one and add no stock out of fear
    sources: tuple[str, ...]


EVENT: Final = JointPurchase
RANGES: Final[dict[str, tuple[float, float]]] = {"discipline": (0.0, 1.0)}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {"regions": "region", "commodities": "commodity or all"}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: JointPurchase) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    for field in ("regions", "commodities"):
        if not getattr(event, field):
            return f"{field} is empty; nobody would buy together"
    return ""


def apply(event: JointPurchase, chain: Chain) -> None:
    """Members act as one from the first day to the last."""
    lay, buy = chain.layout, chain.parts.buy
    regions = [lay.region_of[r] for r in event.regions]
    users = np.arange(len(buy.pool)) >= buy.parts["trader"].stop
    goods = np.isin(buy.pool % lay.C, [lay.commodity_of[c] for c in event.commodities if c != "all"])
    lines = np.flatnonzero(
        users & np.isin(buy.cell % lay.R, regions) & (goods | ("all" in event.commodities))
    )

    def begin() -> None:
        chain.unions[event.name] = (lines, event.discipline)
        chain.note("joint purchase begins", ", ".join(event.regions), event.name, event.discipline)

    def end() -> None:
        chain.unions.pop(event.name, None)
        chain.note("joint purchase over", ", ".join(event.regions), event.name)

    if event.discipline > 0.0:
        chain.on(chain.day_of(event.start), begin)
        if event.end is not None:
            chain.on(chain.day_of(event.end), end)
