"""Chance addressed by name: the draw for (source, replication, week) is the same in every scenario.

``numpy.random.Philox`` is a counter-based generator: the key is a hash of the source's name, seed and replication, and the
position in its stream is the week. Nothing depends on how many draws were taken before, on process or hash seed.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np

from sim.compiled import kernel
from sim.stock import Array


class Chance:
    """Draws of one replication. ``on=False`` gives the expected course: noise nil, uniform draws one half."""

    def __init__(self, seed: int, replication: int, on: bool) -> None:
        self.seed, self.replication, self.on = seed, replication, on
        self._bits = np.random.Philox(key=0)
        self._generator = np.random.Generator(self._bits)
        self._first: Any = self._bits.state  # of a stream of which nothing is drawn

    def generator(self, name: str, week: int = 0) -> np.random.Generator:
        """The stream of a source and week from its beginning. There is one generator, which the next call sets anew (to make
        another costs four times as much): draw at once, keep no generator."""
        digest = hashlib.sha256(f"{name}|{self.seed}|{self.replication}|{week}".encode()).digest()
        self._first["state"]["key"] = np.frombuffer(digest, "<u8", 2)
        self._bits.state = self._first
        return self._generator

    def uniform(self, name: str, count: int, week: int = 0) -> Array:
        """``count`` numbers in [0, 1) for a source and week."""
        if not self.on:
            return np.full(count, 0.5)
        return self.generator(name, week).random(count)

    def uniforms(self, name: str, count: int, week: int, weeks: int) -> Array:
        """The same for each of ``weeks`` from ``week`` on, [weeks, count]."""
        return np.array([self.uniform(name, count, week + i) for i in range(weeks)])

    def noise(self, names: list[str], weeks: int, sigma: float, memory: float) -> Array:
        """Factors around one, [weeks, names]: first-order autoregressive in logarithms with standard deviation ``sigma``."""
        out = np.ones((weeks, len(names)))
        if not self.on or sigma <= 0.0:
            return out
        keep = float(np.exp(-1.0 / memory))
        shock = np.array([self.generator(n).standard_normal(weeks) for n in names]).T.copy()
        factors: Array = np.exp(sigma * remembered(shock, keep) - 0.5 * sigma * sigma)
        return factors

    def stops(self, names: list[str], weeks: int, per_year: float, length: float) -> Array:
        """1 while a site works and 0 while it is stopped unplanned, [weeks, names]; stops last ``length`` weeks on average."""
        working = np.ones((weeks, len(names)))
        if not self.on or per_year <= 0.0:
            return working
        for i, name in enumerate(names):
            starts = np.flatnonzero(self.generator(name).random(weeks) < per_year / 52.18)
            if not len(starts):
                continue
            lasts = self.generator(f"{name}.length").geometric(1.0 / max(length, 1.0), int(starts[-1]) + 1)
            for week in starts:
                working[week : week + int(lasts[week]), i] = 0.0
        return working


@kernel
def remembered(shock: Array, keep: float) -> Array:
    """Autoregressive levels [weeks, names] of standard normal shocks: ``keep`` is left of the level after a week, and the
    variance stays one."""
    level = shock.copy()
    new = math.sqrt(1.0 - keep * keep)
    for week in range(1, shock.shape[0]):
        for i in range(shock.shape[1]):
            level[week, i] = keep * level[week - 1, i] + new * shock[week, i]
    return level
