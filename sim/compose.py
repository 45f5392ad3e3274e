"""Hydra, kept behind a door: overrides in, one plain mapping out, and every complaint reduced to one line of ours.

Nothing is resolved and nothing is instantiated: configuration is data. ``${...}`` is refused wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from hydra import compose, initialize_config_dir
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.plugins import Plugins
from hydra.errors import HydraException, MissingConfigException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from sim.library import ROOT, choices, unknown
from sim.wording import nearest, not_one_of, one_line

KEYS: Final = (
    "world", "scenario", "shock", "policy", "behaviour", "parameters", "start", "years", "seed", "replications", "record",
    "vary", "vary_scale",
)  # fmt: skip
ONE: Final = ("world", "scenario", "behaviour")  # groups of which one file is chosen
MANY: Final = ("shock", "policy")  # groups of which a list is chosen
FROM_FILE: Final = "from_file"  # the name under which a stranger's file enters the composition
OF_SWEEPS: Final = ("study", "sweep")  # roots of keys that say how many runs are made; no run sees them
NEEDS_M: Final = "add -m to run a sweep"


class ConfigError(ValueError):
    """A configuration that cannot be run. The message is one line: where, what, what is allowed, the nearest spelling."""


class Scenarios(SearchPathPlugin):
    """Makes ``scenarios/`` a second root of configuration beside ``conf/``."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Called by Hydra."""
        search_path.append("coercivity", (ROOT / "scenarios").as_uri())


Plugins.instance().register(Scenarios)


def composed(overrides: Sequence[str], extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The whole configuration as plain dicts, lists and scalars. ``extra`` is a checked stranger's file. ConfigError."""
    for text in overrides:
        _check(text, has_file=extra is not None)
    lines = list(overrides)
    with _stored(extra):
        if extra is not None:
            lines.insert(0, f"scenario={FROM_FILE}")
        try:
            return _compose(lines)
        except ConfigError:
            raise
        except MissingConfigException as e:
            raise ConfigError(_missing(str(e.missing_cfg_file or ""), str(e))) from None
        except Exception as e:  # Hydra, OmegaConf, ANTLR and PyYAML raise a dozen unrelated types
            raise ConfigError(_reduced(e, lines)) from None


def _compose(overrides: list[str]) -> dict[str, Any]:
    hydra = GlobalHydra.instance()
    caller = hydra.hydra  # somebody may load a case from inside a Hydra program of their own
    hydra.clear()
    try:
        with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
            config = compose("config", overrides)
    finally:
        hydra.hydra = caller
    plain = OmegaConf.to_container(config, resolve=False)
    if not isinstance(plain, dict):
        raise ConfigError("conf/config.yaml is not a mapping")
    _no_interpolation("", plain)
    return {str(key): value for key, value in plain.items()}


def parsed(text: str) -> Override:
    """One override in Hydra's grammar, refused with one line if it cannot be meant: before Hydra says so in ten. ConfigError.

    Whether it may name several values is for the caller to say.
    """
    shown = one_line(text, 120)
    if "${" in text:
        raise ConfigError(f"override {shown!r}: interpolation (${{...}}) is not allowed")
    try:
        override = _grammar().parse_override(text)
        override.value()
    except HydraException:
        raise ConfigError(
            f"override {shown!r} cannot be read; write key=value, text with spaces in quotes"
        ) from None
    key = override.key_or_group
    root = re.split(r"[./]", key)[0]
    if root == "hydra":
        inner = (
            NEEDS_M
            if any(word in key for word in ("launcher", "sweep", "mode"))
            else "only hydra.run.dir can be set"
        )
        raise ConfigError(f"override {shown!r}: {inner}")
    if root in OF_SWEEPS:
        raise ConfigError(f"override {shown!r}: {NEEDS_M}")
    if root not in KEYS:
        raise ConfigError(f"key {not_one_of(root, KEYS)}")
    if override.package is not None:
        raise ConfigError(f"override {shown!r}: packages (@) are not allowed")
    return override


@cache
def _grammar() -> OverridesParser:
    return OverridesParser.create()


def _check(text: str, has_file: bool) -> None:
    """Refuse an override that a single run cannot take."""
    shown = one_line(text, 120)
    override = parsed(text)
    if override.is_sweep_override():
        raise ConfigError(f"override {shown!r} names several values: {NEEDS_M}")
    if override.key_or_group in ONE + MANY:
        _check_choice(override, override.key_or_group, override.value(), shown, has_file)


def _check_choice(override: Override, group: str, value: Any, shown: str, has_file: bool) -> None:
    if override.is_delete():
        raise ConfigError(
            f"override {shown!r}: {group} cannot be deleted; choose one of {', '.join(choices(group))}"
        )
    if override.is_add():
        raise ConfigError(
            f"override {shown!r}: write {shown.lstrip('+')} without +; {group} is already there"
        )
    if group == "scenario" and has_file:
        raise ConfigError(
            f"override {shown!r}: the scenario is given by --scenario-file; give one of the two"
        )
    if group in ONE and isinstance(value, list | dict):
        raise ConfigError(f"override {shown!r}: {group} takes one of {', '.join(choices(group))}")
    names = value if isinstance(value, list) else [value]
    for name in names:
        name = name if isinstance(name, str) else str(getattr(name, "text", name))
        if name not in choices(group):
            raise ConfigError(unknown(group, name))


@contextmanager
def _stored(extra: Mapping[str, Any] | None) -> Iterator[None]:
    """Hand a checked mapping to Hydra as if it were a file of the group ``scenario``, for the time of one composition."""
    if extra is None:
        yield
        return
    defaults: list[Any] = []
    rest = dict(extra)
    for group in ONE[::2]:  # world, behaviour: by name
        if isinstance(rest.get(group), str):
            defaults.append({f"override /{group}": rest.pop(group)})
    for group in MANY:
        if isinstance(rest.get(group), list):
            defaults.append({f"override /{group}": rest.pop(group)})
    store = ConfigStore.instance()
    store.store(
        group="scenario", name=FROM_FILE, node={"defaults": [*defaults, "_self_"], **rest}, package="_global_"
    )
    try:
        yield
    finally:
        del store.repo["scenario"][f"{FROM_FILE}.yaml"]


def _no_interpolation(where: str, value: Any) -> None:
    if isinstance(value, str) and "${" in value:
        raise ConfigError(f"{where}: interpolation (${{...}}) is not allowed")
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        _no_interpolation(f"{where}.{key}" if where else str(key), inner)


def _missing(wanted: str, text: str) -> str:
    """The line for a file that a scenario's defaults or an override names and that does not exist."""
    group, _, name = wanted.rpartition("/")
    if group in ONE + MANY:
        return unknown(group, name)
    return f"configuration file {wanted!r} is missing: {one_line(text.splitlines()[0])}"


def _reduced(error: Exception, overrides: list[str]) -> str:
    """One line for what Hydra says in several; a wrong key gets its neighbours and the nearest spelling."""
    found = re.search(r"Could not (?:override|append to config|delete[^']*) ?'([^']+)'", str(error))
    if not found:
        return f"configuration cannot be composed: {one_line(str(error).splitlines()[0] if str(error) else type(error).__name__)}"
    path = found.group(1).lstrip("+~").split("=")[0].split(".")
    try:
        config: Any = _compose([line for line in overrides if line.split("=")[0] in ONE + MANY])
    except Exception:  # then the choices themselves are wrong, and the first words of the error must do
        return f"key {found.group(1)!r} cannot be set"
    if path[0] in MANY and len(path) > 1 and path[1] not in config[path[0]]:
        return not_selected(path[0], path[1], list(config[path[0]]))
    if path[0] in ("vary", "vary_scale"):
        return f"key {'.'.join(path)!r}: table cells are added with a plus: +{'.'.join(path)}=NUMBER"
    for depth, key in enumerate(path):
        if not isinstance(config, dict):
            return f"key {'.'.join(path)!r}: {'.'.join(path[:depth])} has no keys of its own"
        if key not in config:
            where = ".".join(path[:depth])
            new = (
                f"; a new entry is added with +{'.'.join(path)}=..." if path[0] in MANY and depth > 2 else ""
            )
            return f"{where}: key {not_one_of(key, map(str, config))}{new}"
        config = config[key]
    return f"key {'.'.join(path)!r} cannot be set: {one_line(str(error).splitlines()[0])}"


def not_selected(group: str, event: str, selected: list[str]) -> str:
    """The line for an event that is edited but not part of the run."""
    if event in choices(group):
        return (
            f"{group} {event!r} is edited but not selected (selected: {', '.join(selected) or 'none'}); "
            f"add it with {group}=[{','.join([*selected, event])}]"
        )
    near = nearest(event, [*selected, *choices(group)])
    return f"{group} {event!r} is edited but there is no such event (selected: {', '.join(selected) or 'none'}){near}"
