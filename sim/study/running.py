"""A study: a sweep with its seed and replications, run into a folder."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sim import __version__
from sim.compose import ConfigError
from sim.config import read_resolved
from sim.library import FOLDERS
from sim.outcomes import columns
from sim.runs.identity import model_version, table_sums, versions
from sim.store import About, Store, chunk_size
from sim.study.backends import Backend
from sim.study.work import Work

if TYPE_CHECKING:
    from sim.case import Case, Run
    from sim.store import RunResult
    from sim.sweep import Settings, Sweep

FLUSH_SECONDS: Final = 30.0  # what a killed study can lose, the batches under way apart
MOST_RUNS: Final = 100_000_000


@dataclass(frozen=True)
class Study:
    """A sweep with what is the same for all its points, and its identity."""

    sweep: Sweep
    addresses: tuple[str, ...]
    about: About

    @property
    def folder(self) -> Path:
        """Where it goes unless somebody says otherwise."""
        return Path("outputs") / f"{self.about.name}-{self.about.digest[:8]}"


@dataclass(frozen=True)
class Summary:
    """How a study stands: runs that went well and that failed, runs still missing, runs simulated this time."""

    ok: int
    failed: int
    missing: int
    simulated: int
    stopped: str = ""  # why it ended before its end


def study_of(sweep: Sweep) -> Study:
    """The study of a sweep: seed, replications and record are those of all its points alike. ConfigError if it is too large."""
    design = sweep.design
    plans = [read_resolved(base.resolved) for base in design.bases]
    runs = design.points * plans[0].replications
    if runs > MOST_RUNS:
        raise ConfigError(
            f"{design.points:,} points x {plans[0].replications:,} replications are more than {MOST_RUNS:,} runs"
        )
    seed, replications, record = plans[0].seed, plans[0].replications, plans[0].case.record
    addresses = tuple(design.addresses())
    told = json.dumps([seed, replications, record, addresses])
    about = About(
        name=sweep.name,
        title=sweep.title,
        digest=hashlib.sha256(told.encode()).hexdigest(),
        model=model_version(__version__),
        world_tables={
            f"{name}/{file}": checksum
            for name in sorted({plan.case.world.name for plan in plans})
            for file, checksum in table_sums(FOLDERS["world"] / name).items()
        },
        versions=versions(),
        record=record,
        seed=seed,
        replications=replications,
        points=design.points,
        keys=tuple(design.keys),
        columns=tuple(dict.fromkeys(name for plan in plans for name in columns(plan.case))),
        bases=tuple(base.resolved for base in design.bases),
        chunk=chunk_size(runs, record),
    )
    return Study(sweep, addresses, about)


def run_study(
    study: Study,
    folder: Path,
    settings: Settings,
    backend: Backend,
    simulate: Callable[[Case, int, int], Run] | None = None,
    begin: Callable[[Store, int], None] = lambda *_: None,
    hear: Callable[[RunResult], None] = lambda _: None,
) -> Summary:
    """Run what ``folder`` does not hold yet. ``begin(store, runs to do)`` and ``hear(result)`` tell how it goes.

    An interrupt is raised again after what was finished has been written. Raises StoreError as ``Store.open`` does.
    ``simulate`` replaces the model in tests and benchmarks; a backend of processes must be able to pickle it.
    """
    about, design = study.about, study.sweep.design
    work = Work(
        design=design,
        addresses=study.addresses,
        replications=about.replications,
        seed=about.seed,
        series=about.record != "outcomes",
        model=about.model,
        world_tables=about.world_tables,
        simulate=simulate,
    )
    failures = simulated = 0
    stopped = ""
    with Store.open(folder, about, design.table(), settings.shard) as store:
        done = store.done & ~store.failed if settings.retry == "failed" else store.done
        missing = np.flatnonzero(store.mine & ~done)
        begin(store, len(missing))
        flushed = time.monotonic()
        with closing(backend.results(work, missing.tolist(), work.lost)) as batches:
            for batch in batches:
                store.add(batch)
                simulated += len(batch)
                for result in batch:
                    failures += result.status != "ok"
                    hear(result)
                stopped = _why_stop(settings, failures)
                if stopped:
                    break
                if time.monotonic() - flushed > FLUSH_SECONDS:
                    store.flush()
                    flushed = time.monotonic()
        store.flush()
        mine, there, failed = (
            int((store.mine & flags).sum()) for flags in (store.mine, store.done, store.failed)
        )
        return Summary(there - failed, failed, mine - there, simulated, stopped)


def _why_stop(settings: Settings, failures: int) -> str:
    if settings.on_error == "stop" and failures:
        return "a run failed, and study.on_error=stop"
    if settings.max_failures is not None and failures >= settings.max_failures:
        return f"{failures} runs failed, and study.max_failures={settings.max_failures}"
    return ""
