"""Trouble on lanes: goods take longer, cost more, or cannot pass at all.

The lanes are those that pass named chokepoints, those between named pairs of regions, or corridors that policies opened. It
reaches trade between the hubs, purchases inside a hub, and concentrate on its way to a separator. What is on the way already
arrives as it would have; buyers count the longer way in what they order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.chain import Chain
from sim.ways import Hit


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Goods from a region to a region; ``all`` names every one."""

    origin: str  # region it comes from, or all
    destination: str  # region it goes to, or all


@dataclass(frozen=True, kw_only=True)
class Lane:
    """What is known of it. Where several chokepoints lie on one lane its goods are hit once."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: for good
    chokepoints: tuple[str, ...]  # as in lanes.csv and feeds.csv
    pairs: tuple[Pair, ...]  # of regions, each way by itself
    corridors: tuple[str, ...]  # ids of corridor policies
    severity: float  # share of the goods on these lanes that is hit
    closed_share: float  # of what is hit: cannot pass; the rest takes the detour
    days_added: float  # of the detour
    freight_added_usd_per_kg: float  # of the detour, USD/kg of product
    pile_weeks: float  # of a mine's output that may wait where its feed's way is closed
    flow_weeks: float  # in which the pile flows out afterwards
    sources: tuple[str, ...]


EVENT: Final = Lane
RANGES: Final[dict[str, tuple[float, float]]] = {
    "severity": (0.0, 1.0),
    "closed_share": (0.0, 1.0),
    "days_added": (0.0, 365.0),
    "freight_added_usd_per_kg": (0.0, 100.0),
    "pile_weeks": (0.0, 1040.0),
    "flow_weeks": (1.0, 1040.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "chokepoints": "chokepoint",
    "origin": "region or all",
    "destination": "region or all",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: Lane) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if not event.chokepoints and not event.pairs and not event.corridors:
        return "chokepoints, pairs and corridors are all empty; no lane would be hit"
    return ""


def apply(event: Lane, chain: Chain) -> None:
    """From the first day to the last, beside whatever else troubles the lanes."""
    if event.severity == 0.0:
        return
    hit = Hit(
        chokepoints=event.chokepoints,
        pairs=tuple((p.origin, p.destination) for p in event.pairs),
        corridors=event.corridors,
        severity=event.severity,
        closed=event.closed_share,
        days=event.days_added,
        usd=event.freight_added_usd_per_kg,
        pile_weeks=event.pile_weeks,
        flow_weeks=event.flow_weeks,
    )
    where = ", ".join(
        (*event.chokepoints, *(f"{p.origin} to {p.destination}" for p in event.pairs), *event.corridors)
    )

    def begin() -> None:
        chain.ways.hits[event.name] = hit
        chain.reroute()
        chain.note("lane hit", where, event.name, event.severity)

    def end() -> None:
        chain.ways.hits.pop(event.name, None)
        chain.reroute()
        chain.note("lane open", where, event.name)

    chain.on(chain.day_of(event.start), begin)
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)
