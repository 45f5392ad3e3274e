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

from sim.invest.options import Option
from sim.invest.works import Work, Works, plants_by_stage
from sim.stock import Array

if TYPE_CHECKING:
    from sim.build import Parts
    from sim.invest.worth import Worth

PAUSE = (
    52  # weeks between two decisions for the same good (less after a part of a project): unsourced estimate
)
DAYS_PER_MONTH = 365.25 / 12.0


class Decisions:
    """The options of a run and what becomes of them. ``guaranteed`` [sites] by stage marks sites under a floor or offtake."""

    def __init__(
        self, options: list[Option], parts: Parts, worth: Worth, works: Works, hurdle: float, patience: int
    ) -> None:
        self.options, self.parts, self.worth, self.works = options, parts, worth, works
        self.hurdle, self.patience = hurdle, patience
        self.free: dict[str, float] = {}  # week from which the next decision for a good may follow
        self.by_cost = sorted(options, key=lambda o: (o.cost, o.id))
        self.of_stage = {stage: [o for o in options if o.stage == stage] for stage in plants_by_stage(parts)}
        self.at = {(o.stage, o.site): o for o in options}

    def own(self, stage: str, sites: int) -> tuple[Array, Array]:
        """Kilograms a week that each site's option would add to the market, and years until it does, [sites]; a separator adds
        none that is not mined."""
        own, years = np.zeros(sites), np.zeros(sites)
        for o in self.of_stage[stage]:
            if not o.decided:
                own[o.site] = o.kg * (stage != "separator")
                years[o.site] = o.lead / 365.25
        return own, years

    def week(self, week: int, earned: dict[str, Array], guaranteed: dict[str, NDArray[np.bool_]]) -> None:
        """Count the weeks that each option would have paid; take the decisions that are due."""
        for o in self.by_cost:
            pays = o.kg > 0.0 and not o.decided and earned[o.stage][o.site] >= o.cost * (1.0 + self.hurdle)
            o.clear = o.clear + 1 if pays and self._can(o) else 0
            if o.clear and guaranteed[o.stage][o.site]:
                self.decide(o, "guarantee")
            elif o.clear >= self.patience and week >= self.free.get(o.good, 0.0):
                self.free[o.good] = week + PAUSE * o.part
                self.decide(o, "price")
                return  # the next owner counts this one in before deciding, next week

    def _can(self, option: Option) -> bool:
        """A separator needs a mine to feed it, or one whose contract moves to it; a mine an outlet, there or coming with it."""
        if option.feeds:
            return bool(
                self.works.coming["mine"][
                    self.parts.mines.mine_of[[route for route, _ in option.feeds]]
                ].any()
            )
        if option.stage == "mine":
            return (
                not self.works.lacking("mine", option.site, self.works.coming)
                or self._partner(option) is not None
            )
        return not self.works.lacking(option.stage, option.site, self.works.coming)

    def _partner(self, option: Option) -> Option | None:
        """The separator that most of a mine's concentrate is meant for, if it is an option still open."""
        mines = self.parts.mines
        routes = np.flatnonzero(mines.mine_of == option.site)
        if option.stage != "mine" or not len(routes):
            return None
        target = int(mines.separator_of[routes[int(mines.share[routes].argmax())]])
        partner = self.at.get(("separator", target))
        return partner if partner is not None and not partner.decided and partner.kg > 0.0 else None

    def decide(self, option: Option, why: str, share: float = 1.0) -> None:
        """Take the final decision on ``share`` of an option: it comes on stream after its lead time."""
        clock = self.works.clock
        option.decided = True
        self.works.promised[[route for route, _ in option.feeds]] = True
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
