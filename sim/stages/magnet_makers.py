"""Magnet makers: metals in fixed recipes by grade to sintered, machined magnets; a third of the rare earths becomes scrap."""

from __future__ import annotations

import numpy as np

from sim.grouping import GroupSum, ratio, total_by
from sim.stages.plants import Plants, mark_origin
from sim.stock import Array, Block, Index, Pipe, Stock


class MagnetMakers:
    """Rows ``inputs`` one a maker and metal, ``outputs`` one a maker and grade; ``links`` join them with the recipe."""

    def __init__(
        self, plants: Plants, plant_of: Index, inputs: Block, outputs: Block, links: tuple[Index, Index, Array],
        thrifty: Array, finished: float, lead: Index, opening: Array, opening_goods: Array,
    ) -> None:  # fmt: skip
        self.plants, self.plant_of, self.inputs, self.outputs = plants, plant_of, inputs, outputs
        self.link_out, self.link_in, self.recipe = links  # sorted by output row; kg metal per kg finished
        self.thrifty = thrifty  # [links] 1 where the metal is Dy or Tb, which can be thrifted
        self.finished = finished  # kg of finished magnet per kg of metal begun
        self.work = Pipe(lead)
        self.work.fill(opening_goods)
        self.by_output = GroupSum(self.link_out, len(outputs))
        self.zone = plants.zone[plant_of]
        self.made = opening.copy()
        self.begun = opening.copy()
        self.planned = opening.copy()
        self.short_of = np.full(len(outputs), -1)  # input row that bound this week, -1: none

    def need(self, plan: Array, content: Array) -> Array:
        """Metal wanted a week by input row for ``plan`` kg of finished magnets; ``content`` [links] thrifting factors."""
        return total_by(self.link_in, self.recipe * content * plan[self.link_out], len(self.inputs))

    def run(self, stock: Stock, plan: Array, content: Array) -> Array:
        """Finish what is due, begin what inputs and capacity allow; returns scrap [outputs, WIDTH] of machining and press."""
        due = self.work.pop()
        out = due * self.finished
        scrap = due - out
        self.made = self.work.due * self.finished
        stock.put(self.outputs.rows, mark_origin(out, self.zone, self.made))
        self.planned = plan
        plan = plan * self.plants.room(self.plant_of, plan)
        held = stock.mass(self.inputs.rows)
        recipe = self.recipe * content
        need = total_by(self.link_in, recipe * plan[self.link_out], len(held))
        fill = np.divide(held, need, out=np.ones(len(held)), where=need > held)
        link_fill = np.where(recipe > 0.0, fill[self.link_in], 1.0)
        least = self.by_output.least(link_fill)
        self.short_of = np.full(len(self.outputs), -1)
        if (least < 1.0).any():
            worst = np.flatnonzero((link_fill < 1.0) & (link_fill <= least[self.link_out]))
            self.short_of[self.link_out[worst]] = self.link_in[worst]
        plan = plan * least
        amount = recipe * plan[self.link_out]
        drawn = total_by(self.link_in, amount, len(held))
        parts = stock.take(self.inputs.rows, drawn, held)[self.link_in]
        parts *= ratio(amount, drawn[self.link_in])[:, None]
        self.work.push(self.by_output(parts))
        self.begun = plan
        return scrap
