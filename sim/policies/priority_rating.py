"""A priority rating: rated defence orders are filled before civil ones where both may have the goods.

It takes from what civil users of the same hub would have bought; it makes no tonne, and opens no border.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.chain import Chain


@dataclass(frozen=True, kw_only=True)
class PriorityRating:
    """What is known of the rating. It holds for all commodities of the hubs named."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    hubs: tuple[str, ...]  # china, world, sco
    sources: tuple[str, ...]


EVENT: Final = PriorityRating
RANGES: Final[dict[str, tuple[float, float]]] = {}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {"hubs": "hub"}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: PriorityRating) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    return "" if event.hubs else "hubs is empty; nobody would be rated"


def apply(event: PriorityRating, chain: Chain) -> None:
    """Defence first from the first day to the last."""

    def rate(on: bool) -> None:
        chain.rate(list(event.hubs), event.name, on)
        chain.note(
            "priority rating begins" if on else "priority rating over", ", ".join(event.hubs), event.name
        )

    chain.on(chain.day_of(event.start), lambda: rate(True))
    if event.end is not None:
        chain.on(chain.day_of(event.end), lambda: rate(False))
