"""Magnet makers: metals in fixed recipes by grade to sintered, machined magnets; a third of the rare earths becomes scrap."""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.goods import add, mass, move, part, stamp
from sim.stages.plants import Plants, room
from sim.stock import WIDTH, Array, Block, Index, Pipe, Stock


class MagnetMakers:
    """Rows ``inputs`` one a maker and metal, ``outputs`` one a maker and grade; ``links`` join them with the recipe."""

    def __init__(
        self, plants: Plants, plant_of: Index, inputs: Block, outputs: Block, links: tuple[Index, Index, Array],
        finished: float, lead: Index, opening: Array, opening_goods: Array,
    ) -> None:  # fmt: skip
        self.plants, self.plant_of, self.inputs, self.outputs = plants, plant_of, inputs, outputs
        self.link_out, self.link_in, self.recipe = links  # sorted by output row; kg metal per kg finished
        self.finished = finished  # kg of finished magnet per kg of metal begun
        self.work = Pipe(lead)
        self.work.fill(opening_goods)
        self.zone = plants.zone[plant_of]
        self.made = opening.copy()
        self.begun = opening.copy()
        self.planned = opening.copy()
        self.short_of = np.full(len(outputs), -1)  # input row that bound this week, -1: none

    def need(self, plan: Array, content: Array) -> Array:
        """Metal wanted a week by input row for ``plan`` kg of finished magnets; ``content`` [links] thrifting factors."""
        return _need(plan, self.recipe, content, self.link_out, self.link_in, len(self.inputs))

    def run(self, stock: Stock, plan: Array, content: Array) -> Array:
        """Finish what is due, begin what inputs and capacity allow; returns scrap [outputs, WIDTH] of machining and press."""
        due = self.work.pop()
        self.made, scrap = _finish(due, self.work.due, self.finished, self.zone, stock.kg[self.outputs.rows])
        self.planned = plan
        goods, self.begun, self.short_of = _begin(
            plan, self.plants.able, self.plant_of, self.recipe, content, self.link_out, self.link_in,
            stock.kg[self.inputs.rows],
        )  # fmt: skip
        self.work.push(goods)
        return scrap


@kernel
def _need(plan: Array, recipe: Array, content: Array, link_out: Index, link_in: Index, inputs: int) -> Array:
    need = np.zeros(inputs)
    for k in range(len(recipe)):
        need[link_in[k]] += recipe[k] * content[k] * plan[link_out[k]]
    return need


@kernel
def _finish(due: Array, due_kg: Array, finished: float, zone: Index, outputs: Array) -> tuple[Array, Array]:
    """Metal that is ``due`` becomes magnets in ``outputs`` and scrap; returns kg made [rows] and the scrap [rows, WIDTH]."""
    made, scrap = due_kg * finished, np.empty(due.shape)
    for i in range(len(made)):
        for c in range(WIDTH):
            magnet = due[i, c] * finished
            scrap[i, c] = due[i, c] - magnet
            due[i, c] = magnet
        stamp(due, i, zone[i], made[i])
        add(outputs, i, due, i, 1.0)
    return made, scrap


@kernel
def _begin(
    plan: Array, able: Array, plant_of: Index, recipe: Array, content: Array, link_out: Index, link_in: Index,
    inputs: Array,
) -> tuple[Array, Array, Index]:  # fmt: skip
    """Begin ``plan`` kg of finished magnets, as far as capacity and the scarcest metal of each recipe go.

    Returns the metals [outputs, WIDTH], kg of finished magnet begun, and the input row that bound each (-1: none).
    """
    rooms = room(able, plant_of, plan)
    begun, scarcest, short_of = np.empty(len(plan)), np.ones(len(plan)), np.full(len(plan), -1)
    for i in range(len(plan)):
        begun[i] = plan[i] * rooms[plant_of[i]]
    need = _need(begun, recipe, content, link_out, link_in, len(inputs))
    held, fill = np.empty(len(inputs)), np.ones(len(inputs))
    for m in range(len(inputs)):
        held[m] = mass(inputs, m)
        if need[m] > held[m]:
            fill[m] = held[m] / need[m]
    for k in range(len(recipe)):
        if (
            recipe[k] * content[k] > 0.0
            and fill[link_in[k]] < 1.0
            and fill[link_in[k]] <= scarcest[link_out[k]]
        ):
            scarcest[link_out[k]], short_of[link_out[k]] = fill[link_in[k]], link_in[k]
    begun *= scarcest
    drawn = _need(begun, recipe, content, link_out, link_in, len(inputs))
    taken, goods = np.zeros(inputs.shape), np.zeros((len(plan), WIDTH))
    for m in range(len(inputs)):
        if held[m] > 0.0:
            move(taken, m, inputs, m, min(drawn[m] / held[m], 1.0))
    for k in range(len(recipe)):
        amount = recipe[k] * content[k] * begun[link_out[k]]
        add(goods, link_out[k], taken, link_in[k], part(amount, drawn[link_in[k]]))
    return goods, begun, short_of
