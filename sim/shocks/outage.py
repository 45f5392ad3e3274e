"""An outage: one plant loses part of its capacity for a time, then ramps back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.chain import Chain
from sim.units import WEEK


@dataclass(frozen=True, kw_only=True)
class Outage:
    """What is known of the outage. ``site`` is an id of the world's table of that ``stage``."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: for good
    stage: str  # mine, separator, metal, magnet or recycler
    site: str
    severity: float  # share of capacity lost
    ramp_days: float  # from end until capacity is whole again
    sources: tuple[str, ...]


EVENT: Final = Outage
RANGES: Final[dict[str, tuple[float, float]]] = {"severity": (0.0, 1.0), "ramp_days": (0.0, 3650.0)}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "stage": ("mine", "separator", "metal", "magnet", "recycler"),
    "site": "site",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: Outage) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    return "site is empty; it is the id of a plant of that stage" if not event.site else ""


def apply(event: Outage, chain: Chain) -> None:
    """Take capacity away on the first day, give it back in weekly steps after the last."""
    if event.severity <= 0.0:
        return
    plants, _working = chain.plants_of(event.stage)
    site = plants.ids.index(event.site)

    def lose() -> None:
        chain.lose(event.stage, site, event.name, event.severity)
        chain.note("outage begins", event.site, event.name, event.severity)

    def recover(share: float) -> None:
        chain.lose(event.stage, site, event.name, event.severity * (1.0 - share))
        if share >= 1.0:
            chain.note("outage over", event.site, event.name)

    chain.on(chain.day_of(event.start), lose)
    if event.end is not None:
        steps = max(1, math.ceil(event.ramp_days / WEEK))
        for step in range(1, steps + 1):
            day = chain.day_of(event.end) + event.ramp_days * step / steps
            chain.on(day, lambda share=step / steps: recover(share))  # type: ignore[misc]
