"""Policies: what governments and buyers answer. One file a kind, of the same form as those of ``sim.shocks``."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from sim.policies import (
    joint_purchase,
    priority_rating,
    recycling_mandate,
    stockpile_build,
    stockpile_release,
    substitution_programme,
    corridor,
    retaliation,
)

KINDS: Final[dict[str, ModuleType]] = {
    "joint_purchase": joint_purchase,
    "priority_rating": priority_rating,
    "recycling_mandate": recycling_mandate,
    "corridor": corridor,
    "retaliation": retaliation,
    "stockpile_build": stockpile_build,
    "stockpile_release": stockpile_release,
    "substitution_programme": substitution_programme,
}
