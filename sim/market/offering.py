"""What makers plan, what sellers offer, and what they ask.

Makers plan what they expect to sell and, over some weeks, what their stock and work in progress lack. Sellers offer what they
expect to sell and what they hold above target, and ask less the more of that there is. What they start from is their own slow
price, for metals and magnets the cost of their inputs, for a trading house what its goods cost to replace.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.stock import LICENSED, Array, Index

NO_MARK = 1e-9  # share of a line's goods below which a licence mark is rounding


@kernel
def plans(
    share: Array, orders: Array, pool: Index, full: Array, mix: Array, plant: Index, started: Array, added: Array,
    running: Array, willing: Array, cover: Array, lead: Index, gap: Array, held: Array, begun: Array, yields: Array,
) -> Array:  # fmt: skip
    """Sales that makers expect and what they mean to make, kg a week, [2, lines].

    ``share`` of their pool's ``orders`` [pools], and what their new plants make: ``full`` output of projects that have
    ``started``, and the line's part (``mix``) of capacity ``added``; started, added, running and willing are by ``plant``.
    ``begun``: kg in process, of which the share ``yields`` comes out.
    """
    out = np.empty((2, len(share)))
    expected, plan = out[0], out[1]
    for i in range(len(share)):
        p = plant[i]
        new = full[i] * started[p] + mix[i] * added[p]
        expected[i] = (share[i] * orders[pool[i]] + new) * running[p] * willing[p]
        target = (cover[i] + lead[i]) * expected[i]
        plan[i] = max(expected[i] + (target - held[i] - begun[i] * yields[i]) / gap[i], 0.0)
    return out


@kernel
def offers(
    expected: Array, held: Array, pool: Index, cover: Array, gap: Array, response: Array, flat: NDArray[np.bool_],
    share: Array, orders: Array, caution: Array, seller: Array, opening: Array, first_maker: int, cost: Array,
    first_house: int, landed: Array, packed_floor: Array,
) -> Array:  # fmt: skip
    """Kilograms a week offered at par and log price asked, [2, lines]. ``expected`` sales, kg a week by line, are corrected in
    place where a line is ``flat``: what is made to order is its ``share`` of ``orders`` [pools], at its ``opening`` price.

    Others ask what sellers of the pool call normal (``seller`` [pools]); metal and magnet makers, from line ``first_maker`` on,
    their opening price and the change in ``cost``; trading houses, from ``first_house`` on, what goods cost them ``landed``.
    Houses alone hold more stock on ``caution`` [pools]. ``response``: log price per unit of stock above target, a share of it
    within -1 and 1. The first lines never ask less than ``packed_floor``: nobody sells an oxide for less than it costs to
    strip and pack it (or than it fetched at the start).
    """
    out = np.empty((2, len(expected)))
    offer, ask = out[0], out[1]
    for i in range(len(expected)):
        if flat[i]:
            expected[i] = share[i] * orders[pool[i]]
        target = cover[i] * expected[i]
        if i >= first_house:
            target *= caution[pool[i]]
            base = landed[i - first_house]
        elif flat[i]:
            base = opening[i]
        elif first_maker <= i < first_maker + len(cost):
            base = opening[i] + cost[i - first_maker]
        else:
            base = seller[pool[i]]
        offer[i] = max(expected[i] + (held[i] - target) / gap[i], 0.0)
        over = min(max((held[i] - target) / target, -1.0), 1.0) if target > 0.0 else 0.0
        ask[i] = base - response[i] * over
        if i < len(packed_floor):
            ask[i] = max(ask[i], packed_floor[i])
    return out


@kernel
def cost_change(
    log_price: Array, opening: Array, out: Index, pool: Index, weight: Array, rest: Array
) -> Array:
    """Log of unit cost over its opening value by line, at log prices [pools]: ``weight`` [links] of input pools, and the rest."""
    change = np.exp(log_price - opening)
    cost = rest.copy()
    for link in range(len(out)):
        cost[out[link]] += weight[link] * change[pool[link]]
    return np.log(cost)


@kernel
def licensed_share(goods: Array, held: Array) -> Array:
    """Share of each line's goods [lines, WIDTH] of ``held`` kg that came under a licence for civil users."""
    share = np.zeros(len(held))
    for i in range(len(held)):
        if held[i] > 0.0 and goods[i, LICENSED] >= NO_MARK * held[i]:
            share[i] = min(goods[i, LICENSED] / held[i], 1.0)
    return share


@kernel
def thrift(
    content: Array,
    metals: Index,
    price: Array,
    opening: Array,
    pace: float,
    low: float,
    mid: float,
    least: float,
) -> None:
    """A week of thrifting, in place: ``content`` [hubs, metals] kg of a metal per kg in the opening recipe falls by the share
    ``pace`` a week where it pays in full, never below ``least``.

    It begins to pay at a log price ``low`` above the ``opening`` one and pays half at ``mid``; ``metals`` [hubs, metals]: pools.
    """
    for hub in range(content.shape[0]):
        for m in range(content.shape[1]):
            dear = price[metals[hub, m]] - opening[metals[hub, m]]
            pays = min(max((dear - low) / (2.0 * (mid - low)), 0.0), 1.0)
            if pays > 0.0:
                content[hub, m] = max(content[hub, m] * (1.0 - pace * pays), least)


@kernel
def contents(
    content: Array, place: Index, pool: Index, flexible: NDArray[np.bool_], price: Array, opening: Array, elasticity: float,
) -> Array:  # fmt: skip
    """By link from metal to magnet, [2, links]: kg per kg in the opening recipe that is left by thrifting (``place`` of the
    metal in ``content``, -1: not thrifted), and the factor by which a ``flexible`` recipe answers to the log price at once."""
    out = np.ones((2, len(place)))
    thrifted, answer = out[0], out[1]
    for link in range(len(place)):
        if place[link] >= 0:
            thrifted[link] = content[place[link] // content.shape[1], place[link] % content.shape[1]]
        if flexible[link]:
            answer[link] = np.exp(-elasticity * (price[pool[link]] - opening[pool[link]]))
    return out
