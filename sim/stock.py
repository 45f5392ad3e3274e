"""The one place where material lies: rows of holders x elements. Every movement goes through here and is counted.

A row is one holder of one thing (a plant's Dy oxide, a car maker's magnets, a mine's pile). Its columns are kilograms of the
fifteen elements, and behind them three *marks*, kilograms of the row's total that are of a kind that matters later:
``CHINA`` and ``RUSSIA`` (the most restricted zone in which the goods were mined, separated, or made into metal or magnet;
the rest is allied) and ``LICENSED`` (imported under a licence that names a civil end user). Marks travel in proportion with
the goods; they are no mass of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel

Array = NDArray[np.float64]
Index = NDArray[np.int64]

E: Final = 15  # element columns
CHINA: Final = 15
RUSSIA: Final = 16
LICENSED: Final = 17
WIDTH: Final = 18


@kernel
def mass_of(goods: Array) -> Array:
    """Kilograms of all elements in each row of ``goods[n, WIDTH]``."""
    mass = np.empty(len(goods))
    for i in range(len(goods)):
        kg = 0.0
        for element in range(E):
            kg += goods[i, element]
        mass[i] = kg
    return mass


@kernel
def _take(held: Array, wish: Array, mass: Array, moved: Array) -> None:
    """Move ``wish[i]`` kg, or all there is, out of each row ``held`` of ``mass[i]`` kg into ``moved``."""
    for i in range(len(held)):
        share = min(wish[i] / mass[i], 1.0) if mass[i] > 0.0 else 0.0
        for j in range(WIDTH):
            moved[i, j] = held[i, j] * share
            held[i, j] -= moved[i, j]


@kernel
def _count(total: Array, goods: Array) -> None:
    """Add the elements of all rows of ``goods`` to ``total`` [15]."""
    for i in range(len(goods)):
        for element in range(E):
            total[element] += goods[i, element]


@kernel
def _push(ring: Array, now: int, lag: Index, goods: Array) -> None:
    """Add ``goods`` [n, WIDTH] to the slots of ``ring`` [weeks, n, WIDTH] that come ``lag`` weeks after slot ``now``."""
    for i in range(len(goods)):
        ring[(now + lag[i]) % len(ring), i] += goods[i]


@kernel
def _pop(ring: Array, now: int, due: Array, held: Array) -> Array:
    """Empty slot ``now`` into ``due`` [n, WIDTH] and take its mass off ``held`` [n] kg; returns that mass."""
    kg = np.empty(len(due))
    for i in range(len(due)):
        due[i] = ring[now, i]
        ring[now, i] = 0.0
        kg[i] = due[i, :E].sum()
        held[i] = max(held[i] - kg[i], 0.0)
    return kg


class BalanceError(RuntimeError):
    """Material appeared or vanished: the run is wrong and is not written."""


@dataclass(slots=True)
class Block:
    """A run of rows of one kind, e.g. the oxide stocks of all separators. Arrays have one entry a row.

    Only ``Stock.arrange`` moves a block, while the chain is built.
    """

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
        self._buffers: dict[tuple[int, int], Array] = {}

    def add(
        self, kind: str, owner: list[str], ownership: str, region: list[int], commodity: list[int]
    ) -> Block:
        """Append a block of empty rows; only while the chain is built."""
        start = len(self.kg)
        block = Block(
            kind,
            start,
            start + len(owner),
            tuple(owner),
            ownership,
            np.array(region, int),
            np.array(commodity, int),
        )
        self.blocks[kind] = block
        self.kg = np.vstack([self.kg, np.zeros((len(owner), WIDTH))])
        return block

    def arrange(self, kinds: Sequence[str]) -> None:
        """Lay the blocks out in the order of ``kinds`` (each once); only while the chain is built, before rows are numbered.

        Buyers' rows, and sellers' rows, are then one run each: a slice is a view, a list of rows is a copy.
        """
        self.kg = np.vstack([self.kg[self.blocks[kind].rows] for kind in kinds])
        self.blocks = {kind: self.blocks[kind] for kind in kinds}
        start = 0
        for block in self.blocks.values():
            block.start, block.stop = start, start + len(block)
            start = block.stop

    def mass(self, rows: slice | Index) -> Array:
        """Kilograms of all elements in each of ``rows``."""
        return mass_of(self.kg[rows])

    def take(self, rows: slice | Index, kg: Array, mass: Array | None = None) -> Array:
        """Remove ``kg[i]`` of total element mass from each row (rows unique), in proportion; returns what left, [n, WIDTH].

        Asking for more than there is takes all there is.
        """
        held = self.kg[rows]  # a slice's is a view: the stock itself
        moved = self._buffer(rows, len(held))
        _take(held, kg, mass_of(held) if mass is None else mass, moved)
        if not isinstance(rows, slice):
            self.kg[rows] = held
        return moved

    def _buffer(self, rows: slice | Index, count: int) -> Array:
        """Room for what leaves a block: large temporaries cost more than the sums. It is valid until the next ``take``
        from the same rows."""
        key = (rows.start, count) if isinstance(rows, slice) else (-1, count)
        if key not in self._buffers:
            self._buffers[key] = np.empty((count, WIDTH))
        return self._buffers[key]

    def put(self, rows: slice | Index, goods: Array) -> None:
        """Add ``goods[i]`` to each row (rows unique)."""
        self.kg[rows] += goods

    def count_mined(self, goods: Array) -> None:
        _count(self.mined, np.atleast_2d(goods))

    def count_consumed(self, goods: Array) -> None:
        _count(self.consumed, np.atleast_2d(goods))

    def count_lost(self, goods: Array) -> None:
        _count(self.lost, np.atleast_2d(goods))

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
        self.due: Array = np.zeros(len(lag))  # kg of what was popped last
        self._due = np.empty((len(lag), WIDTH))
        self.now = 0

    def push(self, goods: Array, extra: Index | int = 0, mass: Array | None = None) -> None:
        """Send ``goods[n, WIDTH]``; ``extra`` weeks of delay on top of the lag (the ring grows at need).

        ``mass`` is that of ``goods`` by entry if it is known already.
        """
        lag = self.lag if isinstance(extra, int) and extra == 0 else self.lag + np.asarray(extra)
        if lag is not self.lag and int(lag.max(initial=1)) >= self.size:
            self._grow(int(lag.max()) + 1)
        _push(self.ring, self.now, lag, goods)
        self.held += mass_of(goods) if mass is None else mass

    def pop(self) -> Array:
        """Advance one week and return what is due now, [n, WIDTH]; the array is valid until the next ``pop``."""
        self.now = (self.now + 1) % self.size
        self.due = _pop(self.ring, self.now, self._due, self.held)
        return self._due

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
