"""What differs between two cases, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from sim.behaviour import Behaviour
from sim.case import Case

TOLD: Final = (
    "name",
    "kind",
    "title",
    "start",
    "end",
    "sources",
)  # said otherwise, or not a number of the event


@dataclass(frozen=True)
class Change:
    """A field that two things do not share."""

    key: str
    ours: Any
    theirs: Any


@dataclass(frozen=True)
class Differences:
    """Of one case from another: events that only one has, events that both have, behaviour, and the run itself."""

    only_ours: tuple[Any, ...]
    only_theirs: tuple[Any, ...]
    changed: tuple[tuple[Any, tuple[Change, ...]], ...]
    same: tuple[Any, ...]
    behaviour: tuple[Change, ...]
    run: tuple[Change, ...]

    @property
    def none(self) -> bool:
        return not (self.only_ours or self.only_theirs or self.changed or self.behaviour or self.run)


def differences(ours: Case, theirs: Case) -> Differences:
    """Events are the same when name and kind are."""
    mine = {(e.name, e.kind): e for e in ours.events}
    other = {(e.name, e.kind): e for e in theirs.events}
    both = [(mine[key], changes(mine[key], other[key])) for key in mine if key in other]
    run = [Change("world", ours.world.name, theirs.world.name), Change("start", ours.start, theirs.start),
           Change("years", ours.years, theirs.years)]  # fmt: skip
    return Differences(
        only_ours=tuple(e for key, e in mine.items() if key not in other),
        only_theirs=tuple(e for key, e in other.items() if key not in mine),
        changed=tuple((e, found) for e, found in both if found),
        same=tuple(e for e, found in both if not found),
        behaviour=behaviours(ours.behaviour, theirs.behaviour),
        run=tuple(c for c in run if c.ours != c.theirs),
    )


def changes(ours: Any, theirs: Any) -> tuple[Change, ...]:
    """Fields of two events of a kind that differ; where each number comes from is not among them."""
    found = [Change(f.name, getattr(ours, f.name), getattr(theirs, f.name)) for f in fields(ours)]
    return tuple(c for c in found if c.ours != c.theirs and c.key != "sources")


def behaviours(ours: Behaviour, theirs: Behaviour) -> tuple[Change, ...]:
    """Switches and numbers that differ."""
    found = [Change(f.name, getattr(ours, f.name), getattr(theirs, f.name)) for f in fields(Behaviour)]
    return tuple(c for c in found if c.ours != c.theirs)


def cells_of(ours: Mapping[str, float], theirs: Mapping[str, float]) -> tuple[Change, ...]:
    """Cells of tables that one run changes otherwise than the other; None where it leaves a cell alone."""
    keys = list(dict.fromkeys([*ours, *theirs]))
    found = [Change(key, ours.get(key), theirs.get(key)) for key in keys]
    return tuple(c for c in found if c.ours != c.theirs)
