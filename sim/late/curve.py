"""The first unit that a programme cannot begin, simulated anew over ``gross_up``: work for processes of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sim.config import load
from sim.simulate import build

Job = tuple[str, float, int]  # scenario, gross_up, replication


def nth(
    jobs: Sequence[Job],
    shock: date,
    years: float,
    region: str,
    items: tuple[str, ...],
    more: tuple[str, ...],
    number: int,
) -> float:
    """``first_held`` of one of the jobs; the arguments stand in the order that ``functools.partial`` wants."""
    return first_held(jobs[number], shock, years, region, items, more)


def first_held(
    job: tuple[str, float, int],
    shock: date,
    years: float,
    region: str,
    items: tuple[str, ...],
    more: tuple[str, ...],
) -> float:
    """Days from the shock to the first unit that a programme cannot begin for want of one of the items; inf if there is none."""
    scenario, gross_up, replication = job
    case = load(f"scenario={scenario}", f"years={years}", f"behaviour.gross_up={gross_up}", *more)
    chain = build(case, 1, replication)
    chain.run()
    regions = {p.id: p.region for p in case.world.programmes}
    begin = float((shock - case.start).days)
    days = [h.day - begin for h in chain.happenings if h.what == "held back" and h.day >= begin
            and (not items or h.why in items) and (not region or regions.get(h.where) == region)
            and not h.where.startswith("other_defence")]  # fmt: skip
    return min(days, default=float("inf"))
