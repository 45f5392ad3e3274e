"""The two pages: one scenario by itself, and one beside another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from sim.behaviour import behaviour_from, parameters
from sim.case import Case
from sim.config import Plan, cells
from sim.events import GROUPS
from sim.library import values
from sim.show.differences import TOLD, Change, behaviours, cells_of, differences
from sim.show.words import Paragraph, day, plain, value_of

UNCHANGED = "as in the tables"


def page(made: Plan) -> list[Paragraph]:
    """Story, events by date with all their fields, behaviour and tables where they are not the usual ones."""
    case = made.case
    lines = [Paragraph(f"{case.name}: {case.title}"), Paragraph(f"Question: {case.question}", 1)]
    lines.append(Paragraph(f"Compared with: {case.against or 'nothing'}", 1))
    lines.append(Paragraph(f"Run: {_run(case)}", 1))
    lines.append(Paragraph("What is done" if case.events else "What is done: nothing", before=True))
    lines += _events(case.events, case)
    usual = behaviour_from(values("behaviour", "default"))
    other = behaviours(case.behaviour, usual)
    if other:
        lines.append(Paragraph("How people behave, where it is not the default", before=True))
        lines += [Paragraph(_behaviour(change), 1) for change in other]
    overlay = _overlay(made, None)
    if overlay:
        lines.append(Paragraph("Cells of the tables that are changed", before=True))
        lines += overlay
    return [*lines, Paragraph(f"Left out: {case.limits}", before=True)]


def beside(made: Plan, other: Plan) -> list[Paragraph]:
    """Only what differs."""
    case, base = made.case, other.case
    found = differences(case, base)
    overlay = _overlay(made, other)
    lines = [Paragraph(f"{case.name} beside {base.name}"), Paragraph(f"{case.name}: {case.title}", 1),
             Paragraph(f"{base.name}: {base.title}", 1)]  # fmt: skip
    if found.none and not overlay:
        return [*lines, Paragraph("Nothing differs but the story.", before=True)]
    for events, owner in ((found.only_ours, case), (found.only_theirs, base)):
        if events:
            lines.append(Paragraph(f"Only in {owner.name}", before=True))
            lines += _events(events, owner)
    if found.changed:
        lines.append(Paragraph("In both, but otherwise", before=True))
        for event, changes in found.changed:
            lines.append(Paragraph(f"{event.title} ({_what(event)})", 1))
            lines += [Paragraph(_instead(change), 2) for change in changes]
    sections = (
        ("Run", [Paragraph(_instead(change), 1) for change in found.run]),
        ("How people behave", [Paragraph(_behaviour(change), 1) for change in found.behaviour]),
        ("Cells of the tables", overlay),
    )
    for heading, paragraphs in sections:
        if paragraphs:
            lines += [Paragraph(heading, before=True), *paragraphs]
    if found.same:
        lines.append(Paragraph(f"Alike in both: {', '.join(e.name for e in found.same)}", before=True))
    return lines


def _run(case: Case) -> str:
    first = f"world {case.world.name} ({case.world.title})"
    return f"{first}, from {day(case.start)} for {value_of(case.years)} years"


def _events(events: Sequence[Any], case: Case) -> Iterator[Paragraph]:
    """By date: when and what, then every field that the sentence does not hold."""
    last = case.start + timedelta(days=round(365.25 * case.years))
    for event in sorted(events, key=lambda e: (e.start, e.name)):
        until = getattr(event, "end", None)
        when = f"From {day(event.start)} until {day(until)}" if until else f"From {day(event.start)} on"
        if not hasattr(event, "end"):
            when = f"On {day(event.start)}"
        late = " (after the end of the run)" if event.start >= last else ""
        yield Paragraph(f"{when}{late}: {event.title} ({_what(event)})", 1)
        rest = [f.name for f in fields(event) if f.name not in TOLD]
        yield Paragraph("; ".join(f"{plain(key)}: {value_of(getattr(event, key))}" for key in rest), 2)


def _what(event: Any) -> str:
    group = next(g for g, kinds in GROUPS.items() if event.kind in kinds)
    return f"{group} {event.name}, {plain(event.kind)}"


def _instead(change: Change) -> str:
    if isinstance(change.ours, tuple) and all(isinstance(i, str) for i in (*change.ours, *change.theirs)):
        more = [i for i in change.ours if i not in change.theirs]
        less = [i for i in change.theirs if i not in change.ours]
        parts = [f"also {value_of(more)}"] if more else []
        parts += [f"without {value_of(less)}"] if less else []
        return f"{plain(change.key)}: {', '.join(parts) or 'the same in another order'}"
    return f"{plain(change.key)}: {value_of(change.ours)} instead of {value_of(change.theirs)}"


def _behaviour(change: Change) -> str:
    row = parameters().get(change.key)
    meaning = f" ({row.unit}: {row.meaning})" if row else ""
    return f"{_instead(change)}{meaning}"


def _overlay(made: Plan, other: Plan | None) -> list[Paragraph]:
    """Cells set and cells multiplied, where the other run does not do the same."""
    lines = []
    for key, verb in (("vary", "set to {}"), ("vary_scale", "multiplied by {}")):
        ours = cells(key, made.resolved[key])
        theirs = cells(key, other.resolved[key]) if other else {}
        for change in cells_of(ours, theirs):
            told = UNCHANGED if change.ours is None else verb.format(value_of(change.ours))
            was = UNCHANGED if change.theirs is None else verb.format(value_of(change.theirs))
            lines.append(Paragraph(f"{change.key}: {told}" + (f" instead of {was}" if other else ""), 1))
    return lines
