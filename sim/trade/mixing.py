"""What a kilogram bought holds.

All buyers of a pool with the same access get the same mixture of what was sold there. Military buyers get open goods. Civil
buyers of a region get their part of the licensed goods bound to it, of the licensed goods open to any civil buyer, and of the
open goods.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.stock import LICENSED, WIDTH, Array, E, Index


@kernel
def mix(
    table: Array, cells: Index, regions: int, goods: Array, sold: Array, sold_licensed: Array, pool: Index, cell: Index,
    bound: Array, from_bound: Array, from_civil_only: Array,
) -> None:  # fmt: skip
    """Write the mixtures, goods per kilogram, into ``table`` [cells used and pools, WIDTH]: one for civil buyers of each of
    ``cells``, behind them one for military buyers of each pool.

    ``goods`` [sellers, WIDTH] are what was ``sold``, kg, ``sold_licensed`` of it under a licence, ``bound`` (1) to the seller's
    ``cell``; ``from_bound`` [pools * regions] and ``from_civil_only`` [pools] are the parts of civil purchases.
    """
    pools, n = len(from_civil_only), len(cells)
    free = np.zeros((pools, WIDTH))
    if not sold_licensed.any():
        for i in range(len(sold)):
            if sold[i] > 0.0:
                free[pool[i]] += goods[i]
        _per_kg(free)
        for c in range(n):
            table[c] = free[cells[c] // regions]
        table[n:] = free
        return
    to_region, to_civil = np.zeros((pools * regions, WIDTH)), np.zeros((pools, WIDTH))
    for i in range(len(sold)):
        if sold[i] > 0.0:
            share = sold_licensed[i] / sold[i]
            licensed = to_region[cell[i]] if bound[i] > 0.0 else to_civil[pool[i]]
            for j in range(LICENSED):
                licensed[j] += goods[i, j] * share
                free[pool[i], j] += goods[i, j] - goods[i, j] * share
            licensed[LICENSED] += goods[i, :E].sum() * share
    _per_kg(free)
    _per_kg(to_civil)
    _per_kg(to_region)
    for c in range(n):
        k = cells[c] // regions
        own, only = from_bound[cells[c]], from_civil_only[k]
        for j in range(WIDTH):
            rest = only * to_civil[k, j] + (1.0 - only) * free[k, j]
            table[c, j] = own * to_region[cells[c], j] + (1.0 - own) * rest
    table[n:] = free


@kernel
def _per_kg(goods: Array) -> None:
    """In place: composition of a kilogram of element mass; zero rows where there is nothing."""
    for i in range(len(goods)):
        mass = goods[i, :E].sum()
        if mass > 0.0:
            goods[i] /= mass
        else:
            goods[i] = 0.0
