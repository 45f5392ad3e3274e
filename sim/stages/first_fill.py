"""The first fill of a solvent-extraction plant: what a new line makes first stays in its circuit, and is not sold.

Hundreds of mixers and settlers must hold metal before the last of them gives a pure product. A new line, or one that comes back
from being mothballed, keeps what it separates until its circuit is full; what operates on the first day is full already.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.goods import mass, move, part
from sim.stages.plants import Plants
from sim.stock import Array, Block, Stock


class FirstFill:
    """Rows: ``circuit`` one a plant. ``need`` is what the circuits built since the first day hold when full, kg of element."""

    def __init__(self, plants: Plants, circuit: Block, ledger: Block, weeks: Array) -> None:
        self.plants, self.circuit, self.ledger = plants, circuit, ledger
        self.weeks = weeks  # [plants] weeks of a line's full output that its circuit keeps
        self.need = np.zeros(len(plants.ids))
        self.old = plants.capacity * plants.started  # kg a week of lines that were full on the first day

    def extend(self, site: int, kg: float) -> None:
        """A line of ``kg`` a week of feed begins to fill."""
        self.need[site] += kg * self.weeks[site]

    def drain(self, stock: Stock, site: int) -> None:
        """The plant is mothballed: what its circuits hold is drained to its ledger of unseparated goods."""
        row = slice(self.circuit.start + site, self.circuit.start + site + 1)
        ledger = slice(self.ledger.start + site, self.ledger.start + site + 1)
        stock.put(ledger, stock.take(row, stock.mass(row)))
        self.need[site], self.old[site] = 0.0, 0.0

    def keep(self, stock: Stock, ready: Array, kg: Array) -> Array:
        """Keep back from ``ready`` [plants, WIDTH] of mass ``kg`` what empty circuits want; returns the kilograms kept, [plants].

        Beside old lines a new one gets its share of what the plant separates.
        """
        return _keep(
            stock.kg[self.circuit.rows], self.need, self.old, self.plants.growth, self.plants.built, ready, kg
        )


@kernel
def _keep(
    circuit: Array, need: Array, old: Array, growth: Array, built: Array, ready: Array, kg: Array
) -> Array:
    kept = np.zeros(len(need))
    for i in range(len(need)):
        lack = need[i] - mass(circuit, i)
        if lack > 0.0:
            new = max(1.0 - part(old[i] * growth[i], built[i]), 0.0)
            kept[i] = min(lack, kg[i] * new)
            move(circuit, i, ready, i, part(kept[i], kg[i]))
    return kept
