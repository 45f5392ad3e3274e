"""``python -m sim -m ...``: from the command line to a finished study, with words for what happens on the way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.cli import UsageError
from sim.replicate import Progress, processors
from sim.store import RunResult, Store, StoreError, read_study
from sim.study.backends import backend
from sim.study.running import Study, Summary, run_study, study_of
from sim.sweep import Settings, design

if TYPE_CHECKING:
    from sim.case import Case, Run
    from sim.study.backends.slurm import Ended

WHOLE: Final = (0, 1)  # the shard that is the whole study


def launch(
    overrides: Sequence[str],
    sweep_file: Path | None,
    scenario_file: Path | None,
    folder: Path | None,
    jobs: int | None,
    simulate: Callable[[Case, int, int], Run] | None = None,
) -> int:
    """Run what is missing of a study; returns the exit code: 0 all its runs went well, 3 some did not or are missing.

    Raises ConfigError, UsageError and StoreError before anything runs; KeyboardInterrupt after what was done is written.
    """
    sweep = design(overrides, sweep_file, scenario_file)
    for line in sweep.remarks:
        sys.stderr.write(line + "\n")
    settings = sweep.settings if jobs is None else replace(sweep.settings, jobs=jobs)
    study = study_of(sweep)
    about, shards = study.about, max(settings.shards or 1, settings.shard[1])
    if shards > about.chunks:
        raise UsageError(
            f"{shards} shards: the study can be cut into {about.chunks} at most ({about.runs:,} runs in chunks of {about.chunk})"
        )
    target = folder or study.folder
    if settings.backend == "slurm":
        if settings.shard != WHOLE:
            raise UsageError(
                "study.shard is one part of a study, study.backend=slurm hands out all; give one of them"
            )
        summary = _by_slurm(study, target, settings, overrides, sweep_file, scenario_file)
    else:
        summary = _here(study, target, settings, simulate)
    sys.stdout.write(told(target, study, settings.shard, summary) + "\n")
    return 3 if summary.failed or summary.missing else 0


def told(folder: Path, study: Study, shard: tuple[int, int], summary: Summary) -> str:
    """How a study stands, on a line."""
    about = study.about
    part = "" if shard == WHOLE else f"shard {shard[0]}/{shard[1]} of "
    words = [
        f"{folder}: {part}{about.points} points x {about.replications} replications",
        f"{summary.ok} runs went well",
    ]
    words.append(f"{summary.simulated} simulated now" if summary.simulated else "all there already")
    if summary.failed:
        words.append(f"{summary.failed} failed (python -m sim.store {folder} lists them)")
    if summary.missing:
        words.append(f"{summary.missing} missing; the same command goes on")
    if summary.stopped:
        words.append(f"stopped: {summary.stopped}")
    return ", ".join(words)


def _here(
    study: Study, folder: Path, settings: Settings, simulate: Callable[[Case, int, int], Run] | None
) -> Summary:
    """On this machine, or on a Ray cluster that is steered from it."""
    about = study.about
    where = backend(settings.backend, settings.jobs or processors(), settings.address)
    progress: list[Progress] = []

    def begin(store: Store, missing: int) -> None:
        for line in store.notices:
            sys.stderr.write(line + "\n")
        count = int(store.mine.sum())
        if missing:
            progress.append(Progress(about.name, count, noun="runs", before=count - missing, ends=True))
            progress[0].__enter__()

    def hear(result: RunResult) -> None:
        progress[0].step(failure(result))

    try:
        return run_study(study, folder, settings, where, simulate, begin, hear)
    finally:
        for bar in progress:
            bar.__exit__(None, None, None)


def failure(result: RunResult) -> str:
    """The line for a run that failed; '' for one that went well."""
    if result.status == "ok":
        return ""
    return f"run {result.index} (point {result.point}, replication {result.replication}) failed: {result.kind}: {result.message}"


def _by_slurm(
    study: Study,
    folder: Path,
    settings: Settings,
    overrides: Sequence[str],
    sweep_file: Path | None,
    scenario_file: Path | None,
) -> Summary:
    """Submit the study's own command once for each shard and wait; all write into the one folder."""
    from sim.study.backends.slurm import submit, wait

    about = study.about
    with Store.open(
        folder, about, study.sweep.design.table()
    ) as store:  # made once, before shards look for it
        before = int((store.done & ~store.failed).sum())
    files = [f"--sweep-file={sweep_file}"] if sweep_file else []
    files += [f"--scenario-file={scenario_file}"] if scenario_file else []
    rest = [text for text in overrides if not text.startswith(("study.backend", "study.jobs"))]
    jobs = settings.jobs or 1
    command = [sys.executable, "-m", "sim", "-m", *files, f"hydra.sweep.dir={folder}", *rest]
    command += ["study.backend=local", f"study.jobs={jobs}"]
    shards = submit(
        command,
        settings.shards or 1,
        folder.with_name(f"{folder.name}-slurm"),
        name=about.name,
        jobs=jobs,
        partition=settings.partition,
        minutes=settings.minutes or 60,
    )
    with Progress(about.name, about.runs, noun="runs", before=before, ends=True) as progress:

        def look() -> None:
            with suppress(StoreError):  # a shard may be renaming a part just now
                progress.reach(int(read_study(folder).done.sum()))

        def tell(end: Ended) -> None:
            if end.why:
                progress.say(f"shard {end.number}/{end.of}: {end.why}")

        wait(shards, tell, look)
    stored = read_study(folder)
    failed, done = int(stored.failed.sum()), int(stored.done.sum())
    return Summary(done - failed, failed, about.runs - done, done - before)
