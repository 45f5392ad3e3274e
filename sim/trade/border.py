"""The border: who may ship what, and how long it takes to be allowed to.

A controlled shipment needs a licence: the province accepts the application, the ministry's reviewers take it up first come,
first served, and after the statutory review it is granted with odds that depend on destination and item. Each kind of item has
a desk of its own. Goods under the same customs codes that are not controlled wait for a test of their content instead. The
military share of an application is refused where the regime says so. What is granted is a permit for kilograms, used up by
shipments and void after its term.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.chance import Chance, binomial
from sim.stock import Array, Index
from sim.trade.quota import Quota


@dataclass(slots=True)
class Desk:
    """Reviewers who take up applications first come, first served: an M/M/c queue when both clocks are exponential."""

    reviewers: int
    free: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.free = [-math.inf] * max(self.reviewers, 1)
        heapq.heapify(self.free)

    def take_up(self, ready: float, service: float) -> float:
        """The day on which a reviewer is done with an application that is ready on day ``ready``."""
        start = max(ready, self.free[0])
        heapq.heapreplace(self.free, start + service)
        return start + service


@dataclass(slots=True)
class Regime:
    """One licensing regime in force: arrays have one entry a route."""

    name: str
    covered: Array  # share of the route's trade that needs a licence
    odds: Array  # of a civil application
    desk_of: list[str]
    desks: dict[str, Desk]
    days_per_application: dict[str, float]
    kg_per_application: Array
    province_days: float
    statutory_days: float
    permit_days: float
    military_refused: bool
    leakage: Array  # share of the trade that finds its way through a third country
    exempt: Array  # share under general licences


BAN_CAUSES = ("ban", "sanction", "lane")
DESKS = ("magnets", "materials")
LEAST_GRANTED = 0.2  # nobody applies for more than five times what is wanted: unsourced estimate


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban in force: shares of each route's trade, [routes]."""

    share: Array  # forbidden
    leakage: Array  # of that, what finds its way through a third country
    military_only: NDArray[np.bool_]  # what still goes out is bound to users who may have it
    cause: str = "ban"  # ban, sanction or lane
    certified: Array | None = None  # of what goes elsewhere: share that is bound to users of its own region
    spared: Array | float = (
        0.0  # share of normal trade that goes out to the refused all the same, bound to nobody
    )


@dataclass(slots=True)
class Week:
    """What the border did in a week, by desk: applications decided, application-days they waited, refused."""

    decided: dict[str, float] = field(default_factory=lambda: dict.fromkeys(DESKS, 0.0))
    waited: dict[str, float] = field(default_factory=lambda: dict.fromkeys(DESKS, 0.0))
    refused: dict[str, float] = field(default_factory=lambda: dict.fromkeys(DESKS, 0.0))


class Border:
    """State by route: permits and pending applications, kg; bans; tests."""

    def __init__(self, routes: int, military_share: Array, queue: bool, chance: Chance) -> None:
        self.routes, self.military_share, self.queue, self.chance = routes, military_share, queue, chance
        self.regime: Regime | None = None
        self.bans: dict[str, Ban] = {}
        self.listings: set[str] = set()  # bans that are for named users only
        self.quotas: dict[str, Quota] = {}
        self.duties: dict[str, tuple[Index, float]] = {}
        self.ban_cause = np.zeros(routes)  # number of the cause that stops most, in BAN_CAUSES
        self.rationed = np.zeros(routes)  # 1 where an export quota caps the route this week
        self.banned = np.zeros(routes)  # share of normal trade that bans stop, net of what leaks
        self.ban_leak = np.zeros(routes)  # share of normal trade that leaks past bans
        self.certified = np.zeros(routes)  # share of what goes out that is bound to users of its own region
        self.civil_only = np.zeros(routes, bool)  # what goes out is bound to civil users, licence or not
        self.spared = np.zeros(routes)  # share of normal trade that is not bound even there
        self.inside = np.zeros(routes, bool)  # both ends in one control zone
        self.no_military = np.zeros(routes, bool)  # what goes out is not for military users
        self.test_weeks = np.zeros(routes, int)
        self.duty = np.ones(routes)  # factor on what is traded: export duty and import tariff together
        self.rent = np.zeros(routes)  # of export quotas, USD/kg of product
        self.permits = np.zeros(routes)
        self.pending = np.zeros(routes)
        self.pending_count: dict[str, float] = defaultdict(float)
        self.granted = np.zeros(routes)  # cumulative kg
        self.used = np.zeros(routes)
        self.expired = np.zeros(routes)
        self.lifted_on = math.nan  # day on which a regime last ended
        self.voided = np.zeros(routes)  # its permits
        self.wait_days = np.zeros(routes)  # the official time, on which exporters plan
        self.week = Week()
        self.refused_kg = np.zeros(routes)  # this week
        self.open_buckets: dict[int, list[tuple[int, float, float, float, float, str]]] = defaultdict(list)

    @property
    def idle(self) -> bool:
        """Whether no regime and no ban is in force: everything may be shipped, nothing is booked."""
        return self.regime is None and not self.bans and not self.quotas

    def install(self, regime: Regime, day: float = math.nan) -> None:
        """A licensing regime comes into force, in place of one that is; routes inside the zone are none of its business.

        Where it takes over from one that was in force to this ``day``, permits for what both cover stay good.
        """
        if self.regime is not None:
            self.lift(day)
        regime.covered[self.inside] = 0.0
        self.regime = regime
        if day == self.lifted_on:
            kept = np.where(regime.covered > 0.0, self.voided, 0.0)
            self.permits += kept
            self.expired -= kept

    def open(self, routes: Index) -> None:
        """Routes that lie inside the zone from now on: no licence, no ban, no test, no quota, whoever the user."""
        self.inside[routes] = True
        if self.regime is not None:
            self.regime.covered[self.inside] = 0.0
        for quota in self.quotas.values():
            quota.leave(self.inside)
        self._combine()
        self._charge()

    def tests(self) -> Index:
        """Weeks of laboratory tests by route."""
        weeks: Index = np.where(self.inside, 0, self.test_weeks)
        return weeks

    def covered(self) -> Array:
        """Share of each route's trade that needs a licence now, [routes]."""
        if self.regime is None:
            return np.zeros(self.routes)
        share: Array = self.regime.covered * (1.0 - self.regime.exempt)
        return share

    def barred(self) -> Array:
        """1 for routes whose goods military users may not have now, [routes]."""
        refused = self.regime is not None and self.regime.military_refused
        licensed = self.regime.covered > 0.0 if self.regime is not None else np.zeros(self.routes, bool)
        barred: Array = (licensed & refused | self.no_military).astype(float)
        return barred

    def waiting(self) -> Array:
        """Kilograms that an exporter counts as on order: what it expects to be granted of what is pending."""
        waiting: Array = np.where(self.inside, 0.0, self.pending * self.granted_share())
        return waiting

    def granted_share(self) -> Array:
        """Share of what is applied for that exporters expect to be granted; they apply for as much more, up to fivefold."""
        if self.regime is None:
            return np.ones(self.routes)
        civil = 1.0 - self.military_share if self.regime.military_refused else 1.0
        share: Array = np.maximum(self.regime.odds * civil, LEAST_GRANTED)
        return share

    def wait_weeks(self) -> Array:
        """Weeks of licence time and tests that exporters plan for."""
        weeks: Array = self.wait_days / 7.0 * self.covered() + self.tests()
        return weeks

    def most(self, normal: Array) -> Array:
        """Kilograms that may be shipped this week by route; infinite where nothing binds.

        ``normal`` is the route's usual trade, kg a week: what needs no licence, and what leaks, is a share of that.
        """
        if self.idle:
            return np.full(self.routes, np.inf)
        covered = self.covered()
        leak = self.regime.leakage if self.regime is not None else np.zeros(self.routes)
        free = normal * (1.0 - covered + covered * leak)
        allowed = np.where(covered > 0.0, self.permits + free, np.inf)
        most: Array = np.where(self.banned > 0.0, np.minimum(allowed, normal * (1.0 - self.banned)), allowed)
        return most

    def file(self, want: Array, day: float, week: int, par: float = 1.0) -> list[int]:
        """File applications for the covered part of ``want`` (kg a week at par); returns the weeks in which any is decided.

        A good price may call for ``want / par``, so exporters build a reserve of permits of that size over the official wait.
        """
        regime = self.regime
        if regime is None:
            return []
        reserve = np.clip(want / par - want - self.permits, 0.0, None)
        want = want + reserve / np.maximum(self.wait_weeks(), 1.0)
        covered = regime.covered * (1.0 - regime.exempt) * (1.0 - self.banned) / self.granted_share()
        luck = self.chance.uniform(f"licence.{regime.name}", self.routes, week)
        weeks: set[int] = set()
        for route in np.flatnonzero(want * covered > 1e-6):
            weeks.update(
                self._cohort(
                    regime, int(route), float(want[route] * covered[route]), day, week, float(luck[route])
                )
            )
        return sorted(weeks)

    def _cohort(self, regime: Regime, route: int, kg: float, day: float, week: int, luck: float) -> set[int]:
        """One cohort: a route's applications of one week, taken up one by one.

        The last application is for what is left; it counts, and takes a reviewer, by its size: small consignments are bundled.
        """
        size = kg / float(regime.kg_per_application[route])
        count = max(1, math.ceil(size))
        desk = regime.desk_of[route]
        odds = float(regime.odds[route])
        share = binomial(luck, count, odds) / count if self.chance.on else odds
        military = float(self.military_share[route])
        granted = share * (1.0 - military) if regime.military_refused else share
        ready = day + (regime.province_days if self.queue else 0.0)
        buckets: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for i in range(count):
            weight = min(1.0, size - i)
            decision = day
            if self.queue:
                service = regime.days_per_application[desk] * weight
                decision = regime.desks[desk].take_up(ready, service) + regime.statutory_days
            bucket = buckets[week + math.ceil((decision - day) / 7.0 - 1e-9)]
            bucket[0] += weight
            bucket[1] += (decision - day) * weight
        self.pending[route] += kg
        self.pending_count[desk] += size
        for due, (n, days) in buckets.items():
            self.open_buckets[due].append((route, kg * n / size, granted, n, days, desk))
        return set(buckets)

    def decide(self, week: int) -> list[tuple[Array, int]]:
        """Decide what is due: returns the kilograms granted [routes] and the weeks they are valid."""
        due = self.open_buckets.pop(week, [])
        if not due or self.regime is None:
            for (
                route,
                kg,
                _granted,
                n,
                _days,
                desk,
            ) in due:  # the regime has ended: nothing is asked for any more
                self.pending[route] -= kg
                self.pending_count[desk] -= n
            return []
        gained = np.zeros(self.routes)
        for route, kg, granted, n, days, desk in due:
            self.pending[route] = max(self.pending[route] - kg, 0.0)
            self.pending_count[desk] = max(self.pending_count[desk] - n, 0.0)
            gained[route] += kg * granted
            self.refused_kg[route] += kg * (1.0 - granted)
            self.week.decided[desk] += n
            self.week.waited[desk] += days
            self.week.refused[desk] += n * (1.0 - granted)
        self.permits += gained
        self.granted += gained
        return [(self.granted.copy(), math.ceil(self.regime.permit_days / 7.0))]

    def lift(self, day: float = math.nan) -> None:
        """The regime ends: permits, waiting times and tests with it; what is pending is no longer asked for, unless another
        regime takes over on this ``day``."""
        self.regime = None
        self.wait_days[:] = 0.0
        self.test_weeks[:] = 0
        self.lifted_on, self.voided = day, self.permits.copy()
        self.expired += self.permits  # void, and booked as such: a later regime's permits are its own
        self.permits[:] = 0.0

    def expire(self, granted_then: Array) -> None:
        """Permits granted by then and neither used nor void are void now (first granted, first used)."""
        stale = np.maximum(granted_then - self.used - self.expired, 0.0)
        stale = np.minimum(stale, self.permits)
        self.expired += stale
        self.permits -= stale

    def ship(self, kg: Array, normal: Array) -> tuple[Array, Array]:
        """Book shipments; returns the kilograms bound to civil users and those that leaked, [routes] each."""
        if self.idle:
            return np.zeros(self.routes), np.zeros(self.routes)
        covered = self.covered()
        open_part = np.minimum(kg, normal * (1.0 - covered))
        under = np.where(covered > 0.0, np.minimum(kg - open_part, self.permits), 0.0)
        leaked = np.where(covered > 0.0, np.maximum(kg - open_part - under, 0.0), 0.0)
        leaked = np.where(self.ban_leak > 0.0, np.minimum(kg, normal * self.ban_leak), leaked)
        for quota in self.quotas.values():
            leaked = np.maximum(leaked, quota.book(kg, normal))
        self.permits -= under
        self.used += under
        bound = np.zeros(self.routes)
        if self.regime is not None and self.regime.military_refused:
            # a general licence names its civil customers as much as a single one does
            exempt = np.minimum(open_part, normal * self.regime.covered * self.regime.exempt)
            bound = under + np.where(self.regime.covered > 0.0, exempt, 0.0)
        named = np.maximum(kg - leaked - normal * self.spared, 0.0)
        return np.maximum(np.where(self.civil_only, named, bound), self.certified * (kg - leaked)), leaked

    def levy(self, name: str, routes: Index, rate: float) -> None:
        """A duty of ``rate`` (a share of the value) on ``routes`` beside those there are; 0 lifts it."""
        self.duties[name] = (routes, rate)
        self._charge()

    def _charge(self) -> None:
        """Duties one on top of the other; none inside the zone."""
        self.duty[:] = 1.0
        for covered, share in self.duties.values():
            self.duty[covered] *= 1.0 + share
        self.duty[self.inside] = 1.0

    def allot(self, quota: Quota) -> None:
        """An export quota begins; routes inside the zone are none of its business."""
        quota.leave(self.inside)
        self.quotas[quota.name] = quota

    def ration(self, taken_at: Callable[[float], Array], normal: Array) -> Array:
        """Caps by route, kg, of the quotas in force; their rents are set, one on top of the other."""
        caps, rent = np.full(self.routes, np.inf), np.zeros(self.routes)
        self.rationed[:] = 0.0
        for quota in self.quotas.values():
            caps = np.minimum(caps, quota.ration(taken_at, normal))
            rent[quota.routes] += quota.rent
            self.rationed[quota.routes] = 1.0
        self.rent[:] = rent  # not before: ``taken_at`` tries rents in the same place
        return caps

    def impose(self, name: str, ban: Ban, listed: bool = False) -> None:
        """A ban comes into force beside those that are; ``listed``: it is for named users only, others of all kinds are free."""
        self.bans[name] = ban
        if listed:
            self.listings.add(name)
        self._combine()

    def revoke(self, name: str) -> None:
        """A ban ends; the others stay."""
        self.bans.pop(name, None)
        self.listings.discard(name)
        self._combine()

    def _combine(self) -> None:
        """What is stopped by one ban cannot be stopped by another: shares that pass are multiplied.

        Inside a control zone nothing is banned, but a lane may be shut there as elsewhere.
        """
        passing, kept = np.ones(self.routes), np.ones(self.routes)
        most = np.zeros(self.routes)
        self.civil_only[:] = self.no_military[:] = False
        self.certified[:] = 0.0
        spared = np.ones(self.routes)
        for name, ban in self.bans.items():
            share = ban.share if ban.cause == "lane" else np.where(self.inside, 0.0, ban.share)
            passing *= 1.0 - share * (1.0 - ban.leakage)
            kept *= 1.0 - share * ban.leakage
            if ban.certified is not None:
                self.certified = np.maximum(self.certified, ban.certified)
            self.civil_only |= ban.military_only & ~self.inside
            spared = np.where(ban.military_only, np.minimum(spared, ban.spared), spared)
            self.ban_cause[share > most] = BAN_CAUSES.index(ban.cause)
            most = np.maximum(most, share)
            if name not in self.listings:
                self.no_military |= ban.military_only & ~self.inside
        self.banned, self.ban_leak, self.spared = (
            1.0 - passing,
            1.0 - kept,
            np.where(self.civil_only, spared, 0.0),
        )

    def free_share(self) -> Array:
        """Share of each route's trade that no certificate of a cut-off binds to users of its region, [routes]."""
        free: Array = 1.0 - self.certified
        return free

    def closed_to_military(self) -> Array:
        """1 for routes to regions whose military users may have no certified goods, [routes]."""
        closed = self.barred()
        for ban in self.bans.values():
            if ban.certified is not None:
                closed = np.maximum(closed, ban.share > 0.0)
        return closed

    def new_week(self) -> None:
        self.week = Week()
        self.refused_kg = np.zeros(self.routes)
