"""Alignment: regions join China's control zone. Inside it goods move without licence or ban; outside it they do not go.

The regions leave the world's market for a call of their own, behind a border that is free towards China. What else the
partners agree on (feed sent the other way, tighter controls outside, technology) is an event of its own beside this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.chain import Chain


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """What is known of it. It stays to the end of the run."""

    name: str
    kind: str
    title: str
    start: date
    regions: tuple[str, ...]  # of the hub sco
    sources: tuple[str, ...]


EVENT: Final = Alignment
RANGES: Final[dict[str, tuple[float, float]]] = {}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {"regions": "region of sco"}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: Alignment) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    return "" if event.regions else "regions is empty; nobody would be aligned"


def apply(event: Alignment, chain: Chain) -> None:
    """Move the regions' markets on the day."""

    def align() -> None:
        chain.align(event.regions)
        chain.note("aligned with China", ", ".join(event.regions), event.name)

    chain.on(chain.day_of(event.start), align)
