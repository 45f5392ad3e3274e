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
    table: Array, cells: Index, regions: int, stock: Array, mass: Array, sold: Array, sold_licensed: Array, pool: Index,
    cell: Index, bound: Array, from_bound: Array, from_civil_only: Array,
) -> bool:  # fmt: skip
    """Take what was ``sold``, kg, ``sold_licensed`` of it under a licence, out of sellers' ``stock`` [sellers, WIDTH] of ``mass``
    kg, and write what it makes up, goods per kilogram, into ``table`` [cells used and pools, WIDTH]: a mixture for civil buyers
    of each of ``cells``, behind them one for military buyers of each pool.

    Licensed goods of a ``bound`` (1) seller are for the civil buyers of its ``cell``; ``from_bound`` [pools * regions] and
    ``from_civil_only`` [pools] are the parts of civil purchases. Where nothing is licensed all buyers of a pool get alike: only
    the pools' mixtures are written, and it returns True.
    """
    pools, n = len(from_civil_only), len(cells)
    free = np.zeros((pools, WIDTH))
    alike = True
    for i in range(len(sold)):
        alike = alike and sold_licensed[i] == 0.0
    if alike:
        for i in range(len(sold)):
            if sold[i] > 0.0:
                share, k = min(sold[i] / mass[i], 1.0), pool[i]
                for j in range(WIDTH):
                    if stock[i, j] != 0.0:  # most goods hold few elements
                        part = stock[i, j] * share
                        stock[i, j] -= part
                        free[k, j] += part
        _per_kg(free)
        _copy(free, table, n)
        return True
    to_region, to_civil = np.zeros((pools * regions, WIDTH)), np.zeros((pools, WIDTH))
    for i in range(len(sold)):
        if sold[i] > 0.0:
            share, k = min(sold[i] / mass[i], 1.0), pool[i]
            under = sold_licensed[i] / sold[i]
            licensed, row = (to_region, cell[i]) if bound[i] > 0.0 else (to_civil, k)
            for j in range(LICENSED):
                part = stock[i, j] * share
                stock[i, j] -= part
                licensed[row, j] += part * under
                free[k, j] += part - part * under
                if j < E:
                    licensed[row, LICENSED] += part * under
            stock[i, LICENSED] -= sold_licensed[i]
    _per_kg(free)
    _per_kg(to_civil)
    _per_kg(to_region)
    for c in range(n):
        k = cells[c] // regions
        own, only = from_bound[cells[c]], from_civil_only[k]
        for j in range(WIDTH):
            rest = only * to_civil[k, j] + (1.0 - only) * free[k, j]
            table[c, j] = own * to_region[cells[c], j] + (1.0 - own) * rest
    _copy(free, table, n)
    return False


@kernel
def _copy(rows: Array, table: Array, first: int) -> None:
    """Write ``rows`` into ``table`` from row ``first`` on."""
    for i in range(len(rows)):
        for j in range(WIDTH):
            table[first + i, j] = rows[i, j]


@kernel
def _per_kg(goods: Array) -> None:
    """In place: composition of a kilogram of element mass; zero rows where there is nothing."""
    for i in range(len(goods)):
        mass = 0.0
        for j in range(E):
            mass += goods[i, j]
        for j in range(WIDTH):
            goods[i, j] = goods[i, j] / mass if mass > 0.0 else 0.0
