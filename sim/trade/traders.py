"""Trading houses: they buy in one hub, apply where a licence is asked for, ship, and sell out of stock in another.

They order what they expect to sell and what their position lacks, open orders and pending applications included. They pay up to
the price abroad net of freight, VAT and duty: a slow answer to the gap between the hubs.
"""

from __future__ import annotations

import numpy as np

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

    def expect(self, orders: Array, source: Array, margin: Array, free: Array) -> None:
        """Expected sales from the smoothed orders of the region, by cell.

        A ``margin`` (log of net-back price over the price at the source) beyond the cost of a new trade opens a further
        share of the region's orders (or of what is offered in the hub it buys in, ``source``, if that is less) to the route, also
        where nothing was traded at the start. Only the ``free`` share [routes] of a route can answer so: goods bound to named users
        of the region cannot be sold for the hub's price.
        """
        opened = NEW_TRADE * np.minimum(np.maximum((margin - TRADE_BAND) / TRADE_WIDTH, 0.0), 1.0)
        self.normal = self.share * orders[self.cell]
        self.expected = self.normal + free * opened * np.minimum(orders[self.cell], source)

    def want(
        self, held: Array, due: Array, waiting: Array, wait_weeks: Array, factor: Array, gap_weeks: float
    ) -> Array:
        """Kilograms a week to order at par, from what is held, due to arrive and waiting for a licence."""
        target = (self.cover * factor + self.lag - 1.0 + self.longer + wait_weeks) * self.expected
        want: Array = np.maximum(self.expected + (target - held - due - waiting) / gap_weeks, 0.0)
        return want

    def offer(self, held: Array, factor: Array, gap_weeks: float) -> Array:
        """Kilograms a week to sell at par; with news the houses hold on to their stock as users do."""
        target = self.cover * factor * self.expected
        offer: Array = np.maximum(self.expected + (held - target) / gap_weeks, 0.0)
        return offer


def surplus_of(held: Array, target: Array) -> Array:
    """Stock above target as a share of it, within -1 and 1; nil where no stock is meant to be held."""
    over = np.divide(held - target, target, out=np.zeros(len(held)), where=target > 0.0)
    clipped: Array = np.minimum(np.maximum(over, -1.0), 1.0)
    return clipped
