"""Trading houses: they buy in one hub, apply where a licence is asked for, ship, and sell out of stock in another.

They order what they expect to sell and what their position lacks, open orders and pending applications included. They pay up to
the price abroad net of freight, VAT and duty: a slow answer to the gap between the hubs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.stock import Array, Block, Index

# unsourced estimates: a gap under 5 % moves nobody new, one of 55 % opens half of what is offered or ordered
NEW_TRADE = 0.5
TRADE_BAND = 0.05
TRADE_WIDTH = 0.5


class Traders:
    """Rows ``stock``: one a route (commodity, from hub to hub, region where the goods arrive)."""

    def __init__(
        self,
        block: Block,
        source: Index,
        target: Index,
        flow: Array,
        lag: Index,
        share: Array,
        cell: Index,
        cover: Array,
    ) -> None:
        self.block, self.source, self.target, self.flow, self.lag = block, source, target, flow, lag
        self.share, self.cell, self.cover = (
            share,
            cell,
            cover,
        )  # share of the cell's orders that this importer fills
        self.expected = flow.copy()  # kg a week, new trade included
        self.normal = flow.copy()  # without it: what a ban or licence leaves is a share of this
        self.to_world = target > source  # exports of China; the rest sends goods to China
        self.longer = np.zeros(
            len(flow)
        )  # weeks by which the way is longer than on the first day; at least 1 - lag

    def expect(self, orders: Array, source: Array, net_back: Array, price: Array, free: Array) -> None:
        """Expected sales from the smoothed ``orders`` of the region, by cell.

        A margin of ``net_back`` over ``price`` [pools] at the source (logarithms) beyond the cost of a new trade opens a further
        share of the region's orders (or of what is offered in the hub it buys in, ``source`` [pools], if that is less) to the
        route, also where nothing was traded at the start. Only the ``free`` share [routes] of a route can answer so: goods bound
        to named users of the region cannot be sold for the hub's price.
        """
        self.normal, self.expected = _sales(
            self.share, orders, self.cell, source, self.source, net_back, price, free
        )

    def want(
        self, held: Array, due: Array, waiting: Array, wait_weeks: Array, caution: Array, gap_weeks: float
    ) -> Array:
        """Kilograms a week to order at par, from what is held, due to arrive and waiting for a licence; ``caution`` [pools]:
        factor on the stock that is held for sale."""
        return _wanted(
            self.expected, self.cover, self.lag, self.longer, caution, self.target, held, due, waiting, wait_weeks, gap_weeks,
        )  # fmt: skip


@kernel
def _sales(
    share: Array, orders: Array, cell: Index, offered: Array, source: Index, net_back: Array, price: Array, free: Array,
) -> Array:  # fmt: skip
    """Sales without and with new trade, kg a week, [2, routes]."""
    out = np.empty((2, len(share)))
    normal, expected = out[0], out[1]
    for i in range(len(share)):
        margin = net_back[i] - price[source[i]]
        opened = NEW_TRADE * min(max((margin - TRADE_BAND) / TRADE_WIDTH, 0.0), 1.0)
        normal[i] = share[i] * orders[cell[i]]
        expected[i] = normal[i] + free[i] * opened * min(orders[cell[i]], offered[source[i]])
    return out


@kernel
def _wanted(
    expected: Array, cover: Array, lag: Index, longer: Array, caution: Array, target: Index, held: Array, due: Array,
    waiting: Array, wait_weeks: Array, gap_weeks: float,
) -> Array:  # fmt: skip
    want = np.empty(len(expected))
    for i in range(len(expected)):
        weeks = cover[i] * caution[target[i]] + lag[i] - 1.0 + longer[i] + wait_weeks[i]
        lack = weeks * expected[i] - held[i] - due[i] - waiting[i]
        want[i] = max(expected[i] + lack / gap_weeks, 0.0)
    return want


@kernel
def net_back(
    log_price: Array, source: Index, target: Index, home: Index, opening: Array, freight: Array, wedge: Array, duty: Array,
    rent: Array, to_world: NDArray[np.bool_],
) -> Array:  # fmt: skip
    """Log of what a trading house can pay, by route: the price where it sells (``log_price``, ``opening`` [pools]) net of
    freight, a quota's rent, VAT (``wedge``) and duty; on the way to China (pools ``home``) relative to the first day's."""
    price = np.exp(log_price)
    out = np.empty(len(source))
    for i in range(len(source)):
        if to_world[i]:
            net = (price[target[i]] - freight[i] - rent[i]) / (wedge[i] * duty[i])
        else:
            net = price[home[i]] / opening[home[i]] * opening[source[i]] / duty[i]
        out[i] = np.log(max(net, 1e-6))
    return out


@kernel
def landed(
    log_price: Array, source: Index, home: Index, opening: Array, freight: Array, wedge: Array, duty: Array, rent: Array,
    to_world: NDArray[np.bool_],
) -> Array:  # fmt: skip
    """Log of what goods cost where a trading house sells them, by route: the price where it buys, and what is paid on the way."""
    price = np.exp(log_price)
    out = np.empty(len(source))
    for i in range(len(source)):
        if to_world[i]:
            cost = price[home[i]] * wedge[i] * duty[i] + freight[i] + rent[i]
        else:
            cost = price[source[i]] / opening[source[i]] * opening[home[i]] * duty[i]
        out[i] = np.log(cost)
    return out
