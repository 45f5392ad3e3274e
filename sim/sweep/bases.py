"""Splits points into what must be composed (once for each distinct case of it) and plain values that are laid over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.compose import MANY, ONE, composed
from sim.sweep.addresses import OVERLAYS
from sim.sweep.blocks import Block
from sim.sweep.values import AS_BASE, is_plain, text_of

GROUPS: Final = ONE + MANY
Structure = tuple[tuple[str, str], ...]  # (key, override) of all that must be composed, sorted


@dataclass(frozen=True, kw_only=True)
class Base:
    """A composed configuration that points share; ``overrides`` compose it."""

    overrides: tuple[str, ...]
    resolved: dict[str, Any]


class Composer:
    """Composes each structure once, over what is the same for all points. 50 to 250 ms each."""

    def __init__(self, same: Mapping[str, str], extra: Mapping[str, Any] | None) -> None:
        self._same = same
        self._extra = extra
        self._made: dict[Structure, Base] = {}

    def base(self, structure: Structure) -> Base:
        """The composed base of a structure; what a structure sets goes before what is the same for all. ConfigError."""
        if structure not in self._made:
            lines = {**self._same, **dict(structure)}
            overrides = tuple(lines[key] for key in sorted(lines, key=lambda key: (key.count("."), key)))
            self._made[structure] = Base(overrides=overrides, resolved=composed(overrides, self._extra))
        return self._made[structure]


def structures(block: Block) -> tuple[list[Structure], frozenset[str]]:
    """The structure of each point, and the keys whose values are laid over instead.

    A plain value of a key that is added (``+key=1,2``) is laid over too: the structure only says that the key is there.
    """
    lines: list[list[tuple[str, str] | None]] = []
    plain: set[str] = set()
    for name in sorted(block.columns):
        cells, sign = block.columns[name], block.signs[name]
        laid = _is_laid_over(name, cells)
        if laid:
            plain.add(name)
        if laid and (not sign or name.split(".")[0] in OVERLAYS):
            continue
        first = next(cell for cell in [*cells, ""] if cell is not AS_BASE)
        told: dict[tuple[type, Any], tuple[str, str]] = {}
        written = f"{sign}{name}"
        lines.append(
            [
                None if cell is AS_BASE else _line(written, name, first if laid else cell, told)
                for cell in cells
            ]
        )
    if not lines:
        return [()] * block.points, frozenset(plain)
    return [tuple(part for part in row if part) for row in zip(*lines, strict=True)], frozenset(plain)


def _line(
    written: str, name: str, value: Any, told: dict[tuple[type, Any], tuple[str, str]]
) -> tuple[str, str]:
    """(key, override), made once for each value."""
    if not is_plain(value):
        return name, f"{written}={text_of(value)}"
    known = (type(value), value)
    if known not in told:
        told[known] = name, f"{written}={text_of(value)}"
    return told[known]


def _is_laid_over(name: str, cells: list[Any]) -> bool:
    if name in GROUPS or "/" in name or name.split(".")[0] == "world":
        return False
    return all(cell is AS_BASE or is_plain(cell) for cell in cells)
