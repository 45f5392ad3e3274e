"""Policies: what governments and buyers answer. One file a kind, of the same form as those of ``sim.shocks``."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from sim.policies import corridor, priority_rating, retaliation

KINDS: Final[dict[str, ModuleType]] = {
    "priority_rating": priority_rating,
    "corridor": corridor,
    "retaliation": retaliation,
}
