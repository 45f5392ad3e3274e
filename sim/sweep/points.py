"""A design: the points of a sweep, each a base and the plain values laid over it; and the digest by which a point is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.sweep.addresses import MODULUS, Addresses, Path, leaf, path_text, total
from sim.sweep.bases import Base
from sim.sweep.overlay import NO_LEAF, laid_over, leaf_at, path_of
from sim.sweep.values import shown, text_of


@dataclass(frozen=True)
class Design:
    """Points in the order of their number. ``columns`` holds a value for each key and point, None where it is as in the base."""

    bases: tuple[Base, ...]
    keys: tuple[str, ...]
    base_of: NDArray[np.int32]  # point -> its base
    columns: dict[str, list[Any]]
    plain: frozenset[str]  # keys whose values are laid over the base; the others went into composing it

    @property
    def points(self) -> int:
        """How many there are."""
        return len(self.base_of)

    def config(self, point: int) -> dict[str, Any]:
        """The resolved configuration of a point as plain data. It shares what it does not change with its base: do not edit it."""
        base = int(self.base_of[point])
        config = self.bases[base].resolved
        for path, column in self._laid[base]:
            if column[point] is not None:
                config = laid_over(config, path, column[point])
        return config

    def values(self, point: int) -> dict[str, Any]:
        """What the point says, by key."""
        return {key: self.columns[key][point] for key in self.keys if self.columns[key][point] is not None}

    def told(self, point: int) -> str:
        """The same for a person, on one line."""
        return ", ".join(f"{key}={shown(value)}" for key, value in self.values(point).items())

    def addresses(self) -> list[str]:
        """The digest of each point, in hex: equal for equal resolved configurations under the same model and world."""
        return list(self._digests)

    def kept(self, points: Sequence[int]) -> Design:
        """Only these points."""
        return Design(
            bases=self.bases,
            keys=self.keys,
            base_of=self.base_of[np.asarray(points, dtype=np.int64)],
            columns={key: [column[i] for i in points] for key, column in self.columns.items()},
            plain=self.plain,
        )

    def table(self) -> pa.Table:
        """point, base, digest, and a column for each key: numbers, truths or text as its values are, null as in the base."""
        found = {
            "point": pa.array(range(self.points), pa.int32()),
            "base": pa.array(self.base_of, pa.int32()),
            "digest": pa.array(self._digests, pa.string()),
        }
        for key in self.keys:
            found[key] = _arrow(self.columns[key])
        return pa.table(found)

    @cached_property
    def _laid(self) -> list[list[tuple[Path, list[Any]]]]:
        """For each base the paths of the keys that are laid over it."""
        return [
            [(path_of(base.resolved, key), self.columns[key]) for key in self.keys if key in self.plain]
            for base in self.bases
        ]

    @cached_property
    def _digests(self) -> list[str]:
        known = Addresses()
        start = [(total(base.resolved), str(base.resolved["world"]["name"])) for base in self.bases]
        sums = [start[base][0] for base in self.base_of.tolist()]
        for point, change in self._changes():
            sums[point] += change
        of = self.base_of.tolist()
        return [known.address(sums[i] % MODULUS, start[of[i]][1]) for i in range(self.points)]

    def _changes(self) -> Iterator[tuple[int, int]]:
        """(point, what a value that is laid over adds to the sum of its base's leaves)."""
        for base in range(len(self.bases)):
            members = np.flatnonzero(self.base_of == base).tolist()
            for path, column in self._laid[base]:
                old, text = leaf_at(self.bases[base].resolved, path), path_text(path)
                before = 0 if old is NO_LEAF else leaf(text, old)
                made: dict[
                    tuple[type, Any], int
                ] = {}  # True, 1 and 1.0 are one key of a dict, but not one leaf
                for point in members:
                    value = column[point]
                    if value is not None:
                        known = (type(value), value)
                        if known not in made:
                            made[known] = leaf(text, value) - before
                        yield point, made[known]


def _arrow(column: list[Any]) -> pa.Array:
    kinds = {type(value) for value in column if value is not None}
    if kinds == {bool}:
        return pa.array(column, pa.bool_())
    if kinds == {int} and all(value is None or abs(value) < 2**63 for value in column):
        return pa.array(column, pa.int64())
    if kinds and kinds <= {int, float}:
        return pa.array([None if v is None else float(v) for v in column], pa.float64())
    told = [v if v is None or isinstance(v, str) else text_of(v) for v in column]
    return pa.array(told, pa.string())
