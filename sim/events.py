"""Dated events of both groups, shocks and policies: mapping in, value object out. The one strict reader, whatever the kind.

Types come from the kind's dataclass, ranges and words from its module, ids from the world. What is wrong is said in one line.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import date
from functools import cache
from types import ModuleType
from typing import Any

from sim import policies, shocks
from sim.elements import ELEMENTS
from sim.wording import nearest, not_one_of
from sim.world.types import World

GROUPS: dict[str, dict[str, ModuleType]] = {"shock": shocks.KINDS, "policy": policies.KINDS}
KINDS: dict[str, ModuleType] = {
    **shocks.KINDS,
    **policies.KINDS,
}  # names of kinds are unique over both groups
OTHER_EVENT = "event"  # WORDS: the name of another event of the run; whoever has them all must check it
SITE_TABLES = {
    "mine": "mines",
    "separator": "separators",
    "metal": "metal_makers",
    "magnet": "magnet_makers",
    "recycler": "recyclers",
}


class EventError(ValueError):
    """An event that cannot be read; the message is one line and names event, key and value."""


def read(name: str, fields: Mapping[str, Any], world: World, group: str = "shock") -> Any:
    """The value object of event ``name`` of a group (shock, policy). ``fields`` is a plain mapping (dates as ISO text);
    raises EventError."""
    kinds = GROUPS[group]
    if not isinstance(fields, Mapping):
        raise EventError(f"{group} {name}: {fields!r} is not a mapping of fields")
    if "kind" not in fields:
        raise EventError(f"{group} {name}: key 'kind' is missing; kinds are {', '.join(kinds)}")
    kind = fields["kind"]
    if not isinstance(kind, str) or kind not in kinds:
        other = next((g for g in GROUPS if g != group and kind in GROUPS[g]), "")
        hint = f"; it is a kind of {other}: write it under {other}" if other else ""
        raise EventError(f"{group} {name}: kind {not_one_of(kind, kinds)}{hint}")
    module = kinds[kind]
    words = vocabulary(world, str(fields.get("stage", "")))
    event = _record(f"{group} {name}:", module.EVENT, {**fields, "name": name}, module, words)
    if "end" in fields and getattr(event, "end", None) is not None and event.end <= event.start:
        raise EventError(f"{group} {name}: end {event.end} is not after start {event.start}")
    complaint = module.check(event)
    if complaint:
        raise EventError(f"{group} {name}: {complaint}")
    return event


def dates_of(event: object) -> list[tuple[str, date]]:
    """All dates an event holds, as (key, date), those of nested records included."""
    found: list[tuple[str, date]] = []
    for f in fields_of(event):  # type: ignore[arg-type]
        value = getattr(event, f.name)
        if isinstance(value, date):
            found.append((f.name, value))
        elif isinstance(value, tuple):
            for i, item in enumerate(value):
                if is_dataclass(item):
                    found += [(f"{f.name}[{i}].{key}", day) for key, day in dates_of(item)]
    return found


def references_of(event: Any, kind: ModuleType) -> list[tuple[str, str]]:
    """All names of other events that an event holds (fields whose WORDS entry is "event"), as (key, name)."""
    found: list[tuple[str, str]] = []
    for f in fields_of(event):
        value = getattr(event, f.name)
        if kind.WORDS.get(f.name) == OTHER_EVENT:
            found += [(f.name, name) for name in ([value] if isinstance(value, str) else value)]
        for item in value if isinstance(value, tuple) else ():
            if is_dataclass(item):
                found += [(f"{f.name}: {key}", name) for key, name in references_of(item, kind)]
    return found


def read_date(where: str, value: object) -> date:
    """An ISO date, or EventError. Impossible days (30 February) and other spellings are refused."""
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise EventError(f"{where} {value!r} is not a date of the calendar written YYYY-MM-DD")


def read_number(where: str, value: object, low: float, high: float, whole: bool = False) -> float:
    """A finite number from ``low`` to ``high``, or EventError. True, '3' and nan are not numbers here."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EventError(f"{where} {value!r} is not a number (allowed: {low:g} to {high:g})")
    if whole and not isinstance(value, int):
        raise EventError(f"{where} {value!r} is not a whole number (allowed: {low:g} to {high:g})")
    if not math.isfinite(value) or not low <= value <= high:
        raise EventError(f"{where} {value!r} is out of range (allowed: {low:g} to {high:g})")
    return value


@cache
def _hints(record: type) -> dict[str, Any]:
    return typing.get_type_hints(record)


def vocabulary(world: World, stage: str = "") -> dict[str, tuple[str, ...]]:
    """Words that a world allows, by the name under which WORDS asks for them. ``stage`` says whose sites are meant."""
    regions = tuple(r.id for r in world.regions)
    commodities = tuple(c.id for c in world.commodities)
    table = SITE_TABLES.get(stage)
    sites = tuple(row.id for row in getattr(world, table)) if table else ()
    texts = [lane.chokepoints for lane in world.lanes] + [feed.chokepoints for feed in world.feeds]
    places = {word for way in texts for word in way.split()}
    return {
        "region": regions,
        "region of sco": tuple(r.id for r in world.regions if r.hub == "sco"),
        "region or all": (*regions, "all"),
        "region or default": ("default", *regions),
        "programme": tuple(p.id for p in world.programmes),
        "maker": (*(m.id for m in world.metal_makers), *(m.id for m in world.magnet_makers)),
        "stockpile": tuple(s.id for s in world.stockpiles),
        "commodity": commodities,
        "sector or all": (*(s.id for s in world.sectors), "all"),
        "magnet or all": (*(c.id for c in world.commodities if c.stage == "magnet"), "all"),
        "element or all": (*ELEMENTS, "all"),
        "recycling region or all": (*(r.region for r in world.recyclers), "all"),
        "recoverable sector or all": (*(row.id for row in world.lifetimes if row.recoverable), "all"),
        "commodity or all": (*commodities, "all"),
        "hub": tuple(dict.fromkeys(r.hub for r in world.regions)),
        "goods": (*commodities, "concentrate", "all"),
        "site": sites,
        "site or all": (*sites, "all"),
        "mine": tuple(row.id for row in world.mines),
        "feed": tuple(row.id for row in world.feeds),
        "chokepoint": tuple(sorted(places)),
        "bloc": tuple(dict.fromkeys(row.bloc for row in world.programmes)),
    }


def _record(
    where: str, record: type, given: Mapping[str, Any], kind: ModuleType, words: dict[str, tuple[str, ...]]
) -> Any:
    """``given`` as an instance of the dataclass ``record``: no key unknown, none missing, each value of its type."""
    hints = _hints(record)
    shown = [key for key in hints if key != "name"]
    for key in given:
        if key not in hints:
            raise EventError(f"{where} key {key!r} is not one of {', '.join(shown)}{nearest(key, shown)}")
    for key in hints:
        if key not in given:
            raise EventError(f"{where} key {key!r} is missing")
    values = {
        key: _value(f"{where} {key}", key, hint, given[key], kind, words) for key, hint in hints.items()
    }
    return record(**values)


def _value(
    where: str, key: str, hint: Any, value: Any, kind: ModuleType, words: dict[str, tuple[str, ...]]
) -> Any:
    """One value of type ``hint``; ``key`` finds its range and its words."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if key == "sources":
        return _sources(where, value, kind)
    if origin in (types.UnionType, typing.Union):  # a date or none
        return None if value in ("", None) else _value(where, key, date, value, kind, words)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise EventError(f"{where} {value!r} is not a list")
        items = tuple(_value(f"{where}[{i}]", key, inner[0], v, kind, words) for i, v in enumerate(value))
        twice = [v for i, v in enumerate(items) if v in items[:i]]
        if twice:
            raise EventError(f"{where} names {twice[0]!r} twice")
        return items
    if origin is dict:
        return _mapping(where, key, inner[1], value, kind, words)
    if is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise EventError(f"{where} {value!r} is not a mapping of fields")
        return _record(f"{where}:", typing.cast("type", hint), value, kind, words)
    return _scalar(where, key, hint, value, kind, words)


def _scalar(
    where: str, key: str, hint: Any, value: Any, kind: ModuleType, words: dict[str, tuple[str, ...]]
) -> Any:
    if hint is date:
        return read_date(where, value)
    if hint is bool:
        if not isinstance(value, bool):
            raise EventError(f"{where} {value!r} is not true or false")
        return value
    if hint in (int, float):
        low, high = kind.RANGES[key]
        number = read_number(where, value, low, high, whole=hint is int)
        return int(number) if hint is int else float(number)
    if not isinstance(value, str):
        hint_no = " (quote it: YAML reads NO, no, off as false)" if isinstance(value, bool) else ""
        raise EventError(f"{where} {value!r} is not text{hint_no}")
    _check_word(where, key, value, kind, words)
    return value


def _check_word(
    where: str, key: str, value: str, kind: ModuleType, words: dict[str, tuple[str, ...]]
) -> None:
    allowed = kind.WORDS.get(key)
    if allowed is not None and allowed != OTHER_EVENT:
        known = words[allowed] if isinstance(allowed, str) else allowed
        if value not in known:
            raise EventError(f"{where} {not_one_of(value, known)}")


def _mapping(
    where: str, key: str, inner: Any, value: Any, kind: ModuleType, words: dict[str, tuple[str, ...]]
) -> Any:
    if not isinstance(value, Mapping):
        raise EventError(f"{where} {value!r} is not a mapping")
    for word in value:
        if not isinstance(word, str):
            raise EventError(f"{where} {word!r} is not text (quote it: YAML reads NO, no, off as false)")
        _check_word(where, key, word, kind, words)
    needed = kind.WORDS[key] if key in kind.WHOLE else ("default",)
    for word in needed:
        if word not in value:
            raise EventError(f"{where} has no entry {word!r}")
    return {word: _value(f"{where}.{word}", key, inner, v, kind, words) for word, v in value.items()}


def _sources(where: str, value: Any, kind: ModuleType) -> tuple[str, ...]:
    """A list of sentences, or a mapping field -> sentence. Either way not empty: a number without a source is a guess."""
    if isinstance(value, Mapping):
        known = [key for key in _hints(kind.EVENT) if key not in ("name", "sources")]
        for key in value:
            if key not in known:
                raise EventError(f"{where} {not_one_of(key, known)}")
        value = [
            f"{key}: {text}" if isinstance(text, str) and text.strip() else text
            for key, text in value.items()
        ]
    if not isinstance(value, list | tuple) or not value:
        raise EventError(f"{where} is empty; say where the numbers come from, or 'assumed: ...' and why")
    for text in value:
        if not isinstance(text, str) or not text.strip():
            raise EventError(f"{where} {text!r} is not a sentence")
    return tuple(value)
