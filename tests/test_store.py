"""What is added to a study is read again as it was, from equal bytes whatever the order; one process writes at a time."""

from __future__ import annotations

import errno
import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import stores
from floors import ROOT
from sim.runs import tables
from sim.store import RunResult, Store, StoreError, chunk_size, read_study
from sim.store import series as series_module


@pytest.mark.parametrize("record", ["outcomes", "report"])
def test_what_is_added_is_read_again(record: str, tmp_path: Path) -> None:
    about = stores.about(record=record)
    study = read_study(stores.stored(tmp_path / "s", about, failed=(4, 29)))
    assert study.about == about
    assert study.design.equals(stores.design(about))
    assert study.done.all()
    assert [int(r) for r in study.failed.nonzero()[0]] == [4, 29]
    rows = study.outcomes().to_pylist()
    assert [row["run"] for row in rows] == list(range(30))
    for row, made in zip(rows, stores.results(about, failed=(4, 29)), strict=True):
        assert (row["point"], row["replication"], row["seed"]) == (made.point, made.replication, 7)
        assert (row["digest"], row["status"], row["balance_error"]) == (
            made.digest,
            made.status,
            made.balance_error,
        )
        for name in about.columns:
            value = made.outcomes[name] if made.outcomes else None
            if value is None or value == "":
                assert row[name] is None
            elif isinstance(value, str):
                assert row[name] == date.fromisoformat(value)
            else:
                assert row[name] == value or (math.isnan(row[name]) and math.isnan(value))
    assert any(math.isnan(row["shortage_dy_oxide_t"] or 0.0) for row in rows)


def test_a_failure_keeps_what_explains_it(tmp_path: Path) -> None:
    found = read_study(stores.stored(tmp_path / "s", stores.about(), failed=(4,))).failures()
    assert [(f.run, f.point, f.replication, f.seed, f.status, f.kind) for f in found] == [
        (4, 1, 1, 7, "failed", "BalanceError")
    ]
    assert found[0].message == "=balance of Dy is off in 4 second line"
    assert found[0].trace == ("chain.py:12 run", "stock.py:7 move")
    assert found[0].varied == {"scenario": "=cmd()", "behaviour.precaution": 0.125}


def test_a_few_columns_of_many(tmp_path: Path) -> None:
    study = read_study(stores.stored(tmp_path / "s", stores.about()))
    names = ["late_units_bloc_us_nato", "run"]
    few = study.outcomes(names)
    assert few.column_names == names
    assert str(few.to_pylist()) == str(study.outcomes().select(names).to_pylist())
    with pytest.raises(StoreError, match="did you mean 'late_units_bloc_us_nato'"):
        study.outcomes(["late_units_bloc_uk"])


def test_an_outcome_that_only_some_points_have_is_null_in_the_others(tmp_path: Path) -> None:
    about = stores.about(points=2, replications=1)
    both = stores.results(about)
    assert both[1].outcomes is not None
    fewer = replace(
        both[1], outcomes={k: v for k, v in both[1].outcomes.items() if k != "shortage_dy_oxide_t"}
    )
    with Store.open(tmp_path / "s", about, stores.design(about)) as store:
        store.add([both[0], fewer])
    assert read_study(tmp_path / "s").outcomes().column("shortage_dy_oxide_t")[1].as_py() is None


@pytest.mark.parametrize("record", ["outcomes", "full"])
def test_equal_bytes_whatever_the_order_and_however_often_it_was_interrupted(
    record: str, tmp_path: Path
) -> None:
    about = stores.about(record=record)
    whole = stores.content(stores.stored(tmp_path / "whole", about, failed=(5, 6)))
    made = stores.results(about, failed=(5, 6))
    pieces = [made[7::-1], made[20:], [made[12], made[9]], made[8:20]]
    for piece in pieces:
        with Store.open(tmp_path / "pieces", about, stores.design(about)) as store:
            store.add(piece[: len(piece) // 2])
            store.flush()
            store.add(piece[len(piece) // 2 :])
    assert stores.content(tmp_path / "pieces") == whole
    assert sorted({name.split("/")[0] for name in whole}) == sorted(
        {"study.json", "design.parquet", "outcomes"} | ({"series"} if record == "full" else set())
    )


def test_a_run_that_is_done_stays_and_one_that_failed_is_replaced(tmp_path: Path) -> None:
    about = stores.about(record="report")
    stores.stored(tmp_path / "s", about, failed=(4, 5))
    with Store.open(tmp_path / "s", about, stores.design(about)) as store:
        assert store.done.all()
        assert [int(r) for r in store.failed.nonzero()[0]] == [4, 5]
        store.add([stores.result(about, 4), stores.result(about, 7, "killed")])
        store.add([stores.result(about, 4, "failed")])
    assert [int(r) for r in read_study(tmp_path / "s").failed.nonzero()[0]] == [5]
    with Store.open(tmp_path / "s", about, stores.design(about)) as store:
        store.add([stores.result(about, 5)])
    assert stores.content(tmp_path / "s") == stores.content(stores.stored(tmp_path / "other", about))


def test_no_time_goes_into_a_part(tmp_path: Path) -> None:
    about = stores.about()
    stores.stored(tmp_path / "a", about)
    with Store.open(tmp_path / "b", about, stores.design(about)) as store:
        store.add(replace(r, seconds=99.0) for r in stores.results(about))
    assert stores.content(tmp_path / "a") == stores.content(tmp_path / "b")


def test_done_is_what_lies_on_the_disk(tmp_path: Path) -> None:
    about = stores.about()
    with Store.open(tmp_path / "s", about, stores.design(about)) as store:
        store.add(stores.results(about)[:6])
        assert int(store.done.sum()) == 4  # a whole chunk
        store.flush()
        assert int(store.done.sum()) == 6
        assert int(read_study(tmp_path / "s").done.sum()) == 6
    assert not list((tmp_path / "s").glob(".*"))


def test_chunks_stay_few_and_series_parts_small() -> None:
    assert chunk_size(3, "outcomes") == 16
    assert chunk_size(100_000, "outcomes") == 1042
    assert -(-100_000 // chunk_size(100_000, "outcomes")) <= 96
    assert chunk_size(100_000, "report") == chunk_size(10, "full") == 16


WRONG: dict[str, Any] = {
    "is none of this store's": {"index": 30, "point": 10, "replication": 0},
    "is not replication 0 of point 1": {"point": 1},
    "'fine' is not one of ok, failed, killed": {"status": "fine"},
    "is ok, without outcomes": {"outcomes": None},
    "is failed, with outcomes": {"status": "failed"},
    "has outcome 'price', which the study has not": {"outcomes": {"price": 1.0}},
    "has no series": {"series": None},
}


@pytest.mark.parametrize("told", WRONG)
def test_a_result_that_cannot_be_is_refused(told: str, tmp_path: Path) -> None:
    about = stores.about(record="report")
    with Store.open(tmp_path / "s", about, stores.design(about)) as store:
        with pytest.raises(ValueError, match=told):
            store.add([replace(stores.result(about, 0), **WRONG[told])])
        assert not store.done.any()


# --- one writer ---------------------------------------------------------------------------

OTHER = """
import sys; sys.path[:0] = [{root!r}, {tests!r}]
import stores
from pathlib import Path
from sim.store import Store, StoreError
about = stores.about()
try:
    store = Store.open(Path({folder!r}), about, stores.design(about), shard={shard})
except StoreError as e:
    print("refused:", e); raise SystemExit
store.add(r for r in stores.results(about) if store.mine[r.index])
{end}
"""


def _other(folder: Path, shard: tuple[int, int] = (0, 1), end: str = "store.close()") -> str:
    program = OTHER.format(
        root=str(ROOT), tests=str(ROOT / "tests"), folder=str(folder), shard=shard, end=end
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.stdout


def test_two_processes_on_one_study(tmp_path: Path) -> None:
    about, folder = stores.about(), tmp_path / "s"
    with Store.open(folder, about, stores.design(about)) as store:
        said = _other(folder)
        assert said == f"refused: {folder}: another process is writing this study\n"
        assert _other(folder, (1, 2)) == said
        with pytest.raises(StoreError, match="another process"):
            Store.open(folder, about, stores.design(about))
        store.add(stores.results(about))
    assert _other(folder) == ""
    assert not list(folder.glob(".*"))


def test_shards_share_a_folder_and_others_keep_out(tmp_path: Path) -> None:
    about, folder = stores.about(), tmp_path / "s"
    with Store.open(folder, about, stores.design(about), shard=(0, 2)) as store:
        assert _other(folder, (1, 2)) == ""
        for shard in ((0, 2), (2, 4), (0, 3), (0, 1)):
            assert "another process" in _other(folder, shard)
        with pytest.raises(ValueError, match="none of this store's"):
            store.add([stores.result(about, 4)])
        store.add(r for r in stores.results(about) if store.mine[r.index])
    assert stores.content(folder) == stores.content(stores.stored(tmp_path / "whole", about))


def test_a_killed_writer_locks_nobody_out(tmp_path: Path) -> None:
    about, folder = stores.about(), tmp_path / "s"
    _other(
        folder,
        (1, 2),
        "(store.folder / 'outcomes' / '.new-1-of-2-x').write_text('half'); import os; os._exit(9)",
    )
    assert len(list(folder.rglob(".*"))) == 2  # a lock that nobody holds, and half a part
    with Store.open(folder, about, stores.design(about)) as store:
        assert int(store.done.sum()) == sum(len(about.stretch(c)) for c in range(1, about.chunks, 2))
        store.add(stores.results(about))
    assert stores.content(folder) == stores.content(stores.stored(tmp_path / "whole", about))


# --- what cannot be a study's folder -------------------------------------------------------


def _opened(folder: Path, about: Any = None) -> None:
    about = about or stores.about()
    Store.open(folder, about, stores.design(about)).close()


def test_what_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "my\nnotes.txt").write_text("mine")
    for name, told in {
        "file": "not a folder",
        "file/below": "Not a directory",
        "full": "is neither empty nor a study (it holds my notes.txt)",
        "x" * 300: "File name too long",
        "nul\0": "is not the name of a folder",
    }.items():
        with pytest.raises(StoreError) as caught:
            _opened(tmp_path / name)
        assert told in str(caught.value)
    assert stores.content(tmp_path) == {"file": b"mine", "full/my\nnotes.txt": b"mine"}


@pytest.mark.parametrize("name", ["with space", "line\nbreak", "ümläut", "..hidden", "-m", "$(ls)", "a'b\"c"])
def test_any_name_that_the_system_takes_will_do(name: str, workplace: Path) -> None:
    about = stores.about()
    study = read_study(stores.stored(Path(name), about, failed=(3,)))
    assert study.done.all()
    assert [p.name for p in workplace.iterdir()] == [name]


def test_another_study_is_left_alone(tmp_path: Path) -> None:
    folder = stores.stored(tmp_path / "s", stores.about())
    before = stores.content(folder)
    for other, told in (
        (stores.about(points=9), "digest differs"),
        (stores.about(seed=8), "seed differs"),
        (stores.about(columns=stores.COLUMNS[:2]), "columns differs"),
        (stores.about(chunk=5), "chunk differs"),
    ):
        with pytest.raises(StoreError, match=told):
            _opened(folder, other)
    assert stores.content(folder) == before


@pytest.mark.parametrize("where", ["os.mkdir", "os.open", "pathlib.Path.open"])
@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_disk_that_refuses(where: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(where, refuse)
        with pytest.raises(StoreError) as caught:
            _opened(tmp_path / "s")
    assert str(caught.value) == f"{tmp_path / 's'}: cannot be written ({os.strerror(code)})"
    _opened(tmp_path / "s")
    assert sorted(stores.content(tmp_path / "s")) == ["design.parquet", "study.json"]


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    newer = Path(__file__).parent / "store_newer" / "study.json"
    (tmp_path / "study.json").write_bytes(newer.read_bytes())
    told = "written in format 2, this version reads 1; a newer version of this program wrote it"
    with pytest.raises(StoreError, match=told):
        _opened(tmp_path)
    with pytest.raises(StoreError, match=told):
        read_study(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["study.json"]


@pytest.mark.parametrize("text", ["", "[]", "{}", "nul", '{"schema_version": 1}', "[" * 100_000, "\udcff"])
def test_a_study_file_that_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "study.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(StoreError) as caught:
        read_study(tmp_path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_study_file_whose_numbers_were_changed(tmp_path: Path) -> None:
    path = stores.stored(tmp_path / "s", stores.about()) / "study.json"
    told = json.loads(path.read_text())
    told["bases"][0]["years"] = 2
    path.write_text(json.dumps(told))
    with pytest.raises(StoreError, match="changed or damaged"):
        read_study(tmp_path / "s")


def test_a_lost_design_is_written_again(tmp_path: Path) -> None:
    about = stores.about()
    folder = stores.stored(tmp_path / "s", about)
    before = stores.content(folder)
    (folder / "design.parquet").write_bytes(b"PAR1")
    with pytest.raises(StoreError, match=r"design.parquet was changed or damaged"):
        read_study(folder)
    _opened(folder)
    assert stores.content(folder) == before


def test_labels_are_those_of_a_run() -> None:
    assert series_module.LABELS == tables.LABELS
    assert set(series_module.TIDY.names) - {"run"} == set(tables.SCHEMA.names) - {"replication"}


def test_a_result_can_be_sent_to_another_process() -> None:
    import pickle

    made = stores.result(stores.about(record="report"), 3)
    again = pickle.loads(pickle.dumps(made))  # noqa: S301  our own bytes
    assert isinstance(again, RunResult)
    assert isinstance(again.series, pa.Table)
    assert again == made or again.outcomes == made.outcomes
