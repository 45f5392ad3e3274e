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
        share = 1.0 if luck.random() < row.probability else 0.0
        delay *= math.exp(DELAY_SPREAD * luck.standard_normal())
    if share <= 0.0:
        return
    announced = float((date.fromisoformat(row.start_date) - chain.start).days)
    begin = max(announced + delay * DAYS_PER_MONTH, 0.0)
    chain.on(begin, lambda: chain.note("start-up", row.id, f"announced {stage}", share))
    weeks = max(1, math.ceil(row.ramp_months * DAYS_PER_MONTH / WEEK))
    for step in range(1, weeks + 1):
        level = share * step / weeks
        chain.on(begin + step * WEEK, lambda level=level: _reach(plants, i, level))  # type: ignore[misc]


def _reach(plants: Plants, i: int, level: float) -> None:
    plants.started[i] = np.float64(level)
