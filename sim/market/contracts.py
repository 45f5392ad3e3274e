"""Three prices abroad: the index of China, contracts that average it, and a thin quote.

``P_abroad = P_china (1 + vat)(1 + duty) + logistics`` where the border does not bind: VAT is not refunded on rare-earth oxides
and metals. A contract is the mean of the index over some weeks in that formula, and covers most of the volume. The quote clears
when free sales are more than a sliver of use; below that it is an *assessment*, which moves toward the bids that a small sale
would meet, fast up and slowly down.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from sim.behaviour import Behaviour
from sim.layout import CHINA_HUB, SCO_HUB, WORLD_HUB, Layout
from sim.stock import Array


class Prices:
    """Log prices by pool; ``wedge`` and ``freight`` [C] join the hubs."""

    def __init__(self, layout: Layout, wedge: Array, freight: Array, behaviour: Behaviour) -> None:
        self.layout, self.wedge, self.freight, self.behaviour = layout, wedge, freight, behaviour
        self.china = slice(CHINA_HUB * layout.C, (CHINA_HUB + 1) * layout.C)
        self.world = slice(WORLD_HUB * layout.C, (WORLD_HUB + 1) * layout.C)
        self.sco = slice(SCO_HUB * layout.C, (SCO_HUB + 1) * layout.C)
        self.aligned = False  # whether sco has a call of its own
        self.duty = np.ones(layout.C)  # factor of duties since the first day, mean over the trade
        self.rent = np.zeros(layout.C)  # of export quotas, USD/kg of product, mean over the trade
        abroad = self.landed(layout.price)
        self.log = np.log(np.concatenate([layout.price, abroad, abroad]))
        self.opening = np.exp(self.log)
        weeks = round(behaviour.contract_weeks)
        self.index: deque[Array] = deque([layout.price.copy() for _ in range(weeks)], maxlen=weeks)
        self.free_sales = np.full(layout.C, np.inf)
        self.contract = self.opening[self.world].copy()
        self.paid = self.opening.copy()
        self.thin = np.zeros(layout.C)

    def landed(self, china: Array) -> Array:
        """What a kilogram bought in China costs abroad, USD/kg: with VAT, duty, freight and the rent of a quota."""
        cost: Array = china * self.wedge * self.duty + self.freight + self.rent
        return cost

    def net(self) -> Array:
        """World prices less freight, VAT and duty (a quota's rent stays in): to be compared with China's, [C]."""
        net: Array = (np.exp(self.log[self.world]) - self.freight) / (self.wedge * self.duty)
        return net

    def quote(self, cleared: Array) -> None:
        """Take the cleared log prices [K]; abroad, thin goods only move toward them."""
        step = cleared - self.log
        b = self.behaviour
        calm = np.minimum(
            (1.0 - self.thin) * 2.0, 1.0
        )  # 1 where enough is sold freely, 0 where hardly a tonne
        slow = np.minimum(np.maximum(step[self.world], -b.quote_down), b.quote_up)
        step[self.world] = calm * step[self.world] + (1.0 - calm) * slow
        self.log = self.log + step
        if not self.aligned:
            self.log[self.sco] = self.log[self.world]

    def settle(self, sold: Array, use: Array) -> None:
        """After the call: ``sold`` and ``use`` [K] kg a week; contract price, price paid, and how thin the quote is."""
        b = self.behaviour
        price = np.exp(self.log)
        self.index.append(price[self.china].copy())
        index = np.array(self.index).mean(axis=0)
        self.contract = self.landed(index)
        # behind a border of its own a zone pays China's price and the way, no duty and no quota's rent
        inside = index * self.wedge + self.freight if self.aligned else self.contract
        share = b.contract_share if b.two_prices else 0.0
        self.paid[self.china] = price[self.china]
        for hub, contract in ((self.world, self.contract), (self.sco, inside)):
            self.paid[hub] = share * contract + (1.0 - share) * price[hub]
        free = (1.0 - share) * sold[self.world]
        memory = np.where(np.isinf(self.free_sales), 1.0, 0.25)
        self.free_sales = (
            np.where(np.isinf(self.free_sales), 0.0, self.free_sales) * (1.0 - memory) + free * memory
        )
        needed = b.thin_share * use[self.world]
        enough = np.divide(self.free_sales, needed, out=np.ones_like(free), where=needed > 0.0)
        self.thin = 1.0 - np.minimum(enough, 1.0)
