"""News: an announcement that moves expectations only; no tonne is stopped by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.chain import Chain


@dataclass(frozen=True, kw_only=True)
class News:
    """What is announced, where it is heard, how strongly, and how fast it is forgotten."""

    name: str
    kind: str
    title: str
    start: date
    hubs: tuple[str, ...]  # china, world, sco
    commodities: tuple[str, ...]  # commodity ids or "all"
    strength: float  # 0 no news .. 1 the strongest scare
    half_life_days: float
    sources: tuple[str, ...]


EVENT: Final = News
RANGES: Final[dict[str, tuple[float, float]]] = {"strength": (0.0, 1.0), "half_life_days": (1.0, 3650.0)}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {"hubs": "hub", "commodities": "commodity or all"}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: News) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    for field in ("hubs", "commodities"):
        if not getattr(event, field):
            return f"{field} is empty; nobody would hear of it"
    return ""


def apply(event: News, chain: Chain) -> None:
    """Let it be heard on its day."""
    pools = chain.pools(list(event.hubs), list(event.commodities))

    def break_out() -> None:
        chain.parts.expectations.hear(pools, event.strength, event.half_life_days)
        chain.note("news", ", ".join(event.hubs), event.name, event.strength)

    chain.on(chain.day_of(event.start), break_out)
