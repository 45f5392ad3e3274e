"""From overrides to a case: composes once, then reads everything strictly, in our own words.

``load(*overrides)`` gives the ``Case``; ``plan(...)`` also what the command line needs beside it; ``read_resolved`` takes what
was composed before. Every mistake is a
``ConfigError`` of one line. Hydra checks no ranges and lets ``+shock.a.severty=1`` pass, hence the second reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from sim.behaviour import Behaviour, behaviour_from
from sim.case import Case
from sim.compose import FROM_FILE, KEYS, ConfigError, composed, not_selected
from sim.events import GROUPS, KINDS, EventError, dates_of, read, read_date, read_number, references_of
from sim.library import ROOT, choices
from sim.scenario_file import read_scenario_file
from sim.units import next_monday
from sim.wording import nearest, not_one_of, one_line
from sim.world.tables import WorldError, load_world
from sim.world.types import World

__all__ = ["ROOT", "ConfigError", "Plan", "cells", "load", "plan", "read_resolved"]

RECORDS: Final = ("report", "full", "outcomes")
STORY: Final = ("name", "title", "question", "against", "sources", "limits")
IDENTIFIER: Final = re.compile(r"[a-z_][a-z0-9_]{0,63}")
FARTHEST: Final = timedelta(days=round(50 * 365.25))
LATEST_START: Final = timedelta(days=366)  # after the world's first day
MOST_SEEDS: Final = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A case and how often to run it; ``resolved`` is the whole configuration as plain data, for the record."""

    case: Case
    seed: int
    replications: int
    resolved: dict[str, Any]
    overrides: tuple[str, ...]


def load(*overrides: str) -> Case:
    """The case that these overrides describe: ``load("scenario=controls_2025", "years=5")``. Raises ConfigError."""
    return plan(overrides).case


def plan(overrides: Sequence[str] = (), scenario_file: Path | None = None) -> Plan:
    """Compose and read everything. Nothing is written; raises ConfigError with one line."""
    extra = None if scenario_file is None else read_scenario_file(scenario_file)
    try:
        return read_resolved(composed(overrides, extra), overrides)
    except ConfigError as e:
        where = f"{scenario_file.name}: " if scenario_file is not None else ""
        raise ConfigError(one_line(f"{where}{e}", 1000)) from None


def read_resolved(config: dict[str, Any], overrides: Sequence[str] = ()) -> Plan:
    """The plan that a whole configuration of plain data describes, which is not changed and becomes its ``resolved``.

    ``overrides`` is only noted. Raises ConfigError with one line.
    """
    try:
        return _read(config, tuple(overrides))
    except (EventError, WorldError) as e:
        raise ConfigError(one_line(e, 1000)) from None


def _read(config: dict[str, Any], overrides: tuple[str, ...]) -> Plan:
    _keys("", config, KEYS)
    story = _story(config["scenario"])
    if config["parameters"] != "central":
        reason = "no ensemble is shipped yet, " if config["parameters"] == "ensemble" else ""
        raise ConfigError(f"parameters={config['parameters']!r}: {reason}allowed is central")
    if config["record"] not in RECORDS:
        raise ConfigError(f"record {not_one_of(config['record'], RECORDS)}")
    years = read_number("years", config["years"], 0.0, 50.0)
    if years == 0:
        raise ConfigError("years 0 is out of range (allowed: above 0, to 50)")
    seed = int(read_number("seed", config["seed"], 0, MOST_SEEDS, whole=True))
    replications = int(read_number("replications", config["replications"], 1, 100_000, whole=True))
    behaviour = _behaviour(config["behaviour"])
    world = _world(config)
    start = _start(config["start"], world)
    events = _events(config, world, start)
    case = Case(
        **story,
        world=world,
        behaviour=behaviour,
        events=events,
        start=start,
        years=float(years),
        record=config["record"],
    )
    return Plan(case=case, seed=seed, replications=replications, resolved=config, overrides=overrides)


def _keys(where: str, given: object, allowed: Sequence[str]) -> dict[str, Any]:
    """``given`` as a mapping with just these keys."""
    if not isinstance(given, dict):
        raise ConfigError(f"{where} {given!r} is not a mapping of {', '.join(allowed)}")
    place = f"{where}: " if where else ""
    for key in given:
        if key not in allowed:
            raise ConfigError(f"{place}key {key!r} is not one of {', '.join(allowed)}{nearest(key, allowed)}")
    for key in allowed:
        if key not in given:
            raise ConfigError(f"{place}key {key!r} is missing")
    return given


def _story(given: object) -> dict[str, Any]:
    story = _keys("scenario", given, STORY)
    for key in STORY:
        if key == "sources":
            continue
        if not isinstance(story[key], str):
            raise ConfigError(f"scenario: {key} {story[key]!r} is not text")
        if not story[key].strip() and key != "against":
            raise ConfigError(f"scenario: {key} is empty")
        if len(story[key]) > 5000:
            raise ConfigError(f"scenario: {key} is longer than 5000 characters")
    if not IDENTIFIER.fullmatch(story["name"]):
        raise ConfigError(
            f"scenario: name {story['name']!r} is not made of a-z, 0-9 and _ (64 at most, no digit first)"
        )
    if story["against"] and story["against"] not in choices("scenario"):
        raise ConfigError(f"scenario: against {not_one_of(story['against'], choices('scenario'))}")
    sources = story["sources"]
    if (
        not isinstance(sources, list)
        or not sources
        or not all(isinstance(s, str) and s.strip() for s in sources)
    ):
        raise ConfigError(
            "scenario: sources is not a list of sentences; say where the story comes from, or 'assumed: ...'"
        )
    return {**story, "sources": tuple(sources)}


def _behaviour(given: object) -> Behaviour:
    if not isinstance(given, dict):
        raise ConfigError(f"behaviour {given!r} is not a mapping")
    try:
        return behaviour_from(given)
    except ValueError as e:
        raise ConfigError(str(e)) from None


def _world(config: Mapping[str, Any]) -> World:
    name = _keys("world", config["world"], ("name",))["name"]
    if name not in choices("world"):
        raise ConfigError(f"world {not_one_of(name, choices('world'))}")
    return load_world(
        name, overlay=cells("vary", config["vary"]), scale=cells("vary_scale", config["vary_scale"])
    )


def cells(where: str, given: object) -> dict[str, float]:
    """``{"table.row.column": number}`` from nested mappings; whether the cell exists is for the world to say."""
    if not isinstance(given, dict):
        raise ConfigError(
            f"{where} {one_line(given, 60)!r} is not a mapping table -> row -> column -> number"
        )
    found: dict[str, float] = {}
    waiting: list[tuple[str, Any]] = [("", given)]
    while waiting:
        key, value = waiting.pop(0)
        if isinstance(value, dict):
            waiting += [(f"{key}.{inner}" if key else str(inner), cell) for inner, cell in value.items()]
        else:
            found[key] = read_number(f"{where} {key}", value, -1e12, 1e12)
    return found


def _start(given: object, world: World) -> date:
    """The Monday on or after the day asked for, which must not lie before the world's first day."""
    first = date.fromisoformat(world.start)
    day = first if given is None else read_date("start", given)
    last = first + LATEST_START
    if not first <= day <= last:
        why = (
            ""
            if day < first
            else "; a world stands as on its first day and is not rolled forward: choose a later world"
        )
        raise ConfigError(f"start {day} is out of range (world {world.name}: {first} to {last}{why})")
    return next_monday(day)


def _events(config: Mapping[str, Any], world: World, start: date) -> tuple[Any, ...]:
    """Shocks, then policies, each by date and name: who types them in another order means the same. All lie in the run's reach."""
    events = [
        event
        for group in GROUPS
        for event in sorted(_group(group, config[group], world, start), key=lambda e: (e.start, e.name))
    ]
    names = [event.name for event in events]
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise ConfigError(
            f"policy {twice[0]}: a shock of this name is selected too; names of events are unique"
        )
    _references(events)
    _one_regime([e for e in events if e.kind == "export_licensing"])
    _one_regime([e for e in events if e.kind == "origin_rule"], "rules of origin")
    return tuple(events)


def _group(group: str, given: object, world: World, start: date) -> list[Any]:
    if not isinstance(given, dict):
        raise ConfigError(f"{group} {given!r} is not a mapping of events")
    events = []
    selected = [str(name) for name, fields in given.items() if isinstance(fields, dict) and "kind" in fields]
    for name, fields in given.items():
        if not isinstance(name, str) or not IDENTIFIER.fullmatch(name):
            raise ConfigError(
                f"{group} {name!r}: ids are made of a-z, 0-9 and _ (64 at most, no digit first)"
            )
        if name not in selected and isinstance(fields, dict) and name in choices(group):
            raise ConfigError(not_selected(group, name, selected))
        event = read(name, fields, world, group)
        for key, day in dates_of(event):
            if not start <= day <= start + FARTHEST:
                raise ConfigError(
                    f"{group} {name}: {key} {day} is out of range (allowed: {start} to {start + FARTHEST})"
                )
        events.append(event)
    return events


def _references(events: list[Any]) -> None:
    """An event that waits for another one names an event of this run, not itself."""
    for event in events:
        others = [other.name for other in events if other is not event]
        for key, name in references_of(event, KINDS[event.kind]):
            if name not in others:
                group = next(g for g in GROUPS if event.kind in GROUPS[g])
                raise ConfigError(
                    f"{group} {event.name}: {key} {not_one_of(name, others)}; it must name another event of this run"
                )


def _one_regime(events: list[Any], what: str = "licensing regimes") -> None:
    """Two of a kind (licensing regimes, rules of origin) may not be in force at once: which decides would be a guess."""
    regimes = sorted(events, key=lambda e: (e.start, e.name))
    for before, after in pairwise(regimes):
        if before.end is None or after.start < before.end:
            end = before.end or "no end"
            raise ConfigError(f"shock {after.name}: start {after.start} lies within {before.name} ({before.start} to {end}); "
                              f"{what} may follow, not overlap")  # fmt: skip


assert FROM_FILE not in choices("scenario")  # noqa: S101 (a shipped file of that name would shadow a stranger's)
