"""The weekly call: one price a pool at which what is bid for is what is offered.

A pool is a hub and a commodity. A bid is soft: of the quantity ``want`` a buyer takes the share
``logistic((bid - price) / width)`` in logarithms, over the share taken at par, so that at its reference price it takes what it
wants. Offers mirror that. Inside a hub goods imported under a licence may be bound to the civil users of one region (a
*cell*): the price is the one of the goods that anybody may buy, and a region that its own licensed imports do not fill
bids for those. Excess demand falls with the price, so the root is unique; it is found by Newton steps kept in a bracket.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.compiled import kernel
from sim.market.logistic import LANES, shares
from sim.stock import Array, Index

TOLERANCE = 1e-10  # of the pool's volume
TURNS = 80
NEWTON = 30  # turns after which the bracket is halved instead: at a kink Newton steps may be short
GLUT = 1e-3  # weight of goods that are bound to a region and find no buyer there: where nobody bids for open goods but the
# military, it is they that give the price a level
REACH = 12.0  # log price: the root is sought within a factor exp(12) of the last price


@dataclass(slots=True)
class Bids:
    """Buyers of one week; all arrays have one entry a buying line."""

    pool: Index
    cell: Index  # pool * regions + region
    civil: Array  # 1 civil, 0 military
    want: Array  # kg a week at par
    log_bid: Array
    width: Array
    most: Array  # kg; inf unless a permit or ban caps the line


@dataclass(slots=True)
class Offers:
    """Sellers of one week."""

    pool: Index
    cell: Index
    bound: Array  # 1: licensed goods of this line are for its own region (importers), 0: for any civil buyer of the hub
    licensed: Array  # share of the line's goods that only civil buyers may have
    offer: Array  # kg a week at par
    log_ask: Array
    width: Array
    most: Array  # kg on hand


@dataclass(slots=True)
class Flows:
    """What is asked for and offered at a price."""

    demand: Array  # [buyers] kg
    supply: Array  # [sellers] kg
    civil: Array  # [cells] kg asked by civil buyers
    military: Array  # [pools]
    bound: Array  # [cells] licensed goods of the region's importers
    civil_only: Array  # [pools] licensed goods open to any civil buyer
    free: Array  # [pools] goods open to all


class Seats:
    """Who sits in which pool: numbers of buyers and of sellers, pool by pool. It lasts while nobody moves."""

    def __init__(self, buyers: Index, sellers: Index, pools: int) -> None:
        """``buyers`` and ``sellers``: the pool of each line."""
        self.buyers, self.first_buyer = _seated(buyers, pools)
        self.sellers, self.first_seller = _seated(sellers, pools)


def _seated(pool: Index, pools: int) -> tuple[Index, Index]:
    """Lines in the order of their pools, and where each pool begins, [pools + 1]."""
    order: Index = np.argsort(pool, kind="stable")
    first: Index = np.searchsorted(pool[order], np.arange(pools + 1))
    return order, first


def clear(
    log_price: Array, bids: Bids, offers: Offers, seats: Seats, par: float, cells: int, floor: Array
) -> Array:
    """The log prices [pools] at which excess demand is nil, from a first guess.

    ``floor[pools]`` kg of open goods are supposed to be there even when they are not: what an assessor counts on where
    hardly a tonne is for sale, so that the highest bids that a sale of that size would meet make the price.
    """
    return _clear(
        log_price, floor, par, cells // len(log_price),
        seats.buyers, seats.first_buyer, bids.cell, bids.civil, bids.want, bids.log_bid, bids.width, bids.most,
        seats.sellers, seats.first_seller, offers.cell, offers.bound, offers.licensed, offers.offer, offers.log_ask,
        offers.width, offers.most,
    )  # fmt: skip


def flows(log_price: Array, bids: Bids, offers: Offers, par: float, cells: int) -> Flows:
    """Flows at ``log_price`` [pools]."""
    demand, supply, (civil, bound), (military, civil_only, free) = _flows(
        log_price, par, cells,
        bids.pool, bids.cell, bids.civil, bids.want, bids.log_bid, bids.width, bids.most,
        offers.pool, offers.cell, offers.bound, offers.licensed, offers.offer, offers.log_ask, offers.width, offers.most,
    )  # fmt: skip
    return Flows(demand, supply, civil, military, bound, civil_only, free)


@kernel
def _clear(
    log_price: Array, floor: Array, par: float, regions: int,
    buyers: Index, first_buyer: Index, buyer_cell: Index, civil: Array, want: Array, log_bid: Array, bid_width: Array,
    bid_most: Array,
    sellers: Index, first_seller: Index, seller_cell: Index, bound: Array, licensed: Array, offer: Array, log_ask: Array,
    ask_width: Array, ask_most: Array,
) -> Array:  # fmt: skip
    """Pool by pool; each looks for its own root."""
    out = np.empty(len(log_price))
    room = 0
    for pool in range(len(log_price)):
        lines = first_buyer[pool + 1] - first_buyer[pool] + first_seller[pool + 1] - first_seller[pool]
        room = max(room, lines + LANES)
    # a pool's lines side by side, buyers first; a seller is a buyer who takes more as the price rises
    amount, middle, steep, most = np.empty(room), np.empty(room), np.empty(room), np.empty(room)
    region, open_to_all, kept = np.empty(room, np.int64), np.empty(room), np.empty(room)
    taken, bits = np.zeros(room), np.empty(room, np.int64)
    # by region: what its civil users ask for, goods bound to them, and how the difference answers to the log price
    asked, own, own_slope = np.empty(regions), np.empty(regions), np.empty(regions)
    for pool in range(len(log_price)):
        n = 0
        volume = 0.0
        for seat in range(first_buyer[pool], first_buyer[pool + 1]):
            i = buyers[seat]
            if want[i] > 0.0:
                volume += want[i]
                amount[n], middle[n], steep[n], most[n] = (
                    want[i] / par,
                    log_bid[i],
                    1.0 / bid_width[i],
                    bid_most[i],
                )
                region[n] = buyer_cell[i] - pool * regions if civil[i] > 0.0 else -1
                n += 1
        buying = n
        for seat in range(first_seller[pool], first_seller[pool + 1]):
            i = sellers[seat]
            if offer[i] > 0.0:
                volume += offer[i]
                amount[n], middle[n], steep[n], most[n] = (
                    offer[i] / par,
                    log_ask[i],
                    -1.0 / ask_width[i],
                    ask_most[i],
                )
                region[n] = seller_cell[i] - pool * regions
                kept[n], open_to_all[n] = licensed[i] * bound[i], 1.0 - licensed[i]
                n += 1
        allowed = TOLERANCE * max(volume, 1e-9)
        x = log_price[pool]
        low, high = x - REACH, x + REACH
        for turn in range(TURNS):
            for r in range(regions):
                asked[r], own[r], own_slope[r] = 0.0, 0.0, 0.0
            military, goods, free, slope = 0.0, 0.0, 0.0, 0.0
            for j in range(n):
                taken[j] = (x - middle[j]) * steep[j]
            shares(taken, bits, (n + LANES - 1) // LANES * LANES)  # a few too many, none left over
            for j in range(n):
                kg = amount[j] * taken[j]
                answer = kg * (taken[j] - 1.0) * abs(steep[j])
                if kg >= most[j]:  # who is at its cap does not answer
                    kg, answer = most[j], 0.0
                r = region[j]
                if j >= buying:
                    own[r] += kg * kept[j]
                    own_slope[r] += answer * kept[j]
                    slope += answer * (1.0 - kept[j])
                    goods += kg * (1.0 - kept[j])
                    free += kg * open_to_all[j]
                elif r >= 0:
                    asked[r] += kg
                    own_slope[r] += answer
                else:
                    military += kg
                    slope += answer
            excess = min(military, free) - max(goods, floor[pool])
            for r in range(regions):
                weight = 1.0 if asked[r] > own[r] else GLUT
                excess += weight * (asked[r] - own[r])
                slope += weight * own_slope[r]
            if abs(excess) <= allowed:
                break
            if excess > 0.0:
                low = x
            elif excess < 0.0:
                high = x
            step = -excess / slope if slope < 0.0 else np.sign(excess)
            guess = x + min(max(step, -1.0), 1.0)
            x = guess if low < guess < high and turn < NEWTON else 0.5 * (low + high)
        out[pool] = x
    return out


@kernel
def _flows(
    log_price: Array, par: float, cells: int,
    buyer_pool: Index, buyer_cell: Index, civil: Array, want: Array, log_bid: Array, bid_width: Array, bid_most: Array,
    seller_pool: Index, seller_cell: Index, bound: Array, licensed: Array, offer: Array, log_ask: Array, ask_width: Array,
    ask_most: Array,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """The fields of ``Flows``: demand; supply; civil and bound, [2, cells]; military, civil_only and free, [3, pools]."""
    pools = len(log_price)
    demand, supply = np.empty(len(want)), np.empty(len(offer))
    by_cell, by_pool = np.zeros((2, cells)), np.zeros((3, pools))
    by_civil, own = by_cell[0], by_cell[1]
    military, civil_only, free = by_pool[0], by_pool[1], by_pool[2]
    for i in range(len(want)):
        demand[i] = (log_price[buyer_pool[i]] - log_bid[i]) / bid_width[i]
    for i in range(len(offer)):
        supply[i] = (log_ask[i] - log_price[seller_pool[i]]) / ask_width[i]
    bits = np.empty(max(len(want), len(offer)), np.int64)
    shares(demand, bits, len(want))
    shares(supply, bits, len(offer))
    for i in range(len(want)):
        kg = min(want[i] / par * demand[i], bid_most[i])
        demand[i] = kg
        if civil[i] > 0.0:
            by_civil[buyer_cell[i]] += kg
        else:
            military[buyer_pool[i]] += kg
    for i in range(len(offer)):
        kg = min(offer[i] / par * supply[i], ask_most[i])
        supply[i] = kg
        own[seller_cell[i]] += kg * licensed[i] * bound[i]
        civil_only[seller_pool[i]] += kg * licensed[i] * (1.0 - bound[i])
        free[seller_pool[i]] += kg * (1.0 - licensed[i])
    return demand, supply, by_cell, by_pool
