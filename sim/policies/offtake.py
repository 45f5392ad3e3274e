"""An offtake: a buyer binds itself to take up to so many tonnes a year of a commodity from a site at no less than a floor.

Signing it makes the project or candidate at the site go ahead, with the probability given. The buyer sells on at the market's price
to whoever pays it, so that what it costs is the floor's difference to that price on what the site sells; that its own country gets
the goods first is not modelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.invest import Guarantee
from sim.units import per_week


@dataclass(frozen=True, kw_only=True)
class Offtake:
    """What is known of the contract; it is signed on ``announced`` and delivered from ``start`` to ``end``."""

    name: str
    kind: str
    title: str
    announced: date
    start: date
    end: date | None  # None: to the end of the run
    stage: str  # separator, metal or magnet: who sells the commodity
    site: str
    commodity: str
    t_per_year: float  # of product, the most that is bound
    usd_per_kg: float  # floor, of product
    upside_above_usd_per_kg: float  # above this price the buyer keeps its share
    upside_share: float  # of what the price exceeds that by, which the buyer keeps
    probability: float  # that the contract makes what is open at the site go ahead
    sources: tuple[str, ...]


EVENT: Final = Offtake
RANGES: Final[dict[str, tuple[float, float]]] = {
    "t_per_year": (0.0, 1_000_000.0),
    "usd_per_kg": (0.0, 100_000.0),
    "upside_above_usd_per_kg": (0.0, 100_000.0),
    "upside_share": (0.0, 1.0),
    "probability": (0.0, 1.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "stage": ("separator", "metal", "magnet"),
    "site": "site",
    "commodity": "commodity",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: Offtake) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if event.announced > event.start:
        return f"announced {event.announced} lies after start {event.start}"
    if event.upside_share > 0.0 and event.upside_above_usd_per_kg < event.usd_per_kg:
        return f"upside_above_usd_per_kg {event.upside_above_usd_per_kg:g} lies below the floor {event.usd_per_kg:g}"
    return ""


def apply(event: Offtake, chain: Chain) -> None:
    """Sign it on its day; the floor is in force while it is delivered."""
    plants, _working = chain.plants_of(event.stage)
    site, commodity = plants.ids.index(event.site), chain.layout.commodity_of[event.commodity]
    most = per_week(event.t_per_year) / float(chain.layout.factor[commodity])
    given = Guarantee(event.stage, np.array([site]), commodity, event.usd_per_kg, event.upside_above_usd_per_kg,
                      event.upside_share, most, builds=False)  # fmt: skip

    def sign() -> None:
        chain.note("offtake signed", event.site, event.name, event.t_per_year)
        chain.invest.sign(
            event.stage, site, event.name, chain.invest.luck(f"offtake.{event.name}", event.probability)
        )

    def begin() -> None:
        chain.invest.give(event.name, [given])
        chain.note("offtake begins", event.site, event.name, event.usd_per_kg)

    def end() -> None:
        chain.invest.end(event.name)
        chain.note("offtake over", event.site, event.name)

    chain.on(chain.day_of(event.announced), sign)
    chain.on(chain.day_of(event.start), begin)
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)
