"""Defence programmes: kits of materials, buffers, a build time, a schedule. A unit waits for its scarcest item.

Rows ``kits`` hold each programme's stock of each item, rows ``building`` the material in units under way. Items cannot be
substituted without requalification, so demand answers to no price. What the balance's total leaves after ``gross_up`` times
the listed programmes is ``other_defence_<region>_<commodity>``, whose unit is one week's need.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.goods import mass, move, part
from sim.in_use import InUse
from sim.stock import Array, Block, Index, Stock
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
        self.in_use, self.into, self.catch_up = in_use, into, catch_up
        self.surge = np.ones(len(names))
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
        now = self.longest + week
        self.meant[now] = self.plan * self.surge
        self.begun, self.scarce, self.wanted, self.short, self.used = _begin(
            self.meant[now], self.catch_up, self.late_starts, self.per_unit, self.programme, stock.kg[self.kits.rows],
            stock.kg[self.building.rows],
        )  # fmt: skip
        self.starts[now] = self.begun
        self.inside += self.begun
        self._deliver(stock, now)

    def _deliver(self, stock: Stock, now: int) -> None:
        whole = self.plan < SMALL_SERIES
        self.due, done, self.delivered = _hand_over(
            self.meant, self.starts, now, self.build, whole, self.inside, self.planned_total, self.delivered_total,
            stock.kg[self.building.rows], stock.kg[self.in_use.first], self.into,
        )  # fmt: skip
        self.finished_units = []
        for p in np.flatnonzero(self.delivered * whole).tolist():
            made, total = float(done[p]), float(self.delivered_total[p])
            last = int(total + 1e-9)
            for number in range(last - int(self.delivered[p]) + 1, last + 1):
                self.finished_units.append((p, number, min(max((number - total + made) / made, 0.0), 1.0)))

    def delay_days(self) -> Array:
        """How far deliveries run behind plan, days of planned output, [P]."""
        return _delay_days(self.planned_total, self.delivered_total, self.due)


@kernel
def _begin(
    plan: Array, catch_up: float, late: Array, per_unit: Array, programme: Index, kits: Array, building: Array
) -> tuple[Array, Index, Array, Array, Array]:  # fmt: skip
    """Begin the units of ``plan`` and part of the ``late`` ones, as far as the scarcest item of each programme goes.

    Returns units begun and the item row that held each programme back (-1: none), [P]; kg wanted, short and used, [items].
    """
    goal, least, scarce = np.empty(len(plan)), np.ones(len(plan)), np.full(len(plan), -1)
    for p in range(len(plan)):
        goal[p] = plan[p] + min(late[p], plan[p] * catch_up)
    wanted, short, held, used = np.empty((4, len(kits)))
    for k in range(len(kits)):
        p = programme[k]
        wanted[k], held[k], need = per_unit[k] * plan[p], mass(kits, k), per_unit[k] * goal[p]
        short[k] = max(wanted[k] - held[k], 0.0)
        if need > held[k] and held[k] / need <= least[p]:
            least[p], scarce[p] = held[k] / need, k
    begun = goal * least
    for p in range(len(plan)):
        late[p] = max(late[p] + plan[p] - begun[p], 0.0)
    for k in range(len(kits)):
        p = programme[k]
        share = min(part(per_unit[k] * begun[p], held[k]), 1.0)
        used[k] = held[k] * share
        move(building, p, kits, k, share)
    return begun, scarce, wanted, short, used


@kernel
def _hand_over(
    meant: Array, starts: Array, now: int, build: Index, whole: NDArray[np.bool_], inside: Array, planned: Array,
    delivered: Array, building: Array, products: Array, into: Index,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Finish the units whose build time is over, put their goods into products and count them on ``planned`` and ``delivered``.

    Returns units due by plan, done, and handed over, [P]: those below one a week are handed over whole, series by weight.
    """
    due, done, handed = np.empty((3, len(build)))
    for p in range(len(build)):
        begun = now - build[p]
        due[p], done[p] = meant[begun, p], min(starts[begun, p], inside[p])
        move(products, into[p], building, p, part(done[p], inside[p]))
        inside[p] -= done[p]
        before = np.floor(delivered[p] + 1e-9)
        planned[p] += due[p]
        delivered[p] += done[p]
        handed[p] = np.floor(delivered[p] + 1e-9) - before if whole[p] else done[p]
    return due, done, handed


@kernel
def _delay_days(planned: Array, delivered: Array, rate: Array) -> Array:
    days = np.zeros(len(rate))
    for p in range(len(rate)):
        late = WEEK * part(max(planned[p] - delivered[p], 0.0), rate[p])
        if late >= 1e-6:
            days[p] = late
    return days
