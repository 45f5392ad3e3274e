"""Metal and alloy makers: oxide to metal by electrolysis or with calcium; the stage that hardly exists outside China."""

from __future__ import annotations

from sim.stages.plants import Plants, mark_origin
from sim.stock import Array, Block, E, Index, Pipe, Stock, mass_of


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
        out = due * self.yields[:, None]
        stock.count_lost(due[:, :E] - out[:, :E])
        self.made = self.work.due * self.yields
        stock.put(self.outputs.rows, mark_origin(out, self.zone, self.made))
        self.planned = plan
        need = plan * self.plants.room(self.plant_of, plan) / self.yields
        goods = stock.take(self.inputs.rows, need)
        mass = mass_of(goods)
        self.begun = mass * self.yields
        self.work.push(goods, mass=mass)
