"""A case is all that a run needs to know, a run all that it has to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sim.behaviour import Behaviour
from sim.world.types import World

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Made:
    """A table that may be given as a function, which is called when the table is first read: sweeps read none of them."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, run: Run | None, owner: type) -> Any:
        if run is None:
            raise AttributeError(self.name)  # to the dataclass: there is no default
        made = vars(run)[self.name]
        if callable(made):
            made = vars(run)[self.name] = made()
        return made

    def __set__(self, run: Run, value: pa.Table | Callable[[], pa.Table]) -> None:
        vars(run)[self.name] = value


@dataclass(kw_only=True)
class Run:
    """What one replication of a case leaves behind. Tables are Arrow; columns are described in ``docs/outputs.md``."""

    case: Case
    seed: int
    replication: int
    trajectories: Made = Made()
    events: Made = Made()
    attribution: Made = Made()
    balance: Made = Made()
    zero_series: list[str]
    not_reached: list[str]
    outcomes: dict[str, float | str]  # names of ``sim.outcomes.columns``; dates as text, '' where not reached
    balance_error: float  # of the element that balances worst, as a share of what came in
