"""What the benchmarks share: the unit of time, models that cost nothing or are watched, and the one place that starts studies."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import simpy

if TYPE_CHECKING:
    import pyarrow as pa

    from sim.case import Case, Run

PROCESSES = 100
TICKS = 2_000
SITE_TABLES = ("mines", "separators", "metal_makers", "magnet_makers", "recyclers")
BASELINE = ("scenario=baseline", "years=10")
WEEKS = 522  # of ten years
AIM_BT = 150_000  # that ten years of the baseline may cost
NOTES = "COERCIVITY_BENCH_NOTES"  # names the folder in which workers note what they did
TELLING = "licences_refused_all"  # the outcome in which runs of the no-op model differ
NAP = 0.02  # seconds a run of the sleepy model lasts


# --- time ------------------------------------------------------------------------------------------------------------


def bare_timeout() -> float:
    """CPU seconds of one timeout among 100 processes: the unit (BT) in which the model's cost is told."""
    env = simpy.Environment()

    def tick() -> Iterator[simpy.Event]:
        while True:
            yield env.timeout(1)

    for _ in range(PROCESSES):
        env.process(tick())
    return cpu(lambda: env.run(until=TICKS)) / (PROCESSES * TICKS)


def cpu(call: Callable[[], object]) -> float:
    """CPU seconds that ``call`` takes in this process: a busy machine makes it wait, but hardly makes it dearer."""
    start = time.process_time()
    call()
    return time.process_time() - start


def timed(call: Callable[[], object]) -> float:
    """Seconds on the clock that ``call`` takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_new_process(program: str) -> str:
    """What ``program`` prints, run by a fresh interpreter: so that nothing measured before counts."""
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()


def sites(case: Case) -> int:
    """Rows of all plants of the case's world, projects included."""
    return sum(len(getattr(case.world, table)) for table in SITE_TABLES)


# --- what is printed -------------------------------------------------------------------------------------------------


def say(what: str, figure: str, remark: str = "") -> None:
    """One line of the table."""
    print(f"{what:44}{figure:>16}   {remark}".rstrip(), flush=True)


def verdict(good: bool, aim: str) -> str:
    """The aim, and whether it is met."""
    return f"aim: {aim}: {'met' if good else 'MISSED'}"


# --- studies ---------------------------------------------------------------------------------------------------------


def study(overrides: Sequence[str], folder: Path, simulate: Callable[..., Run] | None = None) -> Any:
    """``python -m sim -m OVERRIDES hydra.sweep.dir=FOLDER`` in this process; gives its summary.

    ``simulate`` stands for the model and must be a module's function: workers import it.
    """
    from sim.replicate import processors
    from sim.study import run_study, study_of
    from sim.study.backends import backend
    from sim.sweep import design

    sweep = design(tuple(overrides))
    settings = sweep.settings
    where = backend(settings.backend, settings.jobs or processors(), settings.address)
    return run_study(study_of(sweep), folder, settings, where, simulate)


def stored(folder: Path) -> Any:
    """The study in ``folder``: ``outcomes()``, ``series(...)``, ``failures()``."""
    from sim.store import read_study

    return read_study(folder)


def digest(folder: Path) -> str:
    """Of all outcomes, rows sorted by number of run: equal results give equal digests, whatever wrote them."""
    import pyarrow as pa

    rows = stored(folder).outcomes().sort_by("run").combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as out:
        out.write_table(rows)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def points(n: int) -> str:
    """An override that makes ``n`` points of one number that every case carries: 0.01, 0.02 and so on."""
    return f"years=range(0.01,{(n + 0.5) / 100:.3f},0.01)"


@contextmanager
def scratch(keep: Path | None = None) -> Iterator[Path]:
    """A folder for studies that is gone afterwards, or ``keep``."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="coercivity-bench-") as name:
        yield Path(name)


# --- models ----------------------------------------------------------------------------------------------------------


def noop(case: Case, seed: int, replication: int) -> Run:
    """A run that costs nothing, with every outcome that a real one has: what is left is what dispatch and store cost."""
    from sim.case import Run

    empty = _empty()
    return Run(
        case=case,
        seed=seed,
        replication=replication,
        trajectories=empty,
        events=empty,
        attribution=empty,
        balance=empty,
        zero_series=[],
        not_reached=[],
        outcomes=_made(case, seed, replication),
        balance_error=0.0,
    )


def sleepy(case: Case, seed: int, replication: int) -> Run:
    """The same, and it lasts a while and notes that it began: to be killed."""
    note(f"{case.years:.2f} {replication}\n".encode())
    time.sleep(NAP)
    return noop(case, seed, replication)


def watched(case: Case, seed: int, replication: int) -> Run:
    """The model itself; notes seconds on the clock and CPU seconds inside it."""
    from sim import simulate

    wall, used = time.perf_counter(), time.process_time()
    run = simulate(case, seed, replication)
    note(struct.pack("dd", time.perf_counter() - wall, time.process_time() - used))
    return run


def note(what: bytes) -> None:
    """Append to this process's own file in the folder that ``NOTES`` names, in one write: a kill leaves it whole."""
    folder = os.environ.get(NOTES)
    if folder:
        with (Path(folder) / str(os.getpid())).open("ab", buffering=0) as file:
            file.write(what)


@contextmanager
def notes(folder: Path) -> Iterator[Callable[[], bytes]]:
    """Have workers take notes in ``folder``; the function gives all that was noted so far."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[NOTES] = str(folder)
    try:
        yield lambda: b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
    finally:
        del os.environ[NOTES]


def _made(case: Case, seed: int, replication: int) -> dict[str, float | str]:
    """As many outcomes as a real run has; one tells point, seed and replication apart, whoever makes it."""
    from sim.outcomes import columns

    world = case.world.name
    if world not in _same_for_all:
        day = case.start.isoformat()
        _same_for_all[world] = {
            name: day if name.endswith("_date") else i / 7 for i, name in enumerate(columns(case))
        }
    level = case.years * 1000.0 + replication + seed * 1e-3
    return {**_same_for_all[world], TELLING: level}


_same_for_all: dict[str, dict[str, float | str]] = {}  # by world, made once in each process


@lru_cache(maxsize=1)
def _empty() -> pa.Table:
    from sim.runs.tables import SCHEMA

    return SCHEMA.empty_table()
