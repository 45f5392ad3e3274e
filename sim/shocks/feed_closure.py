"""A closed feed: concentrate no longer goes from a mine to a separator, whole or in part.

It goes to another separator of the same mine's feeds if one is named, as far as that one can work it; the rest waits on the mine's
pile as far as there is room, and what then is left is not mined. After reopening the pile flows out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.stages.stoppages import Stop


@dataclass(frozen=True, kw_only=True)
class FeedClosure:
    """What is known of the closure. ``feeds`` are rows of feeds.csv; ``mines`` closes all feeds of a mine but those in ``to``."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: for good
    feeds: tuple[str, ...]  # ids of feeds.csv that are closed
    mines: tuple[str, ...]  # ids of mines all of whose feeds are closed
    severity: float  # share of what the feeds carry that stops
    to: tuple[str, ...]  # feeds of the same mines that take it, at most one a mine
    pile_weeks: float  # of the mine's output that its pile may hold because of this
    flow_weeks: float  # in which the pile flows out afterwards
    sources: tuple[str, ...]


EVENT: Final = FeedClosure
RANGES: Final[dict[str, tuple[float, float]]] = {
    "severity": (0.0, 1.0),
    "pile_weeks": (0.0, 1040.0),
    "flow_weeks": (1.0, 1040.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {"feeds": "feed", "mines": "mine", "to": "feed"}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: FeedClosure) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if not event.feeds and not event.mines:
        return "feeds and mines are both empty; nothing would be closed"
    both = [f for f in event.feeds if f in event.to]
    if both:
        return f"{both[0]!r} stands in both feeds and to; a feed is either closed or takes what others cannot carry"
    mines = [f.split("__")[0] for f in event.to]
    twice = [m for i, m in enumerate(mines) if m in mines[:i]]
    return f"to names two feeds of {twice[0]!r}; name one" if twice else ""


def apply(event: FeedClosure, chain: Chain) -> None:
    """Shut on the first day, open after the last."""
    if event.severity == 0.0:
        return
    stoppages = chain.parts.mines.stoppages
    rows = chain.world.feeds
    shut = np.array([f.id not in event.to and (f.id in event.feeds or f.mine in event.mines) for f in rows])
    to = np.array([float(f.id in event.to) for f in rows])
    where = ", ".join((*event.mines, *event.feeds))

    def begin() -> None:
        stoppages.impose(event.name, Stop(event.severity * shut, to, event.pile_weeks, event.flow_weeks))
        chain.note("feed closed", where, event.name, event.severity)

    def end() -> None:
        stoppages.lift(event.name)
        chain.note("feed open", where, event.name)

    chain.on(chain.day_of(event.start), begin)
    if event.end is not None:
        chain.on(chain.day_of(event.end), end)
