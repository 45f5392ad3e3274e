"""Cases and chains that many tests start from, and expensive results that are computed once for all test processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sim import load
from sim.case import Case
from sim.chain import Chain
from sim.shocks.outage import Outage
from sim.stock import Array

PATIENCE = 600.0  # seconds that a process waits for another one's result


def still(years: float = 1.0, **behaviour: object) -> Case:
    """The standing chain, with switches of its behaviour changed."""
    case = load("scenario=standstill")
    return replace(case, years=years, behaviour=replace(case.behaviour, **behaviour))  # type: ignore[arg-type]


def outage(
    site: str,
    severity: float = 1.0,
    *,
    stage: str = "separator",
    start: date = date(2025, 3, 3),
    end: date | None = None,
) -> Outage:
    return Outage(
        name=f"stop_{site}", kind="outage", title="A plant stops", start=start, end=end, stage=stage, site=site,
        severity=severity, ramp_days=0.0, sources=("assumed: for a test",),
    )  # fmt: skip


def until_week(chain: Chain, week: int) -> None:
    """Hold the calls before ``week`` that have not been held yet."""
    for w in range(chain.week if chain.env.now > 0.0 else 0, week):
        chain.week = w
        chain.call()
        chain.env.run(until=7.0 * (w + 1))
        chain.week = w + 1


def material(chain: Chain) -> Array:
    """All that the chain holds, has used and has lost, less what it mined: the same before and after anything, [15]."""
    p = chain.parts
    pipes = (p.inbound, p.mines.feed, p.separators.hold, p.recyclers.work, p.metal.work, p.magnet.work)
    inside: Array = np.sum([pipe.total() for pipe in pipes], axis=0)
    whole: Array = p.stock.total() + inside + p.stock.consumed + p.stock.lost - p.stock.mined
    return whole


def weekly(table: pa.Table, **labels: str) -> Array:
    """The values of one series of a trajectories table, by week."""
    chosen = np.ones(table.num_rows, bool)
    for label, word in labels.items():
        column = table[label].combine_chunks()
        words = column.dictionary.to_pylist()
        code = words.index(word) if word in words else -1
        chosen &= column.indices.to_numpy() == code
    dates = table["date"].to_numpy()[chosen]
    if len(np.unique(dates)) != len(dates):
        raise LookupError(f"{labels} name more than one series")
    values: Array = table["value"].to_numpy()[chosen][np.argsort(dates)]
    return values


def once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[], dict[str, Array]]
) -> dict[str, Array]:
    """``make()``, computed by the first test process that asks and read by the others."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make()
    folder = factory.getbasetemp().parent
    ready, claim = folder / f"{name}.npz", folder / f"{name}.claim"
    try:
        claim.touch(exist_ok=False)
    except FileExistsError:
        return _wait(ready, claim) or make()
    try:
        found = make()
    except BaseException:
        (folder / f"{name}.failed").touch()
        raise
    half = folder / f"{name}.half.npz"
    np.savez(half, **found)
    half.rename(ready)
    return found


def _wait(ready: Path, claim: Path) -> dict[str, Array] | None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not claim.with_suffix(".failed").exists():
        if ready.exists():
            with np.load(ready) as stored:
                return dict(stored)
        time.sleep(0.2)
    return None
