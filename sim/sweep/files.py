"""The sweep file: title, base, design, study; read by the strict rules of a stranger's file. No composing here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.compose import ConfigError
from sim.library import FOLDERS, choices
from sim.scenario_file import read_plain
from sim.wording import not_one_of, one_line

KEYS: Final = ("title", "base", "design", "study")
KINDS: Final = ("grid", "zip", "table", "sample")
BESIDE_SAMPLE: Final = ("points", "seed", "over", "grid")


@dataclass(frozen=True, kw_only=True)
class SweepFile:
    """A sweep file as it stands, each part of the right shape; what the parts mean is for others to say."""

    path: Path
    title: str
    base: Mapping[str, Any]
    blocks: tuple[Mapping[str, Any], ...]
    study: Mapping[str, Any]


@contextmanager
def told_of(where: str) -> Iterator[None]:
    """Put the place before what a ConfigError says."""
    try:
        yield
    except ConfigError as e:
        raise ConfigError(one_line(f"{where}: {e}" if where else e, 1000)) from None


def shipped(name: object) -> Path:
    """The file of a shipped sweep, ``sweep=NAME``. ConfigError."""
    if name not in choices("sweep"):
        raise ConfigError(
            f"sweep {not_one_of(name, choices('sweep'))}; a file of your own: --sweep-file PATH"
        )
    return FOLDERS["sweep"] / f"{name}.yaml"


def read_sweep_file(path: Path) -> SweepFile:
    """The parts of a sweep file. Raises ConfigError with one line that names the file."""
    data = read_plain(path)
    with told_of(path.name):
        if not isinstance(data, dict):
            raise ConfigError(f"not a mapping of {', '.join(KEYS)}")
        for key in data:
            if key not in KEYS:
                raise ConfigError(f"key {not_one_of(key, KEYS)}")
        if "design" not in data:
            raise ConfigError("key 'design' is missing; it says what is varied: grid, zip, table or sample")
        title = data.get("title", "")
        if not isinstance(title, str) or len(title) > 300:
            raise ConfigError(f"title {one_line(repr(title), 60)} is not a text of at most 300 characters")
        design = data["design"]
        blocks = design if isinstance(design, list) else [design]
        if not blocks:
            raise ConfigError("design is empty; it says what is varied: grid, zip, table or sample")
        for i, block in enumerate(blocks):
            with told_of(place(i, blocks)):
                _shape(block)
        return SweepFile(
            path=path,
            title=one_line(title, 300),
            base=_mapping("base", data.get("base", {})),
            blocks=tuple(blocks),
            study=_mapping("study", data.get("study", {})),
        )


def place(i: int, blocks: object) -> str:
    """How a block is called in messages."""
    return f"design[{i}]" if isinstance(blocks, list | tuple) and len(blocks) > 1 else "design"


def kind_of(block: Mapping[str, Any]) -> str:
    """grid, zip, table or sample; a sample may have a grid beside it."""
    return "sample" if "sample" in block else next(word for word in KINDS if word in block)


def _shape(block: object) -> None:
    if not isinstance(block, dict) or not block:
        raise ConfigError(f"{one_line(repr(block), 60)} is not a mapping with one of {', '.join(KINDS)}")
    for word in block:
        if word not in KINDS + BESIDE_SAMPLE:
            raise ConfigError(f"word {not_one_of(word, KINDS + BESIDE_SAMPLE)}")
    found = [word for word in KINDS if word in block]
    if not found:
        raise ConfigError(
            f"word {next(iter(block))!r} belongs to a sample; begin with one of {', '.join(KINDS)}"
        )
    kind = kind_of(block)
    for word in block:
        if word != kind and not (kind == "sample" and word in BESIDE_SAMPLE):
            raise ConfigError(
                f"{kind} and {word} stand in one block; write two blocks: design is a list then"
            )
    for word in ("grid", "zip", "over"):
        if word in block and not (isinstance(block[word], dict) and block[word]):
            raise ConfigError(f"{word} is empty or not a mapping key -> values")


def _mapping(word: str, given: object) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise ConfigError(f"{word} {one_line(given, 60)!r} is not a mapping key -> value")
    return given
