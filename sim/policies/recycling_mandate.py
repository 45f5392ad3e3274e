"""A recycling mandate: at least a share of what leaves use must be collected and fed to the recyclers of its region.

Where users collect more by themselves (on the first day, or because scrap is dear) the mandate asks for nothing. It reaches
goods of regions that have a recycler, and classes from which rare earths can be taken back. Recyclers are taken to be able to
work what is collected: the years between ``start`` and ``full`` are those in which their plants are built.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.elements import INDEX
from sim.stages.end_of_life import Mandate
from sim.stock import Array, E
from sim.units import WEEK


@dataclass(frozen=True, kw_only=True)
class RecyclingMandate:
    """What is known of the mandate."""

    name: str
    kind: str
    title: str
    start: date  # from here the share that is asked for rises steadily from nothing
    full: date  # day on which it is reached
    end: date | None  # None: in force to the end of the run
    regions: tuple[str, ...]  # or all; those with a recycler
    sectors: tuple[str, ...]  # whose goods; or all that are recoverable
    elements: tuple[str, ...]  # or all
    share: float  # of the kilograms that leave use
    usd_per_kg: float  # cost of each kilogram of element collected beyond what would be without the mandate
    sources: tuple[str, ...]


EVENT: Final = RecyclingMandate
RANGES: Final[dict[str, tuple[float, float]]] = {"share": (0.0, 1.0), "usd_per_kg": (0.0, 10_000.0)}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "regions": "recycling region or all",
    "sectors": "recoverable sector or all",
    "elements": "element or all",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: RecyclingMandate) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    for key in ("regions", "sectors", "elements"):
        if not getattr(event, key):
            return f"{key} is empty; nothing would be collected"
    if event.full < event.start:
        return f"full {event.full} is before start {event.start}"
    return ""


def apply(event: RecyclingMandate, chain: Chain) -> None:
    """Raise the share week by week between the two dates; drop it on the last."""
    collection = chain.parts.recyclers.collection
    reach = reached(event, chain)
    first, full = chain.day_of(event.start), chain.day_of(event.full)
    where = ", ".join(event.regions)

    def ask(part: float) -> None:
        collection.mandates[event.name] = Mandate(reach * event.share * part, event.usd_per_kg)

    def drop() -> None:
        collection.mandates.pop(event.name, None)
        chain.note("recycling mandate over", where, event.name)

    for step in range(math.ceil((full - first) / WEEK) + 1):
        day = min(first + step * WEEK, full)
        part = (day - first) / (full - first) if full > first else 1.0
        if event.end is None or day < chain.day_of(event.end):
            chain.on(day, lambda part=part: ask(part))  # type: ignore[misc]
    chain.on(first, lambda: chain.note("recycling mandate begins", where, event.name, event.share))
    if event.end is not None:
        chain.on(chain.day_of(event.end), drop)


def reached(event: RecyclingMandate, chain: Chain) -> Array:
    """1 where the mandate holds, [rows in use, 15]."""
    lay, p = chain.layout, chain.parts
    old = p.recyclers.in_use
    can = {row.id for row in chain.world.lifetimes if row.recoverable}
    kinds = can if "all" in event.sectors else can & set(event.sectors)
    regions = set(lay.regions) if "all" in event.regions else set(event.regions)
    rows = p.recyclers.collection.reached & np.array([
        kind in kinds and lay.regions[r] in regions for kind, r in zip(old.kind, old.region, strict=True)
    ])  # fmt: skip
    elements = np.zeros(E)
    elements[list(range(E)) if "all" in event.elements else [INDEX[e] for e in event.elements]] = 1.0
    out: Array = np.outer(rows.astype(float), elements)
    return out
