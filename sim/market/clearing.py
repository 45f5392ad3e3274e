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

from sim.grouping import total_by
from sim.stock import Array, Index

TOLERANCE = 1e-10  # of the pool's volume
STEEP = 60.0  # widths from the bid beyond which nothing is taken: exp() stays finite
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


@dataclass(slots=True)
class Excess:
    """Excess demand for open goods at a price."""

    kg: Array  # [lines] what each line takes or gives
    excess: Array  # [pools]
    slope: Array  # [pools] in the log price
    goods: Array  # [pools] that civil buyers may have, whatever their region


class Lines:
    """Bids and offers of one week as lines of one kind: a seller is a buyer who takes more as the price *rises*."""

    def __init__(self, bids: Bids, offers: Offers, par: float, cells: int, pools: int) -> None:
        self.bids, self.offers, self.cells, self.pools, self.buyers = (
            bids,
            offers,
            cells,
            pools,
            len(bids.pool),
        )
        self.pool = np.concatenate([bids.pool, offers.pool])
        self.middle = np.concatenate([bids.log_bid, offers.log_ask])
        self.steep = np.concatenate([1.0 / bids.width, -1.0 / offers.width])
        self.steepness = np.abs(self.steep)
        self.amount = np.concatenate([bids.want, offers.offer]) / par
        self.most = np.concatenate([bids.most, offers.most])
        self.civil = bids.civil > 0.0
        self.licences = bool(offers.licensed.any())
        # without licensed goods a region is nothing of its own: civil, military and open goods of the pools, in one sum
        self.group = np.concatenate(
            [np.where(self.civil, bids.pool, pools + bids.pool), 2 * pools + offers.pool]
        )

    def at(self, log_price: Array) -> Flows:
        """Flows at ``log_price`` [pools]."""
        return self.flows(np.minimum(self.taken(log_price)[1], self.most))

    def taken(self, log_price: Array) -> tuple[Array, Array]:
        """Share taken of what would be taken at any price, and its kilograms without the cap, [lines]."""
        share = np.take(log_price, self.pool)
        share -= self.middle
        share *= self.steep
        np.minimum(share, STEEP, out=share)
        np.exp(share, out=share)
        share += 1.0
        np.reciprocal(share, out=share)
        return share, self.amount * share

    def flows(self, kg: Array) -> Flows:
        """Sums of ``kg`` [lines] over cells and pools."""
        bids, offers, pools = self.bids, self.offers, self.pools
        demand, supply = kg[: self.buyers], kg[self.buyers :]
        if not self.licences:
            civil_pool = total_by(bids.cell, demand * bids.civil, self.cells)
            military, free = total_by(self.group, kg, 3 * pools).reshape(3, pools)[1:]
            return Flows(demand, supply, civil_pool, military, np.zeros(self.cells), np.zeros(pools), free)
        licensed = supply * offers.licensed
        return Flows(
            demand=demand,
            supply=supply,
            civil=total_by(bids.cell, demand * bids.civil, self.cells),
            military=total_by(bids.pool, demand * (1.0 - bids.civil), pools),
            bound=total_by(offers.cell, licensed * offers.bound, self.cells),
            civil_only=total_by(offers.pool, licensed * (1.0 - offers.bound), pools),
            free=total_by(offers.pool, supply - licensed, pools),
        )

    def excess(self, log_price: Array) -> Excess:
        """What is wanted more than there is at ``log_price`` [pools]."""
        share, kg = self.taken(log_price)
        slope = kg * (share - 1.0)
        slope *= kg < self.most  # who is at its cap does not answer
        slope *= self.steepness
        np.minimum(kg, self.most, out=kg)
        if self.licences:
            flows = self.flows(kg)
            weight = np.where(flows.civil > flows.bound, 1.0, GLUT)
            civil = ((flows.civil - flows.bound) * weight).reshape(self.pools, -1).sum(axis=1)
            slope[: self.buyers] *= np.where(self.civil, weight[self.bids.cell], 1.0)
            offers = self.offers
            slope[self.buyers :] *= 1.0 - offers.licensed * offers.bound * (1.0 - weight[offers.cell])
            military, free, only = flows.military, flows.free, flows.civil_only
            goods = only + free
        else:
            civil, military, free = total_by(self.group, kg, 3 * self.pools).reshape(3, self.pools)
            goods = free
        excess = civil + np.minimum(military, free) - goods
        return Excess(kg, excess, total_by(self.pool, slope, self.pools), goods)


def at(log_price: Array, bids: Bids, offers: Offers, par: float, cells: int) -> tuple[Flows, Array, Array]:
    """Flows at ``log_price[pools]``, the excess demand for open goods and its slope, [pools] each."""
    lines = Lines(bids, offers, par, cells, len(log_price))
    found = lines.excess(log_price)
    return lines.flows(found.kg), found.excess, found.slope


def clear(log_price: Array, bids: Bids, offers: Offers, par: float, cells: int, floor: Array) -> Array:
    """The log prices [pools] at which excess demand is nil, from a first guess.

    ``floor[pools]`` kg of open goods are supposed to be there even when they are not: what an assessor counts on where
    hardly a tonne is for sale, so that the highest bids that a sale of that size would meet make the price.
    """
    return search(log_price, Lines(bids, offers, par, cells, len(log_price)), floor)


def search(log_price: Array, lines: Lines, floor: Array) -> Array:
    """``clear`` for lines that are prepared already."""
    x = log_price.copy()
    low, high = x - REACH, x + REACH
    bids, offers = lines.bids, lines.offers
    volume = total_by(bids.pool, bids.want, len(x)) + total_by(offers.pool, offers.offer, len(x))
    allowed = TOLERANCE * np.maximum(volume, 1e-9)
    for turn in range(80):
        found = lines.excess(x)
        excess = found.excess - np.maximum(floor - found.goods, 0.0)
        done = np.abs(excess) <= allowed
        if done.all():
            break
        low = np.where(excess > 0.0, x, low)
        high = np.where(excess < 0.0, x, high)
        step = np.divide(-excess, found.slope, out=np.sign(excess), where=found.slope < 0.0)
        guess = x + np.minimum(np.maximum(step, -1.0), 1.0)
        inside = (guess > low) & (guess < high) & (turn < NEWTON)
        x = np.where(done, x, np.where(inside, guess, 0.5 * (low + high)))
    return x
