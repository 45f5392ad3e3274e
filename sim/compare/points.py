"""Which point of a study is meant: its number, or the values that single it out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from sim.runs import RunError
from sim.wording import not_one_of, one_line

NOT_KEYS: Final = ("point", "base", "digest")
NEXT_KEY: Final = re.compile(r",(?=[\w./@+~]+=)")  # a comma inside a value, as in shock=[a,b], is no end
SHOWN: Final = 8


def choose(design: pa.Table, bases: Sequence[Mapping[str, Any]], text: str, folder: Path) -> int:
    """The point that ``text`` means: '12', 'scenario=baseline,years=5', or '' for the only one. Raises RunError.

    ``design`` has a row a point: point, base, and a column a varied key, null where the base's own value holds.
    """
    points = design["point"].to_pylist()
    if not text:
        if len(points) == 1:
            return int(points[0])
        raise RunError(
            f"{folder} is a study of {len(points)} points: name one, {folder}:0 or {folder}:{_example(design)}"
        )
    if text.isascii() and text.isdigit():
        if int(text) not in points:
            raise RunError(f"{folder}: point {text} is not one of 0 .. {max(points)}")
        return int(text)
    rows = list(range(len(points)))
    for condition in NEXT_KEY.split(text):
        rows = _matching(design, bases, condition, rows, folder)
    if len(rows) > 1:
        told = ", ".join(str(points[row]) for row in rows[:SHOWN]) + (", ..." if len(rows) > SHOWN else "")
        raise RunError(
            f"{folder}: {len(rows)} points have {one_line(text, 80)} ({told}): say more, or name one"
        )
    return int(points[rows[0]])


def _keys(design: pa.Table) -> list[str]:
    return [name for name in design.column_names if name not in NOT_KEYS]


def _example(design: pa.Table) -> str:
    keys = _keys(design)
    return f"{keys[0]}=..." if keys else "1"


def _matching(
    design: pa.Table, bases: Sequence[Mapping[str, Any]], condition: str, rows: list[int], folder: Path
) -> list[int]:
    """Those of ``rows`` that have this value."""
    key, equals, word = condition.partition("=")
    if not equals or key not in _keys(design):
        raise RunError(f"{folder}: {not_one_of(one_line(key, 60), _keys(design))}, which this study varies")
    column, base = design[key].to_pylist(), design["base"].to_pylist()
    values = {
        row: spelled(column[row] if column[row] is not None else _leaf(bases[base[row]], key)) for row in rows
    }
    found = [row for row in rows if _same(values[row], word)]
    if not found:
        known = list(dict.fromkeys(values.values()))
        raise RunError(f"{folder}: no such point: {key} {not_one_of(one_line(word, 60), known)}")
    return found


def _leaf(config: Mapping[str, Any], key: str) -> Any:
    """The value at a dotted key; of a group its name, of a set of events their names; None if there is none."""
    value: Any = config
    for part in key.lstrip("+").split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    if isinstance(value, Mapping):
        return value["name"] if "name" in value else list(value)
    return value


def spelled(value: Any) -> str:
    """A value as it would be typed. A text that is JSON is read first: a column of unlike values is stored so."""
    if isinstance(value, str) and value[:1] in ('"', "[", "{"):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        short = f"{value:.15g}"
        return short if float(short) == value else repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{','.join(spelled(v) for v in value)}]"
    return str(value)


def _same(value: str, word: str) -> bool:
    if value == word.replace(" ", "").strip("'\""):
        return True
    try:
        return float(value) == float(word)
    except ValueError:
        return False
