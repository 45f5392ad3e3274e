"""Three prices abroad: the index of China, contracts that average it, and a thin quote.

``P_abroad = P_china (1 + vat)(1 + duty) + logistics`` where the border does not bind: VAT is not refunded on rare-earth oxides
and metals. A contract is the mean of the index over some weeks in that formula, and covers most of the volume. The quote clears
when free sales are more than a sliver of use; below that it is an *assessment*, which moves toward the bids that a small sale
would meet, fast up and slowly down.
"""

from __future__ import annotations

import numpy as np

from sim.behaviour import Behaviour
from sim.compiled import kernel
from sim.layout import CHINA_HUB, SCO_HUB, WORLD_HUB, Layout
from sim.stock import Array

FREE_SALES = 0.25  # weight of the last week in the slow mean of free sales


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
        self.index: Array = np.tile(layout.price, (weeks, 1))  # China's prices of the last weeks, in turn
        self.turn = 0
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
        b, log = self.behaviour, self.log.copy()
        _quote(log, cleared, self.thin, b.quote_down, b.quote_up, self.aligned)
        self.log = log

    def settle(self, sold: Array, use: Array) -> None:
        """After the call: ``sold`` and ``use`` [K] kg a week; contract price, price paid, and how thin the quote is."""
        b = self.behaviour
        self.index[self.turn] = np.exp(self.log[self.china])
        self.turn = (self.turn + 1) % len(self.index)
        _settle(
            self.log, self.index, self.wedge, self.duty, self.freight, self.rent, b.contract_share if b.two_prices else 0.0,
            self.aligned, sold, use, b.thin_share, self.contract, self.paid, self.free_sales, self.thin,
        )  # fmt: skip


@kernel
def _quote(log: Array, cleared: Array, thin: Array, down: float, up: float, aligned: bool) -> None:
    """Move ``log`` [K] to the ``cleared`` prices, in place; abroad by ``down`` to ``up`` at most where all is ``thin`` [C]."""
    for c in range(len(thin)):
        world, sco = WORLD_HUB * len(thin) + c, SCO_HUB * len(thin) + c
        log[CHINA_HUB * len(thin) + c] = cleared[CHINA_HUB * len(thin) + c]
        step = cleared[world] - log[world]
        calm = min((1.0 - thin[c]) * 2.0, 1.0)  # 1 where enough is sold freely, 0 where hardly a tonne
        log[world] += calm * step + (1.0 - calm) * min(max(step, -down), up)
        log[sco] = cleared[sco] if aligned else log[world]


@kernel
def _settle(
    log: Array, index: Array, wedge: Array, duty: Array, freight: Array, rent: Array, share: float, aligned: bool, sold: Array,
    use: Array, thin_share: float, contract: Array, paid: Array, free_sales: Array, thin: Array,
) -> None:  # fmt: skip
    """Commodity by commodity, in place: ``contract``, ``paid``, ``free_sales`` (a slow mean) and ``thin``."""
    for c in range(len(thin)):
        world, sco = WORLD_HUB * len(thin) + c, SCO_HUB * len(thin) + c
        mean = index[:, c].mean()
        contract[c] = mean * wedge[c] * duty[c] + freight[c] + rent[c]
        # behind a border of its own a zone pays China's price and the way, no duty and no quota's rent
        inside = mean * wedge[c] + freight[c] if aligned else contract[c]
        paid[CHINA_HUB * len(thin) + c] = np.exp(log[CHINA_HUB * len(thin) + c])
        paid[world] = share * contract[c] + (1.0 - share) * np.exp(log[world])
        paid[sco] = share * inside + (1.0 - share) * np.exp(log[sco])
        free = (1.0 - share) * sold[world]
        if np.isinf(free_sales[c]):
            free_sales[c] = free
        else:
            free_sales[c] += FREE_SALES * (free - free_sales[c])
        needed = thin_share * use[world]
        thin[c] = 1.0 - min(free_sales[c] / needed, 1.0) if needed > 0.0 else 0.0
