"""Retaliation: when another event of the run begins, an answer follows, perhaps, and after a while.

The answer is a duty on trade, feeds of concentrate that stop, trouble on lanes, or several of them. Whether it comes is drawn once
a run under the policy's name, the same in every scenario; with chance off it comes if it is likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.stages.stoppages import Stop
from sim.ways import Hit


@dataclass(frozen=True, kw_only=True)
class Retaliation:
    """What sets it off, how likely it is, and what it is. ``trigger`` is the id of another event of the same run."""

    name: str
    kind: str
    title: str
    start: date  # nobody answers before
    end: date | None  # nor after; what is in force ends then. None: to the end of the run
    trigger: str  # id of the other event
    after_days: float  # from the beginning of the trigger
    probability: float  # that an answer comes
    lasts_days: float  # 0: as long as the policy
    severity: float  # share of the answer that comes
    origin: str  # region whose exports bear the duty
    commodities: tuple[str, ...]
    destinations: tuple[str, ...]  # region ids or "all"
    duty_pct: float  # of the value of these goods, beside other duties
    feeds: tuple[str, ...]  # rows of feeds.csv
    feed_share: float  # of them that stops
    pile_weeks: float  # of a mine's output that may wait
    flow_weeks: float  # in which it flows out afterwards
    chokepoints: tuple[str, ...]  # ids of places that lanes pass
    closed_share: float  # of what passes these
    days_added: float  # for the rest
    sources: tuple[str, ...]


EVENT: Final = Retaliation
RANGES: Final[dict[str, tuple[float, float]]] = {
    "after_days": (0.0, 3650.0),
    "probability": (0.0, 1.0),
    "lasts_days": (0.0, 7300.0),
    "severity": (0.0, 1.0),
    "duty_pct": (0.0, 1000.0),
    "feed_share": (0.0, 1.0),
    "pile_weeks": (0.0, 1040.0),
    "flow_weeks": (1.0, 1040.0),
    "closed_share": (0.0, 1.0),
    "days_added": (0.0, 365.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "trigger": "event",
    "origin": "region",
    "commodities": "commodity",
    "destinations": "region or all",
    "feeds": "feed",
    "chokepoints": "chokepoint",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: Retaliation) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if event.trigger == event.name:
        return "trigger is the policy itself; it answers to another event"
    if not event.trigger:
        return "trigger is empty; it is the id of another event of the run"
    duty = event.duty_pct > 0.0 and event.commodities and event.destinations
    if not duty and not event.feeds and not event.chokepoints:
        return "no duty on any goods, no feeds and no chokepoints; nothing would be done"
    return ""


def apply(event: Retaliation, chain: Chain) -> None:
    """Wait for the trigger."""
    luck = float(chain.chance.uniform(f"retaliation.{event.name}", 1)[0])
    comes = luck < event.probability if chain.chance.on else event.probability >= 0.5
    if not comes or event.severity == 0.0:
        return
    last = None if event.end is None else chain.day_of(event.end)

    def provoked() -> None:
        day = max(float(chain.env.now) + event.after_days, chain.day_of(event.start))
        if last is not None and day >= last:
            return
        chain.on(day, lambda: _answer(event, chain))
        over = day + event.lasts_days if event.lasts_days > 0.0 else last
        if over is not None:
            chain.on(over if last is None else min(over, last), lambda: _end(event, chain))

    chain.when(event.trigger, provoked)


def _duty(event: Retaliation, chain: Chain, rate: float) -> None:
    if event.duty_pct > 0.0 and event.commodities:
        chain.duty(event.name, chain.routes(event.origin, event.commodities, event.destinations), rate)


def _answer(event: Retaliation, chain: Chain) -> None:
    _duty(event, chain, event.severity * event.duty_pct / 100.0)
    if event.feeds and event.feed_share > 0.0:
        shut = np.array([float(f.id in event.feeds) for f in chain.world.feeds])
        stop = Stop(
            event.severity * event.feed_share * shut, np.zeros(len(shut)), event.pile_weeks, event.flow_weeks
        )
        chain.parts.mines.stoppages.impose(event.name, stop)
    if event.chokepoints:
        chain.ways.hits[event.name] = Hit(
            chokepoints=event.chokepoints, pairs=(), corridors=(), severity=event.severity, closed=event.closed_share,
            days=event.days_added, usd=0.0, pile_weeks=event.pile_weeks, flow_weeks=event.flow_weeks,
        )  # fmt: skip
        chain.reroute()
    chain.note("retaliation", event.origin, event.name, event.severity)


def _end(event: Retaliation, chain: Chain) -> None:
    _duty(event, chain, 0.0)
    chain.parts.mines.stoppages.lift(event.name)
    if chain.ways.hits.pop(event.name, None) is not None:
        chain.reroute()
    chain.note("retaliation over", event.origin, event.name)
