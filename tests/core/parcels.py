"""Goods on their way, for tests: what is sent in one mixture a pool, and what arrives."""

from __future__ import annotations

import numpy as np

from sim.stock import WIDTH, Array
from sim.trade.shipments import Shipments


def mixed(way: Shipments, by_pool: Array) -> Array:
    """This week's table of mixtures, the same for all buyers of a pool."""
    table = way.mixtures()
    table[: len(way.cells)] = by_pool[way.cells // way.regions]
    table[len(way.cells) :] = by_pool
    return table


def popped(way: Shipments) -> Array:
    """What arrives this week, [lines, WIDTH]."""
    goods = np.zeros((len(way.lag), WIDTH))
    way.pop(goods)
    return goods
