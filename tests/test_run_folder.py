"""A run folder is whole or absent: whichever write, sync or rename fails, and whoever else is writing."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import fakes
from sim.__main__ import main
from sim.config import load
from sim.outcomes import columns
from sim.runs import RunError, RunFolder, read_run, whole
from sim.runs import writing as module
from sim.runs.tables import TABLES

ARGS = ["scenario=controls_2025", "replications=2", "--jobs=1", "hydra.run.dir=run"]


@pytest.fixture
def run(workplace: Path) -> Path:
    assert main(ARGS, simulate=fakes.simulate) == 0
    return workplace / "run"


def hidden(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith(".")]


def test_what_a_run_leaves(run: Path, workplace: Path) -> None:
    names = {p.relative_to(run).as_posix() for p in run.rglob("*") if p.is_file()}
    assert names == {f"{t}.parquet" for t in TABLES} | {
        "manifest.json",
        ".hydra/config.yaml",
        ".hydra/overrides.yaml",
    }
    assert hidden(workplace) == []
    stored = read_run(run)
    manifest = stored.manifest
    assert manifest["replications"] == {"asked": 2, "ok": 2, "failed": 0}
    assert manifest["scenario"]["name"] == "controls_2025"
    assert manifest["zero_series"] == ["smuggled"]
    assert manifest["zero_in_some"] == {"priced_out": 1}
    assert manifest["overrides"] == ["scenario=controls_2025", "replications=2"]
    assert str(workplace) not in (run / "manifest.json").read_text(encoding="utf-8")
    assert [str(f.type) for f in stored.trajectories.schema][:2] == ["int16", "date32[day]"]
    rows = stored.trajectories.drop_columns("value").to_pylist()
    keys = [tuple(row.values()) for row in rows]
    assert keys == sorted(set(keys))
    case = load("scenario=controls_2025")
    assert stored.outcomes.column_names == ["replication", "parameter_set", *columns(case)]
    assert stored.events.column("replication").to_pylist() == [0, 1]


def test_a_run_that_is_there_is_not_run_again(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (run / "manifest.json").read_bytes()
    assert main(ARGS, simulate=fakes.fails) == 0
    assert "holds this run already" in capsys.readouterr().out
    assert (run / "manifest.json").read_bytes() == before


def test_again_replaces_it_by_the_same_tables(run: Path, workplace: Path) -> None:
    before = {t: (run / f"{t}.parquet").read_bytes() for t in TABLES}
    assert main([*ARGS, "--again"], simulate=fakes.simulate) == 0
    assert {t: (run / f"{t}.parquet").read_bytes() for t in TABLES} == before
    assert hidden(workplace) == []


@pytest.mark.parametrize("again", [[], ["--again"]])
@pytest.mark.parametrize("state", ["other run", "damaged", "empty", "file", "strange", "dangling"])
def test_nothing_else_is_overwritten(
    state: str, again: list[str], run: Path, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = workplace / "taken"
    args = [*ARGS[:-1], "hydra.run.dir=taken", *again]
    if state in ("other run", "damaged"):
        run.rename(target)
        if state == "other run":
            args.append("seed=2")
        else:
            with (target / "balance.parquet").open("ab") as file:
                file.write(b"x")
    elif state == "file":
        target.write_text("mine")
    elif state == "dangling":
        target.symlink_to(workplace / "nowhere")
    else:
        target.mkdir()
        if state == "strange":
            (target / "thesis.txt").write_text("mine")
    before = sorted((p, p.read_bytes() if p.is_file() else b"") for p in workplace.rglob("*"))
    capsys.readouterr()
    assert main(args, simulate=fakes.simulate) == 2
    told = capsys.readouterr()
    assert told.err.startswith("error: taken exists and is not a whole run")
    assert told.err.count("\n") == 1
    assert sorted((p, p.read_bytes() if p.is_file() else b"") for p in workplace.rglob("*")) == before


def test_the_digest_names_the_folder(workplace: Path) -> None:
    args = ["scenario=controls_2025", "--jobs=1"]
    assert main(args, simulate=fakes.simulate) == 0
    assert main([*args, "seed=2"], simulate=fakes.simulate) == 0
    names = sorted(p.name for p in (workplace / "outputs").iterdir())
    assert len(names) == 2
    for name in names:
        manifest = json.loads((workplace / "outputs" / name / "manifest.json").read_text(encoding="utf-8"))
        assert name == f"controls_2025-{manifest['digest'][:8]}"


class Fault:
    """Lets ``after`` calls pass, then fails once, as a full disk would."""

    def __init__(self, real: Callable[..., Any], after: int) -> None:
        self.real, self.after, self.calls = real, after, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        if self.calls == self.after + 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.real(*args, **kwargs)


POINTS = [("fsync", 12), ("mkdir", 2), ("rename", 1), ("_write", 4), ("write_table", 5)]


def plant(name: str, after: int, patch: pytest.MonkeyPatch) -> Fault:
    holder: Any = {
        "fsync": os,
        "_write": module,
        "mkdir": Path,
        "rename": Path,
        "write_table": pq.ParquetWriter,
    }[name]
    fault = Fault(getattr(holder, name), after)
    patch.setattr(holder, name, lambda *a, **k: fault(*a, **k))
    return fault


@pytest.mark.parametrize(("name", "after"), [(n, i) for n, most in POINTS for i in range(most)])
def test_whatever_fails_the_folder_is_whole_or_absent(
    name: str,
    after: int,
    workplace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    args = ["replications=2", "--jobs=1", "hydra.run.dir=out/run"]
    with monkeypatch.context() as patch:
        fault = plant(name, after, patch)
        code = main(args, simulate=fakes.simulate)
    if fault.calls <= after:
        assert code == 0  # there are not that many calls
        return
    told = capsys.readouterr().err
    renamed = (workplace / "out" / "run").exists()
    assert (code, "No space left" in told) == (2, True)
    assert told.count("\n") == 1
    assert not renamed or read_run(workplace / "out" / "run")
    assert not (workplace / "out").exists() or hidden(workplace / "out") == []
    assert main(args, simulate=fakes.simulate) == 0  # and once there is room again, it works
    assert read_run(workplace / "out" / "run").manifest["replications"]["ok"] == 2


@pytest.mark.parametrize("after", range(2))
def test_replacing_is_whole_or_as_before(after: int, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        plant("rename", after, patch)
        assert main([*ARGS, "--again"], simulate=fakes.simulate) == 2
    assert read_run(run)
    assert hidden(run.parent) == []


def test_killed_between_the_two_renames(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run.rename(run.with_name(".run.old"))
    assert main(ARGS, simulate=fakes.fails) == 0
    assert "holds this run already" in capsys.readouterr().out
    assert hidden(run.parent) == []


def test_a_killed_writer_leaves_nothing_that_disturbs(workplace: Path) -> None:
    program = (
        "import os, sys, fakes; from sim.__main__ import main; from sim.runs import writing;"
        "writing.RunFolder.finish = lambda *a: os._exit(9);"
        "main(['replications=2', '--jobs=1', 'hydra.run.dir=run'], simulate=fakes.simulate)"
    )
    done = subprocess.run([sys.executable, "-c", program], env=paths(), capture_output=True, check=False)
    assert done.returncode == 9
    assert hidden(workplace) == [".run.partial"]
    assert not (workplace / "run").exists()
    assert main(["replications=2", "--jobs=1", "hydra.run.dir=run"], simulate=fakes.simulate) == 0
    assert hidden(workplace) == []


def paths() -> dict[str, str]:
    here = Path(__file__).parent
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parent), str(here)])}


def test_two_writers_of_one_folder(workplace: Path) -> None:
    with RunFolder(workplace / "run", 1), pytest.raises(RunError, match="another process is writing"):
        RunFolder(workplace / "run", 1).__enter__()
    assert hidden(workplace) == []


def test_a_folder_that_appears_meanwhile_is_left_alone(workplace: Path) -> None:
    with RunFolder(workplace / "run", 1) as target:
        target.add(module_result())
        (workplace / "run").mkdir()
        with pytest.raises(RunError, match="appeared while"):
            target.finish({}, {}, ())
    assert [p.name for p in workplace.iterdir()] == ["run"]


def module_result() -> Any:
    from sim.runs import work

    return work(load(), 1, fakes.simulate, 0)


def test_no_permission(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workplace / "file").write_text("")
    assert main(["hydra.run.dir=file/run", "--jobs=1"], simulate=fakes.simulate) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: file/run")
    assert told.count("\n") == 1


def broken_folders(run: Path) -> Iterator[tuple[str, Callable[[], object], str]]:
    manifest = run / "manifest.json"
    balance = run / "balance.parquet"
    yield "missing table", balance.unlink, "balance.parquet is missing"
    yield "damaged table", lambda: balance.write_bytes(b"PAR1" + b"0" * 40), "its checksum differs"
    yield "no manifest", manifest.unlink, "no manifest.json"
    yield "damaged manifest", lambda: manifest.write_text("{"), "manifest.json cannot be read"
    yield "strange manifest", lambda: manifest.write_text("[]"), "not that of a run"
    yield (
        "newer format",
        lambda: manifest.write_text('{"files": {}, "schema_version": 9}'),
        "written in format 9",
    )
    outside = '{"files": {"../evil": {"sha256": ""}}, "schema_version": 1}'
    yield "path outside", lambda: manifest.write_text(outside), "lies outside"


@pytest.mark.parametrize("index", range(7))
def test_reading_says_in_one_line_what_is_wrong(index: int, run: Path) -> None:
    _, damage, words = list(broken_folders(run))[index]
    damage()
    with pytest.raises(RunError) as told:
        read_run(run)
    assert words in str(told.value)
    assert "\n" not in str(told.value)
    assert not whole(run, "0" * 64)


def test_reading_an_empty_folder_a_file_and_nothing(workplace: Path) -> None:
    (workplace / "empty").mkdir()
    (workplace / "file").write_text("")
    for name, words in (
        ("empty", "an empty folder"),
        ("file", "not a folder"),
        ("nothing", "no such folder"),
    ):
        with pytest.raises(RunError, match=words):
            read_run(workplace / name)


def test_rows_are_written_in_groups_that_do_not_depend_on_their_number(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS_A_GROUP", 200)
    assert main(["replications=5", "--jobs=1", "hydra.run.dir=a"], simulate=fakes.simulate) == 0
    assert pq.ParquetFile(workplace / "a" / "trajectories.parquet").num_row_groups > 1
    assert read_run(workplace / "a").trajectories.num_rows == 5 * 150


def test_scalars_only(workplace: Path) -> None:
    assert main(["record=outcomes", "--jobs=1", "hydra.run.dir=a"], simulate=fakes.simulate) == 0
    stored = read_run(workplace / "a")
    assert (stored.trajectories.num_rows, stored.outcomes.num_rows) == (0, 1)
