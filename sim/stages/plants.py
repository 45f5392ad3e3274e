"""What all plants share: capacity that grows, starts up and fails, and the zone in which they stand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.compiled import kernel
from sim.stock import Array, Index


@dataclass(slots=True)
class Plants:
    """The sites of one stage. ``working`` is the share of capacity that can run, set by outages and start-ups."""

    ids: tuple[str, ...]
    region: Index
    zone: Index
    capacity: Array  # kg of element a week at full rate
    working: Array = field(init=False)  # 1 - capacity lost to outages, whatever their cause
    started: Array = field(init=False)  # 0..1, ramp of projects; 1 for what operates
    growth: Array = field(init=False)  # factor on capacity since the first day
    added: Array = field(init=False)  # kg a week of capacity built since by decisions and grants
    running: Array = field(init=False)  # 0 mothballed .. 1 running, between them while it restarts
    willing: Array = field(
        init=False
    )  # share of what it could sell that its owner means to; less where sellers agree

    def __post_init__(self) -> None:
        n = len(self.ids)
        self.working, self.started, self.growth = np.ones(n), np.ones(n), np.ones(n)
        self.willing = np.ones(n)
        self.added, self.running = np.zeros(n), np.ones(n)

    @property
    def built(self) -> Array:
        """Kilograms a week that each site could handle if nothing stood still."""
        built: Array = self.capacity * self.growth * self.started + self.added
        return built

    @property
    def able(self) -> Array:
        """Kilograms a week that each site can handle now."""
        return _able(self.capacity, self.growth, self.started, self.added, self.working, self.running)


@kernel
def _able(
    capacity: Array, growth: Array, started: Array, added: Array, working: Array, running: Array
) -> Array:
    able = np.empty(len(capacity))
    for i in range(len(able)):
        able[i] = (capacity[i] * growth[i] * started[i] + added[i]) * working[i] * running[i]
    return able


@kernel
def room(able: Array, plant_of: Index, plan: Array) -> Array:
    """Share of its rows' ``plan`` that each plant has capacity for, [plants]; ``able`` [plants] and ``plan`` [rows] kg a week."""
    asked, share = np.zeros(len(able)), np.ones(len(able))
    for i in range(len(plan)):
        asked[plant_of[i]] += plan[i]
    for p in range(len(able)):
        if asked[p] > able[p]:
            share[p] = able[p] / asked[p]
    return share
