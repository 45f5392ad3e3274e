"""Licences: applications wait at desks first come, first served, are decided week by week, and become permits for kilograms.

A route's applications of one week are a *cohort*: they share their chance and their share for military users. A cohort is kept
in parts, one for each week in which some of it is decided, as a row of ``Applications``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.stock import Array, Index

DESKS: Final = ("magnets", "materials")
LEAST_GRANTED: Final = 0.2  # nobody applies for more than five times what is wanted: unsourced estimate
LEAST_KG: Final = 1e-6  # nobody applies for less
UNLIKELY: Final = (
    -600.0
)  # log of a probability that adds nothing to a sum of others, but is no zero to go on from
DECIDED: Final = -1  # week of decision of an application that is decided


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
    """Parts of cohorts: the first ``count`` entries of each array, in the order of filing, those already decided among them."""

    count: int = 0
    due: Index = field(default_factory=lambda: np.zeros(0, np.int64))  # week of decision, or DECIDED
    route: Index = field(default_factory=lambda: np.zeros(0, np.int64))
    desk: Index = field(default_factory=lambda: np.zeros(0, np.int64))
    kg: Array = field(default_factory=lambda: np.zeros(0))
    granted: Array = field(default_factory=lambda: np.zeros(0))  # share
    number: Array = field(
        default_factory=lambda: np.zeros(0)
    )  # of applications, the last of a cohort by its size
    days: Array = field(default_factory=lambda: np.zeros(0))  # that they wait, all together

    def make_room(self, more: int) -> None:
        """See that ``more`` entries fit in: clear away those that are decided, and if that is little, lengthen the arrays."""
        if self.count + more <= len(self.due):
            return
        waiting = np.flatnonzero(self.due[: self.count] != DECIDED)
        self.count = len(waiting)
        longer = self.count + 2 * more > len(self.due)
        for name in ("due", "route", "desk", "kg", "granted", "number", "days"):
            column = getattr(self, name)
            made = np.zeros(2 * (self.count + more), column.dtype) if longer else column
            made[: self.count] = column[waiting]
            setattr(self, name, made)


@kernel
def share_granted(odds: float, military: float, refused: bool) -> float:
    """Share of what is applied for that exporters expect to be granted; they apply for as much more, up to fivefold.
    ``refused``: applications for the ``military`` share are."""
    return max(odds * (1.0 - military) if refused else odds, LEAST_GRANTED)


@kernel
def weeks_waited(days: float, licensed: float, tests: int, inside: bool) -> float:
    """Weeks that exporters plan for: the official ``days`` for the ``licensed`` share, and tests unless it is ``inside`` a zone."""
    return days / 7.0 * licensed + (0.0 if inside else tests)


@kernel
def expected(
    pending: Array, odds: Array, military: Array, refused: bool, inside: NDArray[np.bool_], kg: Array
) -> None:
    """Kilograms that exporters expect to be granted of what is ``pending``, into ``kg`` [routes]."""
    for i in range(len(kg)):
        kg[i] = 0.0 if inside[i] else pending[i] * share_granted(odds[i], military[i], refused)


@kernel
def official_wait(
    days: Array, covered: Array, exempt: Array, tests: Index, inside: NDArray[np.bool_], weeks: Array
) -> None:
    """``weeks_waited`` of each route, into ``weeks`` [routes]."""
    for i in range(len(weeks)):
        weeks[i] = weeks_waited(days[i], covered[i] * (1.0 - exempt[i]), tests[i], inside[i])


@kernel
def applied_for(want: Array, par: float, permits: Array, days: Array, tests: Index, inside: NDArray[np.bool_], covered: Array,
                exempt: Array, banned: Array, odds: Array, military: Array, refused: bool,
                size: Array, kg: Array) -> int:  # fmt: skip
    """Kilograms that exporters apply for, into ``kg`` [routes]; returns the number of applications.

    ``want`` kg a week at par is met under licences as far as it is ``covered`` by the regime, not ``exempt`` under a general one
    and not ``banned``. A good price may call for ``want / par``, so exporters build a reserve of permits of that size over the
    official wait. ``size``: kg an application.
    """
    count = 0
    for i in range(len(want)):
        licensed = covered[i] * (1.0 - exempt[i])
        reserve = max(want[i] / par - want[i] - permits[i], 0.0)
        asked = want[i] + reserve / max(weeks_waited(days[i], licensed, tests[i], inside[i]), 1.0)
        kg[i] = asked * (licensed * (1.0 - banned[i]) / share_granted(odds[i], military[i], refused))
        if kg[i] > LEAST_KG:
            count += max(1, math.ceil(kg[i] / size[i]))
    return count


@kernel
def binomial(uniform: float, trials: int, odds: float) -> int:
    """The number of successes whose cumulative probability first reaches ``uniform``: inverse of the binomial distribution."""
    if odds <= 0.0:
        return 0
    if odds >= 1.0:
        return trials
    # log of the probability of ``wins`` successes: the probability itself may underflow
    weight = trials * math.log1p(-odds)
    wins = 0
    while weight < UNLIKELY and wins < trials:
        weight += math.log((trials - wins) / (wins + 1) * odds / (1.0 - odds))
        wins += 1
    chance = math.exp(weight)
    total = chance
    while total < uniform and wins < trials:
        chance *= (trials - wins) / (wins + 1) * odds / (1.0 - odds)
        wins += 1
        total += chance
    return wins


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
           days: Array, count: int, pending: Array, pending_count: Array, permits: Array, granted_kg: Array, refused_kg: Array,
           decided: Array, waited: Array, refused: Array) -> None:  # fmt: skip
    """Decide the applications that are due in a ``week``.

    Granted kilograms become ``permits`` and are counted in ``granted_kg``, refused ones in ``refused_kg`` [routes]; ``decided``,
    ``waited`` and ``refused`` [desks] count applications. With no regime ``in_force`` nothing is asked for any more.
    """
    gained = np.zeros(len(permits))
    for k in range(count):
        if due[k] != week:
            continue
        due[k] = DECIDED
        i, d = route[k], desk[k]
        pending[i] = max(pending[i] - kg[k], 0.0)
        pending_count[d] = max(pending_count[d] - number[k], 0.0)
        if in_force:
            gained[i] += kg[k] * granted[k]
            refused_kg[i] += kg[k] * (1.0 - granted[k])
            decided[d] += number[k]
            waited[d] += days[k]
            refused[d] += number[k] * (1.0 - granted[k])
    for i in range(len(permits)):
        permits[i] += gained[i]
        granted_kg[i] += gained[i]


@kernel
def expire(granted_then: Array, used: Array, expired: Array, permits: Array) -> None:
    """Of what was granted by then, what is neither used nor void is void now: first granted, first used."""
    for i in range(len(permits)):
        stale = min(max(granted_then[i] - used[i] - expired[i], 0.0), permits[i])
        expired[i] += stale
        permits[i] -= stale
