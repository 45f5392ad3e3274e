"""A border with rules of a test's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.chance import Chance
from sim.trade.border import Ban, Border
from sim.trade.licences import Desk, Regime

MATERIALS = 1  # number of the desk
QUIET = Chance(1, 0, on=False)


def regime(
    routes: int = 2,
    *,
    odds: float = 1.0,
    reviewers: int = 1,
    days: float = 7.0,
    size: float = 10.0,
    **changes: object,
) -> Regime:
    """Everything licensed, one desk that takes a week for an application of 10 kg."""
    plain = Regime(
        name="test",
        covered=np.ones(routes),
        odds=np.full(routes, odds),
        desk_of=np.full(routes, MATERIALS),
        desks=(Desk(1, 1.0), Desk(reviewers, days)),
        kg_per_application=np.full(routes, size),
        province_days=0.0,
        statutory_days=0.0,
        permit_days=180.0,
        military_refused=False,
        leakage=np.zeros(routes),
        exempt=np.zeros(routes),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def border(
    rules: Regime | None,
    routes: int = 2,
    military: float = 0.0,
    *,
    queue: bool = True,
    chance: Chance = QUIET,
) -> Border:
    made = Border(routes, np.full(routes, military), queue, chance)
    made.regime = rules
    return made


def decide_until(b: Border, week: int) -> None:
    for w in range(week + 1):
        b.decide(w)


def ban(share: float, leakage: float = 0.0, routes: int = 2, *, military_only: bool = False) -> Ban:
    """A ban of the first route."""
    first = np.arange(routes) == 0
    return Ban(share * first, leakage * first, first & military_only)
