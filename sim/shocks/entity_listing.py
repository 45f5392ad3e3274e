"""An entity listing: named defence programmes or makers abroad may not have goods of the origin; the others may.

What still leaves the origin goes out under certificates that name other users, so listed ones can have no such goods from
anybody: they live on goods of other origin, their own stock, and what leaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.stock import Array, Index
from sim.trade.border import Ban


@dataclass(frozen=True, kw_only=True)
class EntityListing:
    """What is known of the listing."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    origin: str  # region that lists them
    commodities: tuple[str, ...]  # commodity ids or "all"
    programmes: tuple[str, ...]  # ids of defence programmes; may be empty
    makers: tuple[str, ...]  # ids of metal and magnet makers; may be empty
    severity: float  # share of their purchases that the listing stops
    leakage: float  # share of that which arrives all the same
    sources: tuple[str, ...]


EVENT: Final = EntityListing
RANGES: Final[dict[str, tuple[float, float]]] = {"severity": (0.0, 1.0), "leakage": (0.0, 1.0)}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "origin": ("china",),
    "commodities": "commodity or all",
    "programmes": "programme",
    "makers": "maker",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: EntityListing) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if not event.programmes and not event.makers:
        return "programmes and makers are both empty; nobody would be listed"
    return "" if event.commodities else "commodities is empty; nothing would be refused"


def apply(event: EntityListing, chain: Chain) -> None:
    """Take them off the list of those who may have certified goods, and take their share out of the trade."""
    border = chain.parts.border
    lines = listed_lines(event, chain)
    routes = chain.routes(event.origin, event.commodities, ("all",))
    n = len(border.banned)
    spared, mine = np.zeros(n), _share_of(lines, chain)[chain.parts.traders.cell[routes]]
    ban = Ban(np.zeros(n), np.zeros(n), np.zeros(n, bool), spared=spared)
    ban.share[routes] = event.severity * mine
    spared[routes] = (1.0 - event.severity) * mine
    ban.leakage[routes] = event.leakage
    ban.military_only[routes] = event.severity > 0.0
    who = ", ".join([*event.programmes, *event.makers])

    def begin() -> None:
        border.impose(event.name, ban, listed=True)
        chain.list_users(event.name, lines)
        chain.note("entity listing begins", who, event.name, event.severity)

    def end() -> None:
        border.revoke(event.name)
        chain.list_users(event.name, None)
        chain.note("entity listing over", who, event.name)

    if event.severity > 0.0:
        chain.on(chain.day_of(event.start), begin)
        if event.end is not None:
            chain.on(chain.day_of(event.end), end)


def listed_lines(event: EntityListing, chain: Chain) -> Index:
    """Numbers of the buying lines of the programmes and makers listed, for the commodities named."""
    p, lay = chain.parts, chain.layout
    owner = np.array([
        *p.reserves.block.owner, *p.traders.block.owner, *p.metal.inputs.owner, *p.magnet.inputs.owner, *p.civil.block.owner,
        *p.defence.kits.owner,
    ])  # fmt: skip
    parts = p.buy.parts
    kind = np.zeros(len(owner), int)
    kind[parts["metal"]] = kind[parts["magnet"]] = 1
    kind[parts["kits"]] = 2
    wanted = (np.isin(owner, event.programmes) & (kind == 2)) | (np.isin(owner, event.makers) & (kind == 1))
    goods = np.isin(p.buy.pool % lay.C, [lay.commodity_of[c] for c in event.commodities if c != "all"])
    return np.flatnonzero(wanted & (goods | ("all" in event.commodities)))


def _share_of(lines: Index, chain: Chain) -> Array:
    """Share of each cell's opening use that the lines are, [cells]."""
    p, o = chain.parts, chain.parts.opening
    flow = np.zeros(len(p.buy.pool))
    flow[p.buy.parts["kits"]] = o.kit_use
    flow[p.buy.parts["metal"]] = o.metal / p.metal.yields
    flow[p.buy.parts["magnet"]] = p.magnet.need(o.magnet, np.ones(len(p.magnet.recipe)))
    mine = np.bincount(p.buy.cell[lines], flow[lines], len(o.use))
    share: Array = np.divide(mine, o.use, out=np.zeros(len(o.use)), where=o.use > 0.0)
    return np.minimum(share, 1.0)
