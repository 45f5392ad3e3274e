"""Policies: what governments and buyers answer. One file a kind, of the same form as those of ``sim.shocks``."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from sim.policies import (
    corridor,
    joint_purchase,
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
    "recycling_mandate": recycling_mandate,
    "retaliation": retaliation,
    "stockpile_build": stockpile_build,
    "stockpile_release": stockpile_release,
    "substitution_programme": substitution_programme,
}
