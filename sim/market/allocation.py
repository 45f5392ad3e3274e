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

from sim.grouping import ratio
from sim.market.clearing import Bids, Flows, Offers
from sim.stock import Array


@dataclass(slots=True)
class Served:
    """Kilograms bought and sold by line, and how the goods of a cell are made up."""

    bought: Array  # [buyers]
    sold: Array  # [sellers] kg
    sold_licensed: Array  # [sellers] kg of it under licence
    from_bound: Array  # [cells] share of civil purchases that are the region's own licensed imports
    from_civil_only: Array  # [pools] share of the other civil purchases that are licensed


def serve(flows: Flows, bids: Bids, offers: Offers, pools: int, priority: NDArray[np.bool_]) -> Served:
    """Share out what is there. In pools with ``priority`` [pools] military buyers come before civil ones at the open goods."""
    if not offers.licensed.any():
        return _serve_open(flows, bids, offers, pools, priority)
    from_own = np.minimum(flows.civil, flows.bound)
    rest = (flows.civil - from_own).reshape(pools, -1)
    civil_rest = rest.sum(axis=1)
    free_civil_need = np.maximum(civil_rest - flows.civil_only, 0.0)
    military = _military(flows, free_civil_need, priority)
    civil_free = np.minimum(free_civil_need, flows.free - military)
    civil_licensed = np.minimum(civil_rest, flows.civil_only)
    filled = ratio(civil_licensed + civil_free, civil_rest)
    cell_fill = ratio(from_own + (rest * filled[:, None]).ravel(), flows.civil)
    bought = flows.demand * np.where(
        bids.civil > 0.0, cell_fill[bids.cell], ratio(military, flows.military)[bids.pool]
    )
    licensed = flows.supply * offers.licensed
    sold_licensed = licensed * np.where(
        offers.bound > 0.0,
        ratio(from_own, flows.bound)[offers.cell],
        ratio(civil_licensed, flows.civil_only)[offers.pool],
    )
    sold_free = (flows.supply - licensed) * ratio(civil_free + military, flows.free)[offers.pool]
    return Served(
        bought=bought,
        sold=sold_licensed + sold_free,
        sold_licensed=sold_licensed,
        from_bound=ratio(from_own, from_own + (rest * filled[:, None]).ravel()),
        from_civil_only=ratio(civil_licensed, civil_licensed + civil_free),
    )


def _military(flows: Flows, civil_need: Array, priority: NDArray[np.bool_]) -> Array:
    """Kilograms of open goods that military buyers get by pool, beside civil buyers who need ``civil_need`` of them."""
    # pro rata among all who may have open goods, by what they still lack
    shared = flows.military * np.minimum(ratio(flows.free, flows.military + civil_need), 1.0)
    return np.where(priority, np.minimum(flows.military, flows.free), shared)


def _serve_open(flows: Flows, bids: Bids, offers: Offers, pools: int, priority: NDArray[np.bool_]) -> Served:
    """The same where no goods are licensed: regions are nothing of their own."""
    civil = flows.civil.reshape(pools, -1).sum(axis=1)
    military = _military(flows, civil, priority)
    civil_free = np.minimum(civil, flows.free - military)
    fill = np.concatenate([ratio(military, flows.military), ratio(civil_free, civil)])
    return Served(
        bought=flows.demand * fill[bids.pool + pools * (bids.civil > 0.0)],
        sold=flows.supply * ratio(civil_free + military, flows.free)[offers.pool],
        sold_licensed=np.zeros(len(flows.supply)),
        from_bound=np.zeros(len(flows.civil)),
        from_civil_only=np.zeros(pools),
    )
