"""Prices of many replications of a case, run side by side: for tests that compare two cases with the same chance."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from scipy.stats import t as student

from core.chains import weekly
from sim import load
from sim.simulate import simulate
from sim.stock import Array

SERIES = (("price_spot", "china"), ("price_spot", "world"), ("price_net", "world"), ("price_paid", "world"))
OXIDES = ("la", "ce", "ndpr", "sm", "eu", "gd", "tb", "dy", "ho", "er", "tm", "yb", "lu", "y")


def prices(overrides: tuple[str, ...], replication: int) -> Array:
    """The four price series of the oxides, [series, oxides, weeks]."""
    table = simulate(load(*overrides), seed=1, replication=replication).trajectories
    return np.array([
        [weekly(table, variable=v, scope="hub", place=place, commodity=f"{oxide}_oxide") for oxide in OXIDES]
        for v, place in SERIES
    ])  # fmt: skip


def many(cases: dict[str, tuple[str, ...]], replications: int) -> dict[str, Array]:
    """All replications of all cases, [replications, series, oxides, weeks] by name of the case."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=context) as pool:
        jobs = {
            name: [pool.submit(prices, overrides, r) for r in range(replications)]
            for name, overrides in cases.items()
        }
        return {name: np.array([job.result() for job in found]) for name, found in jobs.items()}


def half_width(sample: Array) -> float:
    """Half of the 90 % interval of the mean of paired differences."""
    n = len(sample)
    return float(student.ppf(0.95, n - 1) * sample.std(ddof=1) / np.sqrt(n))
