"""Who is served, once the price stands.

At a cleared price everybody gets what it takes. Where the quote is an assessment, or military buyers find no goods that they
may have, less is there than is asked for: it is shared pro rata among those with the same access, or, with
``allocation: priority``, defence is served first. Civil buyers of a region take their own licensed imports first, then
licensed goods open to any civil buyer, then open goods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.market.clearing import Bids, Flows, Offers
from sim.stock import Array, Index


@dataclass(slots=True)
class Served:
    """Kilograms bought and sold by line, and how the goods of a cell are made up."""

    bought: Array  # [buyers]
    sold: Array  # [sellers] kg
    sold_licensed: Array  # [sellers] kg of it under licence
    from_bound: Array  # [cells] share of civil purchases that are the region's own licensed imports
    from_civil_only: Array  # [pools] share of the other civil purchases that are licensed


def serve(flows: Flows, bids: Bids, offers: Offers, priority: NDArray[np.bool_]) -> Served:
    """Share out what is there. In pools with ``priority`` [pools] military buyers come before civil ones at the open goods."""
    return Served(
        *_serve(
            flows.demand, flows.supply, flows.civil, flows.military, flows.bound, flows.civil_only, flows.free,
            bids.pool, bids.cell, bids.civil, offers.pool, offers.cell, offers.bound, offers.licensed, priority,
        )
    )  # fmt: skip


@kernel
def _part(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else 0.0


@kernel
def _serve(
    demand: Array, supply: Array, civil: Array, military: Array, bound: Array, civil_only: Array, free: Array,
    buyer_pool: Index, buyer_cell: Index, buyer_civil: Array, seller_pool: Index, seller_cell: Index, seller_bound: Array,
    licensed: Array, priority: NDArray[np.bool_],
) -> tuple[Array, Array, Array, Array, Array]:  # fmt: skip
    """The fields of ``Served`` in their order."""
    pools, cells = len(free), len(civil)
    regions = cells // pools
    cell_filled, own_sold, from_bound = np.empty(cells), np.empty(cells), np.empty(cells)
    military_filled, only_sold, free_sold, from_only = (
        np.empty(pools),
        np.empty(pools),
        np.empty(pools),
        np.empty(pools),
    )
    for k in range(pools):
        first, behind = k * regions, (k + 1) * regions
        rest = 0.0  # what the regions' own licensed imports leave
        for c in range(first, behind):
            rest += civil[c] - min(civil[c], bound[c])
        need = max(rest - civil_only[k], 0.0)  # of open goods
        # pro rata among all who may have open goods, by what they still lack; or defence first
        shared = military[k] * min(_part(free[k], military[k] + need), 1.0)
        served = min(military[k], free[k]) if priority[k] else shared
        from_free = min(need, free[k] - served)
        from_licensed = min(rest, civil_only[k])
        filled = _part(from_licensed + from_free, rest)
        for c in range(first, behind):
            own = min(civil[c], bound[c])
            got = own + (civil[c] - own) * filled
            cell_filled[c], own_sold[c], from_bound[c] = (
                _part(got, civil[c]),
                _part(own, bound[c]),
                _part(own, got),
            )
        military_filled[k] = _part(served, military[k])
        only_sold[k] = _part(from_licensed, civil_only[k])
        free_sold[k] = _part(from_free + served, free[k])
        from_only[k] = _part(from_licensed, from_licensed + from_free)
    bought, sold, sold_licensed = np.empty(len(demand)), np.empty(len(supply)), np.empty(len(supply))
    for i in range(len(demand)):
        bought[i] = demand[i] * (
            cell_filled[buyer_cell[i]] if buyer_civil[i] > 0.0 else military_filled[buyer_pool[i]]
        )
    for i in range(len(supply)):
        share = own_sold[seller_cell[i]] if seller_bound[i] > 0.0 else only_sold[seller_pool[i]]
        sold_licensed[i] = supply[i] * licensed[i] * share
        sold[i] = sold_licensed[i] + supply[i] * (1.0 - licensed[i]) * free_sold[seller_pool[i]]
    return bought, sold, sold_licensed, from_bound, from_only
