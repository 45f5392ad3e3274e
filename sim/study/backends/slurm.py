"""Shards of a study as jobs of a Slurm cluster: each is the study's own command with ``study.shard=k/n``, run by the local
backend, and all write into one folder on a file system that they share. Submitted by submitit."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.cli import UsageError
from sim.study.backends.extras import extra
from sim.wording import one_line

EVERY: Final = 5.0  # seconds between two looks at the jobs
ASK: Final = 60.0  # seconds between two questions to Slurm itself, which does not like to be asked often
GOING: Final = 1.5  # seconds for cancelled jobs that end by themselves
WELL: Final = (0, 3)  # exit codes of a shard that did all its runs; 3: some of them failed


@dataclass(frozen=True)
class Shard:
    """Shard ``number`` of ``of``, submitted as ``job`` (of submitit)."""

    number: int
    of: int
    job: Any


@dataclass(frozen=True)
class Ended:
    """How a shard ended: ``code`` is its exit code, ``None`` if Slurm ended it; ``why`` is empty if it went well."""

    number: int
    of: int
    code: int | None
    why: str


def submit(
    command: Sequence[str],
    shards: int,
    logs: Path,
    *,
    name: str = "study",
    jobs: int = 1,
    partition: str = "",
    minutes: int = 60,
    cluster: str = "slurm",
) -> list[Shard]:
    """Submit an array of ``shards`` jobs, each ``command`` and ``study.shard=k/n``, with ``jobs`` processors and ``minutes``.

    ``logs`` is a folder for what submitit writes (not the study's own). ``cluster="local"`` runs them as processes here.
    Raises UsageError of one line if submitit or Slurm is missing or refuses.
    """
    submitit = extra("submitit", "AutoExecutor")
    asked: dict[str, Any] = {"name": name, "timeout_min": minutes, "cpus_per_task": jobs}
    if partition:
        asked["slurm_partition"] = partition
    try:
        executor = submitit.AutoExecutor(folder=logs, cluster=cluster, slurm_max_num_timeout=0)
        executor.update_parameters(**asked, slurm_array_parallelism=shards)
        commands = [[*command, f"study.shard={k}/{shards}"] for k in range(shards)]
        # The standard library's own function: a job can load that wherever it starts.
        submitted = executor.map_array(subprocess.call, commands)
        return [Shard(k, shards, job) for k, job in enumerate(submitted)]
    except (RuntimeError, ValueError, NameError, submitit.core.utils.FailedJobError) as e:
        raise UsageError(f"study.backend=slurm: {one_line(e, 300)}") from e


def wait(
    shards: Sequence[Shard],
    tell: Callable[[Ended], None] = lambda _: None,
    look: Callable[[], None] = lambda: None,
    every: float = EVERY,
) -> list[Ended]:
    """How all shards ended, in their order. ``tell`` hears of each at once, ``look`` is called every ``every`` seconds.

    Nothing is submitted again: the same command, given once more, does what is missing. Ctrl-C cancels the jobs.
    """
    ended: dict[int, Ended] = {}
    asked = time.monotonic()
    try:
        while True:
            ask = time.monotonic() - asked >= ASK
            asked = time.monotonic() if ask else asked
            for shard in shards:
                if shard.number not in ended and shard.job.done(force_check=ask):
                    ended[shard.number] = _end(shard)
                    tell(ended[shard.number])
            look()
            if len(ended) == len(shards):
                return [ended[shard.number] for shard in shards]
            time.sleep(every)
    except BaseException:
        _cancel([shard for shard in shards if shard.number not in ended])
        raise


def _end(shard: Shard) -> Ended:
    error = shard.job.exception()
    code = None if error else int(shard.job.result())
    if error:
        why = one_line(str(error).partition("\n")[0], 300)
    else:
        why = "" if code in WELL else f"exit code {code}"
    return Ended(shard.number, shard.of, code, why and f"{why} (see {shard.job.paths.stderr})")


def _cancel(shards: Sequence[Shard]) -> None:
    for shard in shards:
        shard.job.cancel(check=False)
    until = time.monotonic() + GOING
    while time.monotonic() < until and not all(shard.job.done() for shard in shards):
        time.sleep(0.05)
