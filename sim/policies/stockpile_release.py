"""Releasing a stockpile: a state sells what it holds at a stated pace, to whoever buys in its hub."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.chain import Chain
from sim.demand.reserves import Order
from sim.policies import reserve_lines


@dataclass(frozen=True, kw_only=True)
class StockpileRelease:
    """What is known of the sales. Reserves for defence are issued by their own rule besides."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: to the end of the run
    stockpiles: tuple[str, ...]  # ids of the table of stockpiles
    share: float  # of what is held on the first day of the release
    pace_weeks: float  # weeks in which that share is sold
    sources: tuple[str, ...]


EVENT: Final = StockpileRelease
RANGES: Final[dict[str, tuple[float, float]]] = {"share": (0.0, 1.0), "pace_weeks": (1.0, 1040.0)}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {"stockpiles": "stockpile"}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: StockpileRelease) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    return "" if event.stockpiles else "stockpiles is empty; nothing would be released"


def apply(event: StockpileRelease, chain: Chain) -> None:
    """Offer the share week by week until it is sold or the release ends."""
    lines = reserve_lines.find(chain, event.stockpiles)
    goods = ", ".join(event.stockpiles)

    def begin() -> None:
        for line in lines:
            held = float(chain.parts.stock.mass(chain.parts.reserves.block.rows)[line.row])
            keep, pace = held * (1.0 - event.share), held * event.share / event.pace_weeks
            chain.parts.reserves.orders[f"{event.name}.{line.row}"] = Order(
                row=line.row,
                buy=lambda _have: 0.0,
                most=-math.inf,
                sell=lambda have, keep=keep, pace=pace: min(max(have - keep, 0.0), pace),  # type: ignore[misc]
            )
        chain.note("stockpile release begins", goods, event.name, event.share)

    def end() -> None:
        reserve_lines.countermand(chain, event.name)
        chain.note("stockpile release over", goods, event.name)

    if event.share > 0.0:
        chain.on(chain.day_of(event.start), begin)
        if event.end is not None:
            chain.on(chain.day_of(event.end), end)
