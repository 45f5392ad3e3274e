"""``python -m sim scenario=NAME ...``: compose once, read strictly, run the replications, write one folder.

Exit codes: 0 done, 2 something in the request is wrong (one line says what; nothing was written), 3 some replications failed
(the others are kept), 130 interrupted. With ``-m`` a study of many runs (``sim.study``), with the same codes.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import __version__
from sim.cli import Options, UsageError, options
from sim.wording import one_line

if TYPE_CHECKING:
    from sim.case import Run
    from sim.config import Plan

USAGE = """usage: python -m sim [scenario=NAME] [key=value ...] [flags]

  scenario=NAME  years=10  seed=1  replications=20  start=YYYY-MM-DD  record=report|full|outcomes
  shock=[A,B]  shock.A.FIELD=VALUE  behaviour=NAME  behaviour.KEY=VALUE  +vary.TABLE.ROW.COLUMN=NUMBER
  hydra.run.dir=DIR     where to write (default: outputs/<scenario>-<digest>)
  -m key=A,B ...        many runs: every combination of the values, into outputs/<name>-<digest>; the same command
                        again does what is missing (docs/sweeps.md). Also key=interval(A,B) with study.design=lhs
                        study.points=N, sweep=NAME, --sweep-file PATH, hydra.sweep.dir=DIR
  --scenario-file PATH  a scenario of your own: plain YAML with scenario, shock, world, behaviour, start, years
  --jobs N              processes (default: one a processor)
  --again               run although the folder holds this very run, and replace it
  --version, --help

{catalogue}
"""


def main(argv: Sequence[str] | None = None, simulate: Callable[..., Run] | None = None) -> int:
    """The program; returns its exit code. ``simulate`` replaces the model in tests."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        chosen = options(words)
        if chosen.help:
            from sim.library import catalogue

            print(USAGE.format(catalogue=catalogue()))
            return 0
        if chosen.version:
            print(f"coercivity {__version__}")
            return 0
        _one_thread_here()
        if chosen.multirun:
            return _study(chosen, simulate)
        return _run(chosen, simulate)
    except KeyboardInterrupt:
        kept = (
            "what was finished is kept, the same command goes on"
            if "-m" in words or "--multirun" in words
            else ""
        )
        print(f"interrupted; {kept or 'nothing was written'}", file=sys.stderr)
        return 130
    except (ValueError, OSError) as e:
        from sim.config import ConfigError
        from sim.runs import RunError
        from sim.store import StoreError

        if not isinstance(e, ConfigError | RunError | StoreError | UsageError | OSError):
            raise
        print(f"error: {one_line(e, 1500)}", file=sys.stderr)
        return 2


def _study(chosen: Options, simulate: Callable[..., Run] | None) -> int:
    from sim.study.launch import launch
    from sim.sweep.hydra import hand_over, wants_hydra

    if wants_hydra(chosen.overrides):
        if chosen.scenario_file or chosen.sweep_file:
            raise UsageError("Hydra's own sweeper and launcher know no --scenario-file or --sweep-file")
        folder = [f"hydra.sweep.dir={chosen.folder}"] if chosen.folder else []
        return hand_over([*chosen.overrides, *folder], lambda words: main(words, simulate))
    with _terminate_is_interrupt():
        return launch(
            chosen.overrides, chosen.sweep_file, chosen.scenario_file, chosen.folder, chosen.jobs, simulate
        )


def _run(chosen: Options, simulate: Callable[..., Run] | None) -> int:
    from sim.config import plan
    from sim.library import FOLDERS
    from sim.replicate import Progress, processors, replicate
    from sim.runs import Failure, RunError, RunFolder, fingerprint, killed, restore, whole, work

    made = plan(chosen.overrides, chosen.scenario_file)
    identity = fingerprint(made.resolved, FOLDERS["world"] / made.case.world.name, __version__)
    folder = chosen.folder or Path("outputs") / f"{made.case.name}-{identity['digest'][:8]}"
    restore(folder)
    same = whole(folder, identity["digest"])
    if same and not chosen.again:
        return _already(folder)
    if not same and (folder.exists() or folder.is_symlink()):
        raise RunError(
            f"{folder} exists and is not a whole run of this configuration; remove it or name another"
        )
    began = time.monotonic()
    jobs = chosen.jobs or processors()
    one = partial(work, made.case, made.seed, simulate)
    with _terminate_is_interrupt(), RunFolder(folder, made.replications, replace=chosen.again) as target:
        with Progress(made.case.name, made.replications) as progress:

            def done(result: Any) -> None:
                bad = isinstance(result, Failure)
                progress.step(
                    f"replication {result.replication} failed: {result.kind}: {result.message}" if bad else ""
                )

            for result in replicate(one, made.replications, jobs, done, partial(killed, made.seed)):
                target.add(result)
        wall = {"seconds": round(time.monotonic() - began, 3), "jobs": min(jobs, made.replications)}
        tables = target.finish(_about(made, identity, wall), made.resolved, made.overrides)
    kept, failed = len(target.ok), len(target.failures)
    print(
        f"{folder}: {kept} replications, "
        + (f"{failed} failed (errors.jsonl), " if failed else "")
        + f"tables {tables[:8]}"
    )
    return 3 if failed else 0


def _already(folder: Path) -> int:
    from sim.runs import read_manifest

    failed = read_manifest(folder)["replications"]["failed"]
    print(f"{folder}: holds this run already (--again runs it once more)")
    return 3 if failed else 0


def _about(made: Plan, identity: dict[str, Any], wall: dict[str, Any]) -> dict[str, Any]:
    """The manifest's part that the run folder does not know by itself."""
    from sim.library import name_of
    from sim.runs import versions
    from sim.world.published import estimate_share

    case = made.case
    return {
        **identity,
        "scenario": {
            k: getattr(case, k) for k in ("name", "title", "question", "against", "sources", "limits")
        },
        "world": {"name": case.world.name, "title": case.world.title},
        "letter_c_share": estimate_share(case.world),
        "behaviour": name_of("behaviour", made.resolved["behaviour"]),
        "events": [
            {
                "name": e.name,
                "kind": e.kind,
                "title": e.title,
                "start": e.start.isoformat(),
                "end": e.end.isoformat() if getattr(e, "end", None) else "",
            }
            for e in case.events
        ],
        "names": _names(case.world),
        "start": case.start.isoformat(),
        "years": case.years,
        "record": case.record,
        "parameters": made.resolved["parameters"],
        "seed": made.seed,
        "overrides": list(made.overrides),
        "versions": versions(),
        "wall": wall,
    }


# What asks a program to end in good time; Slurm's tools send the second before a job's time is up.
POLITE = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGUSR2") if hasattr(signal, name))
NAMED = (
    "regions",
    "commodities",
    "programmes",
    "stockpiles",
    "mines",
    "separators",
    "metal_makers",
    "magnet_makers",
    "recyclers",
)


def _names(world: Any) -> dict[str, str]:
    """What the world's ids are called, for who reads the tables. An id of two tables has the name of the first in ``NAMED``."""
    rows = [row for table in reversed(NAMED) for row in getattr(world, table)]
    return {row.id: row.name for row in rows if getattr(row, "name", "")}


def _one_thread_here() -> None:
    """Before numpy is loaded: its sums must not depend on how many threads this machine has."""
    from sim.replicate import THREADS

    for name in THREADS:
        os.environ.setdefault(name, "1")


@contextmanager
def _terminate_is_interrupt() -> Iterator[None]:
    """A polite kill is an interrupt: clean up and leave. Only the main thread may say so."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in POLITE}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
