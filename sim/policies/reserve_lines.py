"""What policies on stockpiles share: finding the stockpile's row, its need, and taking orders back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.chain import Chain


@dataclass(frozen=True, slots=True)
class Line:
    """A stockpile: its row among the reserves, kg of product per kg of element, log of the first day's price."""

    row: int
    factor: float
    opening: float


def find(chain: Chain, stockpiles: Sequence[str]) -> list[Line]:
    """The lines of stockpiles by id."""
    reserves, lay = chain.parts.reserves, chain.layout
    rows = [reserves.block.owner.index(name) for name in stockpiles]
    log = np.log(chain.parts.prices.opening)
    return [
        Line(row, float(lay.factor[reserves.block.commodity[row]]), float(log[reserves.pool[row]]))
        for row in rows
    ]


def need(chain: Chain, line: Line) -> float:
    """Kilograms of element a week that the stockpile is for: use of its region's programmes, or of everybody there."""
    reserves, p = chain.parts.reserves, chain.parts
    region, commodity = reserves.block.region[line.row], reserves.block.commodity[line.row]
    kits = p.defence.kits
    here = (kits.region == region) & (kits.commodity == commodity)
    military = float(p.defence.wanted[here].sum())
    if reserves.reserved_for[line.row] == "defence":
        return military
    cell = reserves.pool[line.row] * chain.layout.R + region
    return float(p.opening.use[cell])


def countermand(chain: Chain, name: str) -> None:
    """Take back what a policy has ordered."""
    orders = chain.parts.reserves.orders
    for key in [key for key in orders if key.partition(".")[0] == name]:
        del orders[key]
