"""Backends give each run exactly one result, whatever dies; they leave quickly, leave nothing, and listen to nobody."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import workloads
from sim.cli import UsageError
from sim.replicate import Pool
from sim.study.backends import NAMES, backend
from workloads import Made, children, listening, lost, study

HERE = Path(__file__).parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
KILLS = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on this system")


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), str(HERE)])}


def start(name: str, work: str, runs: int) -> subprocess.Popen[str]:
    """The program at the end of workloads.py, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, str(HERE / "workloads.py"), name, work, str(runs)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def until(true: object, seconds: float = 20.0) -> bool:
    """Wait for ``true()``."""
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def gathered(found: object) -> list[Made]:
    return [result for results in found for result in results]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "jobs"), [("inline", 1), ("local", 1), ("local", 2), ("local", 5)])
def test_each_index_has_one_result(name: str, jobs: int) -> None:
    indices = [*range(3, 400, 7), *range(1000, 1300)]
    made = gathered(backend(name, jobs).results(workloads.quick, iter(indices), lost))
    assert sorted(made) == [(i, "ok") for i in indices]


def test_nothing_to_do_starts_nothing() -> None:
    assert list(backend("local", 2).results(workloads.asleep, [], lost)) == []


def test_slow_runs_are_sent_one_by_one_and_fast_ones_by_the_hundred() -> None:
    slow = gathered(backend("local", 2).results(workloads.who, range(4), lost))
    assert {size for _, _, size in slow} == {1}
    assert len({process for _, process, _ in slow}) == 2
    fast = [len(results) for results in backend("local", 2).results(workloads.quick, range(20_000), lost)]
    assert 500 <= max(fast) <= 1000


@KILLS
@pytest.mark.parametrize("seldom", [300, 1])
def test_a_run_that_kills_its_worker_takes_nobody_along(seldom: int) -> None:
    count = 900 if seldom > 1 else 3
    made = gathered(backend("local", 2).results(partial(workloads.deadly, seldom), range(count), lost))
    told = dict(made)
    assert len(made) == len(told) == count
    dead = {i for i in told if i % seldom == seldom - 1}
    assert {i for i, what in made if what != "ok"} == dead
    assert {told[i] for i in dead} == {
        "its process died twice; the second one got SIGKILL, as when memory runs out"
    }


@KILLS
def test_a_run_that_dies_of_its_neighbours_has_a_chance_alone(tmp_path: Path) -> None:
    work = partial(workloads.deadly_in_company, tmp_path)
    made = gathered(Pool(work, 2, lost, most=1).results(range(8)))
    assert sorted(result for batch in made if isinstance(batch, list) for result in batch) == [
        (i, "ok") for i in range(8)
    ]


def killed_at_random(kills: int) -> None:
    """Kill a worker ``kills`` times, at random moments but never without any progress in between."""
    stop, progress = threading.Event(), threading.Event()
    killed: list[int] = []
    chance = random.Random(4)  # noqa: S311 - any worker will do

    def kill() -> None:
        while len(killed) < kills and progress.wait() and not stop.wait(0.3 * chance.random()):
            progress.clear()
            workers = children()
            if workers:
                killed.append(chance.choice(workers))
                os.kill(killed[-1], signal.SIGKILL)

    asked = 0

    def indices() -> Iterator[int]:
        """As many as it takes."""
        nonlocal asked
        while len(killed) < kills or asked < 500:
            yield asked
            asked += 1

    killer = threading.Thread(target=kill)
    killer.start()
    made: list[Made] = []
    try:
        for results in backend("local", 2).results(workloads.some_milliseconds, indices(), lost):
            made += results
            progress.set()
    finally:
        stop.set()
        progress.set()
        killer.join()
    assert sorted(i for i, _ in made) == list(range(asked))
    # A run of a few milliseconds can be hit twice: rarely.
    assert sum(what != "ok" for _, what in made) <= 1 + kills // 20


@LINUX
def test_random_workers_may_be_killed() -> None:
    killed_at_random(10)


@LINUX
@pytest.mark.slow
def test_many_random_workers_may_be_killed() -> None:
    killed_at_random(200)


def test_what_work_raises_comes_out_with_its_traceback() -> None:
    with pytest.raises(LookupError, match="no such thing as 0") as raised:
        gathered(backend("local", 2).results(workloads.raises, range(1), lost))
    assert "in raises" in raised.value.__notes__[0]


def test_a_missing_result_is_noticed() -> None:
    with pytest.raises(RuntimeError, match="0 results for 1 runs"):
        gathered(backend("local", 2).results(workloads.one_short, range(5), lost))


@pytest.mark.parametrize(
    ("end", "kind", "words"),
    [
        ("raise", ImportError, "no module named rare_earths"),
        ("exit", RuntimeError, "worker processes cannot be started: the last one ended with exit code 4"),
        pytest.param("kill", RuntimeError, "cannot be started: the last one got SIGKILL", marks=KILLS),
    ],
)
def test_workers_that_cannot_start_end_it(end: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        gathered(backend("local", 2).results(workloads.Heavy(end), range(100), lost))


@LINUX
def test_closing_leaves_no_process() -> None:
    results = backend("local", 2).results(workloads.some_milliseconds, range(10_000), lost)
    next(results)
    assert len(children()) == 2
    results.close()
    assert children() == []


@LINUX
@pytest.mark.parametrize("delay", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", ["inline", "local"])
def test_an_interrupt_comes_out_at_once_and_workers_go(
    name: str, number: signal.Signals, delay: float
) -> None:
    with start(name, "asleep", 10) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        assert until(lambda: name == "inline" or len(children(process.pid)) == 2)
        time.sleep(delay)  # from workers that are hardly there to workers at work
        began = time.monotonic()
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does: workers get it too
        else:
            process.send_signal(number)
        # Returns when nobody holds its pipes any more, no worker either.
        out, err = process.communicate(timeout=20)
        assert time.monotonic() - began < 2.0
        assert (process.returncode, out, err) == (130, "", "")


def test_workers_leave_ctrl_c_to_the_parent() -> None:
    made = gathered(backend("local", 2).results(workloads.interrupted, range(9), lost))
    assert sorted(made) == [(i, "ok") for i in range(9)]


@LINUX
def test_workers_are_deaf_to_ctrl_c_from_their_first_instruction() -> None:
    with start("local", "asleep", 2) as process:
        assert until(lambda: len(children(process.pid)) == 2)
        for worker in children(process.pid):
            status = Path(f"/proc/{worker}/status").read_text()
            blocked = int(status.partition("SigBlk:")[2].split()[0], 16)
            assert blocked >> (signal.SIGINT - 1) & 1
        process.kill()


@LINUX
def test_workers_do_not_outlive_a_killed_parent() -> None:
    with start("local", "some_milliseconds", 1_000_000) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()  # the first result
        workers = children(process.pid)
        assert len(workers) == 2
        process.kill()
        assert until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))


@LINUX
def test_nobody_listens() -> None:
    results = backend("local", 2).results(workloads.some_milliseconds, range(2000), lost)
    next(results)
    workers = children()
    assert len(workers) == 2
    assert listening([os.getpid(), *workers]) == []
    results.close()


def test_a_hundred_thousand_runs_cost_neither_time_nor_memory() -> None:
    program = (
        "import resource, time, workloads\n"
        "from sim.study.backends import backend\n"
        "def held(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "def run(n):\n"
        "    for _ in backend('local', 2).results(workloads.quick, range(n), workloads.lost): pass\n"
        "if __name__ == '__main__':\n"
        "    run(2000); before = held(); began = time.perf_counter(); run(100_000)\n"
        "    print(time.perf_counter() - began, held() - before)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )
    seconds, megabytes = map(float, found.stdout.split())
    assert seconds < 20.0  # 0.2 ms a run
    assert megabytes < 20.0


def test_extras_are_loaded_only_where_chosen() -> None:
    program = (
        "import sys, workloads\n"
        "from sim.study.backends import backend\n"
        "if __name__ == '__main__':\n"
        "    list(backend('local', 2).results(workloads.quick, range(9), workloads.lost))\n"
        "    print({'ray', 'submitit', 'rich'} & set(sys.modules))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )
    assert found.stdout == "set()\n"


@pytest.mark.parametrize("there", [False, True])
def test_a_missing_extra_is_one_line(there: bool, monkeypatch: pytest.MonkeyPatch, workplace: Path) -> None:
    from sim.study.backends.slurm import submit

    for name in ("ray", "submitit"):
        if there:  # as an empty folder of that name, which can be imported
            monkeypatch.setitem(sys.modules, name, type(sys)(name))
        else:
            monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"^study.backend=ray needs ray: pip install 'coercivity\[ray\]'$"):
        backend("ray", 2)
    with pytest.raises(UsageError, match=r"^study.backend=slurm needs submitit: .*\[slurm\]'$"):
        submit(["true"], 2, workplace / "logs")


def test_an_unknown_backend_is_one_line() -> None:
    with pytest.raises(UsageError, match=r"study.backend='locl'.*local") as raised:
        backend("locl", 2)
    assert "\n" not in str(raised.value)
    assert "local" in NAMES


def test_the_program_of_these_tests_ends_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert study("inline", "quick", 3) == 0
    assert capsys.readouterr().out == "begun\n0 ok\n1 ok\n2 ok\n"
