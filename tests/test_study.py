"""``python -m sim -m``: many runs in one folder, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

import fakes
from floors import ROOT
from sim.__main__ import main
from sim.case import Case, Run
from sim.store import read_study
from sim.study import run_study, study_of
from sim.study.backends import backend
from sim.sweep import design

TWO_BY_THREE = [
    "-m",
    "scenario=baseline,standstill",
    "replications=3",
    "years=1",
    "hydra.sweep.dir=s",
    "--jobs",
    "1",
]
calls: list[int] = []


def counted(case: Case, seed: int, replication: int = 0) -> Run:
    calls.append(replication)
    return fakes.simulate(case, seed, replication)


def digest(folder: Path) -> str:
    """What the parts hold, as a text that changes with any cell."""
    return str(read_study(folder).outcomes().to_pydict())


@pytest.fixture
def inline() -> list[str]:
    calls.clear()
    return [*TWO_BY_THREE, "study.backend=inline"]


def test_a_study_is_run_once(workplace: Path, inline: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(inline, simulate=counted) == 0
    assert len(calls) == 6
    held = read_study(workplace / "s")
    assert held.about.points == 2
    assert held.design["scenario"].to_pylist() == ["baseline", "standstill"]
    assert held.outcomes()["replication"].to_pylist() == [0, 1, 2, 0, 1, 2]
    assert "6 simulated now" in capsys.readouterr().out
    assert main(inline, simulate=counted) == 0
    assert len(calls) == 6
    assert "all there already" in capsys.readouterr().out


def test_chance_is_common_to_all_points(workplace: Path, inline: list[str]) -> None:
    """The model of this test knows nothing but seed and replication: points cannot differ unless their chance does."""
    assert main(inline, simulate=counted) == 0
    found = read_study(workplace / "s").outcomes()
    for name in read_study(workplace / "s").about.columns:
        drawn = [str(value) for value in found[name].to_pylist()]
        assert drawn[:3] == drawn[3:], name
    assert len({str(value) for value in found["shortage_dy_oxide_t"].to_pylist()}) > 1


def test_a_study_s_runs_are_those_of_single_runs(workplace: Path) -> None:
    """The same numbers as ``python -m sim`` writes, model included."""
    import pyarrow.parquet as pq

    words = ["scenario=controls_2025", "years=0.3", "replications=2", "seed=5"]
    assert main([*words, "hydra.run.dir=one", "--jobs", "1"]) == 0
    assert main(["-m", *words, "behaviour.chance=true", "hydra.sweep.dir=many", "study.backend=inline"]) == 0
    one = pq.read_table(workplace / "one" / "outcomes.parquet")
    many = read_study(workplace / "many").outcomes()
    same = [name for name in one.column_names if name != "parameter_set"]
    assert len(same) > 100
    for name in same:
        assert str(one[name].to_pylist()) == str(many[name].to_pylist()), name


def test_processes_give_the_same_as_this_one(workplace: Path) -> None:
    sweep = design(["scenario=baseline,standstill", "replications=7", "years=1"])
    study = study_of(sweep)
    for name, jobs in (("inline", 1), ("local", 2), ("local", 3)):
        run_study(study, workplace / f"{name}{jobs}", sweep.settings, backend(name, jobs), fakes.simulate)
    found = [
        sorted(p.name for p in (workplace / n / "outcomes").iterdir())
        for n in ("inline1", "local2", "local3")
    ]
    assert found[0] == found[1] == found[2]  # a part's name holds the digest of its bytes
    assert found[0]


def test_failed_runs_are_kept_and_told(
    workplace: Path, inline: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(inline, simulate=fakes.fails_on_odd) == 3
    told = capsys.readouterr()
    assert "run 1 (point 0, replication 1) failed: FloatingPointError: balance of Dy is off" in told.err
    assert "2 failed" in told.out
    held = read_study(workplace / "s")
    assert [f.run for f in held.failures()] == [1, 4]
    first = held.failures()[0]
    assert first.varied == {"scenario": "baseline"}
    assert any("fails_on_odd" in line for line in first.trace)
    assert main(inline, simulate=fakes.simulate) == 3  # failures stay until somebody asks for another try
    assert main([*inline, "study.retry=failed"], simulate=fakes.simulate) == 0
    assert read_study(workplace / "s").failures() == ()


def test_a_study_stops_when_asked(
    workplace: Path, inline: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*inline, "study.on_error=stop"], simulate=fakes.fails_on_odd) == 3
    assert "study.on_error=stop" in capsys.readouterr().out
    assert read_study(workplace / "s").failed.sum() == 1
    assert main([*inline, "study.max_failures=1"], simulate=fakes.fails_on_odd) == 3
    assert "study.max_failures=1" in capsys.readouterr().out
    assert read_study(workplace / "s").failed.sum() == 2  # one before, one more now


def test_what_is_of_the_whole_study_is_not_varied(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in ("seed=1,2", "replications=1,2", "record=outcomes,report"):
        assert main(["-m", line]) == 2
        told = capsys.readouterr().err
        assert f"{line.split('=')[0]} cannot be varied" in told
        assert told.count("\n") == 1
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-m", "years=1", "hydra.run.dir=x"], "hydra.sweep.dir=x"),
        (["years=1", "hydra.sweep.dir=x"], "hydra.run.dir=x"),
        (["--sweep-file", "x.yaml"], "--sweep-file needs -m"),
        (["-m", "years=1", "--again"], "only does what is missing"),
        (["-m", "--sweep-file", "nowhere.yaml"], "nowhere.yaml"),
        (["-m", "sweep=nothing"], "nothing"),
        (["-m", "years=-1,2"], "years -1"),
        (["-m", "yeers=1,2"], "did you mean 'years'"),
        (["-m", "years=1,2", "study.backend=rey"], "did you mean 'ray'"),
        (["years=1,2"], "-m"),
        (["study.jobs=2"], "-m"),
    ],
)
def test_mistakes(words: list[str], said: str, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert list(workplace.iterdir()) == []


def test_another_study_s_folder_is_left_alone(
    workplace: Path, inline: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(inline, simulate=fakes.simulate) == 0
    before = digest(workplace / "s")
    assert main([*inline, "seed=2"], simulate=fakes.simulate) == 2
    assert "holds another study" in capsys.readouterr().err
    assert digest(workplace / "s") == before


def test_series_are_kept_when_asked_for(workplace: Path, inline: list[str]) -> None:
    assert main([*inline, "record=report"], simulate=fakes.simulate) == 0
    rows = read_study(workplace / "s").series(variable="price_spot", place="world")
    assert rows.num_rows == 6 * 30
    assert pc.count_distinct(rows["run"]).as_py() == 6


def test_shards_share_a_folder(workplace: Path) -> None:
    """Runs of a chunk stay together, so a study of many chunks is cut, and the shards together are the whole."""
    words = ["-m", "scenario=baseline", "years=1", "replications=100", "study.backend=inline"]
    assert main([*words, "hydra.sweep.dir=whole"], simulate=fakes.simulate) == 0
    for shard in ("0/3", "1/3", "2/3"):
        assert main([*words, "hydra.sweep.dir=cut", f"study.shard={shard}"], simulate=fakes.simulate) == 0
    assert digest(workplace / "cut") == digest(workplace / "whole")


PROGRAM = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
import fakes
from sim.__main__ import main
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], simulate=fakes.{model}))
"""


def started(workplace: Path, model: str, *words: str) -> subprocess.Popen[bytes]:
    program = workplace / "program.py"
    program.write_text(
        PROGRAM.format(root=str(ROOT), tests=str(ROOT / "tests"), model=model), encoding="utf-8"
    )
    return subprocess.Popen(
        [sys.executable, str(program), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def held(folder: Path) -> int:
    try:
        return int(read_study(folder).done.sum())
    except ValueError:
        return 0


def test_an_interrupt_keeps_what_was_finished(workplace: Path) -> None:
    words = ["-m", "scenario=baseline", "years=1", "replications=400", "hydra.sweep.dir=s", "--jobs", "2"]
    process = started(workplace, "brief", *words)
    until = time.monotonic() + 60
    while held(workplace / "s") == 0 and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # Ctrl-C reaches the workers too
    began = time.monotonic()
    told = process.communicate(timeout=30)[0].decode()
    assert time.monotonic() - began < 2.0
    assert process.returncode == 130, told
    assert told.endswith("interrupted; what was finished is kept, the same command goes on\n")
    kept = held(workplace / "s")
    assert 0 < kept < 400
    assert main([*words, "study.backend=inline"], simulate=fakes.simulate) == 0
    assert held(workplace / "s") == 400


def test_a_killed_study_goes_on_and_ends_the_same(workplace: Path) -> None:
    """A few kills of the parent at random moments; ``benchmarks/kills.py`` does fifty, of workers too."""
    words = ["-m", "scenario=baseline", "years=1", "replications=300", "--jobs", "2"]
    assert main([*words, "hydra.sweep.dir=calm"], simulate=fakes.simulate) == 0
    rng = np.random.default_rng(7)
    before = 0
    for _ in range(4):
        process = started(workplace, "brief", *words, "hydra.sweep.dir=s")
        time.sleep(1.0 + 2.0 * rng.random())
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert held(workplace / "s") >= before
        before = held(workplace / "s")
    assert main([*words, "hydra.sweep.dir=s"], simulate=fakes.simulate) == 0
    assert digest(workplace / "s") == digest(workplace / "calm")
    names = [sorted(p.name for p in (workplace / n / "outcomes").iterdir()) for n in ("s", "calm")]
    assert names[0] == names[1]


def test_a_table_that_changes_under_a_study_stops_it(
    workplace: Path, inline: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is stored under an address was made of the tables that the address names."""
    import shutil

    from sim import library

    mine = workplace / "world"
    shutil.copytree(library.FOLDERS["world"], mine)
    monkeypatch.setitem(library.FOLDERS, "world", mine)

    def edits(case: Case, seed: int, replication: int = 0) -> Run:
        if not calls:
            with (mine / "w2025" / "mines.csv").open("a", encoding="utf-8") as file:
                file.write("\n")
        return counted(case, seed, replication)

    assert main(inline, simulate=edits) == 2
    told = capsys.readouterr().err
    assert "table w2025/mines.csv has changed since the study was begun" in told
    assert len(calls) < 6
    assert read_study(workplace / "s").done.sum() == len(calls)


def test_more_shards_than_chunks_are_refused(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["-m", "scenario=baseline", "replications=40", "study.shard=3/4", "study.backend=inline"]) == 2
    )
    assert "can be cut into 3 at most" in capsys.readouterr().err


def test_the_order_in_which_events_are_typed_means_nothing(workplace: Path) -> None:
    words = ["scenario=baseline", "years=1.5", "replications=1", "policy=[lynas_jare_2026,lynas_dow_2026]"]
    turned = [*words[:-1], "policy=[lynas_dow_2026,lynas_jare_2026]"]
    from sim import load

    assert [e.name for e in load(*words).events] == [e.name for e in load(*turned).events]
    assert design(words).design.addresses() == design(turned).design.addresses()
