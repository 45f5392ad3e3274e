"""JSON Schema (draft 7, the one that editors know) from the dataclasses of all kinds of event.

It says what ``sim.events`` checks field by field: names, types, ranges, words, what must be there. What needs two fields at
once (an end after its start) only the program can say; it is the judge, and the schema a help while writing.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date
from types import ModuleType
from typing import Any, Final

from sim.behaviour import ALLOCATIONS, Behaviour, parameters
from sim.events import GROUPS, OTHER_EVENT, SITE_TABLES, vocabulary
from sim.library import choices
from sim.scenario_file import KEYS
from sim.schema.remarks import about, remarks
from sim.world.tables import load_world
from sim.world.types import World

Node = dict[str, Any]
DRAFT: Final = "http://json-schema.org/draft-07/schema#"
DATE: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
NAME: Final = r"^[a-z_][a-z0-9_]{0,63}$"
SENTENCE: Final[Node] = {"$ref": "#/definitions/sentence"}
GROUP_TITLES: Final = {"shock": "What happens", "policy": "What is answered"}
STORY: Final = {
    "name": "id of the scenario: a-z, 0-9 and _, no digit first",
    "title": "one line that names the scenario in reports",
    "question": "what one wants to know from it",
    "against": "shipped scenario it is compared with; empty: none",
    "sources": "where the story comes from: author, title, date, address; or 'assumed: ...' and why",
    "limits": "what is left out, so that nobody reads more into it",
}


def schema() -> Node:
    """The whole of it: a scenario file at the top, or one shipped event (which has a key ``kind``)."""
    worlds = [load_world(name) for name in choices("world")]
    words = _words(worlds)
    found: Node = {_id(name): {"enum": list(allowed)} for name, allowed in words.items() if allowed}
    found["sentence"] = {"type": "string", "pattern": r"\S"}
    for group, kinds in GROUPS.items():
        for kind, module in kinds.items():
            found[_id(f"kind {kind}")] = _Kind(kind, module, words, worlds).node()
        found[group] = _either(group, kinds)
    found["scenario"] = _scenario()
    found["behaviour"] = _behaviour()
    return {
        "$schema": DRAFT,
        "title": "Coercivity: a scenario file, or one event of scenarios/shock or scenarios/policy",
        "if": {"required": ["kind"]},
        "then": _either("event", {k: m for kinds in GROUPS.values() for k, m in kinds.items()}),
        "else": {"$ref": "#/definitions/scenario_file"},
        "definitions": {**found, "scenario_file": _file(), "shipped_scenario": _file(shipped=True)},
    }


def _id(name: str) -> str:
    """A name that can stand in a reference."""
    return name.replace(" ", "_")


def stages() -> tuple[str, ...]:
    """Stages whose sites an event can name."""
    return tuple(SITE_TABLES)


def _words(worlds: Iterable[World]) -> dict[str, tuple[str, ...]]:
    """The ids of all shipped worlds by the name under which WORDS asks for them; sites of all stages together."""
    found: dict[str, dict[str, None]] = {}
    for world in worlds:
        for stage in ("", *stages()):
            for name, allowed in vocabulary(world, stage).items():
                found.setdefault(name, {}).update(dict.fromkeys(allowed))
    return {name: tuple(allowed) for name, allowed in found.items() if name != OTHER_EVENT}


def _either(group: str, kinds: Mapping[str, ModuleType]) -> Node:
    """An event of any of these kinds: the field ``kind`` decides which fields it has."""
    rules = [
        {"if": _says("kind", kind), "then": {"$ref": f"#/definitions/{_id(f'kind {kind}')}"}}
        for kind in sorted(kinds)
    ]
    return {
        "type": "object",
        "description": f"{GROUP_TITLES.get(group, 'What happens')}: a dated event with all its fields",
        "properties": {"kind": {"enum": sorted(kinds)}},
        "required": ["kind"],
        "allOf": rules,
    }


def _says(field: str, word: str) -> Node:
    return {"properties": {field: {"const": word}}, "required": [field]}


@dataclass(frozen=True)
class _Kind:
    """One kind of event, and the words its fields may hold."""

    name: str
    module: ModuleType
    words: Mapping[str, tuple[str, ...]]
    worlds: list[World]

    def node(self) -> Node:
        node = self.record(self.module.EVENT, drop=("name",))
        node["description"] = about(self.module.__doc__)
        node["properties"]["kind"] = {"const": self.name, "description": node["description"]}
        node["properties"]["sources"] = self._sources(node["properties"])
        sites = [rule for rule in map(self._sites, stages()) if rule]
        return node | ({"allOf": sites} if sites else {})

    def record(self, record: type, drop: tuple[str, ...] = ()) -> Node:
        """An object with just the dataclass's fields, all of them required."""
        said = remarks(record)
        fields = {}
        for key, hint in typing.get_type_hints(record).items():
            if key not in drop:
                text = {"description": said[key]} if key in said else {}
                fields[key] = text | self._value(key, hint)
        return {
            "type": "object",
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        }

    def _value(self, key: str, hint: Any) -> Node:
        """The same cases, in the same order, as ``sim.events._value``."""
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if key == "sources":
            return {}  # known when the other fields are
        if origin in (types.UnionType, typing.Union):
            return {"type": ["string", "null"], "pattern": f"{DATE}|^$"}
        if origin is tuple:
            return {"type": "array", "items": self._value(key, inner[0]), "uniqueItems": True}
        if origin is dict:
            return self._mapping(key, self._value(key, inner[1]))
        if is_dataclass(hint):
            return self.record(typing.cast("type", hint))
        return self._scalar(key, hint)

    def _scalar(self, key: str, hint: Any) -> Node:
        if hint is date:
            return {"type": "string", "pattern": DATE}
        if hint is bool:
            return {"type": "boolean"}
        if hint in (int, float):
            low, high = self.module.RANGES[key]
            return {"type": "integer" if hint is int else "number", "minimum": low, "maximum": high}
        return self._word(key)

    def _word(self, key: str) -> Node:
        allowed = self.module.WORDS.get(key)
        if allowed == OTHER_EVENT:
            return {"type": "string", "pattern": NAME}
        if isinstance(allowed, str):
            # "allOf" because draft 7 ignores what stands beside a bare reference.
            return {"type": "string", "allOf": [{"$ref": f"#/definitions/{_id(allowed)}"}]}
        return {"type": "string"} | ({"enum": list(allowed)} if allowed is not None else {})

    def _mapping(self, key: str, value: Node) -> Node:
        allowed = self.module.WORDS.get(key)
        known = self.words[allowed] if isinstance(allowed, str) else tuple(allowed or ())
        node: Node = {"type": "object", "additionalProperties": value}
        if known:
            node |= {"propertyNames": {"enum": list(known)}}
        return node | {"required": list(known) if key in self.module.WHOLE else ["default"]}

    def _sources(self, fields: Node) -> Node:
        """A list of sentences, or field -> sentence."""
        known = [key for key in fields if key != "sources"]
        return {
            **{k: v for k, v in fields["sources"].items() if k == "description"},
            "anyOf": [
                {
                    "type": "object",
                    "properties": dict.fromkeys(known, SENTENCE),
                    "additionalProperties": False,
                    "minProperties": 1,
                },
                {"type": "array", "items": SENTENCE, "minItems": 1},
            ],
        }

    def _sites(self, stage: str) -> Node:
        """Where ``stage`` stands, fields that name sites name those of that stage."""
        if stage not in self.module.WORDS.get("stage", ()):
            return {}
        hints = typing.get_type_hints(self.module.EVENT)
        found: Node = {}
        for key, allowed in self.module.WORDS.items():
            if isinstance(allowed, str) and allowed in of_stage(self.worlds):
                words = list(dict.fromkeys(s for w in self.worlds for s in vocabulary(w, stage)[allowed]))
                many = typing.get_origin(hints.get(key)) is tuple
                found[key] = {"items": {"enum": words}} if many else {"enum": words}
        return {"if": _says("stage", stage), "then": {"properties": found}} if found else {}


def of_stage(worlds: Iterable[World]) -> set[str]:
    """Names under which WORDS asks for what is not the same in every stage."""
    first = [vocabulary(world) for world in worlds]
    return {
        name
        for world, usual in zip(worlds, first, strict=True)
        for stage in stages()
        for name, allowed in vocabulary(world, stage).items()
        if allowed != usual.get(name)
    }


def _scenario() -> Node:
    """The story."""
    fields: Node = {key: {"description": text, "allOf": [SENTENCE]} for key, text in STORY.items()}
    fields["name"] = {"description": STORY["name"], "type": "string", "pattern": NAME}
    fields["against"] = {"description": STORY["against"], "enum": [*choices("scenario"), ""]}
    fields["sources"] = {
        "description": STORY["sources"],
        "type": "array",
        "items": SENTENCE,
        "minItems": 1,
    }
    return {
        "type": "object",
        "properties": fields,
        "required": list(STORY),
        "additionalProperties": False,
    }


def _behaviour() -> Node:
    """Any of the switches and numbers; what is left out stays as in the shipped default."""
    fields: Node = {}
    table = parameters()
    for key, hint in typing.get_type_hints(Behaviour).items():
        if hint is bool:
            fields[key] = {"type": "boolean"}
        elif hint is str:
            fields[key] = {"enum": list(ALLOCATIONS)}
        else:
            row = table[key]
            text = f"{row.meaning} ({row.unit})"
            fields[key] = {"description": text, "type": "number", "minimum": row.low, "maximum": row.high}
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _edited(group: str) -> Node:
    """A shipped scenario may change single fields of an event that its ``defaults`` choose; such a part names no kind."""
    part = {"type": "object", "not": {"required": ["kind"]}, "minProperties": 1}
    return {"anyOf": [{"$ref": f"#/definitions/{group}"}, part]}


def _file(shipped: bool = False) -> Node:
    """A scenario file: the story, and what is done to which world."""
    fields: Node = {
        "scenario": {"$ref": "#/definitions/scenario"},
        "world": {"description": "shipped world to start from", "enum": choices("world")},
        "behaviour": {
            "description": "a shipped behaviour by name, or what differs from the default",
            "anyOf": [{"enum": choices("behaviour")}, {"$ref": "#/definitions/behaviour"}],
        },
        "start": {
            "description": "first day of the run; the Monday on or after it",
            "type": ["string", "null"],
            "pattern": DATE,
        },
        "years": {
            "description": "length of the run in years, above 0 and at most 50",
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 50,
        },
    }
    for group in GROUPS:
        fields[group] = {
            "description": f"{GROUP_TITLES[group]}: events by id, or a list of shipped ones",
            "anyOf": [
                {
                    "type": "object",
                    "propertyNames": {"pattern": NAME},
                    "additionalProperties": _edited(group) if shipped else {"$ref": f"#/definitions/{group}"},
                },
                {"type": "array", "items": {"enum": choices(group)}, "uniqueItems": True},
            ],
        }
    if shipped:
        fields["defaults"] = {"type": "array", "items": {"type": "object"}}
    order = ["defaults", *KEYS] if shipped else list(KEYS)
    return {
        "type": "object",
        "properties": {key: fields[key] for key in order},
        "required": ["scenario"],
        "additionalProperties": False,
    }
