"""Hydra's words for several values, ``a,b`` ``range()`` ``glob()`` ``interval()`` ..., turned into lists and intervals.

The grammar is Hydra's own parser; what its basic sweeper cannot do (intervals, decimals that add up) is done here.
"""

from __future__ import annotations

import random
import re
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from typing import Any, Final

from hydra.core.override_parser.types import (
    ChoiceSweep,
    Glob,
    IntervalSweep,
    Override,
    QuotedString,
    RangeSweep,
    Sweep,
)

from sim.compose import KEYS, MANY, OF_SWEEPS, ONE, ConfigError, parsed
from sim.library import choices
from sim.sweep.values import Interval, interval
from sim.wording import not_one_of, one_line

MOST_POINTS: Final = 1_000_000
SAME_FOR_ALL: Final = ("seed", "replications", "record")  # a study has one of each
ROOT: Final = re.compile(r"^(?:\+\+?|~)?([^=./@]*)")


def checked_key(written: str) -> tuple[str, str]:
    """Sign (``+``, ``++`` or nothing) and name of a key to be varied or set. Raises ConfigError."""
    checked_root(written)
    if "=" in written or written.startswith("~"):
        raise ConfigError(f"key {one_line(written, 80)!r} cannot be set; write key or +key")
    override = parsed(f"{written}=0")
    name = override.key_or_group
    return written.removesuffix(name), name


def checked_root(written: str) -> None:
    """Refuse a key whose first word is none of a sweep's, with the nearest spelling."""
    found = ROOT.match(written)
    root = found.group(1) if found else ""
    if root not in (*KEYS, *OF_SWEEPS, "hydra") and root.isidentifier():
        raise ConfigError(f"key {not_one_of(root, (*KEYS, *OF_SWEEPS))}")


def values_of(override: Override, seed: int) -> list[Any] | Interval:
    """What an override that names several values names: a list, or an interval. ``seed`` decides what shuffle() does."""
    name = override.key_or_group
    value: Any = override._value
    if name in SAME_FOR_ALL:
        raise ConfigError(f"{name} cannot be varied: a study has one for all its points")
    if isinstance(value, IntervalSweep):
        low: Any = value.start
        whole = isinstance(low, int)  # int(interval(...)); Hydra's own intervals are floats
        other = sorted(value.tags - {"log"})
        if other:
            raise ConfigError(f"{name}: tag {not_one_of(other[0], ('log',))}")
        return interval(name, low, value.end, "log" in value.tags, whole)
    if isinstance(value, Glob):
        if name not in ONE + MANY:
            raise ConfigError(f"{name}: glob() chooses among files; it is for {', '.join(ONE + MANY)}")
        found: list[Any] = value.filter(choices(name))
        if not found:
            raise ConfigError(
                f"{name}: glob({', '.join(value.include)}) finds none of {', '.join(choices(name))}"
            )
        return found
    if isinstance(value, RangeSweep):
        values: list[Any] = _range(name, value)
    elif isinstance(value, ChoiceSweep):
        values = [plain_of(name, item) for item in value.list]
    else:
        return [plain_of(name, value)]
    if value.shuffle:  # Hydra's own would give another order every time
        random.Random(seed).shuffle(values)  # noqa: S311 (an order, not a secret)
    return values


def plain_of(name: str, item: Any) -> Any:
    """An element of Hydra's grammar as plain data."""
    if isinstance(item, QuotedString):
        return item.text
    if isinstance(item, Sweep | Glob):
        raise ConfigError(f"{name}: a word such as interval() or range() cannot stand in a list of values")
    if isinstance(item, list):
        return [plain_of(name, inner) for inner in item]
    if isinstance(item, dict):
        return {str(plain_of(name, key)): plain_of(name, inner) for key, inner in item.items()}
    if isinstance(item, float) and not Decimal(item).is_finite():
        raise ConfigError(f"{name}: {item} is not a finite number")
    return item


def _range(name: str, given: RangeSweep) -> list[Any]:
    """The numbers of ``range()``. Decimals are added as decimals: the fourth of range(0,1,0.1) is 0.3, not 0.30000000000000004."""
    ends = (given.start, given.stop, given.step)
    start, stop, step = (Decimal(repr(end)) for end in ends)
    if step == 0 or not (start.is_finite() and stop.is_finite() and step.is_finite()):
        raise ConfigError(f"{name}: range({start}, {stop}, {step}) does not end; its step must not be 0")
    count = max(0, int(((stop - start) / step).to_integral_value(ROUND_CEILING)))
    if not count:
        raise ConfigError(f"{name}: range({start}, {stop}, {step}) is empty")
    if count > MOST_POINTS:
        raise ConfigError(f"{name}: range({start}, {stop}, {step}) has more than {MOST_POINTS} values")
    whole = all(isinstance(end, int) for end in ends)
    return [int(start + step * i) if whole else float(start + step * i) for i in range(count)]


@lru_cache(maxsize=100_000)
def typed(text: str) -> Any:
    """One value as Hydra reads it: ``1`` a number, ``true`` a truth, ``[a,b]`` a list; dates stay text. Raises ConfigError."""
    try:
        override = parsed(f"start={text}")
    except ConfigError:
        raise ConfigError(
            f"{one_line(text, 60)!r} cannot be read; put text with signs in it in quotes"
        ) from None
    if override.is_sweep_override():
        raise ConfigError(f"{one_line(text, 60)!r} names several values; one stands in a cell")
    return plain_of("", override._value)
