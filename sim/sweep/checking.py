"""Reads a design strictly before anything runs: whole points, just so many that each key's outermost values are among them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from sim.compose import ConfigError, composed
from sim.config import read_resolved
from sim.sweep.bases import Base
from sim.sweep.overlay import can_lie, laid_over, path_of
from sim.sweep.points import Design
from sim.sweep.values import shown, text_of

MOST_VALUES: Final = 50  # of a key on a base that are all read; of more, the smallest and the largest


def check_places(design: Design, extra: dict[str, Any] | None) -> None:
    """Every key that is laid over a base has its place there. Raises ConfigError."""
    for number, base in enumerate(design.bases):
        members = np.flatnonzero(design.base_of == number).tolist()
        for key in design.keys:
            if key in design.plain and not can_lie(base.resolved, path_of(base.resolved, key)):
                first = next((i for i in members if design.columns[key][i] is not None), None)
                if first is not None:
                    _explain(base, key, design.columns[key][first], extra)


def _explain(base: Base, key: str, value: Any, extra: dict[str, Any] | None) -> None:
    """Why a value has no place: what composing or reading says of it, with the nearest spelling."""
    line = f"{key}={text_of(value)}"
    read_resolved(composed((*base.overrides, line), extra))
    raise ConfigError(f"{key}: {shown(value)!r} cannot stand where a list or a mapping stands")


def check_values(design: Design) -> None:
    """Read the points that hold each key's distinct values, or its outermost ones, and the first and the last. ConfigError."""
    for point in _telling(design):
        try:
            read_resolved(design.config(point))
        except ConfigError as e:
            raise ConfigError(_blame(design, point, str(e))) from None


def _telling(design: Design) -> list[int]:
    """Numbers of the points to be read, in order."""
    wanted: set[int] = set()
    for number in range(len(design.bases)):
        members = np.flatnonzero(design.base_of == number).tolist()
        wanted |= {*members[:1], *members[-1:]}
        for key in design.plain:
            column = design.columns[key]
            first: dict[tuple[str, Any], int] = {}
            for point in members:
                if column[point] is not None:
                    first.setdefault((_sort(column[point]), column[point]), point)
            ends = sorted(first)
            if len(ends) > MOST_VALUES:
                sorts = {kind for kind, _ in ends}
                by_sort = [[end for end in ends if end[0] == kind] for kind in sorts]
                ends = [end for same in by_sort for end in (same[0], same[-1])]
            wanted |= {first[end] for end in ends}
    return sorted(wanted)


def _sort(value: Any) -> str:
    """Values of one sort can be ordered, and one that is out of range lies outermost. A truth is no number."""
    return (
        "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
    )


def _blame(design: Design, point: int, message: str) -> str:
    """The message with the key and value whose fault it is, or the whole point if no single one is."""
    base = design.bases[int(design.base_of[point])].resolved
    if _says(base) == message:
        return message
    for key, value in design.values(point).items():
        if key in design.plain and _says(laid_over(base, path_of(base, key), value)) == message:
            return f"{key}={shown(value)}: {message}"
    return f"point {point} ({design.told(point)}): {message}"


def _says(config: dict[str, Any]) -> str:
    try:
        read_resolved(config)
    except ConfigError as e:
        return str(e)
    return ""
