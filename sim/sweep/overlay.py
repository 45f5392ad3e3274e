"""Plain values laid over a composed configuration: what a point differs in, without composing again and without deep copies."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any, Final

from sim.events import GROUPS
from sim.sweep.addresses import OVERLAYS, Path

NO_LEAF: Final = object()


def path_of(config: Mapping[str, Any], key: str) -> Path:
    """The path of a dotted key; a step into a list is its number."""
    path: list[str | int] = []
    node: Any = config
    for word in key.split("."):
        step: str | int = int(word) if isinstance(node, list) and word.isdigit() else word
        path.append(step)
        node = _inside(node, step)
    return tuple(path)


def leaf_at(config: Mapping[str, Any], path: Path) -> Any:
    """The value at a path, or NO_LEAF if nothing, a mapping or a list stands there."""
    node: Any = config
    for step in path:
        node = _inside(node, step)
    return NO_LEAF if isinstance(node, dict | list) else node


def can_lie(config: Mapping[str, Any], path: Path) -> bool:
    """Whether a plain value can be laid there: an existing leaf, or a cell of a table (whether that exists, the world says)."""
    return path[0] in OVERLAYS or leaf_at(config, path) is not NO_LEAF


def laid_over(config: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """The configuration with one leaf changed. Only what lies on the way is copied, the rest is shared."""
    changed: dict[str, Any] = _changed(config, path, value)
    return changed


def _changed(node: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    copy: Any = list(node) if isinstance(node, list) else dict(node) if isinstance(node, dict) else {}
    copy[path[0]] = _changed(_inside(copy, path[0]), path[1:], value)
    return copy


def is_whole(config: Mapping[str, Any], key: str) -> bool:
    """Whether the field that ``key`` names takes whole numbers only: then a sample of it is one of whole numbers."""
    words = key.split(".")
    event = _inside(config.get(words[0]), words[1]) if len(words) > 2 else NO_LEAF
    if words[0] not in GROUPS or not isinstance(event, Mapping):
        return False
    module = GROUPS[words[0]].get(str(event.get("kind")))
    hint: Any = module.EVENT if module else None
    for word in words[2:]:
        if is_dataclass(hint):
            hint = typing.get_type_hints(hint).get(word)
        else:
            inner = typing.get_args(hint)
            hint = inner[-1 if typing.get_origin(hint) is dict else 0] if inner else None
    return hint is int


def _inside(node: Any, step: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(step, NO_LEAF)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return NO_LEAF
