"""Policies: what governments and buyers answer. One file a kind, of the same form as those of ``sim.shocks``."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from sim.policies import capacity_grant, offtake, price_floor, priority_rating

KINDS: Final[dict[str, ModuleType]] = {
    "priority_rating": priority_rating,
    "price_floor": price_floor,
    "offtake": offtake,
    "capacity_grant": capacity_grant,
}
