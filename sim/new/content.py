"""What stands in the file, as plain data in the order in which it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.compose import ConfigError
from sim.config import IDENTIFIER, plan
from sim.events import GROUPS, OTHER_EVENT
from sim.library import choices, name_of, unknown, values
from sim.wording import not_one_of

Data = dict[str, Any]


def named(name: str) -> str:
    """``name`` as the id of a scenario of one's own. Raises ConfigError."""
    if not IDENTIFIER.fullmatch(name):
        raise ConfigError(f"name {name!r} is not made of a-z, 0-9 and _ (64 at most, no digit first)")
    if name in choices("scenario"):
        raise ConfigError(f"name {name!r} is that of a shipped scenario; choose another")
    return name


def from_scenario(name: str, shipped: str) -> Data:
    """The shipped scenario under another name: story, world, behaviour, events. Raises ConfigError."""
    if shipped not in choices("scenario"):
        raise ConfigError(unknown("scenario", shipped))
    whole = plan([f"scenario={shipped}"]).resolved
    if whole["vary"] or whole["vary_scale"]:
        raise ConfigError(
            f"scenario {shipped} changes cells of the tables (vary), which no scenario file can say"
        )
    story = whole["scenario"] | {"name": named(name), "against": whole["scenario"]["against"] or shipped}
    found: Data = {
        "scenario": story,
        "world": whole["world"]["name"],
        "behaviour": _behaviour(whole["behaviour"]),
    }
    if whole["start"] is not None:
        found["start"] = whole["start"]
    return found | {"years": whole["years"]} | {group: whole[group] for group in GROUPS}


def skeleton(name: str) -> Data:
    """A story whose sentences are to be replaced, compared with the baseline, without an event."""
    story = {
        "name": named(name),
        "title": f"{name.replace('_', ' ')} (say in one line what happens)",
        "question": "What do you want to know?",
        "against": "baseline",
        "sources": ["assumed: an exercise (say where the story comes from)"],
        "limits": "Say what is left out, so that nobody reads more into it.",
    }
    whole = plan(["scenario=baseline"]).resolved
    found: Data = {"scenario": story, "world": whole["world"]["name"], "behaviour": "default"}
    return found | {"years": whole["years"]} | {group: {} for group in GROUPS}


def with_kinds(data: Data, kinds: list[str]) -> Data:
    """``data`` with the first shipped example of each kind, and with the events that an example names. ConfigError."""
    found = data | {group: dict(data[group]) for group in GROUPS}
    for kind in dict.fromkeys(kinds):
        known = [k for members in GROUPS.values() for k in members]
        if kind not in known:
            raise ConfigError(f"kind {not_one_of(kind, known)}")
        group = next(g for g, members in GROUPS.items() if kind in members)
        example = next((n for n in choices(group) if values(group, n)["kind"] == kind), None)
        if example is None:
            raise ConfigError(
                f"kind {kind}: no example of it is shipped; its fields stand in {_source(group, kind)}"
            )
        if example in found[group]:
            raise ConfigError(f"kind {kind}: the scenario holds its example {example} already")
        _add(found, group, example)
    return found


def _add(data: Data, group: str, name: str) -> None:
    """A shipped event, and then those it waits for."""
    event = values(group, name)
    data[group][name] = event
    words = GROUPS[group][event["kind"]].WORDS
    for key in (k for k, allowed in words.items() if allowed == OTHER_EVENT and k in event):
        for other in [event[key]] if isinstance(event[key], str) else list(event[key]):
            if not any(other in data[g] for g in GROUPS):
                where = next((g for g in GROUPS if other in choices(g)), "")
                if not where:
                    raise ConfigError(f"{group} {name}: {key} {other!r} is not shipped")
                _add(data, where, other)


def _source(group: str, kind: str) -> str:
    return Path(str(GROUPS[group][kind].__file__)).name


def _behaviour(given: Data) -> Any:
    """The name of a shipped behaviour, else what differs from the default one."""
    name = name_of("behaviour", given)
    if name in choices("behaviour"):
        return name
    default = values("behaviour", "default")
    return {key: value for key, value in given.items() if value != default[key]}
