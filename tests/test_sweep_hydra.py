"""What is handed to Hydra's own multirun: its folders, an ordinary run in each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from floors import ROOT
from sim.runs import read_run
from sim.sweep import ConfigError
from sim.sweep.hydra import hand_over, wants_hydra

PROGRAM = (
    "import sys\nfrom sim.__main__ import main\nfrom sim.sweep.hydra import hand_over\n"
    "sys.exit(hand_over(sys.argv[1:], main))"
)  # in a process of its own: Hydra changes how the process logs


def handed(workplace: Path, *typed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *typed],
        cwd=workplace,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_hydra_runs_two_jobs_and_each_leaves_a_run(workplace: Path) -> None:
    typed = ["years=0.2", "-m", "scenario=baseline,standstill", "replications=1", "hydra/launcher=basic"]
    done = handed(workplace, *typed, "hydra.sweep.dir=both")
    assert done.returncode == 0, done.stderr
    for job, name in enumerate(("baseline", "standstill")):
        run = read_run(workplace / "both" / str(job) / "run")
        assert run.manifest["scenario"]["name"] == name
        assert run.manifest["years"] == 0.2
    assert {p.name for p in workplace.iterdir()} == {"both"}


def test_a_job_that_fails_is_told_and_the_others_are_kept(workplace: Path) -> None:
    typed = [
        "years=0,0.1",
        "-m",
        "hydra/sweeper=basic",
        "replications=1",
        "record=outcomes",
        "hydra.sweep.dir=d",
    ]
    done = handed(workplace, *typed)
    assert done.returncode == 3
    assert "error: years 0 is out of range" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (workplace / "d" / "0" / "run").exists()
    assert (workplace / "d" / "1" / "run" / "manifest.json").is_file()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["yeers=1,2"], "key 'yeers' is not one of .*did you mean 'years'"),
        (["years=${x}"], "interpolation"),
        (["study.jobs=2"], "study.jobs=2"),
        (["hydra.callbacks.x=1"], "of Hydra only hydra/sweeper"),
        (["hydra.job_logging.x=1"], "of Hydra only hydra/sweeper"),
        (["hydra.launcher._tar" + "get_=os.getcwd"], "of Hydra only hydra/sweeper"),
        (["hydra.sweep.dir=${oc.env:HOME}"], "of Hydra only hydra/sweeper"),
        (["--jobs=2"], "flag '--jobs=2' cannot be handed to Hydra"),
    ],
)
def test_what_hydra_is_not_given(typed: list[str], words: str) -> None:
    def never(_: list[str]) -> int:
        raise AssertionError

    with pytest.raises(ConfigError, match=words):
        hand_over(["-m", "hydra/launcher=basic", *typed], never)


def test_an_unknown_launcher_is_one_line(workplace: Path) -> None:
    done = handed(workplace, "-m", "hydra/launcher=basik")
    assert "ConfigError: Hydra: " in done.stderr  # the program makes it a line of its own
    assert "hydra/launcher/basik" in done.stderr.splitlines()[-1]
    assert list(workplace.iterdir()) == []


def test_who_names_a_sweeper_or_launcher_wants_hydra() -> None:
    assert wants_hydra(["-m", "hydra/launcher=joblib"])
    assert wants_hydra(["+hydra/sweeper=x", "-m"])
    assert wants_hydra(["hydra.launcher.n_jobs=2", "-m"])
    assert wants_hydra(["hydra.sweeper.max_batch_size=2", "-m"])
    assert not wants_hydra(["-m", "hydra.sweep.dir=x", "scenario=baseline"])
