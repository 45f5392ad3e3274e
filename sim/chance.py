"""Chance addressed by name: the draw for (source, replication, week) is the same in every scenario.

``numpy.random.Philox`` is a counter-based generator: the key is a hash of the source's name, seed and replication, and the
position in its stream is the week. Nothing depends on how many draws were taken before, on process or hash seed.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

from sim.stock import Array


class Chance:
    """Draws of one replication. ``on=False`` gives the expected course: noise nil, uniform draws one half."""

    def __init__(self, seed: int, replication: int, on: bool) -> None:
        self.seed, self.replication, self.on = seed, replication, on

    def generator(self, name: str, week: int = 0) -> np.random.Generator:
        digest = hashlib.sha256(f"{name}|{self.seed}|{self.replication}|{week}".encode()).digest()
        return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))

    def uniform(self, name: str, count: int, week: int = 0) -> Array:
        """``count`` numbers in [0, 1) for a source and week."""
        if not self.on:
            return np.full(count, 0.5)
        return self.generator(name, week).random(count)

    def noise(self, names: list[str], weeks: int, sigma: float, memory: float) -> Array:
        """Factors around one, [weeks, names]: first-order autoregressive in logarithms with standard deviation ``sigma``."""
        out = np.ones((weeks, len(names)))
        if not self.on or sigma <= 0.0:
            return out
        keep = float(np.exp(-1.0 / memory))
        shock = np.array([self.generator(n).standard_normal(weeks) for n in names]).T
        level = np.zeros((weeks, len(names)))
        level[0] = shock[0]
        for week in range(1, weeks):
            level[week] = keep * level[week - 1] + np.sqrt(1.0 - keep * keep) * shock[week]
        factors: Array = np.exp(sigma * level - 0.5 * sigma * sigma)
        return factors

    def stops(self, names: list[str], weeks: int, per_year: float, length: float) -> Array:
        """1 while a site works and 0 while it is stopped unplanned, [weeks, names]; stops last ``length`` weeks on average."""
        working = np.ones((weeks, len(names)))
        if not self.on or per_year <= 0.0:
            return working
        for i, name in enumerate(names):
            starts = np.flatnonzero(self.generator(name).random(weeks) < per_year / 52.18)
            lasts = self.generator(f"{name}.length").geometric(1.0 / max(length, 1.0), weeks)
            for week in starts:
                working[week : week + int(lasts[week]), i] = 0.0
        return working


def binomial(uniform: float, trials: int, odds: float) -> int:
    """The number of successes whose cumulative probability first reaches ``uniform``: inverse of the binomial distribution."""
    if odds <= 0.0:
        return 0
    if odds >= 1.0:
        return trials
    weight = trials * math.log1p(
        -odds
    )  # of the probability of ``wins`` successes: the probability itself may underflow
    ratio = math.log(odds) - math.log1p(-odds)
    total, wins = math.exp(weight), 0
    while total < uniform and wins < trials:
        weight += math.log((trials - wins) / (wins + 1)) + ratio
        wins += 1
        total += math.exp(weight)
    return wins
