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
        self.made, goods, kg = _work(
            due, self.work.due, plan, self.plants.able, self.plant_of, self.yields, self.zone, stock.kg[self.inputs.rows],
            stock.kg[self.outputs.rows], stock.lost,
        )  # fmt: skip
        self.planned, self.begun = plan, kg * self.yields
        self.work.push(goods, mass=kg)


@kernel
def _work(
    due: Array, due_kg: Array, plan: Array, able: Array, plant_of: Index, yields: Array, zone: Index, inputs: Array,
    outputs: Array, lost: Array,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Oxide that is ``due`` becomes metal, less what is lost; oxide for ``plan`` is taken in, as far as it goes.

    Returns kg made [rows], the goods taken in [rows, WIDTH] and their kg [rows].
    """
    made, rooms = due_kg * yields, room(able, plant_of, plan)
    goods, kg = np.zeros(inputs.shape), np.zeros(len(plan))
    for i in range(len(plan)):
        for e in range(E):
            lost[e] += due[i, e] - due[i, e] * yields[i]
        for c in range(WIDTH):
            due[i, c] *= yields[i]
        stamp(due, i, zone[i], made[i])
        add(outputs, i, due, i, 1.0)
        need, held = plan[i] * rooms[plant_of[i]] / yields[i], mass(inputs, i)
        if held > 0.0:
            move(goods, i, inputs, i, min(need / held, 1.0))
            kg[i] = mass(goods, i)
    return made, goods, kg
