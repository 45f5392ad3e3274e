"""Defence programmes: kits of materials, buffers, a build time, a schedule. A unit waits for its scarcest item.

Rows ``kits`` hold each programme's stock of each item, rows ``building`` the material in units under way. Items cannot be
substituted without requalification, so demand answers to no price. What the balance's total leaves after ``gross_up`` times
the listed programmes is ``other_defence_<region>_<commodity>``, whose unit is one week's need.
"""

from __future__ import annotations

import numpy as np

from sim.grouping import GroupSum, ratio
from sim.in_use import InUse
from sim.stock import Array, Block, Index, Stock, mass_of
from sim.units import WEEK

SMALL_SERIES = 52.0 / 52.18  # units a week below which completions are events of their own


class Defence:
    """Programmes [P] with items [rows of ``kits``]."""

    def __init__(
        self, names: tuple[str, ...], bloc: tuple[str, ...], plan: Array, build: Index, kits: Block, building: Block,
        programme: Index, per_unit: Array, in_use: InUse, into: Index, catch_up: float, weeks: int,
    ) -> None:  # fmt: skip
        self.names, self.bloc, self.plan, self.build = names, bloc, plan, build
        self.kits, self.building, self.programme, self.per_unit = kits, building, programme, per_unit
        self.by_programme = GroupSum(programme, len(names))
        self.in_use, self.into_products, self.catch_up = in_use, GroupSum(into, len(in_use)), catch_up
        self.surge = np.ones(len(names))
        self._numbers = np.arange(len(names))
        longest = int(build.max(initial=1))
        self.starts = np.zeros((weeks + longest + 1, len(names)))
        for p, w in enumerate(build):
            self.starts[longest - w : longest, p] = plan[p]
        self.longest = longest
        self.meant = (
            self.starts.copy()
        )  # units to begin by plan: what is handed over in time was begun in time
        self.inside = plan * build  # units under way
        self.planned_total = np.zeros(len(names))
        self.delivered_total = np.zeros(len(names))
        self.late_starts = np.zeros(len(names))  # units that should have begun by now and have not
        self.begun = plan.copy()
        self.delivered = plan.copy()
        self.due = plan.copy()  # units a week to hand over by plan
        self.finished_units: list[tuple[int, int, float]] = []  # (programme, number, fraction of the week)
        self.wanted = per_unit * plan[programme]  # kg a week by item
        self.used = self.wanted.copy()
        self.short = np.zeros(
            len(programme)
        )  # kg of the week's need that is not in stock, by item; the rest of what is
        # not used waits in stock for another item
        self.scarce = np.full(len(names), -1)  # item row that held the start back

    def build_week(self, stock: Stock, week: int) -> None:
        """Begin the units that the kits allow, deliver those whose build time is over."""
        plan = self.plan * self.surge
        goal = plan + np.minimum(self.late_starts, plan * self.catch_up)
        self.wanted = self.per_unit * plan[self.programme]
        held = stock.mass(self.kits.rows)
        need = self.per_unit * goal[self.programme]
        self.short = np.maximum(self.wanted - held, 0.0)
        fill = np.divide(held, need, out=np.ones(len(held)), where=need > held)
        least = self.by_programme.least(fill)
        self.scarce = np.full(len(plan), -1)
        if (least < 1.0).any():
            worst = np.flatnonzero((fill <= least[self.programme]) & (fill < 1.0))
            self.scarce[self.programme[worst]] = worst
        self.begun = goal * least
        self.late_starts = np.maximum(self.late_starts + plan - self.begun, 0.0)
        goods = stock.take(self.kits.rows, self.per_unit * self.begun[self.programme], held)
        self.used = mass_of(goods)
        stock.put(self.building.rows, self.by_programme(goods))
        self.starts[self.longest + week] = self.begun
        self.meant[self.longest + week] = plan
        self.inside += self.begun
        self._deliver(stock, week)

    def _deliver(self, stock: Stock, week: int) -> None:
        self.due = self.meant[self.longest + week - self.build, self._numbers]
        done = np.minimum(self.starts[self.longest + week - self.build, self._numbers], self.inside)
        share = ratio(done, self.inside)
        building = stock.kg[self.building.rows]
        goods = building * share[:, None]
        building -= goods
        self.in_use.put(stock, self.into_products(goods))
        self.inside -= done
        before = np.floor(self.delivered_total + 1e-9)
        self.planned_total += self.due
        self.delivered_total += done
        after = np.floor(self.delivered_total + 1e-9)
        self.finished_units = []
        whole = self.plan < SMALL_SERIES
        for p in np.flatnonzero((after > before) & whole):
            made = float(done[p])
            last = float(self.delivered_total[p]) - made
            for number in range(int(before[p]) + 1, int(after[p]) + 1):
                self.finished_units.append((int(p), number, min(max((number - last) / made, 0.0), 1.0)))
        # units below one a week are handed over whole; series are counted by weight
        self.delivered = np.where(whole, after - before, done)

    def delay_days(self) -> Array:
        """How far deliveries run behind plan, days of planned output, [P]."""
        behind = np.maximum(self.planned_total - self.delivered_total, 0.0)
        rate = self.due
        days: Array = WEEK * np.divide(behind, rate, out=np.zeros_like(behind), where=rate > 0.0)
        days[days < 1e-6] = 0.0
        return days
