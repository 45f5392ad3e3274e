"""Final decisions: an option is decided when what it would earn has cleared its full cost by a hurdle for long enough.

What it would earn is reckoned with all that is decided and not yet built, and with its own output. Options are taken up in the
order of their cost, one for each good (NdPr mines, heavy separators, metal ...) in a year; a site under a guarantee that covers its
cost is decided at once, and beside that order. A mine brings along the separator that its concentrate is meant for.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.invest.options import Option
from sim.invest.works import STAGES, Work, Works, bound_together, plants_by_stage
from sim.stock import Array, E, Index

if TYPE_CHECKING:
    from sim.build import Parts
    from sim.invest.worth import Worth

PAUSE = (
    52  # weeks between two decisions for the same good (less after a part of a project): unsourced estimate
)
DAYS_PER_MONTH = 365.25 / 12.0
MINE, SEPARATOR = STAGES.index("mine"), STAGES.index("separator")


class Decisions:
    """The options of a run and what becomes of them. Arrays have one entry an option, in the order of cost."""

    def __init__(
        self, options: list[Option], parts: Parts, worth: Worth, works: Works, hurdle: float, patience: int
    ) -> None:
        self.options, self.parts, self.worth, self.works = options, parts, worth, works
        self.hurdle, self.patience = hurdle, patience
        self.by_cost = by_cost = sorted(options, key=lambda o: (o.cost, o.id))
        self.number = {(o.stage, o.site): n for n, o in enumerate(by_cost)}
        goods = sorted({o.good for o in options})
        self.stage = np.array([STAGES.index(o.stage) for o in by_cost], dtype=np.int64)
        self.site = np.array([o.site for o in by_cost], dtype=np.int64)
        self.at = self.site + np.array([worth.sites[o.stage].start for o in by_cost], dtype=np.int64)
        self.cost = np.array([o.cost for o in by_cost])
        self.good = np.array([goods.index(o.good) for o in by_cost], dtype=np.int64)
        self.feed = np.array(
            [o.feeds[0][0] if o.feeds else -1 for o in by_cost], dtype=np.int64
        )  # contract that moves
        self.open = np.array([o.kg > 0.0 for o in by_cost], dtype=bool)  # not decided yet
        self.clear = np.zeros(len(by_cost))  # weeks in a row in which it would have paid
        self.free = np.zeros(len(goods))  # week from which the next decision for a good may follow
        # by site of all stages: kilograms a week that its option would add to the market (of a separator none: it adds nothing
        # that is not mined), and years until it does
        self.own, self.years = np.zeros(worth.count), np.zeros(worth.count)
        for at, o in zip(self.at, by_cost, strict=True):
            self.own[at], self.years[at] = o.kg * (o.stage != "separator"), o.lead / 365.25
        self.option_of = np.full(len(parts.separators.plants.ids), -1)  # of each separator
        for n in np.flatnonzero(self.stage == SEPARATOR):
            self.option_of[self.site[n]] = n

    def option(self, stage: str, site: int) -> Option | None:
        """What is still open at a site."""
        n = self.number.get((stage, site))
        return self.by_cost[n] if n is not None and self.open[n] else None

    def week(self, week: int, earned: Array, guaranteed: NDArray[np.bool_]) -> None:
        """Count the weeks that each option would have paid; take the decisions that are due. ``earned`` [sites of all stages]
        over the first day's; ``guaranteed`` marks sites under a floor or offtake."""
        mines, works, stock = self.parts.mines, self.works, self.parts.stock
        n = -1
        while True:
            fed, taken = bound_together(mines.mine_of, mines.separator_of, mines.share, works.promised, works.coming["mine"],
                                        works.coming["separator"])  # fmt: skip
            n = due(n + 1, week, earned, guaranteed, self.stage, self.site, self.at, self.cost, self.open, self.clear, self.good,
                    self.free, self.feed, self.hurdle, self.patience, self.option_of, mines.mine_of, mines.separator_of,
                    mines.share, works.coming["mine"], fed, taken, stock.kg, self.parts.separators.feed.start)  # fmt: skip
            if n < 0:
                return
            o = self.by_cost[n]
            if guaranteed[self.at[n]]:
                self.decide(o, "guarantee")
                continue
            self.free[self.good[n]] = week + PAUSE * o.part
            self.decide(o, "price")
            return  # the next owner counts this one in before deciding, next week

    def _partner(self, option: Option) -> Option | None:
        """The separator that most of a mine's concentrate is meant for, if it is an option still open."""
        mines = self.parts.mines
        target = main_taker(option.site, mines.mine_of, mines.separator_of, mines.share)
        return self.option("separator", target)

    def close(self, option: Option) -> None:
        """An option is decided on, or comes to nothing: it is no longer one."""
        n = self.number[option.stage, option.site]
        self.open[n] = False
        self.own[self.at[n]] = self.years[self.at[n]] = 0.0

    def decide(self, option: Option, why: str, share: float = 1.0) -> None:
        """Take the final decision on ``share`` of an option."""
        self.close(option)
        self.go_ahead(option, why, share)

    def go_ahead(self, option: Option, why: str, share: float) -> None:
        """``share`` of what may be no option of the tables comes on stream after its lead time."""
        clock = self.works.clock
        if option.feeds:
            self.works.promised[[route for route, _ in option.feeds]] = True
            self.works.look_again()
        outlet = option.stage == "mine" and self.works.lacking("mine", option.site, self.works.coming)
        partner = self._partner(option) if outlet else None
        plants = plants_by_stage(self.parts)[option.stage]
        clock.note("final decision", plants.ids[option.site], why, option.tonnes * share)
        effect = (
            self.worth.effect(option.stage, option.site, option.kg * share)
            if option.stage != "separator"
            else None
        )
        if effect is not None:
            self.worth.decided(effect, 1.0)
        reached = 0.0

        def reach(level: float) -> None:
            nonlocal reached
            self.add(option, (level - reached) * share, level * share)
            reached = level
            if level >= 1.0 and effect is not None:
                self.worth.decided(effect, -1.0)

        begin = float(clock.env.now) + option.lead
        ramp = max(1, math.ceil(option.ramp * DAYS_PER_MONTH / 7.0))
        self.works.start(Work(option.stage, option.site, begin, ramp, why, option.tonnes * share, reach))
        if partner is not None:
            self.decide(partner, why, share)

    def add(self, option: Option, more: float, level: float) -> None:
        """Capacity of an option comes on stream: ``more`` of it this week, ``level`` of it in all; feed follows."""
        plants = plants_by_stage(self.parts)[option.stage]
        plants.added[option.site] += option.kg * more
        if option.stage == "separator":
            self.parts.separators.fill.extend(option.site, option.kg * more)
        for route, part in option.feeds:
            self.parts.mines.redirect(route, part * level)
        if option.feeds:
            self.worth.full_feed()
            self.works.look_again()


@kernel
def main_taker(mine: int, mine_of: Index, separator_of: Index, share: Array) -> int:
    """The separator that most of a mine's concentrate is meant for, -1 if it has no contract; arrays by contract."""
    most = -1
    for i in range(len(share)):
        if mine_of[i] == mine and (most < 0 or share[i] > share[most]):
            most = i
    return separator_of[most] if most >= 0 else -1


@kernel
def due(begin: int, week: int, earned: Array, guaranteed: NDArray[np.bool_], stage: Index, site: Index, at: Index, cost: Array,
        still_open: NDArray[np.bool_], clear: Array, good: Index, free: Array, feed: Index, hurdle: float, patience: int,
        option_of: Index, mine_of: Index, separator_of: Index, share: Array, mines: NDArray[np.bool_], fed: NDArray[np.bool_],
        taken: NDArray[np.bool_], stock: Array, feed_row: int) -> int:  # fmt: skip
    """Count a week for each option from ``begin`` on; returns the first that is due, -1 if none is.

    A week counts if the option pays and can go ahead: a separator needs a mine to ``feed`` it by the contract that moves to it
    (of the ``mines`` [sites] there or coming), or to be ``fed`` [sites] by another, or concentrate in ``stock`` (rows from
    ``feed_row`` on); a mine must be ``taken`` [sites] by a separator, or bring one along.
    """
    for n in range(begin, len(cost)):
        can = still_open[n] and earned[at[n]] >= cost[n] * (1.0 + hurdle)
        if can and feed[n] >= 0:
            can = mines[mine_of[feed[n]]]
        elif can and stage[n] == MINE:
            can = taken[site[n]]
            if not can:
                target = main_taker(site[n], mine_of, separator_of, share)
                can = target >= 0 and option_of[target] >= 0 and still_open[option_of[target]]
        elif can and stage[n] == SEPARATOR:
            can = fed[site[n]] or stock[feed_row + site[n], :E].sum() > 0.0
        clear[n] = clear[n] + 1.0 if can else 0.0
        if clear[n] > 0.0 and (guaranteed[at[n]] or (clear[n] >= patience and week >= free[good[n]])):
            return n
    return -1
