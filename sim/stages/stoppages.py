"""Where concentrate goes when its way is shut: to another separator, to the mine's pile, or it is not mined.

A stoppage closes a share of some feeds. What it stops goes first to another feed of the same mine, as far as the separator there
can work it beside what it gets anyway; then to the mine's pile, as far as that may grow; what then is left is not mined. When
the feeds are open again the pile flows out over some weeks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.grouping import ratio, total_by
from sim.stock import Array, Index


@dataclass(slots=True)
class Stop:
    """One cause's stoppage; arrays have one entry a feed."""

    share: Array  # of what the feed carries that may not go
    to: Array  # 1 for feeds that take what is stopped, at most one a mine
    pile_weeks: float  # of the mine's output that its pile may hold for this
    flow_weeks: float  # in which the pile flows out afterwards


@dataclass(slots=True)
class Routed:
    """A week's concentrate, kg of element."""

    mined: Array  # [mines]
    sent: Array  # [feeds] fresh
    piled: Array  # [mines] put on the pile for want of a way
    out: Array  # [feeds] from the pile


class Stoppages:
    """Stoppages in force by cause, and what piled up because of them."""

    def __init__(self, mine_of: Index, separator_of: Index, share: Array, mines: int) -> None:
        self.mine_of, self.separator_of, self.share, self.mines = mine_of, separator_of, share, mines
        self.stops: dict[str, Stop] = {}
        self.piled = np.zeros(mines)  # kg that wait for a way
        self.pace = np.zeros(mines)  # kg a week that flow out once it is open
        self.flow_weeks = np.ones(mines)

    @property
    def idle(self) -> bool:
        """Whether every feed is open and nothing waits."""
        return not self.stops and not self.piled.any()

    def impose(self, name: str, stop: Stop) -> None:
        """Close feeds for a cause, or change how much it closes."""
        self.stops[name] = stop
        hit = total_by(self.mine_of, stop.share, self.mines) > 0.0
        self.flow_weeks[hit] = max(stop.flow_weeks, 1.0)

    def lift(self, name: str) -> None:
        """The cause is over; the others stay."""
        if self.stops.pop(name, None) is not None:
            self.pace = self.piled / self.flow_weeks

    def passing(self) -> Array:
        """Share of each feed that is open, [feeds]: what one cause stops another cannot."""
        open_share = np.ones(len(self.share))
        for stop in self.stops.values():
            open_share = open_share * (1.0 - stop.share)
        return open_share

    def route(self, output: Array, able: Array) -> Routed:
        """Send ``output`` [mines] kg to separators that are ``able`` [separators] to work so much a week."""
        passing = self.passing()
        usual = output[self.mine_of] * self.share
        sent = usual * passing
        left = total_by(self.mine_of, usual - sent, self.mines)
        limit = np.zeros(self.mines)
        for stop in self.stops.values():
            sent += self._elsewhere(stop, left, sent, passing, able)
            hit = total_by(self.mine_of, stop.share, self.mines) > 0.0
            limit[hit] = np.maximum(limit[hit], stop.pile_weeks * output[hit])
        piled = np.minimum(left, np.maximum(limit - self.piled, 0.0))
        out = self._out()
        self.piled += piled - total_by(self.mine_of, out, self.mines)
        np.maximum(self.piled, 0.0, out=self.piled)
        return Routed(output - (left - piled), sent, piled, out)

    def _elsewhere(self, stop: Stop, left: Array, sent: Array, passing: Array, able: Array) -> Array:
        """What is stopped and finds room at another separator, [feeds]; takes it off ``left`` [mines].

        Several mines share a separator's room in proportion to what they bring.
        """
        wish = left[self.mine_of] * stop.to * passing
        busy = total_by(self.separator_of, sent, len(able))
        asked = total_by(self.separator_of, wish, len(able))
        room = np.minimum(ratio(np.maximum(able - busy, 0.0), asked), 1.0)
        taken: Array = wish * room[self.separator_of]
        left -= total_by(self.mine_of, taken, self.mines)
        np.maximum(left, 0.0, out=left)
        return taken

    def _out(self) -> Array:
        """What flows out of the piles of mines whose ways are open, [feeds]."""
        shut = np.zeros(self.mines, bool)
        for stop in self.stops.values():  # who withholds does not pile up, and lets a pile go
            if stop.pile_weeks > 0.0:
                shut |= total_by(self.mine_of, stop.share, self.mines) > 0.0
        kg = np.where(shut, 0.0, np.minimum(self.pace, self.piled))
        usual = total_by(self.mine_of, self.share, self.mines)
        out: Array = kg[self.mine_of] * ratio(self.share, usual[self.mine_of])
        return out
