"""A model that takes no time: what `simulate` promises, from a few numbers drawn by address. For tests of everything around it."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa

from sim.case import Case, Run
from sim.outcomes import columns

LABELS = ("variable", "scope", "place", "stage", "party", "commodity", "unit")


def _rng(*address: object) -> np.random.Generator:
    told = "/".join(str(a) for a in address)
    return np.random.default_rng(int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big"))


def simulate(case: Case, seed: int, replication: int = 0) -> Run:
    """Thirty weeks of a few series, in an order that is not that of the keys."""
    rows: list[tuple[object, ...]] = []
    # Rows are gathered from a set on purpose: the writer must not depend on the order in which they come.
    names = {
        ("price_spot", "hub", "china", "", "all", "dy_oxide", "USD/kg product"),
        ("price_spot", "hub", "world", "", "all", "dy_oxide", "USD/kg product"),
        ("price_net", "hub", "world", "", "all", "dy_oxide", "USD/kg product"),
        ("demand", "outside", "outside", "all", "all", "dy_oxide", "t/week product"),
        ("unserved", "outside", "outside", "all", "all", "dy_oxide", "t/week product"),
    }
    for name in names:
        values = 100.0 + _rng(seed, replication, name[0], name[2]).normal(size=30)
        rows += [(case.start + timedelta(weeks=w + 1), *name, float(v)) for w, v in enumerate(values)]
    told = list(zip(*rows, strict=True))
    trajectories = {"replication": pa.array(np.full(len(rows), replication, dtype=np.int16))}
    trajectories["date"] = pa.array(told[0], pa.date32())
    for i, label in enumerate(LABELS):
        trajectories[label] = pa.array(told[i + 1]).dictionary_encode()
    trajectories["value"] = pa.array(told[-1], pa.float64())
    what = pa.array([e.kind for e in case.events], pa.string()).dictionary_encode()
    return Run(
        case=case,
        seed=seed,
        replication=replication,
        trajectories=pa.table(trajectories),
        events=pa.table({"date": pa.array([e.start for e in case.events], pa.date32()), "what": what}),
        attribution=pa.table({"cause": pa.array(["licence"]).dictionary_encode(), "kg": pa.array([1.0])}),
        balance=pa.table({"element": pa.array(["Dy"]), "gap": pa.array([0.0])}),
        zero_series=["smuggled"] if replication else ["smuggled", "priced_out"],
        not_reached=[],
        outcomes=outcomes(case, seed, replication),
        balance_error=0.0,
    )


def outcomes(case: Case, seed: int, replication: int) -> dict[str, float | str]:
    """All columns of the case; a date in three is not reached, nor a number in three."""
    rng, found = _rng(seed, replication, "outcomes"), dict[str, float | str]()
    for name in columns(case):
        reached = rng.random() > 1.0 / 3.0
        if name.endswith("_date"):
            week = int(rng.integers(30)) + 1
            found[name] = (case.start + timedelta(weeks=week)).isoformat() if reached else ""
        else:
            found[name] = float(rng.normal()) if reached else float("nan")
    return found


def fails_on_odd(case: Case, seed: int, replication: int = 0) -> Run:
    """Every other replication raises."""
    if replication % 2:
        raise FloatingPointError("balance of Dy is off by 1 kg\nsecond line")
    return simulate(case, seed, replication)


def fails(case: Case, seed: int, replication: int = 0) -> Run:
    raise ValueError("no luck")


def slow(case: Case, seed: int, replication: int = 0) -> Run:
    time.sleep(60.0)
    return simulate(case, seed, replication)


def brief(case: Case, seed: int, replication: int = 0) -> Run:
    """The same numbers, a few hundredths of a second later."""
    time.sleep(0.02)
    return simulate(case, seed, replication)


def slower_the_earlier(case: Case, seed: int, replication: int = 0) -> Run:
    """Finishes in another order than it was begun."""
    time.sleep(0.2 / (1 + replication))
    return simulate(case, seed, replication)


def killed_on_two(case: Case, seed: int, replication: int = 0) -> Run:
    """The process of replication 2 dies, as if the machine had run out of memory."""
    if replication == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return simulate(case, seed, replication)


def two_rows_one_key(case: Case, seed: int, replication: int = 0) -> Run:
    run = simulate(case, seed, replication)
    return replace(run, trajectories=pa.concat_tables([run.trajectories, run.trajectories.slice(3, 1)]))
