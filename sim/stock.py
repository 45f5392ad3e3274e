"""The one place where material lies: rows of holders x elements. Every movement goes through here and is counted.

A row is one holder of one thing (a plant's Dy oxide, a car maker's magnets, a mine's pile). Its columns are kilograms of the
fifteen elements, and behind them three *marks*, kilograms of the row's total that are of a kind that matters later:
``CHINA`` and ``RUSSIA`` (the most restricted zone in which the goods were mined, separated, or made into metal or magnet;
the rest is allied) and ``LICENSED`` (imported under a licence that names a civil end user). Marks travel in proportion with
the goods; they are no mass of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]

E: Final = 15  # element columns
CHINA: Final = 15
RUSSIA: Final = 16
LICENSED: Final = 17
WIDTH: Final = 18
ZONES: Final = ("china", "russia", "allied")


class BalanceError(RuntimeError):
    """Material appeared or vanished: the run is wrong and is not written."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of rows of one kind, e.g. the oxide stocks of all separators. Arrays have one entry a row."""

    kind: str
    start: int
    stop: int
    owner: tuple[str, ...]  # id of the holder
    ownership: str  # trading house, separator, metal maker, magnet maker, recycler, user, state, mine
    region: Index
    commodity: Index  # -1: no traded commodity (concentrate, swarf, goods in products)

    @property
    def rows(self) -> slice:
        return slice(self.start, self.stop)

    def __len__(self) -> int:
        return self.stop - self.start


class Stock:
    """All rows, ``kg[row, WIDTH]``, and the counters that the mass balance is checked against."""

    def __init__(self) -> None:
        self.blocks: dict[str, Block] = {}
        self.kg: Array = np.zeros((0, WIDTH))
        self.opening: Array = np.zeros(E)
        self.mined: Array = np.zeros(E)
        self.consumed: Array = np.zeros(E)  # dissipated in use: polish, catalyst, steel
        self.lost: Array = np.zeros(E)  # declared process losses

    def add(self, kind: str, owner: list[str], ownership: str, region: list[int], commodity: list[int]) -> Block:
        """Append a block of empty rows; only while the chain is built."""
        start = len(self.kg)
        block = Block(
            kind, start, start + len(owner), tuple(owner), ownership, np.array(region, int), np.array(commodity, int)
        )
        self.blocks[kind] = block
        self.kg = np.vstack([self.kg, np.zeros((len(owner), WIDTH))])
        return block

    def mass(self, rows: slice | Index) -> Array:
        """Kilograms of all elements in each of ``rows``."""
        mass: Array = self.kg[rows, :E].sum(axis=1)
        return mass

    def take(self, rows: slice | Index, kg: Array, mass: Array | None = None) -> Array:
        """Remove ``kg[i]`` of total element mass from each row (rows unique), in proportion; returns what left, [n, WIDTH].

        Asking for more than there is takes all there is.
        """
        held = self.kg[rows]
        total = held[:, :E].sum(axis=1) if mass is None else mass
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(total > 0.0, np.minimum(kg / total, 1.0), 0.0)
        moved: Array = held * share[:, None]
        self.kg[rows] = held - moved
        return moved

    def put(self, rows: slice | Index, goods: Array) -> None:
        """Add ``goods[i]`` to each row (rows unique)."""
        self.kg[rows] += goods

    def count_mined(self, goods: Array) -> None:
        self.mined += goods[..., :E].reshape(-1, E).sum(axis=0)

    def count_consumed(self, goods: Array) -> None:
        self.consumed += goods[..., :E].reshape(-1, E).sum(axis=0)

    def count_lost(self, goods: Array) -> None:
        self.lost += goods[..., :E].reshape(-1, E).sum(axis=0)

    def total(self) -> Array:
        """Kilograms of each element over all rows, [15]."""
        total: Array = self.kg[:, :E].sum(axis=0)
        return total

    def close(self, in_pipes: Array) -> Array:
        """Relative balance error of each element, [15]; ``in_pipes`` is what is in transit and in process. Raises nothing."""
        source = self.opening + self.mined
        sink = self.total() + in_pipes + self.consumed + self.lost
        error: Array = np.abs(source - sink) / np.where(source > 0.0, source, 1.0)
        return error


class Pipe:
    """Goods on their way to rows: shipments in transit, or material inside a plant. All of it is due at a Monday's call.

    ``lag[i]`` whole weeks pass between ``push`` and ``pop`` for entry ``i``; a ring of arrays, one slot a week.
    """

    def __init__(self, lag: Index, longest: int | None = None) -> None:
        self.lag = np.maximum(lag, 1)
        self.size = (max(int(self.lag.max(initial=1)), longest or 1)) + 1
        self.ring: Array = np.zeros((self.size, len(lag), WIDTH))
        self.held: Array = np.zeros(len(lag))  # kg inside, by entry
        self._all = np.arange(len(lag))
        self.now = 0

    def push(self, goods: Array, extra: Index | int = 0) -> None:
        """Send ``goods[n, WIDTH]``; ``extra`` weeks of delay on top of the lag (capped by the ring, which grows at need)."""
        lag = self.lag + extra
        longest = int(lag.max(initial=1))
        if longest >= self.size:
            self._grow(longest + 1)
        self.ring[(self.now + lag) % self.size, self._all] += goods
        self.held += goods[:, :E].sum(axis=1)

    def pop(self) -> Array:
        """Advance one week and return what is due now, [n, WIDTH]."""
        self.now = (self.now + 1) % self.size
        due = self.ring[self.now].copy()
        self.ring[self.now] = 0.0
        self.held -= due[:, :E].sum(axis=1)
        np.maximum(self.held, 0.0, out=self.held)
        return due

    def fill(self, weekly: Array) -> None:
        """Open in a steady state: ``weekly[n, WIDTH]`` in each of the ``lag`` coming weeks."""
        for week in range(1, self.size):
            self.ring[(self.now + week) % self.size] += weekly * (week <= self.lag)[:, None]
        self.held = self.ring[:, :, :E].sum(axis=(0, 2))

    def total(self) -> Array:
        total: Array = self.ring[:, :, :E].sum(axis=(0, 1))
        return total

    def _grow(self, size: int) -> None:
        ordered = np.roll(self.ring, -self.now, axis=0)
        self.ring = np.concatenate([ordered, np.zeros((size + 4 - self.size, *self.ring.shape[1:]))])
        self.size, self.now = size + 4, 0
