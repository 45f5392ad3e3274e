"""A sanction: some regions do not buy from others, do not sell to them, or both.

Between China and the world it closes trade routes. Inside the world's market, where nobody knows from whom he buys, the target
is denied the share of its needs that makers of the sanctioning regions cover, and these go without what the target's makers
sell. Concentrate under contract is an event of its own (feed_closure).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.grouping import ratio, total_by
from sim.layout import WORLD_HUB
from sim.stock import Array, Index
from sim.trade.border import Ban


@dataclass(frozen=True, kw_only=True)
class Sanction:
    """What is known of the sanction."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    by: tuple[str, ...]  # regions that impose it
    against: tuple[str, ...]  # regions that it is meant for
    commodities: tuple[str, ...]  # commodity ids or "all"
    direction: tuple[str, ...]  # buying: they do not buy from the target; selling: they do not sell to it
    severity: float  # share of the covered trade that stops
    leakage: float  # share of that which finds its way through third countries
    sources: tuple[str, ...]


EVENT: Final = Sanction
RANGES: Final[dict[str, tuple[float, float]]] = {"severity": (0.0, 1.0), "leakage": (0.0, 1.0)}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "by": "region",
    "against": "region",
    "commodities": "commodity or all",
    "direction": ("buying", "selling"),
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: Sanction) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    for field in ("by", "against", "commodities", "direction"):
        if not getattr(event, field):
            return f"{field} is empty; nothing would be sanctioned"
    both = [r for r in event.by if r in event.against]
    return f"{both[0]!r} stands in both by and against" if both else ""


def apply(event: Sanction, chain: Chain) -> None:
    """In force from the first day to the last."""
    if event.severity <= 0.0:
        return
    border = chain.parts.border
    routes = _routes(event, chain)
    n = len(border.banned)
    ban = Ban(np.zeros(n), np.zeros(n), np.zeros(n, bool), "sanction")
    ban.share[routes], ban.leakage[routes] = event.severity, event.leakage
    who = ", ".join(event.against)

    def lift() -> None:
        for key in [k for k in chain.denied if k.partition(".")[0] == event.name]:
            del chain.denied[key]

    def deny() -> None:
        lift()
        for i, (lines, share) in enumerate(_denied(event, chain)):
            chain.denied[f"{event.name}.{i}"] = (lines, share)

    def begin() -> None:
        if len(routes):
            border.impose(event.name, ban)
        deny()
        chain.renewals[event.name] = deny
        chain.note("sanction begins", who, event.name, event.severity)

    def end() -> None:
        border.revoke(event.name)
        lift()
        chain.renewals.pop(event.name, None)
        chain.note("sanction over", who, event.name)

    chain.on(chain.day_of(event.start), begin)
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)


def _routes(event: Sanction, chain: Chain) -> Index:
    """Routes between China and the world that it closes."""
    found: list[Index] = []
    if "china" in event.against and "buying" in event.direction:
        found.append(chain.routes("china", event.commodities, event.by))
    if "china" in event.by and "selling" in event.direction:
        found.append(chain.routes("china", event.commodities, event.against))
    return np.unique(np.concatenate(found)) if found else np.zeros(0, int)


def _denied(event: Sanction, chain: Chain) -> list[tuple[Index, float]]:
    """Buying lines in the world's market to which a share of its goods is denied, commodity by commodity and region by region.

    Selling: the target cannot have what makers of the sanctioning regions sell; buying: these forgo what the target's makers
    sell. What a region imports from China itself is not concerned.
    """
    found: list[tuple[Index, float]] = []
    for word, sellers, buyers in (("selling", event.by, event.against), ("buying", event.against, event.by)):
        if word in event.direction:
            found += _refused(event, chain, sellers, buyers)
    return found


def _refused(
    event: Sanction, chain: Chain, sellers: tuple[str, ...], buyers: tuple[str, ...]
) -> list[tuple[Index, float]]:
    """Lines of ``buyers`` that may not have what makers in the regions ``sellers`` make, and the share of their needs that is."""
    p, lay = chain.parts, chain.layout
    made = slice(0, p.sell.parts["magnet"].stop)
    flow: Array = np.concatenate([chain.made_expected, chain.metal_expected, chain.magnet_expected])
    theirs = np.isin(p.sell.cell[made] % lay.R, [lay.region_of[r] for r in sellers])
    total = total_by(p.sell.pool[made], flow, lay.K)
    share = ratio(total_by(p.sell.pool[made], flow * theirs, lay.K), total)
    imports = total_by(p.traders.cell, np.where(p.traders.to_world, p.traders.normal, 0.0), chain.cells)
    own = np.maximum(1.0 - ratio(imports, p.expectations.orders), 0.0)
    words = lay.commodities if "all" in event.commodities else event.commodities
    found: list[tuple[Index, float]] = []
    for k in (WORLD_HUB * lay.C + lay.commodity_of[c] for c in words):
        for region in buyers:
            cell = k * lay.R + lay.region_of[region]
            lines = np.flatnonzero(p.buy.cell == cell)
            denied = float(share[k] * own[cell]) * event.severity * (1.0 - event.leakage)
            if len(lines) and denied > 0.0:
                found.append((lines, denied))
    return found
