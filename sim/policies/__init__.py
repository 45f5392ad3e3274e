"""Policies: what governments and buyers answer. One file a kind, of the same form as those of ``sim.shocks``."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from sim.policies import (
    capacity_grant,
    corridor,
    joint_purchase,
    offtake,
    price_floor,
    priority_rating,
    recycling_mandate,
    retaliation,
    stockpile_build,
    stockpile_release,
    substitution_programme,
)

KINDS: Final[dict[str, ModuleType]] = {
    "corridor": corridor,
    "joint_purchase": joint_purchase,
    "priority_rating": priority_rating,
    "price_floor": price_floor,
    "offtake": offtake,
    "capacity_grant": capacity_grant,
    "recycling_mandate": recycling_mandate,
    "retaliation": retaliation,
    "stockpile_build": stockpile_build,
    "stockpile_release": stockpile_release,
    "substitution_programme": substitution_programme,
}
