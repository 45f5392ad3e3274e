"""Plain data as YAML with remarks, such that the strict reader gives the very same data back."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Any, Final

import yaml

from sim.events import GROUPS
from sim.new.remarks import Node, Remarks
from sim.scenario_file import BOOL, NULL

WIDE: Final = 110
WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PLAIN: Final = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_ ,.()'%/-]*[A-Za-z0-9_.)'%])?")
HEAD: Final = """\
# yaml-language-server: $schema={schema}
#
# {made}. Lines that begin with # are remarks.
# Read it:   coercivity show {file} --against {against}
# Run it:    coercivity run --scenario-file {file} replications=20
# Every field has its line under `sources`: change both together. What nobody knows is written 'assumed: ...', with the reason.
"""


def page(data: dict[str, Any], schema: Node, head: dict[str, str]) -> str:
    """The whole file. ``head`` fills in what is said first: schema, made, file, against."""
    remarks = Remarks(schema)
    top = remarks.flat({"$ref": "#/definitions/scenario_file"})
    blocks = [HEAD.format(**head)]
    for key, value in data.items():
        lines = _events(key, value, top, remarks) if key in GROUPS else _field(key, value, top, remarks, 0)
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _events(group: str, events: dict[str, Any], top: Node, remarks: Remarks) -> Iterator[str]:
    yield from _remark(remarks.field(top, group)["description"], 0)
    if not events:
        yield f"{group}: {{}}"
        return
    yield f"{group}:"
    for name, event in events.items():
        node = remarks.kind(event)
        yield from _remark(node["description"], 2)
        yield f"  {name}:"
        properties = {**node["properties"], "kind": {"type": "string"}}  # what it is has just been said
        yield from _mapping(event, {**node, "properties": properties}, remarks, 4)


def _mapping(value: dict[str, Any], node: Node, remarks: Remarks, indent: int) -> Iterator[str]:
    alike = not node.get("properties")  # entries of a mapping: what is said of the first holds for all
    for i, (key, inner) in enumerate(value.items()):
        yield from _field(key, inner, {} if alike and i else node, remarks, indent)


def _field(key: str, value: Any, node: Node, remarks: Remarks, indent: int) -> Iterator[str]:
    """``key: value`` below its remark."""
    of_key = remarks.field(node, key)
    if key in node.get("properties", {}):  # not for the entries of a mapping, which are all alike
        yield from _remark(remarks.say(of_key), indent)
    before = " " * indent + f"{_scalar(key)}:"
    if isinstance(value, dict) and value:
        yield before
        yield from _mapping(value, of_key, remarks, indent + 2)
    elif isinstance(value, list) and value:
        yield from _list(before, value, of_key, remarks, indent)
    else:
        yield from _text(before, value, indent)


def _list(before: str, items: list[Any], node: Node, remarks: Remarks, indent: int) -> Iterator[str]:
    if all(isinstance(item, str) and WORD.fullmatch(item) for item in items):
        text = f"[{', '.join(map(_scalar, items))}]"
        lines = textwrap.wrap(text, WIDE - indent - 2, break_on_hyphens=False)
        if len(lines) == 1 and len(before) + len(text) < WIDE:
            yield f"{before} {text}"
        else:
            yield before
            yield from (" " * (indent + 2) + line for line in lines)
        return
    yield before
    inner = remarks.item(node)
    for i, item in enumerate(items):
        dash = " " * (indent + 2) + "-"
        if isinstance(item, dict) and item:
            if not i:
                for key in item:
                    yield from _remark(f"{key}: {remarks.say(remarks.field(inner, key))}", indent + 2)
            first, *rest = _mapping(item, {}, remarks, indent + 4)
            yield dash + first[indent + 3 :]
            yield from rest
        else:
            yield from _text(dash, item, indent + 2)


def _text(before: str, value: Any, indent: int) -> Iterator[str]:
    """A scalar behind its key; a long sentence is folded."""
    foldable = isinstance(value, str) and value.isprintable() and " ".join(value.split()) == value
    if foldable and len(before) + len(value) > WIDE - 4:
        yield f"{before} >-"
        lines = textwrap.wrap(value, WIDE - indent, break_long_words=False, break_on_hyphens=False)
        yield from (" " * (indent + 2) + line for line in lines)
    else:
        yield f"{before} {_scalar(value)}"


def _scalar(value: Any) -> str:
    """On one line, quoted unless the strict reader takes it for nothing but text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        if PLAIN.fullmatch(value) and not BOOL.fullmatch(value) and not NULL.fullmatch(value):
            return value
        quoted = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=10**9)
        return quoted.strip()
    return "{}" if isinstance(value, dict) else "[]"


def _remark(text: str, indent: int) -> Iterator[str]:
    mark = " " * indent + "# "
    yield from textwrap.wrap(text, WIDE, initial_indent=mark, subsequent_indent=mark, break_on_hyphens=False)
