"""The door for strangers' files (``--scenario-file``): plain data or nothing.

Safe YAML with fewer meanings than usual: no tags, no dates (they stay text), no ``12:30`` = 750, no duplicate keys; limits on
size, depth and aliases; no ``${...}``; only the keys of a scenario. Raises ``ConfigError`` with one line that names the file.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any, Final

import yaml

from sim.compose import ConfigError
from sim.library import choices, unknown
from sim.wording import nearest, one_line

KEYS: Final = ("scenario", "shock", "policy", "world", "behaviour", "start", "years")
MOST_BYTES: Final = 5_000_000
MOST_DEPTH: Final = 12
MOST_ALIASES: Final = 100
MOST_VALUES: Final = 20_000  # after aliases are followed
DECIMAL: Final = r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
FLOAT: Final = re.compile(DECIMAL + r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
INT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
BOOL: Final = re.compile(r"true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")
NULL: Final = re.compile(r"~|null|Null|NULL|")


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses duplicate keys and counts aliases and depth while it reads."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own protocol)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.aliases = 0
        self.depth = 0
        self.nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
            if self.aliases > MOST_ALIASES:
                raise ConfigError(f"more than {MOST_ALIASES} aliases (*name)")
        self.depth += 1
        self.nodes += 1
        if self.nodes > MOST_VALUES:
            raise ConfigError(f"more than {MOST_VALUES} values")
        if self.depth > MOST_DEPTH:
            raise ConfigError(f"nested deeper than {MOST_DEPTH} levels")
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            word = key.value if isinstance(key, yaml.ScalarNode) else None
            if word is None or key.tag != "tag:yaml.org,2002:str":
                shown = one_line(word if word is not None else "a list or mapping", 60)
                raise ConfigError(
                    f"line {key.start_mark.line + 1}: key {shown!r} is not text; put it in quotes"
                )
            if word in seen:
                raise ConfigError(f"line {key.start_mark.line + 1}: key {word!r} stands twice in one mapping")
            seen.add(word)
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("bool", BOOL, list("tTfFyYnNoO")),
    ("int", INT, list("-+0123456789")),
    ("float", FLOAT, list("-+.0123456789")),
    ("null", NULL, ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern.pattern})$"), _first
    )


def read_scenario_file(path: Path) -> dict[str, Any]:
    """The file as plain data with only the keys of a scenario; what the values may be is checked after composition."""
    data = read_plain(path)
    try:
        return _checked(data)
    except ConfigError as e:
        raise ConfigError(f"{path.name}: {e}") from None


def read_plain(path: Path) -> Any:
    """Any file of plain data, read by the same strict rules. Raises ConfigError."""
    try:
        text = _text(path)
        loader = _Loader(text)
        try:
            data = loader.get_single_data()
        finally:
            loader.dispose()
        _plain("", data, [0])
        return data
    except ConfigError as e:
        raise ConfigError(f"{path.name}: {e}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as e:
        raise ConfigError(f"{path.name}: {_yaml_problem(e)}") from None


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise ConfigError("no such file" if not path.exists() else "not a regular file")
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as e:
        raise ConfigError(f"cannot be read ({e.strerror or e})") from None
    if len(raw) > MOST_BYTES:
        raise ConfigError(f"larger than {MOST_BYTES // 1_000_000} MB")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError("not UTF-8 text") from None


def _yaml_problem(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "an alias (*name) stands inside what it names"
    if isinstance(error, yaml.MarkedYAMLError):
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        return f"{line}{one_line(error.problem or error, 200)}"
    return f"not YAML that can be read ({one_line(error, 200)})"


def _plain(where: str, value: Any, count: list[int]) -> None:
    """Only text without ``${``, finite numbers, booleans, null, lists and mappings; and not too many of them."""
    count[0] += 1
    if count[0] > MOST_VALUES:
        raise ConfigError(f"more than {MOST_VALUES} values")
    if isinstance(value, str) and "${" in value:
        raise ConfigError(f"{where}: interpolation (${{...}}) is not allowed")
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{where}: {value} is not a finite number")
    if isinstance(value, dict):
        for key, inner in value.items():
            if "${" in key or key.startswith("_"):
                raise ConfigError(f"{where or 'file'}: key {one_line(key, 60)!r} is not allowed")
            _plain(f"{where}.{key}" if where else key, inner, count)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            _plain(f"{where}[{i}]", inner, count)
    elif not isinstance(value, str | int | float | None):
        raise ConfigError(f"{where}: {one_line(value, 60)!r} is not text, a number, true or false")


def _checked(data: Any) -> dict[str, Any]:
    """Top-level keys, and the choices that the composition must find."""
    if not isinstance(data, dict):
        raise ConfigError(f"not a mapping of {', '.join(KEYS)}")
    for key in data:
        if key not in KEYS:
            raise ConfigError(f"key {key!r} is not one of {', '.join(KEYS)}{nearest(key, KEYS)}")
    if "scenario" not in data:
        raise ConfigError(
            "key 'scenario' is missing; it holds name, title, question, against, sources, limits"
        )
    for group in ("world", "behaviour"):
        value = data.get(group)
        if (
            group in data
            and not isinstance(value, str)
            and not (group == "behaviour" and isinstance(value, dict))
        ):
            raise ConfigError(f"{group} {value!r} is not one of {', '.join(choices(group))}")
        if isinstance(value, str) and value not in choices(group):
            raise ConfigError(unknown(group, value))
    for group in ("shock", "policy"):
        value = data.get(group, {})
        if not isinstance(value, list | dict):
            raise ConfigError(f"{group} {value!r} is neither a mapping of events nor a list of shipped ones")
        for name in value if isinstance(value, list) else ():
            if name not in choices(group):
                raise ConfigError(unknown(group, str(name)))
    return data
