"""Goods bought and on their way: what was bought each week, and what a kilogram of it held.

All buyers with the same access to a pool get the same mixture, so a week is kept as kilograms by line and a table of mixtures,
and goods are made up on the day they arrive. What is held up at the border (tests) travels apart, made up at once.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.grouping import ratio
from sim.stock import LICENSED, WIDTH, Array, E, Index, mass_of


class Shipments:
    """One entry a buying line. A line's goods arrive ``lag[i]`` whole weeks after ``push``, at a Monday's call.

    A line's mixture is that of its ``cell`` if it is civil, of its ``pool`` otherwise; ``marked`` lines (trading houses)
    carry a licence mark of their own.
    """

    def __init__(
        self,
        lag: Index,
        pool: Index,
        pools: int,
        cell: Index,
        civil: NDArray[np.bool_],
        regions: int,
        marked: slice,
    ) -> None:
        self.lag = np.maximum(lag, 1)
        self.marked, self.pools, self.regions = marked, pools, regions
        size = int(self.lag.max(initial=1))
        self.kg: Array = np.zeros((size, len(lag)))
        self.licensed: Array = np.zeros((size, len(lag[marked])))
        self.held: Array = np.zeros(len(lag))  # kg on the way, by line
        self.usual: Array = np.zeros(len(lag))  # kg a week on the first day
        self.detours: list[
            tuple[int, Array]
        ] = []  # (weeks, share of each line's goods that travels so much longer)
        self.late: defaultdict[int, list[tuple[Index, Array]]] = defaultdict(list)  # week -> lines and goods
        self.week = 0
        self._lines = np.arange(len(lag))
        self._address(pool, cell, civil)

    def _address(self, pool: Index, cell: Index, civil: NDArray[np.bool_]) -> None:
        """Number the mixtures: one a cell in which anybody civil buys, behind them one a pool."""
        self.cells, number = np.unique(cell[civil], return_inverse=True)
        self.by_pool = pool + len(self.cells)  # [lines] row of the table
        self.mixture = self.by_pool.copy()  # the same where access matters
        self.mixture[civil] = number
        rows = len(self.cells) + self.pools
        self.tables: Array = np.zeros((len(self.kg), rows, WIDTH))
        self.alike = np.zeros(
            len(self.kg), bool
        )  # weeks in which access did not matter: only rows of pools are good

    def readdress(self, pool: Index, cell: Index, civil: NDArray[np.bool_]) -> None:
        """Lines buy in other pools or with other access from now on: what is under way is made up and arrives as it was."""
        for ahead in range(1, len(self.tables) + 1):
            goods = self._arriving(ahead)
            lines = np.flatnonzero(mass_of(goods))
            if len(lines):
                self.late[self.week + ahead].append((lines, goods[lines]))
        self.kg[:] = 0.0
        self.licensed[:] = 0.0
        self._address(pool, cell, civil)

    def mixtures(self) -> Array:
        """Table of this week's mixtures, to be written and pushed: one a used cell, behind them one a pool."""
        table: Array = self.tables[self.week % len(self.tables)]
        return table

    def push(
        self, table: Array, kg: Array, licensed: Array, extra: Index | None = None, alike: bool = False
    ) -> None:
        """Send ``kg`` [lines] of the mixtures in ``table``; ``licensed`` [marked] kg of it under a licence for civil users.
        ``alike``: all buyers of a pool get the mixture of the pool, others are not written.

        ``extra`` [marked] weeks of delay come on top of the lag, and on top of those what ``detours`` say.
        """
        slot = self.week % len(self.tables)
        np.copyto(self.kg[slot], kg)
        np.copyto(self.licensed[slot], licensed)
        self.alike[slot] = alike
        self.held += kg
        tested = extra is not None and bool(extra.any())
        if not tested and not self.detours:
            return
        wait = np.zeros(len(self.lag), int)
        if extra is not None:
            wait[self.marked] = extra
        sent = kg.copy()
        for weeks, share in self.detours:
            self._hold_up(slot, table, np.minimum(sent * share, self.kg[slot]), wait + weeks)
        if tested:
            self._hold_up(slot, table, np.where(wait > 0, self.kg[slot], 0.0), wait)

    def _hold_up(self, slot: int, table: Array, kg: Array, extra: Index) -> None:
        """Take ``kg`` [lines] out of the week's parcel and put it on the days on which it will arrive: ``extra`` [lines]
        weeks late, or early; never in the week of the call."""
        lines = np.flatnonzero(kg)
        mixture = self.by_pool if self.alike[slot] else self.mixture
        goods = table[mixture[lines]] * kg[lines, None]
        licensed = np.zeros(len(self.lag))
        whole = self.kg[slot, self.marked]
        licensed[self.marked] = self.licensed[slot] * ratio(kg[self.marked], whole)
        marked = (lines >= self.marked.start) & (lines < self.marked.stop)
        goods[marked, LICENSED] = licensed[lines[marked]]
        due = self.week + np.maximum(self.lag[lines] + extra[lines], 1)
        for week in np.unique(due):
            here = due == week
            self.late[int(week)].append((lines[here], goods[here]))
        self.kg[slot] -= kg
        self.licensed[slot] -= licensed[self.marked]

    def pop(self, into: Array) -> Array:
        """Advance one week and add what is due now to ``into`` [lines, WIDTH]; returns its kilograms, [lines]."""
        self.week += 1
        kg = self._made_up(self.week, into)
        for lines, late in self.late.pop(self.week, []):
            into[lines] += late
            kg[lines] += mass_of(late)
        self.held -= kg
        np.maximum(self.held, 0.0, out=self.held)
        return kg

    def _made_up(self, week: int, into: Array) -> Array:
        """Add goods pushed ``lag`` weeks before ``week`` to ``into``; returns their kilograms."""
        return _make_up(
            week,
            self.tables,
            self.alike,
            self.by_pool,
            self.mixture,
            self.kg,
            self.licensed,
            self.lag,
            self.marked.start,
            into,
        )

    def fill(self, by_pool: Array, weekly: Array) -> None:
        """Open in a steady state: ``weekly`` [lines] kg were sent in each of the weeks before the first, mixed as ``by_pool``."""
        self.tables[:, len(self.cells) :] = by_pool
        self.alike[:] = True
        self.kg[:] = weekly
        self.held = weekly * self.lag
        self.usual = weekly.copy()

    def lose(self, lines: slice | Index) -> Array:
        """Take all that is on the way to ``lines`` out; returns it [lines, WIDTH], to be counted by who takes it."""
        gone = np.zeros((len(self.lag), WIDTH))
        for ahead in range(1, len(self.tables) + 1):
            gone += self._arriving(ahead)
        self.kg[:, lines] = 0.0
        self.licensed[:, np.isin(self._lines[self.marked], self._lines[lines])] = 0.0
        for parcels in self.late.values():
            for late_lines, goods in parcels:
                hit = np.isin(late_lines, self._lines[lines])
                gone[late_lines[hit]] += goods[hit]
                goods[hit] = 0.0
        self.held[lines] = 0.0
        out: Array = gone[lines]
        return out

    def _arriving(self, ahead: int) -> Array:
        """Goods that arrive ``ahead`` weeks from now, without what is held up, [lines, WIDTH]."""
        goods = np.zeros((len(self.lag), WIDTH))
        self._made_up(self.week + ahead, goods)
        goods[self.lag < ahead] = 0.0  # to be sent after this week
        return goods

    def unmark(self, lines: NDArray[np.bool_]) -> None:
        """Goods under way to ``lines`` are no longer bound to anybody; to be called after ``readdress``."""
        for parcels in self.late.values():
            for late_lines, goods in parcels:
                goods[lines[late_lines], LICENSED] = 0.0

    def total(self) -> Array:
        """Kilograms of each element on the way, [15]."""
        total: Array = np.zeros(E)
        for ahead in range(1, len(self.tables) + 1):
            total += self._arriving(ahead)[:, :E].sum(axis=0)
        for parcels in self.late.values():
            total += sum(goods[:, :E].sum(axis=0) for _lines, goods in parcels)
        return total


@kernel
def _make_up(
    week: int, tables: Array, alike: NDArray[np.bool_], by_pool: Index, mixture: Index, sent: Array, licensed: Array,
    lag: Index, first_marked: int, into: Array,
) -> Array:  # fmt: skip
    """Goods of the parcels ``sent`` [weeks, lines] ``lag`` weeks before ``week`` are added to ``into``; returns the kilograms."""
    out = np.empty(len(lag))
    weeks, marked = len(tables), licensed.shape[1]
    turn = week % weeks
    for line in range(len(lag)):
        slot = turn - lag[line]
        if slot < 0:  # no lag is longer than the ring
            slot += weeks
        kg, mixed = sent[slot, line], by_pool[line] if alike[slot] else mixture[line]
        out[line] = kg
        if kg == 0.0:
            continue
        for j in range(WIDTH):
            part = tables[slot, mixed, j]
            if part != 0.0:  # most goods hold few elements: a test is cheaper than reading and writing a nil
                into[line, j] += part * kg
        if first_marked <= line < first_marked + marked:
            into[line, LICENSED] += licensed[slot, line - first_marked] - tables[slot, mixed, LICENSED] * kg
    return out
