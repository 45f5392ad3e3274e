"""Goods in kernels, a row at a time: their mass, their origin, and the marks that follow a part of them.

A kernel of a stage or of a user works on views of the stock's own rows. Whatever it takes out of one it puts into another, into
a pipe, or into the counters of what is mined, lost or consumed: nothing else keeps the mass balance.
"""

from __future__ import annotations

from sim.compiled import kernel
from sim.layout import ZONE_OF
from sim.stock import CHINA, RUSSIA, WIDTH, Array, E

ZONE_CHINA, ZONE_RUSSIA = ZONE_OF["china"], ZONE_OF["russia"]


@kernel
def mass(goods: Array, i: int) -> float:
    """Kilograms of all elements in row ``i``."""
    kg = 0.0
    for e in range(E):
        kg += goods[i, e]
    return kg


@kernel
def part(some: float, whole: float) -> float:
    """``some / whole``, nil where there is nothing."""
    return some / whole if whole > 0.0 else 0.0


@kernel
def add(goods: Array, i: int, more: Array, j: int, share: float) -> None:
    """Add ``share`` of row ``j`` of ``more``, marks and all, to row ``i`` of ``goods``."""
    if share != 0.0:
        for c in range(WIDTH):
            goods[i, c] += share * more[j, c]


@kernel
def move(goods: Array, i: int, source: Array, j: int, share: float) -> None:
    """Move ``share`` of row ``j`` of ``source``, marks and all, to row ``i`` of ``goods``."""
    if share != 0.0:
        for c in range(WIDTH):
            if source[j, c] != 0.0:  # most rows hold few of the elements
                moved = share * source[j, c]
                source[j, c] -= moved
                goods[i, c] += moved


@kernel
def scale_marks(goods: Array, i: int, share: float) -> None:
    """Marks shrink with the mass when part of the elements is left behind."""
    for mark in range(E, WIDTH):
        goods[i, mark] *= share


@kernel
def stamp(goods: Array, i: int, zone: int, kg: float) -> None:
    """Mark row ``i``, of mass ``kg``, as made in ``zone``: what China makes is Chinese, what Russia makes of allied feed is
    Russian."""
    if zone == ZONE_CHINA:
        goods[i, CHINA], goods[i, RUSSIA] = kg, 0.0
    elif zone == ZONE_RUSSIA:
        goods[i, RUSSIA] = kg - goods[i, CHINA]
