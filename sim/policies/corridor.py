"""A corridor: a new or faster lane between two regions, beside the lanes that exist and the chokepoints they pass.

It takes first what closed lanes stop, then what would be longer on the way than over it, as far as its capacity goes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from sim.chain import Chain
from sim.units import WEEK
from sim.ways import Corridor as Way

STEP = 4.0 * WEEK  # days between steps of the ramp
AGAIN = 13.0 * WEEK  # days after which its share of the trade is worked out anew


@dataclass(frozen=True, kw_only=True)
class Corridor:
    """What is known of it. A shock of kind ``lane`` may name it among its ``corridors``."""

    name: str
    kind: str
    title: str
    start: date  # of its opening
    end: date | None  # None: for good
    origin: str
    destination: str  # region it leads to
    both_ways: bool  # whether goods go over it in both directions
    goods: tuple[str, ...]  # commodities, "all" of them, or "concentrate"
    days: float  # door to door
    freight_usd_per_kg: float  # of product
    capacity_t_per_year: float  # of these goods, each way
    ramp_days: float  # from the opening to full capacity
    cost_usd: float  # public money, on the day of the opening
    sources: tuple[str, ...]


EVENT: Final = Corridor
RANGES: Final[dict[str, tuple[float, float]]] = {
    "days": (1.0, 365.0),
    "freight_usd_per_kg": (0.0, 100.0),
    "capacity_t_per_year": (0.0, 1e8),
    "ramp_days": (0.0, 3650.0),
    "cost_usd": (0.0, 1e12),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "origin": "region",
    "destination": "region",
    "goods": "goods",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: Corridor) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if event.origin == event.destination:
        return f"origin and destination are both {event.origin!r}"
    return "" if event.goods else "goods is empty; nothing would go over it"


def apply(event: Corridor, chain: Chain) -> None:
    """Opened on the first day, whole after the ramp, shut on the last."""
    way = Way(
        event.origin, event.destination, event.both_ways, event.goods, event.days, event.freight_usd_per_kg,
        event.capacity_t_per_year,
    )  # fmt: skip
    where = f"{event.origin} to {event.destination}"
    first = chain.day_of(event.start)

    def begin() -> None:
        chain.ways.corridors[event.name] = way
        chain.spend(event.name, event.cost_usd)
        chain.note("corridor opens", where, event.name, event.capacity_t_per_year)

    def reach(share: float) -> None:
        way.open = share
        chain.reroute()

    def end() -> None:
        chain.ways.corridors.pop(event.name, None)
        chain.reroute()
        chain.note("corridor closed", where, event.name)

    def again() -> None:
        if event.name in chain.ways.corridors:
            chain.reroute()

    chain.on(first, begin)
    steps = max(1, math.ceil(event.ramp_days / STEP))
    for step in range(1, steps + 1):
        chain.on(first + event.ramp_days * step / steps, partial(reach, step / steps))
    day = first + event.ramp_days + AGAIN
    while chain.on(day, again):
        day += AGAIN
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)
