"""One replication of a case: no files, no configuration framework, no plots."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import attribution, projects, trajectories
from sim.behaviour import Behaviour
from sim.build import Builder
from sim.case import Case, Run
from sim.chain import Chain
from sim.chance import Chance
from sim.dates import dates
from sim.elements import ELEMENTS
from sim.events import KINDS
from sim.layout import Layout, layout_of
from sim.levers import Happening
from sim.outcomes import outcomes
from sim.readings import read
from sim.rows import FOR_OUTCOMES
from sim.start import Opening, solve
from sim.stock import Array
from sim.units import WEEKS_PER_YEAR
from sim.world.types import World

if TYPE_CHECKING:
    import pyarrow as pa


@lru_cache(maxsize=8)
def _opened(world: World, behaviour: Behaviour) -> tuple[Layout, Opening]:
    """The first day's flows, solved once per world and behaviour in a process (some 30 ms)."""
    layout = layout_of(world)
    return layout, solve(world, layout, behaviour)


def build(case: Case, seed: int = 1, replication: int = 0) -> Chain:
    """The chain of a case on its first morning, with its events on the clock; ``run()`` it, or look inside."""
    layout, opening = _opened(case.world, case.behaviour)
    weeks = max(1, round(case.years * WEEKS_PER_YEAR))
    chance = Chance(seed, replication, case.behaviour.chance)
    chain = Chain(case.world, layout, opening, case.behaviour, chance, case.start, weeks)
    if case.record == "outcomes":
        chain.recorder.keep_only(FOR_OUTCOMES)
    if case.behaviour.projects:
        projects.schedule(chain)
    for event in case.events:
        KINDS[event.kind].apply(event, chain)
    return chain


def simulate(case: Case, seed: int = 1, replication: int = 0) -> Run:
    """Run one replication. Raises ``sim.stock.BalanceError`` if any element's mass balance is off by more than 1e-9."""
    chain = build(case, seed, replication)
    chain.run()
    readings, balance = read(chain), _balance(chain)
    told: dict[str, Any] = {
        "trajectories": partial(trajectories.nothing, case.start, replication),
        "attribution": partial(attribution.nothing, chain.layout, case.start, replication),
        "zero_series": [],
    }
    if case.record != "outcomes":
        series = trajectories.Book(chain, case.record, readings).write()
        told["trajectories"], told["zero_series"] = trajectories.table(series, case.start, replication)
        told["attribution"] = attribution.attribute(chain, replication)
    run = Run(
        case=case,
        seed=seed,
        replication=replication,
        events=partial(_events, chain.happenings, case.start, replication),
        balance=partial(_terms, balance, replication),
        not_reached=_not_reached(case, chain),
        outcomes=outcomes(readings, case.world),
        balance_error=float(balance["relative_error"].max()),
        **told,
    )
    vars(
        chain
    ).clear()  # it is full of circles: its arrays, 10 to 100 MB, would wait for the garbage collector
    return run


def _events(happenings: list[Happening], start: date, replication: int) -> pa.Table:
    """What happened: (replication, date, event, place, cause, amount)."""
    import pyarrow as pa

    rows = sorted(happenings, key=attrgetter("day"))
    return pa.table({
        "replication": pa.array(np.full(len(rows), replication, np.int16)),
        "date": dates(start, np.array([h.day for h in rows], float)),
        "event": pa.array([h.what for h in rows], pa.string()),
        "place": pa.array([h.where for h in rows], pa.string()),
        "cause": pa.array([h.why for h in rows], pa.string()),
        "amount": pa.array([h.amount for h in rows], pa.float64()),
    })  # fmt: skip


def _balance(chain: Chain) -> dict[str, Array]:
    """The terms of the mass balance by element, kg, and by how much it is off, as a share of what came in."""
    stock, pipes = chain.parts.stock, Builder.in_pipes(chain.parts)
    products = stock.kg[stock.blocks["products"].rows, : len(ELEMENTS)].sum(axis=0)
    return {
        "opening": stock.opening,
        "mined": stock.mined,
        "stocks": stock.total() - products,
        "in_transit": pipes,
        "in_products": products,
        "consumed": stock.consumed,
        "losses": stock.lost,
        "relative_error": stock.close(pipes),
    }


def _terms(balance: dict[str, Array], replication: int) -> pa.Table:
    """The mass balance as a table: one row an element."""
    import pyarrow as pa

    head = {
        "replication": pa.array(np.full(len(ELEMENTS), replication, np.int16)),
        "element": pa.array(list(ELEMENTS), pa.string()),
    }
    return pa.table({**head, **balance})


def _not_reached(case: Case, chain: Chain) -> list[str]:
    """Names of events whose start lies beyond the end of the run."""
    last = case.start + timedelta(days=7 * chain.weeks)
    return [str(e.name) for e in case.events if e.start >= last]
