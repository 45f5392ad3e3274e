"""One scenario, run once as it is shipped, and everything that may be wrong with it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow.compute as pc

from sim.case import Case
from sim.config import load
from sim.library import title
from sim.runs.tables import prepared
from sim.simulate import simulate
from sim.wording import one_line

MOST_WARNINGS = 3  # told; the rest is counted


@dataclass(frozen=True)
class Checked:
    """What one scenario showed. ``complaints`` is empty if it may be shipped."""

    name: str
    title: str
    events: int
    late: tuple[str, ...]  # events that begin after the end of the run
    balance: float  # largest relative error of an element's mass balance
    warnings: int
    seconds: float
    complaints: tuple[str, ...]


def check(names: Sequence[str], overrides: tuple[str, ...], seed: int, number: int) -> Checked:
    """Run scenario ``names[number]`` once. Never raises (but for an interrupt): what went wrong is a complaint.

    The arguments stand in the order that ``functools.partial`` wants.
    """
    name, began = names[number], time.monotonic()
    late: tuple[str, ...] = ()
    events, balance = 0, float("nan")
    complaints: list[str] = []
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            case = load(f"scenario={name}", *overrides)
            events = len(case.events)
            complaints += _comparator(case, overrides)
            result = prepared(simulate(case, seed))
            late = result.not_reached
            balance = float(pc.max(pc.abs(result.tables["balance"]["relative_error"])).as_py())
        except Exception as e:  # whatever is wrong with one scenario, the others are still to be checked
            complaints.append(f"{type(e).__name__}: {one_line(e, 300)}")
    told = dict.fromkeys(f"{w.category.__name__}: {one_line(w.message, 200)}" for w in heard)
    complaints += list(told)[:MOST_WARNINGS]
    seconds = time.monotonic() - began
    return Checked(
        name, title("scenario", name), events, late, balance, len(heard), seconds, tuple(complaints)
    )


def lost(names: Sequence[str], number: int) -> Checked:
    """What is left of a scenario whose process died, twice."""
    name = names[number]
    said = ("its process was killed twice; out of memory?",)
    return Checked(name, title("scenario", name), 0, (), float("nan"), 0, float("nan"), said)


def _comparator(case: Case, overrides: tuple[str, ...]) -> list[str]:
    """A scenario and what it is compared with stand on one world and run over the same weeks; else no week can be paired."""
    if not case.against:
        return []
    base = load(f"scenario={case.against}", *overrides)
    found = []
    for what in ("world", "start", "years"):
        if getattr(case, what) != getattr(base, what):
            found.append(f"{what} is not that of its comparator {case.against}")
    return found
