"""The border: who may ship what, and how long it takes to be allowed to.

A controlled shipment needs a licence: the province accepts the application, the ministry's reviewers take it up first come,
first served, and after the statutory review it is granted with odds that depend on destination and item. Each kind of item has
a desk of its own. Goods under the same customs codes that are not controlled wait for a test of their content instead. The
military share of an application is refused where the regime says so. What is granted is a permit for kilograms, used up by
shipments and void after its term.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.chance import Chance
from sim.compiled import kernel
from sim.stock import Array, Index
from sim.trade import licences
from sim.trade.licences import DESKS, Applications, Regime
from sim.trade.quota import Quota

BLOCK = 13  # weeks of draws taken at a time: what is drawn does not depend on it
BAN_CAUSES = ("ban", "sanction", "lane")


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
        self.certifies = False  # whether any ban does:
        self.certified = np.zeros(routes)  # share of what goes out that is bound to users of its own region
        self.civil_only = np.zeros(routes, bool)  # what goes out is bound to civil users, licence or not
        self.spared = np.zeros(routes)  # share of normal trade that is not bound even there
        self.inside = np.zeros(routes, bool)  # both ends in one control zone
        self.no_military = np.zeros(routes, bool)  # what goes out is not for military users
        self.test_weeks = np.zeros(routes, int)
        self.duty = np.ones(routes)  # factor on what is traded: export duty and import tariff together
        self.rent = np.zeros(routes)  # of export quotas, USD/kg of product
        self.permits = np.zeros(routes)
        self.applications = Applications()
        self.due: set[int] = set()  # weeks in which any of them is decided
        self.pending = np.zeros(routes)  # kg
        self._books = np.zeros((4, len(DESKS)))
        # applications pending; and this week: decided, days that those waited, refused [desks]
        self.pending_count, self.decided, self.waited, self.refused = self._books
        self.granted = np.zeros(routes)  # cumulative kg
        self.used = np.zeros(routes)
        self.expired = np.zeros(routes)
        self.lifted_on = math.nan  # day on which a regime last ended
        self.voided = np.zeros(routes)  # its permits
        self.wait_days = np.zeros(routes)  # the official time, on which exporters plan
        self.refused_kg = np.zeros(routes)  # this week
        self._nil = np.zeros(routes)  # for rules that are not in force; never written to
        self._asked = np.zeros(routes)  # kg applied for this week
        self._luck, self._luck_of = (
            np.zeros((0, routes)),
            ("", 0),
        )  # draws of a block of weeks, and whose from which week on

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
        if self.regime is None or not self.regime.military_refused:
            return self.no_military.astype(float)
        barred: NDArray[np.bool_] = (self.regime.covered > 0.0) | self.no_military
        return barred.astype(float)

    def waiting(self) -> Array:
        """Kilograms that an exporter counts as on order: what it expects to be granted of what is pending."""
        r = self.regime
        if r is None:
            return np.where(self.inside, 0.0, self.pending)
        kg = np.empty(self.routes)
        licences.expected(self.pending, r.odds, self.military_share, r.military_refused, self.inside, kg)
        return kg

    def wait_weeks(self) -> Array:
        """Weeks of licence time and tests that exporters plan for."""
        r = self.regime
        if r is None:
            return self.tests().astype(float)
        weeks = np.empty(self.routes)
        licences.official_wait(self.wait_days, r.covered, r.exempt, self.test_weeks, self.inside, weeks)
        return weeks

    def most(self, normal: Array) -> Array:
        """Kilograms that may be shipped this week by route; infinite where nothing binds.

        ``normal`` is the route's usual trade, kg a week: what needs no licence, and what leaks, is a share of that.
        """
        caps = np.full(self.routes, np.inf)
        if self.regime is not None:
            r = self.regime
            cap(r.covered, r.exempt, r.leakage, self.permits, self.banned, normal, caps)
        elif self.bans:
            cap(self._nil, self._nil, self._nil, self.permits, self.banned, normal, caps)
        return caps

    def file(self, want: Array, day: float, week: int, par: float = 1.0) -> list[int]:
        """File applications for the covered part of ``want`` (kg a week at par); returns the weeks in which any of them is
        decided and none was till now.

        A good price may call for ``want / par``, so exporters build a reserve of permits of that size over the official wait.
        """
        r, a = self.regime, self.applications
        if r is None:
            return []
        a.make_room(licences.applied_for(
            want, par, self.permits, self.wait_days, self.test_weeks, self.inside, r.covered, r.exempt, self.banned, r.odds,
            self.military_share, r.military_refused, r.kg_per_application, self._asked,
        ))  # fmt: skip
        luck, ready, before = self._draw(r.name, week), day + r.province_days, a.count
        for number, desk in enumerate(r.desks):
            desk.first, a.count = licences.hand_in(
                number, desk.free, desk.first, desk.days_per_application, day, ready, r.statutory_days, week, self.queue,
                r.desk_of, self._asked, r.kg_per_application, r.odds, luck, self.chance.on, self.military_share,
                r.military_refused, self.pending, self.pending_count, a.due, a.route, a.desk, a.kg, a.granted, a.number,
                a.days, a.count,
            )  # fmt: skip
        new = set(a.due[before : a.count].tolist()) - self.due
        self.due |= new
        return sorted(new)

    def _draw(self, name: str, week: int) -> Array:
        """The luck of a week's cohorts [routes], drawn for a block of weeks at a time; unused with chance off."""
        if not self.chance.on:
            return self._nil
        whose, first = self._luck_of
        if whose != name or not first <= week < first + len(self._luck):
            self._luck = self.chance.uniforms(f"licence.{name}", self.routes, week, BLOCK)
            self._luck_of, first = (name, week), week
        luck: Array = self._luck[week - first]
        return luck

    def decide(self, week: int) -> list[tuple[Array, int]]:
        """Decide what is due: returns the kilograms granted so far [routes] and the weeks that the last of them are valid."""
        if week not in self.due:
            return []
        self.due.remove(week)
        a, r = self.applications, self.regime
        licences.decide(
            week, r is not None, a.due, a.route, a.desk, a.kg, a.granted, a.number, a.days, a.count, self.pending,
            self.pending_count, self.permits, self.granted, self.refused_kg, self.decided, self.waited, self.refused,
        )  # fmt: skip
        return [] if r is None else [(self.granted.copy(), math.ceil(r.permit_days / 7.0))]

    def tally(self) -> Array:
        """Applications pending, decided, days waited by those decided, refused: each by desk, [4 * desks] (a view)."""
        return self._books.ravel()

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
        licences.expire(granted_then, self.used, self.expired, self.permits)

    def ship(self, kg: Array, normal: Array) -> tuple[Array, Array]:
        """Book shipments; returns the kilograms bound to civil users and those that leaked, [routes] each."""
        if self.idle:
            return np.zeros(self.routes), np.zeros(self.routes)
        outside = self._nil  # quotas
        for quota in self.quotas.values():
            outside = np.maximum(outside, quota.book(kg, normal))
        r = self.regime
        covered, exempt = (self._nil, self._nil) if r is None else (r.covered, r.exempt)
        bound, leaked = np.empty(self.routes), np.empty(self.routes)
        pass_through(
            kg, normal, covered, exempt, r is not None and r.military_refused, self.ban_leak, outside, self.civil_only,
            self.spared, self.certified, self.permits, self.used, bound, leaked,
        )  # fmt: skip
        return bound, leaked

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
        self.civil_only[:] = self.no_military[:] = self.certifies = False
        self.certified[:] = 0.0
        spared = np.ones(self.routes)
        for name, ban in self.bans.items():
            share = ban.share if ban.cause == "lane" else np.where(self.inside, 0.0, ban.share)
            passing *= 1.0 - share * (1.0 - ban.leakage)
            kept *= 1.0 - share * ban.leakage
            if ban.certified is not None:
                self.certified = np.maximum(self.certified, ban.certified)
                self.certifies = bool(self.certified.any())
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
        self._books[1:] = 0.0
        self.refused_kg[:] = 0.0


@kernel
def cap(
    covered: Array, exempt: Array, leakage: Array, permits: Array, banned: Array, normal: Array, caps: Array
) -> None:
    """Kilograms that may be shipped where something binds, into ``caps`` [routes] (infinite before).

    Under a regime permits, and of ``normal`` trade what needs no licence or leaks; under bans what of normal trade they leave.
    """
    for i in range(len(caps)):
        licensed = covered[i] * (1.0 - exempt[i])
        if licensed > 0.0:
            caps[i] = permits[i] + normal[i] * (1.0 - licensed + licensed * leakage[i])
        if banned[i] > 0.0:
            caps[i] = min(caps[i], normal[i] * (1.0 - banned[i]))


@kernel
def pass_through(kg: Array, normal: Array, covered: Array, exempt: Array, refused: bool, ban_leak: Array, outside: Array,
                 civil_only: NDArray[np.bool_], spared: Array, certified: Array, permits: Array, used: Array,
                 bound: Array, leaked: Array) -> None:  # fmt: skip
    """Book a week's shipments ``kg`` [routes]: permits are used up; into ``bound`` and ``leaked`` goes what is bound to civil
    users and what leaked past licences, bans and quotas (what leaves ``outside`` these).

    Where military users are ``refused`` a general licence names its civil customers as much as a single one does; under bans
    what goes out is bound as far as it is for civil users only (but for the ``spared`` share of normal trade) or ``certified``.
    """
    for i in range(len(kg)):
        licensed = covered[i] * (1.0 - exempt[i])
        freely = min(kg[i], normal[i] * (1.0 - licensed))
        under = 0.0
        leaked[i] = 0.0
        if licensed > 0.0:
            under = min(kg[i] - freely, permits[i])
            leaked[i] = max(kg[i] - freely - under, 0.0)
            permits[i] -= under
            used[i] += under
        if ban_leak[i] > 0.0:
            leaked[i] = min(kg[i], normal[i] * ban_leak[i])
        leaked[i] = max(leaked[i], outside[i])
        if civil_only[i]:
            bound[i] = max(kg[i] - leaked[i] - normal[i] * spared[i], 0.0)
        elif refused and covered[i] > 0.0:
            bound[i] = under + min(freely, normal[i] * covered[i] * exempt[i])
        else:
            bound[i] = 0.0
        bound[i] = max(bound[i], certified[i] * (kg[i] - leaked[i]))
