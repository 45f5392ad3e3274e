"""Metal and alloy makers: oxide to metal by electrolysis or with calcium; the stage that hardly exists outside China."""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.goods import add, mass, move, stamp
from sim.stages.plants import Plants, room
from sim.stock import WIDTH, Array, Block, E, Index, Pipe, Stock


class MetalMakers:
    """Rows ``inputs`` (oxide) and ``outputs`` (metal), one a maker and metal, in the same order."""

    def __init__(
        self, plants: Plants, plant_of: Index, inputs: Block, outputs: Block, yields: Array, lead: Index, opening: Array,
        opening_goods: Array,
    ) -> None:  # fmt: skip
        self.plants, self.plant_of, self.inputs, self.outputs, self.yields = (
            plants,
            plant_of,
            inputs,
            outputs,
            yields,
        )
        self.work = Pipe(lead)
        self.work.fill(opening_goods)  # [rows, WIDTH] oxide-side kg a week
        self.zone = plants.zone[plant_of]
        self.made = opening.copy()  # kg a week of metal finished
        self.planned = opening.copy()
        self.begun = opening.copy()

    def run(self, stock: Stock, plan: Array) -> None:
        """Finish what is due and begin ``plan`` kg of metal (finished basis), as far as capacity and oxide allow."""
        due = self.work.pop()
        self.made = _finish(
            due, self.work.due, self.yields, self.zone, stock.kg[self.outputs.rows], stock.lost
        )
        self.planned = plan
        goods, kg = _begin(plan, self.plants.able, self.plant_of, self.yields, stock.kg[self.inputs.rows])
        self.begun = kg * self.yields
        self.work.push(goods, mass=kg)


@kernel
def _finish(due: Array, due_kg: Array, yields: Array, zone: Index, outputs: Array, lost: Array) -> Array:
    """Oxide that is ``due`` becomes metal in ``outputs``; what a yield below one leaves is lost. Returns kg made, [rows]."""
    made = due_kg * yields
    for i in range(len(made)):
        for e in range(E):
            lost[e] += due[i, e] - due[i, e] * yields[i]
        for c in range(WIDTH):
            due[i, c] *= yields[i]
        stamp(due, i, zone[i], made[i])
        add(outputs, i, due, i, 1.0)
    return made


@kernel
def _begin(plan: Array, able: Array, plant_of: Index, yields: Array, inputs: Array) -> tuple[Array, Array]:
    """Take the oxide for ``plan`` out of ``inputs``, as far as it goes; returns the goods [rows, WIDTH] and their kg [rows]."""
    rooms = room(able, plant_of, plan)
    goods, kg = np.zeros(inputs.shape), np.zeros(len(plan))
    for i in range(len(plan)):
        need, held = plan[i] * rooms[plant_of[i]] / yields[i], mass(inputs, i)
        if held > 0.0:
            move(goods, i, inputs, i, min(need / held, 1.0))
            kg[i] = mass(goods, i)
    return goods, kg
