"""Building a stockpile: a state buys towards a target at a stated pace, and pays no more than a stated price."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.chain import Chain
from sim.demand.reserves import Order
from sim.policies import reserve_lines


@dataclass(frozen=True, kw_only=True)
class StockpileBuild:
    """What is known of the purchases. The target is in tonnes of product, or in weeks of need, whichever is more."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: to the end of the run
    stockpiles: tuple[str, ...]  # ids of the table of stockpiles; what is bought is what they hold
    target_t: float  # of product, of each
    target_weeks: (
        float  # of need: of the programmes of its region if it is reserved for defence, else of all use there
    )
    pace_weeks: float  # weeks in which the target would be bought
    most_price_ratio: float  # highest price paid, over the first day's
    sources: tuple[str, ...]


EVENT: Final = StockpileBuild
RANGES: Final[dict[str, tuple[float, float]]] = {
    "target_t": (0.0, 1e6),
    "target_weeks": (0.0, 1040.0),
    "pace_weeks": (1.0, 1040.0),
    "most_price_ratio": (0.01, 1000.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {"stockpiles": "stockpile"}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: StockpileBuild) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if not event.stockpiles:
        return "stockpiles is empty; nothing would be bought"
    return (
        ""
        if event.target_t or event.target_weeks
        else "target_t and target_weeks are both 0; nothing would be bought"
    )


def apply(event: StockpileBuild, chain: Chain) -> None:
    """Order the purchases from the first day to the last; what they cost is booked every week."""
    lines = reserve_lines.find(chain, event.stockpiles)
    goods = ", ".join(event.stockpiles)

    def begin() -> None:
        for line in lines:
            target = max(
                event.target_t * 1000.0 / line.factor, event.target_weeks * reserve_lines.need(chain, line)
            )
            chain.parts.reserves.orders[f"{event.name}.{line.row}"] = Order(
                row=line.row,
                buy=lambda have, target=target: min(max(target - have, 0.0), target / event.pace_weeks),  # type: ignore[misc]
                most=line.opening + math.log(event.most_price_ratio),
                sell=lambda _held: 0.0,
            )
        chain.note("stockpile build begins", goods, event.name)

    def end() -> None:
        reserve_lines.countermand(chain, event.name)
        chain.note("stockpile build over", goods, event.name)

    chain.on(chain.day_of(event.start), begin)
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)
