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

from sim.stock import Array, Index

TOLERANCE = 1e-10  # of the pool's volume
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


def at(log_price: Array, bids: Bids, offers: Offers, par: float, cells: int) -> tuple[Flows, Array, Array]:
    """Flows at ``log_price[pools]``, the excess demand for open goods and its slope, [pools] each."""
    pools = len(log_price)
    taken = 1.0 / (1.0 + np.exp(np.clip((log_price[bids.pool] - bids.log_bid) / bids.width, -60.0, 60.0)))
    demand = bids.want * taken / par
    slope_d = np.where(demand < bids.most, -demand * (1.0 - taken) / bids.width, 0.0)
    demand = np.minimum(demand, bids.most)
    given = 1.0 / (1.0 + np.exp(np.clip((offers.log_ask - log_price[offers.pool]) / offers.width, -60.0, 60.0)))
    supply = offers.offer * given / par
    slope_s = np.where(supply < offers.most, supply * (1.0 - given) / offers.width, 0.0)
    supply = np.minimum(supply, offers.most)
    licensed = supply * offers.licensed
    flows = Flows(
        demand=demand,
        supply=supply,
        civil=np.bincount(bids.cell, demand * bids.civil, cells),
        military=np.bincount(bids.pool, demand * (1.0 - bids.civil), pools),
        bound=np.bincount(offers.cell, licensed * offers.bound, cells),
        civil_only=np.bincount(offers.pool, licensed * (1.0 - offers.bound), pools),
        free=np.bincount(offers.pool, supply - licensed, pools),
    )
    open_cells = flows.civil > flows.bound
    civil_rest = np.where(open_cells, flows.civil - flows.bound, 0.0).reshape(pools, -1).sum(axis=1)
    excess = civil_rest + np.minimum(flows.military, flows.free) - flows.civil_only - flows.free
    slope = np.bincount(bids.pool, slope_d * np.where(bids.civil > 0.0, open_cells[bids.cell], 1.0), pools)
    slope -= np.bincount(offers.pool, slope_s, pools)
    return flows, excess, slope


def clear(log_price: Array, bids: Bids, offers: Offers, par: float, cells: int, floor: Array) -> Array:
    """The log prices [pools] at which excess demand is nil, from a first guess.

    ``floor[pools]`` kg of open goods are supposed to be there even when they are not: what an assessor counts on where
    hardly a tonne is for sale, so that the highest bids that a sale of that size would meet make the price.
    """
    x = log_price.copy()
    low, high = x - REACH, x + REACH
    for _ in range(80):
        flows, excess, slope = at(x, bids, offers, par, cells)
        excess = excess - np.maximum(floor - flows.civil_only - flows.free, 0.0)
        volume = np.bincount(bids.pool, bids.want, len(x)) + np.bincount(offers.pool, offers.offer, len(x))
        done = np.abs(excess) <= TOLERANCE * np.maximum(volume, 1e-9)
        if done.all():
            break
        low = np.where(excess > 0.0, x, low)
        high = np.where(excess < 0.0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(slope < 0.0, -excess / slope, np.sign(excess))
        guess = x + np.clip(step, -1.0, 1.0)
        inside = (guess > low) & (guess < high)
        x = np.where(done, x, np.where(inside, guess, 0.5 * (low + high)))
    return x
