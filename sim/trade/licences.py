"""Licences: applications wait at desks first come, first served, are decided week by week, and become permits for kilograms.

A route's applications of one week are a *cohort*: they share their chance and their share for military users. A cohort is kept
in parts, one for each week in which some of it is decided, as a row of ``Applications``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from sim.chance import binomial
from sim.compiled import kernel
from sim.stock import Array, Index

DESKS: Final = ("magnets", "materials")
LEAST_GRANTED: Final = 0.2  # nobody applies for more than five times what is wanted: unsourced estimate
LEAST_KG: Final = 1e-6  # nobody applies for less


@dataclass(slots=True)
class Desk:
    """Reviewers who take up applications first come, first served: an M/M/c queue when both clocks are exponential."""

    reviewers: int
    days_per_application: float  # one reviewer spends on one
    free: Array = field(init=False)  # day on which each reviewer is free: a ring, in order from ``first`` on
    first: int = 0

    def __post_init__(self) -> None:
        self.free = np.full(max(self.reviewers, 1), -math.inf)

    def take_up(self, ready: float, service: float) -> float:
        """The day on which a reviewer is done with an application that is ready on day ``ready``."""
        done, self.first = take_up(self.free, self.first, ready, service)
        return done


@kernel
def take_up(free: Array, first: int, ready: float, service: float) -> tuple[float, int]:
    """The reviewer who is free first takes up an application: the day on which it is done, and where the ring begins now.

    It goes to the end of the ring and moves up past those who are busy for longer: nobody, if all applications are alike.
    """
    done = max(ready, free[first]) + service
    last, n = first, len(free)
    first = first + 1 if first + 1 < n else 0
    while last != first:
        before = last - 1 if last > 0 else n - 1
        if free[before] <= done:
            break
        free[last] = free[before]
        last = before
    free[last] = done
    return done, first


@dataclass(slots=True)
class Regime:
    """One licensing regime in force: arrays have one entry a route."""

    name: str
    covered: Array  # share of the route's trade that needs a licence
    odds: Array  # of a civil application
    desk_of: Index  # number of its desk, in DESKS
    desks: tuple[Desk, ...]  # in the order of DESKS
    kg_per_application: Array
    province_days: float
    statutory_days: float
    permit_days: float
    military_refused: bool
    leakage: Array  # share of the trade that finds its way through a third country
    exempt: Array  # share under general licences


@dataclass(slots=True)
class Applications:
    """Parts of cohorts that wait for their decision: the first ``count`` entries of each array, in the order of filing."""

    count: int = 0
    due: Index = field(default_factory=lambda: np.zeros(0, np.int64))  # week of decision
    route: Index = field(default_factory=lambda: np.zeros(0, np.int64))
    desk: Index = field(default_factory=lambda: np.zeros(0, np.int64))
    kg: Array = field(default_factory=lambda: np.zeros(0))
    granted: Array = field(default_factory=lambda: np.zeros(0))  # share
    number: Array = field(
        default_factory=lambda: np.zeros(0)
    )  # of applications, the last of a cohort by its size
    days: Array = field(default_factory=lambda: np.zeros(0))  # that they wait, all together

    def make_room(self, more: int) -> None:
        """See that ``more`` entries fit in."""
        missing = self.count + more - len(self.due)
        if missing > 0:
            for name in ("due", "route", "desk", "kg", "granted", "number", "days"):
                column = getattr(self, name)
                setattr(self, name, np.concatenate([column, np.zeros(len(column) + missing, column.dtype)]))


@kernel
def granted_share(odds: Array, military: Array, refused: bool, share: Array) -> None:
    """Share of what is applied for that exporters expect to be granted, into ``share`` [routes]; they apply for as much more,
    up to fivefold. ``refused``: applications for the ``military`` share [routes] are."""
    for i in range(len(odds)):
        share[i] = max(odds[i] * (1.0 - military[i]) if refused else odds[i], LEAST_GRANTED)


@kernel
def applied_for(want: Array, par: float, permits: Array, wait_weeks: Array, covered: Array, exempt: Array, banned: Array,
                share: Array, size: Array, kg: Array) -> int:  # fmt: skip
    """Kilograms that exporters apply for, into ``kg`` [routes]; returns the number of applications.

    ``want`` kg a week at par is met by permits as far as it is ``covered`` by the regime, not ``exempt`` under a general licence
    and not ``banned``; ``share`` of what is applied for is granted. A good price may call for ``want / par``, so exporters build
    a reserve of permits of that size over the official wait. ``size``: kg an application.
    """
    count = 0
    for i in range(len(want)):
        reserve = max(want[i] / par - want[i] - permits[i], 0.0)
        asked = want[i] + reserve / max(wait_weeks[i], 1.0)
        kg[i] = asked * (covered[i] * (1.0 - exempt[i]) * (1.0 - banned[i]) / share[i])
        if kg[i] > LEAST_KG:
            count += max(1, math.ceil(kg[i] / size[i]))
    return count


@kernel
def hand_in(desk: int, free: Array, first: int, service: float, day: float, ready: float, statutory: float, week: int,
            queue: bool, desk_of: Index, asked: Array, size: Array, odds: Array, luck: Array, chance: bool, military: Array,
            refused: bool, pending: Array, pending_count: Array, due: Index, route: Index, of_desk: Index, kg: Array,
            granted: Array, number: Array, days: Array, count: int) -> tuple[int, int]:  # fmt: skip
    """File a week's applications ``asked`` kg [routes] at one desk, route by route; returns where its ring begins now and how
    many entries ``Applications`` has (the last arrays are its own).

    They are ``ready`` for a reviewer on that day, take one for ``service`` days each and are decided ``statutory`` days later;
    without a ``queue`` they are decided on the ``day``. The last application of a cohort is for what is left; it counts, and
    takes a reviewer, by its size: small consignments are bundled. Of a cohort the share that ``luck`` says is granted (with
    ``chance`` off, the odds), and nothing for military users where they are ``refused``.
    """
    for i in range(len(asked)):
        if desk_of[i] != desk or not asked[i] > LEAST_KG:
            continue
        whole = asked[i] / size[i]
        n = max(1, math.ceil(whole))
        share = binomial(luck[i], n, odds[i]) / n if chance else odds[i]
        if refused:
            share *= 1.0 - military[i]
        begin = count
        for k in range(n):
            weight = min(1.0, whole - k)
            decision = day
            if queue:
                done, first = take_up(free, first, ready, service * weight)
                decision = done + statutory
            when = week + math.ceil((decision - day) / 7.0 - 1e-9)
            part = count - 1
            while part >= begin and due[part] != when:
                part -= 1
            if part < begin:
                part = count
                due[part], route[part], of_desk[part], granted[part] = when, i, desk, share
                number[part] = days[part] = 0.0
                count += 1
            number[part] += weight
            days[part] += (decision - day) * weight
        for part in range(begin, count):
            kg[part] = asked[i] * number[part] / whole
        pending[i] += asked[i]
        pending_count[desk] += whole
    return first, count


@kernel
def decide(week: int, in_force: bool, due: Index, route: Index, desk: Index, kg: Array, granted: Array, number: Array,
           days: Array, count: int, pending: Array, pending_count: Array, gained: Array, refused_kg: Array, decided: Array,
           waited: Array, refused: Array) -> int:  # fmt: skip
    """Decide the applications that are due in a ``week``; returns how many entries still wait (moved up, in their order).

    Granted kilograms are put into ``gained`` [routes] (nil before), refused ones added to ``refused_kg``; ``decided``, ``waited``
    and ``refused`` [desks] count applications. With no regime ``in_force`` nothing is asked for any more.
    """
    left = 0
    for k in range(count):
        if due[k] != week:
            due[left], route[left], desk[left], kg[left] = due[k], route[k], desk[k], kg[k]
            granted[left], number[left], days[left] = granted[k], number[k], days[k]
            left += 1
            continue
        i, d = route[k], desk[k]
        pending[i] = max(pending[i] - kg[k], 0.0)
        pending_count[d] = max(pending_count[d] - number[k], 0.0)
        if in_force:
            gained[i] += kg[k] * granted[k]
            refused_kg[i] += kg[k] * (1.0 - granted[k])
            decided[d] += number[k]
            waited[d] += days[k]
            refused[d] += number[k] * (1.0 - granted[k])
    return left
