"""Ray and Slurm, as far as one machine can show them. All of them slow: a cluster takes seconds to come up."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from test_backends import children, environment, start, until

pytestmark = pytest.mark.slow
RAY = pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="ray is not installed")
SUBMITIT = pytest.mark.skipif(not importlib.util.find_spec("submitit"), reason="submitit is not installed")

TWO_NODES = """
import json, os, sys, time
import ray
from ray.cluster_utils import Cluster
import workloads
from sim.study.backends import backend

if __name__ == "__main__":
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    other = cluster.add_node(num_cpus=1)
    said = []
    found, nodes = [], 0
    for results in backend("ray", 1, cluster.address, said.append).results(workloads.who, range(12), workloads.lost):
        found += results
        nodes = max(nodes, sum(node["Alive"] for node in ray.nodes()))
        if other is not None and len(found) >= 4 and "remove" in sys.argv:
            cluster.remove_node(other, allow_graceful=False)
            other = None
    print(json.dumps({"found": found, "nodes": nodes, "said": said, "left": ray.is_initialized()}))
    cluster.shutdown()
"""


def told(program: str, *arguments: str) -> dict[str, object]:
    """What ``program`` printed last, as JSON."""
    found = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    last: dict[str, object] = json.loads(found.stdout.splitlines()[-1])
    return last


@RAY
@pytest.mark.parametrize("seldom", [0, 30])
def test_a_cluster_of_its_own(seldom: int) -> None:
    """With and without runs that kill their worker: Ray itself would try them again for ever, or end the study."""
    program = (
        "import functools, json, ray, workloads\n"
        "from sim.study.backends import backend\n"
        "if __name__ == '__main__':\n"
        f"    work = functools.partial(workloads.deadly, {seldom}) if {seldom} else workloads.quick\n"
        "    said = []\n"
        "    made = [m for b in backend('ray', 2, say=said.append).results(work, range(60), workloads.lost) for m in b]\n"
        "    print(json.dumps({'made': sorted(made), 'said': said, 'left': ray.is_initialized()}))\n"
    )
    found = told(program)
    made = found["made"]
    assert isinstance(made, list)
    assert [i for i, _ in made] == list(range(60))
    dead = {i for i, what in made if what != "ok"}
    assert dead == ({29, 59} if seldom else set())
    assert all(what.startswith("its process died twice: ") for i, what in made if i in dead)
    assert "Ray listens on ports" in str(found["said"])
    assert not found["left"]


@RAY
@pytest.mark.parametrize("loss", ["", "remove"])
def test_a_cluster_of_two_nodes_and_of_one_that_goes(loss: str) -> None:
    found = told(TWO_NODES, loss)
    rows = found["found"]
    assert isinstance(rows, list)
    assert sorted(row[0] for row in rows) == list(range(12))
    assert {row[2] for row in rows} == {1}
    assert found["nodes"] == 2
    assert len({row[1] for row in rows}) >= 2
    assert not found["left"]


@RAY
def test_ctrl_c_ends_a_cluster_of_its_own() -> None:
    with start("ray", "asleep", 10) as process:
        assert until(lambda: len(children(process.pid)) > 1, 60.0)
        time.sleep(8.0)
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        assert (process.returncode, out) == (130, "begun\n")
        assert (
            time.monotonic() - began < 4.0
        )  # Ray takes one and a half seconds of it to end its own processes


SHARD = "import sys, time; time.sleep(float(sys.argv[1])); sys.exit({'1/4': 3, '2/4': 9}.get(sys.argv[2][-3:], 0))"


@SUBMITIT
def test_shards_are_jobs(workplace: Path) -> None:
    from sim.study.backends.slurm import Ended, submit, wait

    command = [sys.executable, "-c", SHARD, "0.2"]
    heard: list[Ended] = []
    looks: list[int] = []
    shards = submit(command, 4, workplace / "study.jobs", minutes=5, cluster="local")
    ended = wait(shards, heard.append, lambda: looks.append(1), every=0.1)
    assert [(e.number, e.of, e.code) for e in ended] == [(0, 4, 0), (1, 4, 3), (2, 4, 9), (3, 4, 0)]
    assert [bool(e.why) for e in ended] == [False, False, True, False]
    assert ended[2].why.startswith("exit code 9 (see ")
    assert sorted(e.number for e in heard) == [0, 1, 2, 3]
    assert looks


@SUBMITIT
def test_a_job_that_is_killed_is_told_and_not_repeated(workplace: Path) -> None:
    from sim.study.backends.slurm import submit, wait

    program = "import os, signal; open('tries', 'a').write('x'); os.kill(os.getppid(), signal.SIGKILL)"
    command = [sys.executable, "-c", program]
    ended = wait(submit(command, 1, workplace / "jobs", minutes=5, cluster="local"), every=0.1)
    assert ended[0].code is None
    assert "has not produced any output" in ended[0].why
    assert (workplace / "tries").read_text() == "x"


@SUBMITIT
def test_ctrl_c_cancels_jobs(workplace: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sim.study.backends.slurm import submit, wait\n"
        f"command = [sys.executable, '-c', {SHARD!r}, '61.5']\n"
        "shards = submit(command, 2, Path('jobs'), minutes=5, cluster='local')\n"
        "print('begun', flush=True)\n"
        "wait(shards, every=0.1)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        assert until(lambda: len(sleeping()) == 2)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        assert time.monotonic() - began < 2.0
    assert until(lambda: not sleeping(), 10.0)


def sleeping() -> list[str]:
    """Shards of the test above that run."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"61.5" in words and any(word.startswith(b"study.shard=") for word in words):
            found.append(place.parent.name)
    return found


@SUBMITIT
def test_no_slurm_here_is_one_line(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.cli import UsageError
    from sim.study.backends.slurm import submit

    monkeypatch.setenv("PATH", str(workplace))
    with pytest.raises(UsageError, match=r"^study.backend=slurm: .*srun") as raised:
        submit(["true"], 2, workplace / "jobs")
    assert "\n" not in str(raised.value)
