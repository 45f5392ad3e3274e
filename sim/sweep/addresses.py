"""Addresses of points: a digest of the whole resolved configuration, which a changed leaf moves by one difference.

Each leaf is ``path=value`` in JSON, hashed by itself; the hashes are added modulo 2**256, so their order does not matter and ten
thousand points that share a base hash only what they change. The sum is hashed once more with the model and the world's tables.
Numbers of one value have one address (10 and 10.0); a ``vary`` without cells says nothing and has none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sim import __version__
from sim.library import FOLDERS
from sim.runs.identity import model_version, table_sums

Path = tuple[str | int, ...]
MODULUS: Final = 2**256
EXACT: Final = 2.0**53  # beyond it a float no longer stands for one whole number
OVERLAYS: Final = ("vary", "vary_scale")  # mappings of table cells, empty as a rule


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All leaves of plain data with their paths; an empty mapping or list is a leaf, but not in an overlay of table cells."""
    if isinstance(value, Mapping) and (value or (path and path[0] in OVERLAYS)):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        for i, inner in enumerate(value):
            yield from leaves(inner, (*path, i))
    else:
        yield path, value


def path_text(path: Path) -> str:
    """A path as it is hashed: unambiguous whatever the keys hold."""
    return json.dumps(path) + "="


def leaf(path: str, value: Any) -> int:
    """The number of one leaf; ``path`` as ``path_text`` writes it."""
    return int.from_bytes(hashlib.sha256((path + _text(value)).encode()).digest(), "big")


def total(config: Mapping[str, Any]) -> int:
    """The sum over all leaves of a configuration."""
    return sum(leaf(path_text(path), value) for path, value in leaves(config)) % MODULUS


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return repr(int(value))
    return json.dumps(value)


class Addresses:
    """Turns sums of leaves into hex digests. Reads model and tables once, when it is made and when a world is first named."""

    def __init__(self) -> None:
        self._model = model_version(__version__)
        self._rest: dict[str, str] = {}

    def rest(self, world: str) -> str:
        """What else an address depends on: the model and the bytes of the world's tables."""
        if world not in self._rest:
            folder = FOLDERS["world"] / world
            tables = table_sums(folder)
            self._rest[world] = json.dumps({"model": self._model, "world": tables}, sort_keys=True)
        return self._rest[world]

    def address(self, leaves_total: int, world: str) -> str:
        """The digest of a configuration whose leaves sum to ``leaves_total``."""
        return hashlib.sha256(f"{leaves_total:064x}{self.rest(world)}".encode()).hexdigest()

    def of(self, config: Mapping[str, Any]) -> str:
        """The digest of a whole resolved configuration, from scratch."""
        return self.address(total(config), str(config["world"]["name"]))
