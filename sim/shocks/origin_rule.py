"""An extraterritorial rule: goods made abroad with Chinese content above a threshold need China's licence (sim/trade/origin.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.layout import WORLD_HUB
from sim.stock import Array
from sim.trade.origin import OriginRule as Rule


@dataclass(frozen=True, kw_only=True)
class OriginRule:
    """What is known of the rule."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    announced: date  # the day on which the news breaks
    commodities: tuple[str, ...]  # commodity ids or "all"
    threshold: float  # share of Chinese content above which goods made abroad are covered; 0.001 is 0.1 %
    severity: float  # share of the covered sales that obeys
    odds: float  # of a licence for civil use
    wait_days: float  # until the first licences are decided
    military_refused: bool  # orders for military use are refused
    news_strength: float  # 0 no news .. 1 the strongest scare
    news_half_life_days: float
    sources: tuple[str, ...]


EVENT: Final = OriginRule
RANGES: Final[dict[str, tuple[float, float]]] = {
    "threshold": (0.0, 1.0),
    "severity": (0.0, 1.0),
    "odds": (0.0, 1.0),
    "wait_days": (0.0, 730.0),
    "news_strength": (0.0, 1.0),
    "news_half_life_days": (1.0, 3650.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {"commodities": "commodity or all"}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: OriginRule) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if not event.commodities:
        return "commodities is empty; nothing would be covered"
    if event.announced > event.start:
        return f"announced {event.announced} lies after start {event.start}"
    return ""


def apply(event: OriginRule, chain: Chain) -> None:
    """Put the rule in force on its day, and take it away on the other. The loader refuses two at once."""
    lay = chain.layout
    begin_day = chain.day_of(event.start)
    words = list(lay.commodities) if "all" in event.commodities else list(event.commodities)
    covered = np.isin(chain.parts.sell.pool % lay.C, [lay.commodity_of[c] for c in words])
    rule = Rule(
        sold_abroad(chain) * covered, event.threshold, event.severity, event.odds, begin_day + event.wait_days,
        event.military_refused,
    )  # fmt: skip

    def begin() -> None:
        rule.abroad[chain.parts.sell.pool // lay.C != WORLD_HUB] = (
            0.0  # a zone may have been aligned meanwhile
        )
        chain.origin = rule
        chain.note("origin rule begins", "world", event.name, event.severity)

    def end() -> None:
        if chain.origin is rule:
            chain.origin = None
            chain.lapse()
        chain.note("origin rule over", "world", event.name)

    if event.severity > 0.0:
        chain.announce(event, words)
        chain.on(begin_day, begin)
        if event.end is not None:
            chain.on(chain.day_of(event.end), end)


def sold_abroad(chain: Chain) -> Array:
    """Share of each selling line's goods that crosses a border outside China: what its region makes and imports beyond its own
    use on the first day, [lines]; nil in China, and for trading houses and states, whose goods are under China's own licence or
    are sold at home."""
    p, o = chain.parts, chain.parts.opening
    flow = np.concatenate([
        p.separators.made, p.recyclers.made, o.metal, o.magnet, np.zeros(len(p.reserves)), o.route_flow,
    ])  # fmt: skip
    made = np.bincount(p.sell.cell, flow, len(o.use))
    away: Array = np.divide(np.maximum(made - o.use, 0.0), made, out=np.zeros(len(made)), where=made > 0.0)
    makers = np.arange(len(flow)) < p.sell.parts["magnet"].stop
    return np.where(makers & (p.sell.pool // chain.layout.C == WORLD_HUB), away[p.sell.cell], 0.0)
