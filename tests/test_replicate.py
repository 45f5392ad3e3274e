"""Replications give the same results in the same order, whatever the number of processes, and none drags others down."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

import fakes
from sim.__main__ import main
from sim.replicate import THREADS, Progress, replicate
from sim.replicate.memory import resident
from sim.replicate.progress import duration
from sim.runs import read_run
from sim.runs.tables import TABLES

HERE = Path(__file__).parent
PROGRAM = "import sys, fakes; from sim.__main__ import main; sys.exit(main(sys.argv[2:], getattr(fakes, sys.argv[1])))"


def environment(hash_seed: str = "0") -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(HERE.parent), str(HERE)]),
        "PYTHONHASHSEED": hash_seed,
    }


def start(fake: str, *args: str, hash_seed: str = "0") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, fake, *args],
        env=environment(hash_seed),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def square(number: int) -> int:
    time.sleep(0.05 / (1 + number))
    return number * number


HELD: list[bytes] = []


def hold(number: int) -> int:
    """Keeps 100 MB in its process, and its process busy."""
    if not HELD:
        HELD.append(b"x" * 100_000_000)
    time.sleep(0.4 if number else 0.8)
    return number


def threads(number: int) -> list[str | None]:
    return [os.environ.get(name) for name in THREADS]


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_results_come_in_order(jobs: int) -> None:
    heard: list[int] = []
    assert list(replicate(square, 9, jobs, heard.append)) == [r * r for r in range(9)]
    assert sorted(heard) == [r * r for r in range(9)]


def test_workers_hold_one_thread_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert list(replicate(threads, 2, 2)) == [["1"] * len(THREADS)] * 2
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_a_caller_that_stops_asking_leaves_no_process() -> None:
    import multiprocessing

    results = replicate(square, 50, 2)
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]
    for process in multiprocessing.active_children():
        process.join(5.0)
    assert multiprocessing.active_children() == []


def test_equal_bytes_for_any_number_of_processes_and_any_hash_seed(workplace: Path) -> None:
    runs = [("a", "1", "0"), ("b", "2", "1"), ("c", "3", "random")]
    args = ["scenario=controls_2025", "replications=7"]
    started = [
        start("slower_the_earlier", *args, f"--jobs={jobs}", f"hydra.run.dir={name}", hash_seed=seed)
        for name, jobs, seed in runs
    ]
    for process in started:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    for table in TABLES:
        assert len({(workplace / name / f"{table}.parquet").read_bytes() for name, _, _ in runs}) == 1
    manifests = [json.loads((workplace / name / "manifest.json").read_text()) for name, _, _ in runs]
    for manifest in manifests:
        del manifest["wall"]
    assert manifests[0] == manifests[1] == manifests[2]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_failures_are_shown_kept_apart_and_told(
    jobs: str, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["replications=4", f"--jobs={jobs}", "hydra.run.dir=run"]
    assert main(args, simulate=fakes.fails_on_odd) == 3
    told = capsys.readouterr()
    assert "replication 1 failed: FloatingPointError: balance of Dy is off by 1 kg second line\n" in told.err
    stored = read_run(workplace / "run")
    assert stored.manifest["replications"] == {"asked": 4, "ok": 2, "failed": 2}
    assert [e["replication"] for e in stored.errors] == [1, 3]
    assert stored.errors[0]["trace"][-1].endswith("fails_on_odd")
    assert str(HERE) not in (workplace / "run" / "errors.jsonl").read_text()
    assert set(stored.outcomes.column("replication").to_pylist()) == {0, 2}
    assert (
        main(args, simulate=fakes.fails_on_odd) == 3
    )  # it is there, and still not whole in every replication


def test_two_rows_with_one_key_fail_a_replication(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--jobs=1", "hydra.run.dir=run"], simulate=fakes.two_rows_one_key) == 3
    assert "two rows have one key" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on this system")
def test_a_killed_worker_costs_one_replication(workplace: Path) -> None:
    process = start("killed_on_two", "replications=6", "--jobs=2", "hydra.run.dir=run")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    stored = read_run(workplace / "run")
    assert [e["replication"] for e in stored.errors] == [2]
    assert stored.outcomes.column("replication").to_pylist() == [0, 1, 3, 4, 5]


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_quickly_and_leaves_nothing(
    jobs: str, number: signal.Signals, workplace: Path
) -> None:
    process = start("slow", "replications=4", f"--jobs={jobs}", "hydra.run.dir=out/run")
    partial_folder = workplace / "out" / ".run.partial"
    while not partial_folder.exists() and process.poll() is None:
        time.sleep(0.02)
    time.sleep(0.6)
    began = time.monotonic()
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # Ctrl-C reaches the workers too
    else:
        process.send_signal(number)
    # Returns when nobody holds its pipes any more, no worker either.
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 2.0
    assert (process.returncode, out, err) == (130, "", "interrupted; nothing was written\n")
    assert list((workplace / "out").iterdir()) == []


def test_lines_where_there_is_no_terminal() -> None:
    stream = StringIO()
    with Progress("tale", 3, stream, every=0.05) as progress:
        progress.step()
        progress.step("replication 1 failed: it rained")
        time.sleep(0.12)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "replication 1 failed: it rained"
    assert lines[1].startswith("tale: 2 of 3 replications, 1 failed, about ")


def test_a_bar_on_a_terminal() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    with Progress("tale [red]", 2, stream) as progress:
        progress.step("replication 0 failed: [bold]x")
        progress.step()
    assert "replication 0 failed: [bold]x" in stream.getvalue()
    assert "tale [red]" in stream.getvalue()


def test_lines_at_both_ends_where_a_study_asks_for_them() -> None:
    stream = StringIO()
    with Progress("tale", 30, stream, noun="runs", before=10, ends=True) as progress:
        for _ in range(20):
            progress.step()
        time.sleep(0.01)
    first, last = stream.getvalue().splitlines()
    assert first.startswith("tale: 10 of 30 runs")
    assert "/s" not in first  # those that were there already say nothing about speed
    assert re.fullmatch(r"tale: 30 of 30 runs, in 0 s, [0-9.e+]+/s(, \d+ \+ \d+ MB)?", last)


def test_many_failures_are_counted_and_not_all_shown() -> None:
    stream = StringIO()
    with Progress("tale", 500, stream) as progress:
        for r in range(500):
            progress.step(f"run {r} failed: it rained")
    assert stream.getvalue().splitlines()[19:] == [
        "run 19 failed: it rained",
        "further failures are counted, not shown",
    ]
    assert progress.line().startswith("tale: 500 of 500 replications, 500 failed")


def test_runs_may_be_counted_elsewhere() -> None:
    progress = Progress("tale", 30, StringIO())
    progress.reach(7)
    assert progress.line().startswith("tale: 7 of 30 replications, about ")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (99.0, "99 s"),
        (99.6, "2 min"),
        (5969.0, "99 min"),
        (5971.0, "1.7 h"),
        (36000.0, "10.0 h"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc on this system")
def test_memory_is_that_of_this_process_and_its_workers() -> None:
    before = resident()
    assert before is not None
    results = replicate(hold, 4, 2)
    next(results)
    held = resident()
    results.close()  # type: ignore[attr-defined]
    assert held is not None
    assert held[0] < 1.5 * before[0]
    assert held[1] - before[1] > 150e6  # of 2 x 100 MB; pages not touched do not count


def test_work_can_carry_arguments() -> None:
    assert list(replicate(partial(pow, 2), 3, 2)) == [1, 2, 4]
