"""Blocks of a design: columns of equal length, one a key; crossed, joined, zipped. What is not said stays as in the base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain, repeat
from typing import Any

from sim.compose import ConfigError
from sim.sweep.values import AS_BASE, Interval
from sim.sweep.words import MOST_POINTS, SAME_FOR_ALL, checked_key


@dataclass(frozen=True, kw_only=True)
class Block:
    """``points`` points: cells by key, and the sign (``+``, ``++``) with which a key was written."""

    points: int
    columns: Mapping[str, list[Any]] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)


ONE_POINT = Block(points=1)


def named_keys(written: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What stands under each key, by name, and the signs; two spellings of one key are refused. ConfigError."""
    values: dict[str, Any] = {}
    signs: dict[str, str] = {}
    for key, value in written.items():
        sign, name = checked_key(key)
        if name in values:
            raise ConfigError(f"key {name!r} stands twice, with and without a plus")
        if name in SAME_FOR_ALL:
            raise ConfigError(f"{name} cannot be varied: a study has one for all its points")
        values[name], signs[name] = value, sign
    return values, signs


def column(name: str, values: list[Any], sign: str = "") -> Block:
    """The values of one key, a point each."""
    if not values:
        raise ConfigError(f"{name} has no values")
    return Block(points=len(values), columns={name: values}, signs={name: sign})


def side_by_side(columns: Mapping[str, list[Any]], signs: Mapping[str, str]) -> Block:
    """Columns of one length. Raises ConfigError if they differ or hold nothing."""
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {n}" for name, n in lengths.items())
        raise ConfigError(f"lists of unequal length ({told}); each point takes one value of each")
    points = next(iter(lengths.values()), 0)
    if not points:
        raise ConfigError("holds no points")
    return Block(points=points, columns=columns, signs=signs)


def grid(columns: Mapping[str, list[Any]], signs: Mapping[str, str]) -> Block:
    """All combinations. Keys in the order of the alphabet, so that it does not matter in which they were written."""
    return reduce(crossed, (column(name, columns[name], signs[name]) for name in sorted(columns)), ONE_POINT)


def crossed(outer: Block, inner: Block) -> Block:
    """Each point of one block with each of the other. ConfigError if a key stands in both or there are too many."""
    both = sorted(outer.columns.keys() & inner.columns.keys())
    if both:
        raise ConfigError(f"{both[0]} is varied twice; name it once")
    points = outer.points * inner.points
    if points > MOST_POINTS:
        raise ConfigError(f"more than {MOST_POINTS} points")
    columns = {
        name: list(chain.from_iterable(repeat(cell, inner.points) for cell in cells))
        for name, cells in outer.columns.items()
    }
    columns |= {name: cells * outer.points for name, cells in inner.columns.items()}
    return Block(points=points, columns=columns, signs={**outer.signs, **inner.signs})


def joined(blocks: list[Block]) -> Block:
    """All points of all blocks, in their order; a key that a block does not name is there as in the base. ConfigError."""
    signs: dict[str, str] = {}
    for block in blocks:
        for name, sign in block.signs.items():
            if signs.setdefault(name, sign) != sign:
                raise ConfigError(f"{name} is written with and without a plus; write it alike in all blocks")
    points = sum(block.points for block in blocks)
    if points > MOST_POINTS:
        raise ConfigError(f"more than {MOST_POINTS} points")
    columns = {
        name: list(chain.from_iterable(block.columns.get(name, [AS_BASE] * block.points) for block in blocks))
        for name in sorted(signs)
    }
    return Block(points=points, columns=columns, signs=signs)


def sampled_keys(over: Mapping[str, list[Any] | Interval], groups: tuple[str, ...]) -> None:
    """Refuse to sample what has no values in between. ConfigError."""
    if not over:
        raise ConfigError("nothing is sampled; name keys under over")
    for name, wanted in over.items():
        if name in groups:
            raise ConfigError(
                f"{name} is a group of files and cannot be sampled; vary it in a grid beside the sample"
            )
        if isinstance(wanted, list) and not wanted:
            raise ConfigError(f"{name} has no values")
