"""Announced projects: a date, a delay, a probability and a ramp. What was decided before the first day, and nothing else.

With chance on, whether a project comes at all and how late it is are drawn; with chance off its expected share of capacity
comes on the announced date plus the typical delay.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Protocol

import numpy as np

from sim.chain import Chain
from sim.invest.works import Work
from sim.stages.plants import Plants
from sim.start import OPERATING
from sim.units import WEEK

DAYS_PER_MONTH = 365.25 / 12.0
DELAY_SPREAD = 0.6  # log standard deviation of a delay around its typical value: unsourced estimate


class Announced(Protocol):
    """What the tables say of a project."""

    @property
    def id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def start_date(self) -> str: ...
    @property
    def probability(self) -> float: ...
    @property
    def delay_months_typical(self) -> float: ...
    @property
    def ramp_months(self) -> float: ...


def schedule(chain: Chain) -> None:
    """Put every project of the world on the clock."""
    w, p = chain.world, chain.parts
    stages: list[tuple[Sequence[Announced], Plants, str]] = [
        (w.mines, p.mines.plants, "mine"),
        (w.separators, p.separators.plants, "separator"),
        (w.metal_makers, p.metal.plants, "metal"),
        (w.magnet_makers, p.magnet.plants, "magnet"),
    ]
    for rows, plants, stage in stages:
        for i, row in enumerate(rows):
            if row.status != OPERATING and row.start_date:
                _schedule(chain, row, plants, i, stage)


def _schedule(chain: Chain, row: Announced, plants: Plants, i: int, stage: str) -> None:
    share, delay = row.probability, row.delay_months_typical
    if chain.chance.on:
        luck = chain.chance.generator(f"project.{stage}.{row.id}")
        share = 1.0 if luck.random() < row.probability else 0.0  # the draw that sim.invest.options reads too
        delay *= math.exp(DELAY_SPREAD * luck.standard_normal())
    if share <= 0.0:
        return
    announced = float((date.fromisoformat(row.start_date) - chain.start).days)
    begin = max(announced + delay * DAYS_PER_MONTH, 0.0)
    weeks = max(1, math.ceil(row.ramp_months * DAYS_PER_MONTH / WEEK))
    worth, kg = chain.invest.worth, plants.capacity[i] * share
    # a separator adds nothing that is not mined: its mines are counted
    effect = worth.effect(stage, i, kg) if stage != "separator" else None
    if effect is not None:
        worth.decided(effect, 1.0)
    fed = min(1.0, worth.feed_kg[i] / plants.capacity[i]) if stage == "separator" else 0.0

    def reach(level: float) -> None:
        more = share * level - float(plants.started[i])
        plants.started[i] = np.float64(share * level)
        if stage == "separator":
            chain.parts.separators.fill.extend(i, plants.capacity[i] * more * fed)
        if level >= 1.0 and effect is not None:
            worth.decided(effect, -1.0)

    chain.invest.works.start(Work(stage, i, begin, weeks, f"announced {stage}", share, reach))
