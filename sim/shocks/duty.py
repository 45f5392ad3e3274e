"""A duty or tariff on trade between China and the world: an export duty, an import tariff of some regions, or China's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.chain import Chain


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What is known of the duty. A duty on all destinations enters the price abroad; one on some diverts trade to others."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: in force to the end of the run
    direction: str  # outward: goods that leave China; homeward: goods that go to China
    commodities: tuple[str, ...]  # commodity ids or "all"
    destinations: tuple[str, ...]  # of outward goods: region ids or "all"; homeward: china
    rate: float  # of the value, 0.25 is a quarter
    severity: float  # share of the rate that is really paid
    sources: tuple[str, ...]


EVENT: Final = Duty
RANGES: Final[dict[str, tuple[float, float]]] = {"rate": (0.0, 5.0), "severity": (0.0, 1.0)}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "direction": ("outward", "homeward"),
    "commodities": "commodity or all",
    "destinations": "region or all",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: Duty) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    for field in ("commodities", "destinations"):
        if not getattr(event, field):
            return f"{field} is empty; nothing would be taxed"
    home = set(event.destinations) <= {"china"}
    if (event.direction == "homeward") != home:
        return f"destinations {', '.join(event.destinations)} do not go with direction {event.direction}"
    return ""


def apply(event: Duty, chain: Chain) -> None:
    """Levy it from the first day to the last."""
    routes = chain.routes(
        "china" if event.direction == "outward" else "world", event.commodities, event.destinations
    )
    rate = event.rate * event.severity

    def begin() -> None:
        chain.duty(event.name, routes, rate)
        chain.note("duty begins", ", ".join(event.destinations), event.name, rate)

    def end() -> None:
        chain.duty(event.name, routes, 0.0)
        chain.note("duty over", ", ".join(event.destinations), event.name)

    if rate > 0.0:
        chain.on(chain.day_of(event.start), begin)
        if event.end is not None:
            chain.on(chain.day_of(event.end), end)
