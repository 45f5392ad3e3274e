"""What all plants share: capacity that grows, starts up and fails; the zone that marks what is made in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.grouping import total_by
from sim.layout import ZONE_OF
from sim.stock import CHINA, RUSSIA, Array, Index, mass_of


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
        able: Array = self.built * self.working * self.running
        return able

    def room(self, plant_of: Index, plan: Array) -> Array:
        """Share of ``plan`` [rows] that each row's plant has capacity for, [rows]."""
        able = self.able
        asked = total_by(plant_of, plan, len(able))
        room: Array = np.divide(able, asked, out=np.ones(len(able)), where=asked > able)[plant_of]
        return room


def mark_origin(goods: Array, zone: Index, mass: Array | None = None) -> Array:
    """Stamp goods made in a zone: what China makes is Chinese, what Russia makes of allied feed is Russian.

    ``mass`` is that of ``goods`` by row if it is known already.
    """
    kg = mass_of(goods) if mass is None else mass
    china, russia = goods[:, CHINA], goods[:, RUSSIA]
    here = zone == ZONE_OF["china"]
    np.copyto(china, kg, where=here)
    np.copyto(russia, 0.0, where=here)
    np.copyto(russia, kg - china, where=zone == ZONE_OF["russia"])
    return goods
