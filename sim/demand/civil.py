"""Civil users: they use what growth, price and adopted substitution leave of their opening use, out of their own stock.

Demand splits every week, exactly, into served, *unserved* (would pay, not supplied) and *priced out*; demand is use at
opening real prices after growth and adopted substitution.
"""

from __future__ import annotations

import math

import numpy as np

from sim.compiled import kernel
from sim.demand.subsidies import Subsidies
from sim.goods import move, part
from sim.in_use import InUse
from sim.stock import WIDTH, Array, Block, E, Index, Stock

MONTHS_TO_WEEKS = 365.25 / 12.0 / 7.0
SPREAD = (
    0.25  # log price: spread of the price at which users of a sector find switching pays; unsourced estimate
)


class Civil:
    """Rows ``stock``: one a region, sector and commodity."""

    def __init__(
        self, block: Block, sector: Index, pool: Index, use: Array, elasticity: Array, switch_price: Array,
        switch_weeks: Array, switch_most: Array, switch_kept: Array, dissipative: Array, growth: Array, opening: Array,
        cap_per_year: float, in_use: InUse, into: Index,
    ) -> None:  # fmt: skip
        self.block, self.sector, self.pool = block, sector, pool
        self.opening_use = use
        self.elasticity = elasticity  # positive
        self.switch_price, self.switch_weeks = switch_price, switch_weeks
        self.switch_most, self.switch_kept = switch_most, switch_kept
        self.gone, self.growth = (
            np.flatnonzero(dissipative > 0.0),
            growth,
        )  # rows whose use leaves nothing behind
        self._log_growth, self._log_switch = np.log1p(growth), np.log(switch_price)
        self._pace, self._most = 0.5 / switch_weeks, switch_most / 52.18  # a week
        self.opening_price = opening  # USD/kg of product, by pool
        self._log_opening = np.log(opening)
        self.cap_per_year = cap_per_year
        self.in_use = in_use
        self.into = np.where(
            dissipative > 0.0, -1, into
        )  # products by region and sector; -1: it is dissipated
        n = len(block)
        # those for whom it pays at opening prices have switched already: they are not in the opening use
        self.switched_before = 1.0 / (1.0 + np.exp(-(self._log_opening[pool] - self._log_switch) / SPREAD))
        self.adopted = np.zeros(n)  # share of use switched away
        self.subsidies = Subsidies(n)
        self.noise = np.ones(n)
        self.surge = np.ones(n)
        self.demand = use.copy()
        self.wanted = use.copy()
        self.consumed = use.copy()
        self.substituted = np.zeros(n)

        self.readdress()

    def readdress(self) -> None:
        """Users of a sector who buy in one pool answer alike: work out who does, at the start and when pools change."""
        traits = (self.pool, self.elasticity, self._log_switch, self.switched_before, self._log_growth)
        _, self._one_of, kind = np.unique(
            np.column_stack(traits), axis=0, return_index=True, return_inverse=True
        )
        self._kind = kind.reshape(-1)  # [rows]; ``_one_of`` [kinds] is a row of each

    def decide(self, paid: Array, years: float, growing: bool, switching: bool) -> None:
        """Demand and what users would consume this week, at the slow average of prices paid [pools]."""
        pays, grown, answer = _answers(
            self._one_of, self.pool, paid, self._log_opening, self.elasticity, self._log_switch, self.switched_before,
            self._log_growth, years if growing else 0.0,
        )  # fmt: skip
        if switching:
            self._switch(pays)
        gross, self.substituted, self.demand, self.wanted = _want(
            self.opening_use, self.noise, self.surge, grown, answer, self._kind, self.adopted
        )
        self.subsidies.pay(gross)

    def _switch(self, pays: Array) -> None:
        """Switching pays for a growing share of users above the sector's price; it takes time, and part of it stays."""
        rise, fall = _switching(pays, self._kind, self.adopted, self._pace, self._most, self.switch_kept)
        paid = self.subsidies.rise(self.adopted + rise)
        for more in paid.values():
            rise += more
        share = _adopt(self.adopted, rise, self.opening_use, self.cap_per_year / 52.18)
        kept = self.subsidies.hold(paid, share, self.adopted)
        self.adopted -= np.minimum(fall, self.adopted - kept)

    def consume(self, stock: Stock, held: Array) -> None:
        """Use what is wanted, as far as the stock ``held`` (kg by row) goes; goods rest in products or are gone."""
        self.consumed = _use(
            stock.kg[self.block.rows],
            held,
            self.wanted,
            stock.kg[self.in_use.first],
            self.into,
            stock.consumed,
        )


@kernel
def _answers(
    one_of: Index, pool: Index, paid: Array, log_opening: Array, elasticity: Array, log_switch: Array, before: Array,
    log_growth: Array, years: float,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Of each kind of users: share of use for which switching pays now and did not on the first day, growth of use since
    then, and use at prices ``paid`` [pools] over that at opening prices."""
    pays, grown, answer = np.empty((3, len(one_of)))
    for k in range(len(one_of)):
        i = one_of[k]
        price = math.log(paid[pool[i]])
        now = 1.0 / (1.0 + math.exp((log_switch[i] - price) / SPREAD))
        pays[k] = max((now - before[i]) / (1.0 - before[i]), 0.0)
        grown[k] = math.exp(log_growth[i] * years)
        answer[k] = math.exp((log_opening[pool[i]] - price) * elasticity[i])
    return pays, grown, answer


@kernel
def _switching(
    pays: Array, kind: Index, adopted: Array, pace: Array, most: Array, kept: Array
) -> tuple[Array, Array]:
    """Shares of use that would be switched away this week unpaid, and that would be switched back, [rows]."""
    rise, fall = np.empty((2, len(kind)))
    for i in range(len(kind)):
        worth = pays[kind[i]]
        # redesign goes on at a steady pace: half of what pays is done after the sector's lag, all of it after twice that
        rise[i] = min(max(worth - adopted[i], 0.0), worth * pace[i], most[i])
        fall[i] = max(adopted[i] - max(worth, adopted[i] * kept[i]), 0.0) * pace[i]
    return rise, fall


@kernel
def _adopt(adopted: Array, rise: Array, use: Array, cap: float) -> float:
    """Switch what may be switched in a week: ``cap`` is that share of all use. Returns the part of ``rise`` done."""
    total = most = 0.0
    for i in range(len(use)):
        total += rise[i] * use[i]
        most += cap * use[i]
    share = min(1.0, most / max(total, 1e-12))
    for i in range(len(use)):
        adopted[i] += rise[i] * share
    return share


@kernel
def _want(
    use: Array, noise: Array, surge: Array, grown: Array, answer: Array, kind: Index, adopted: Array
) -> tuple[Array, Array, Array, Array]:
    """Use before switching, what is switched away of it, what is left at opening prices, and at those paid, [rows]."""
    gross, substituted, demand, wanted = np.empty((4, len(use)))
    for i in range(len(use)):
        gross[i] = use[i] * noise[i] * surge[i] * grown[kind[i]]
        substituted[i] = gross[i] * adopted[i]
        demand[i] = gross[i] - substituted[i]
        # demand is use at opening prices: below them users take more than that, and the priced-out part is negative
        wanted[i] = demand[i] * answer[kind[i]]
    return gross, substituted, demand, wanted


@kernel
def _use(kg: Array, held: Array, wanted: Array, products: Array, into: Index, gone: Array) -> Array:
    """Take ``wanted`` kg out of the rows ``kg``, which hold ``held``, into products, or to what is gone (-1); returns kg used."""
    consumed, dissipated = np.empty(len(wanted)), np.zeros((1, WIDTH))
    for i in range(len(wanted)):
        consumed[i] = min(wanted[i], held[i])
        share = min(part(wanted[i], held[i]), 1.0)
        if into[i] >= 0:
            move(products, into[i], kg, i, share)
        else:
            move(dissipated, 0, kg, i, share)
    gone += dissipated[0, :E]
    return consumed
