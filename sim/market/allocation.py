"""Who is served, once the price stands.

At a cleared price everybody gets what it takes. Where the quote is an assessment, or military buyers find no goods that they
may have, less is there than is asked for: it is shared pro rata among those with the same access, or, with
``allocation: priority``, defence is served first. Civil buyers of a region take their own licensed imports first, then
licensed goods open to any civil buyer, then open goods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.market.clearing import Bids, Flows, Offers
from sim.stock import Array


def ratio(part: Array, whole: Array) -> Array:
    """``part / whole``, nil where there is nothing."""
    out: Array = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)
    return out


@dataclass(slots=True)
class Served:
    """Kilograms bought and sold by line, and how the goods of a cell are made up."""

    bought: Array  # [buyers]
    sold: Array  # [sellers] kg
    sold_licensed: Array  # [sellers] kg of it under licence
    from_bound: Array  # [cells] share of civil purchases that are the region's own licensed imports
    from_civil_only: Array  # [pools] share of the other civil purchases that are licensed


def serve(flows: Flows, bids: Bids, offers: Offers, pools: int, priority: bool) -> Served:
    """Share out what is there. With ``priority`` military buyers come before civil ones at the open goods."""
    from_own = np.minimum(flows.civil, flows.bound)
    rest = (flows.civil - from_own).reshape(pools, -1)
    civil_rest = rest.sum(axis=1)
    free_civil_need = np.maximum(civil_rest - flows.civil_only, 0.0)
    if priority:
        military = np.minimum(flows.military, flows.free)
    else:  # pro rata among all who may have open goods, by what they still lack
        asked = flows.military + free_civil_need
        military = flows.military * np.minimum(ratio(flows.free, asked), 1.0)
    civil_free = np.minimum(free_civil_need, flows.free - military)
    civil_licensed = np.minimum(civil_rest, flows.civil_only)
    filled = ratio(civil_licensed + civil_free, civil_rest)
    cell_fill = ratio(from_own + (rest * filled[:, None]).ravel(), flows.civil)
    bought = flows.demand * np.where(
        bids.civil > 0.0, cell_fill[bids.cell], ratio(military, flows.military)[bids.pool]
    )
    licensed = flows.supply * offers.licensed
    sold_licensed = licensed * np.where(
        offers.bound > 0.0, ratio(from_own, flows.bound)[offers.cell], ratio(civil_licensed, flows.civil_only)[offers.pool]
    )
    sold_free = (flows.supply - licensed) * ratio(civil_free + military, flows.free)[offers.pool]
    return Served(
        bought=bought,
        sold=sold_licensed + sold_free,
        sold_licensed=sold_licensed,
        from_bound=ratio(from_own, from_own + (rest * filled[:, None]).ravel()),
        from_civil_only=ratio(civil_licensed, civil_licensed + civil_free),
    )
