"""Kills of a study and of its workers at random moments, and what is left: nothing lost, nothing twice, equal results.

A study is started by its command, killed (SIGKILL, no time to clean up) after a while drawn at random, and started again, N
times; then a study's workers are killed one by one, N times, while it goes on. When a study is complete before all kills
are dealt, the next one begins in another folder. Needs /proc.

    python benchmarks/kills.py [--kills 50] [--seed 1] [--quick]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from common import NAP, NOTES, digest, noop, points, say, scratch, sleepy, stored, study, verdict

LINE = ("record=outcomes", "study.backend=local", "study.jobs=2")
WHILE_STARTING = (
    0.2  # share of the kills of studies that are timed from their start, not from the first run they begin
)
LONGEST = 3.0  # seconds from there to the kill, at most
WORKERS_EVERY = 1.0  # seconds from a sign of life to the next kill of a worker, at most
FINISHED = (0, 3)  # exit codes of a study that went through


@dataclass
class Tally:
    """What was done to studies, and what became of them."""

    kills: int = 0
    studies: int = 0
    lost: int = 0  # runs that were stored before a kill and are not after it
    again: int = 0  # runs simulated although they were stored already
    twice: int = 0  # runs that stand in the store more than once
    unequal: int = 0  # studies whose outcomes differ from an undisturbed one's
    killed: int = 0  # runs given up because their worker died twice; run once more in the end
    told: list[str] = field(default_factory=list)


def command(folder: Path, runs: int) -> list[str]:
    """The study as a program: this file, with another task."""
    return [sys.executable, str(Path(__file__).resolve()), "--study", str(folder), "--runs", str(runs)]


def run_study_here(folder: Path, runs: int) -> int:
    """The program that is killed: a sleepy study, runs that were given up tried again. Returns its exit code."""
    summary = study((points(runs), "study.retry=failed", *LINE), folder, sleepy)
    return 3 if summary.failed else 0


def started(folder: Path, runs: int, notes: Path) -> subprocess.Popen[bytes]:
    """A study under way, in a group of its own so that nothing of it can outlast us."""
    notes.mkdir(exist_ok=True)
    log = (folder.parent / f"{folder.name}.log").open("ab")
    with log:
        return subprocess.Popen(
            command(folder, runs),
            stdout=log,
            stderr=log,
            env={**os.environ, NOTES: str(notes)},
            start_new_session=True,
        )


def stored_runs(folder: Path) -> list[int]:
    """Numbers of the runs in the store that went well, as often as they stand there; none if there is no study yet."""
    if not (folder / "study.json").exists():
        return []
    rows = stored(folder).outcomes().select(["run", "status"]).to_pylist()
    return [row["run"] for row in rows if row["status"] == "ok"]


def simulated(notes: Path) -> dict[int, int]:
    """How often each run was begun, by its number: the runs of ``points`` are numbered by their years."""
    found: dict[int, int] = {}
    for path in notes.iterdir():
        for line in path.read_bytes().splitlines():
            run = round(float(line.split()[0]) * 100) - 1
            found[run] = found.get(run, 0) + 1
    return found


def kill_parents(folder: Path, kills: int, runs: int, undisturbed: str, chance: random.Random) -> Tally:
    """Kill the study itself, and start the same command again."""
    tally = Tally()
    while tally.kills < kills:
        here, notes = folder / f"parents-{tally.studies}", folder / f"parents-{tally.studies}-notes"
        tally.studies += 1
        before: set[int] = set()
        begun: dict[int, int] = {}
        while True:
            process = started(here, runs, notes)
            killed = False
            if tally.kills < kills:
                if chance.random() >= WHILE_STARTING:
                    _goes_on(process, notes)
                try:
                    process.wait(chance.uniform(0.0, LONGEST))
                except subprocess.TimeoutExpired:
                    process.kill()
                    tally.kills += 1
                    killed = True
            process.wait()
            _gone(process.pid)
            now = stored_runs(here)
            tally.lost += len(before - set(now))
            tally.twice += len(now) - len(set(now))
            after = simulated(notes)
            tally.again += sum(after.get(run, 0) > begun.get(run, 0) for run in before)
            before, begun = set(now), after
            if not killed:
                break
        _judge(tally, here, process.returncode, undisturbed)
    return tally


def kill_workers(folder: Path, kills: int, runs: int, undisturbed: str, chance: random.Random) -> Tally:
    """Kill workers while the study goes on."""
    tally = Tally()
    while tally.kills < kills:
        here, notes = folder / f"workers-{tally.studies}", folder / f"workers-{tally.studies}-notes"
        tally.studies += 1
        process = started(here, runs, notes)
        while process.poll() is None:
            if tally.kills >= kills:
                process.wait()
                break
            _goes_on(process, notes)
            time.sleep(chance.uniform(0.0, WORKERS_EVERY))
            found = workers(process.pid)
            if found and process.poll() is None:
                tally.kills += _killed(chance.choice(found))
        if (
            process.returncode == 3
        ):  # some runs lost their worker twice: the same command tries them once more
            tally.killed += sum(1 for _ in stored(here).failures())
            process = started(here, runs, notes)
            process.wait()
        now = stored_runs(here)
        tally.twice += len(now) - len(set(now))
        _judge(tally, here, process.returncode, undisturbed)
    return tally


def _goes_on(process: subprocess.Popen[bytes], notes: Path) -> None:
    """Wait until another run has begun. A study none of whose workers lives long enough to begin one gives up, rightly."""

    def begun() -> int:
        return sum(path.stat().st_size for path in notes.iterdir())

    before = begun()
    while begun() == before and process.poll() is None:
        time.sleep(0.01)


def _judge(tally: Tally, folder: Path, code: int, undisturbed: str) -> None:
    """Compare a study that is over with the undisturbed one."""
    same = code in FINISHED and digest(folder) == undisturbed
    tally.unequal += not same
    if not same:
        log = (folder.parent / f"{folder.name}.log").read_text().strip().splitlines()
        tally.told.append(
            f"{folder.name}: exit {code}, {len(stored_runs(folder))} runs; {(log or [''])[-1][:160]}"
        )


def workers(parent: int) -> list[int]:
    """Processes that the study started to run its model: not the one that looks after semaphores."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        found = [int(pid) for pid in children.read_text().split()]
        return [pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    except OSError:
        return []


def _killed(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _gone(group: int) -> None:
    """Wait until the workers of a killed study have noticed; a worker that would not is told of, and ended."""
    for _ in range(500):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    say("  a worker outlived its study by 10 s", f"{group}", "ended")
    os.killpg(group, signal.SIGKILL)


def told(name: str, tally: Tally) -> None:
    """The figures of one kind of kills."""
    say(f"{tally.kills} kills of {name}", f"{tally.studies} studies")
    say("  runs lost from the store", f"{tally.lost}", verdict(tally.lost == 0, "none"))
    say("  runs twice in the store", f"{tally.twice}", verdict(tally.twice == 0, "none"))
    if name == "studies":
        say("  stored runs simulated again", f"{tally.again}", verdict(tally.again == 0, "none"))
    else:
        say("  runs whose worker died twice", f"{tally.killed}", "noted, and run by the next start")
    say("  studies unlike an undisturbed one", f"{tally.unequal}", verdict(tally.unequal == 0, "none"))
    for line in tally.told:
        say("", "", line)


def main() -> int:
    """Kill, then print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50, help="of each kind (default 50)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--quick", action="store_true", help="five kills of each kind")
    parser.add_argument("--study", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=0, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.study is not None:
        return run_study_here(wanted.study, wanted.runs)
    kills = 5 if wanted.quick else wanted.kills
    runs = 400 if wanted.quick else 2_000
    if not Path("/proc/self/task").exists():
        say("kills", "no figure", "this system has no /proc")
        return 0
    chance = random.Random(wanted.seed)  # noqa: S311 (when to kill is no secret)
    with scratch() as folder:
        study((points(runs), *LINE), folder / "undisturbed", noop)
        undisturbed = digest(folder / "undisturbed")
        say(f"undisturbed: {runs:,} runs of {NAP * 1e3:g} ms", undisturbed[:16], "outcomes")
        told("studies", kill_parents(folder, kills, runs, undisturbed, chance))
        told("workers", kill_workers(folder, kills, runs, undisturbed, chance))
    return 0


if __name__ == "__main__":
    sys.exit(main())
