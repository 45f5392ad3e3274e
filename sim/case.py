"""A case is all that a run needs to know, a run all that it has to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sim.behaviour import Behaviour
from sim.world.types import World

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Case:
    """A world, what is done to it, how its people behave, and for how long. ``events`` are the value objects of ``sim.shocks``."""

    name: str
    title: str
    question: str
    against: str
    limits: str
    sources: tuple[str, ...]
    world: World
    behaviour: Behaviour
    events: tuple[Any, ...]
    start: date  # a Monday
    years: float
    record: str  # report, full or outcomes


@dataclass
class Run:
    """What one replication of a case leaves behind. Tables are Arrow; columns are described in ``docs/outputs.md``."""

    case: Case
    seed: int
    replication: int
    trajectories: pa.Table
    events: pa.Table
    attribution: pa.Table
    balance: pa.Table
    zero_series: list[str]
    not_reached: list[str]
    outcomes: dict[str, float | str]  # names of ``sim.outcomes.columns``; dates as text, '' where not reached
    balance_error: float  # of the element that balances worst, as a share of what came in
