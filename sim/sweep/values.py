"""Values of a sweep: what a cell of a design may hold, how Hydra writes it, and intervals to be sampled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

from hydra.core.override_parser.types import Quote, QuotedString

from sim.compose import ConfigError
from sim.wording import not_one_of, one_line


class Absent(Enum):
    """The cell that leaves a key as it is in the base; its name is ``AS_BASE``. (None is a value: ``start=null``.)"""

    AS_BASE = ""


AS_BASE: Final = Absent.AS_BASE
ENDS: Final = ("from", "to", "log")


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A stretch of numbers, or of whole days (``days``; its ends are then ordinals of the calendar), ends included."""

    low: float
    high: float
    log: bool = False  # equal shares of the logarithm
    whole: bool = False
    days: bool = False


def interval(where: str, low: Any, high: Any, log: bool = False, whole: bool = False) -> Interval:
    """A checked interval. Ends are numbers, or both dates written YYYY-MM-DD. Raises ConfigError that begins with ``where``."""
    days = isinstance(low, str) or isinstance(high, str)
    if days:
        low, high = _ordinal(where, low), _ordinal(where, high)
    for end in (low, high):
        if isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end):
            raise ConfigError(
                f"{where}: {one_line(repr(end), 40)} is not a number or a date written YYYY-MM-DD"
            )
    if not low < high:
        raise ConfigError(
            f"{where}: the interval ends before it begins or holds one value; from must lie below to"
        )
    if log and days:
        raise ConfigError(f"{where}: dates have no logarithm; leave log away")
    if log and low <= 0:
        raise ConfigError(f"{where}: from {low!r} has no logarithm; with log it must be above 0")
    return Interval(low=low, high=high, log=log, whole=whole or days, days=days)


def interval_of(where: str, given: Mapping[str, Any]) -> Interval:
    """The interval that ``{from: ..., to: ..., log: true}`` says. Raises ConfigError."""
    for word in given:
        if word not in ENDS:
            raise ConfigError(f"{where}: key {not_one_of(word, ENDS)}")
    for word in ENDS[:2]:
        if word not in given:
            raise ConfigError(f"{where}: key {word!r} is missing; an interval is {{from: LOW, to: HIGH}}")
    if not isinstance(given.get("log", False), bool):
        raise ConfigError(f"{where}: log {given['log']!r} is not true or false")
    return interval(where, given["from"], given["to"], given.get("log", False))


def _ordinal(where: str, end: Any) -> int:
    try:
        if isinstance(end, str) and len(end) == 10:
            return date.fromisoformat(end).toordinal()
    except ValueError:
        pass
    raise ConfigError(f"{where}: {one_line(repr(end), 40)} is not a number or a date written YYYY-MM-DD")


def is_plain(value: Any) -> bool:
    """Whether a value is text, a number or a truth: what can be laid over a composed leaf without composing again."""
    return isinstance(value, str | int | float)


def text_of(value: Any) -> str:
    """The value in Hydra's grammar, so that an override ``key=text`` reads back the very same. ConfigError if none does."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return QuotedString(text=value, quote=Quote.single).with_quotes()
    if isinstance(value, list):
        return "[" + ",".join(text_of(item) for item in value) + "]"
    for key in value:
        if not isinstance(key, str) or not key.replace("_", "").isalnum() or not key.isascii():
            raise ConfigError(f"key {one_line(key, 60)!r} of a mapping is not made of letters, digits and _")
    return "{" + ",".join(f"{key}:{text_of(item)}" for key, item in value.items()) + "}"


def shown(value: Any) -> str:
    """A value as a person would write it, on one line and not endless."""
    if isinstance(value, list):
        return "[" + ",".join(shown(item) for item in value) + "]"
    return one_line(value if isinstance(value, str) else text_of(value), 80)
