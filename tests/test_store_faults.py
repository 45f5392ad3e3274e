"""Whatever write, sync or rename fails, whatever is killed when and whatever byte is turned: nothing done is lost or kept twice."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import stores
from sim.store import Store, StoreError, read_study, repair, verify
from sim.store.parts import scan

FAULTS = (
    "os.fsync",
    "os.replace",
    "pathlib.Path.unlink",
    "pathlib.Path.mkdir",
    "pathlib.Path.rename",
    "write",
)


@pytest.fixture(scope="module", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """What is synced can be seen by nobody but the power company; that it is asked for is counted all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


class Killed(BaseException):
    """Stands for the end of the process: nothing that comes after it is done."""


class Trap:
    """Lets every system call through until the N-th, which fails; after a kill all others fail too."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int, error: Callable[[], BaseException]) -> None:
        self.at, self.error, self.calls = at, error, 0
        for name in FAULTS[:-1]:
            where, _, what = name.rpartition(".")
            module: Any = {"os": os, "pathlib.Path": Path}[where]
            patch.setattr(name, self._trapped(getattr(module, what)))
        opened = Path.open

        def opening(path: Path, mode: str = "r", *more: Any, **options: Any) -> Any:
            file = opened(path, mode, *more, **options)
            return _Half(file, self) if "w" in mode else file

        patch.setattr(Path, "open", opening)

    def _trapped(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*a: Any, **k: Any) -> Any:
            self.check()
            return real(*a, **k)

        return call

    def check(self) -> None:
        self.calls += 1
        dead = self.calls > self.at and isinstance(self.error(), Killed)
        if self.calls == self.at or dead:
            raise self.error()


class _Half:
    """A file of which the failing write leaves a half."""

    def __init__(self, file: Any, trap: Trap) -> None:
        self.file, self.trap = file, trap

    def write(self, data: Any) -> int:
        try:
            self.trap.check()
        except BaseException:
            self.file.write(bytes(data)[: len(data) // 2])
            raise
        return int(self.file.write(data))

    def __enter__(self) -> _Half:
        return self

    def __exit__(self, *told: Any) -> None:
        self.file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def full() -> BaseException:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def study(record: str) -> Any:
    return stores.about(points=2, replications=3, record=record)


def work(folder: Path, about: Any) -> None:
    """A study in two sittings, with a chunk that is written twice, and a failure that goes well the second time."""
    made = stores.results(about)
    for piece in (
        [*made[:2], stores.result(about, 2, "failed")],
        [made[5], made[2], made[4], made[3]],
    ):
        store = Store.open(folder, about, stores.design(about))
        try:
            store.add(piece[:2])
            store.flush()
            store.add(piece[2:])
        except StoreError:
            with suppress(StoreError):
                store.close(complete=False)
            raise
        except Killed:
            if store._lock._handle != -1:
                os.close(store._lock._handle)  # what the system does for the dead
            raise
        store.close()


def done_in(folder: Path) -> set[int]:
    try:
        found = read_study(folder).done
    except StoreError as e:
        if "has no study.json" not in str(e) and "no such folder" not in str(e):
            raise
        return set()
    return {int(run) for run in found.nonzero()[0]}


@pytest.mark.parametrize("error", [full, Killed])
@pytest.mark.parametrize(
    ("record", "stride"),
    [
        ("report", 8),
        pytest.param("outcomes", 1, marks=pytest.mark.slow),
        pytest.param("report", 1, marks=pytest.mark.slow),
    ],
)
def test_each_system_call_in_turn(
    error: Callable[[], BaseException],
    record: str,
    stride: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    about = study(record)
    work(tmp_path / "whole", about)
    whole = stores.content(tmp_path / "whole")
    assert "damaged" not in whole
    for at in range(1, 1000, stride):
        folder = tmp_path / "s"
        reported: set[int] = set()

        def counted(self: Store, part: Any, count: Any = Store._count, kept: set[int] = reported) -> None:
            count(self, part)
            kept.update(int(run) for run in part.runs)

        with monkeypatch.context() as patch:
            patch.setattr(Store, "_count", counted)
            trap = Trap(patch, at, error)
            stopped = False
            told = line = f"{folder}: cannot be written ({os.strerror(errno.ENOSPC)})"
            try:
                work(folder, about)
            except StoreError as e:
                stopped, told = True, str(e)
            except Killed:
                stopped = True
        assert told == line
        assert reported <= done_in(folder), f"call {at}"
        assert not [f for f in (verify(folder) if (folder / "study.json").exists() else ()) if f.damage]
        if stopped and error is full:
            assert not list(folder.rglob(".new-*")) or trap.calls < at + 3, f"call {at}"
        work(folder, about)
        assert stores.content(folder) == whole, f"call {at}"
        shutil.rmtree(folder)
        if trap.calls < at:
            break
    assert 25 < at < 1000  # the last one came through undisturbed


def test_each_byte_of_a_part_turned_and_each_length_cut(tmp_path: Path) -> None:
    about = stores.about(points=1, replications=2, columns=stores.COLUMNS[:2])
    folder = stores.stored(tmp_path / "s", about)
    part = next((folder / "outcomes").iterdir())
    good = part.read_bytes()
    for at in range(len(good)):
        part.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        found = scan(folder, about)
        assert (found.parts, list(found.damaged)) == ({}, [part]), f"byte {at}"
    for length in range(0, len(good), 13):
        part.write_bytes(good[:length])
        found = scan(folder, about)
        assert (found.parts, list(found.damaged)) == ({}, [part]), f"length {length}"
    assert not read_study(folder).done.any()
    with Store.open(folder, about, stores.design(about)) as store:
        assert not store.done.any()
        assert len(store.notices) == 1
        assert "moved to damaged/, its runs are done again" in store.notices[0]
        assert [p.name for p in (folder / "damaged").iterdir()] == [f"outcomes-{part.name}"]
        store.add(stores.results(about))
    assert part.read_bytes() == good
    assert not (folder / "damaged").exists()


def test_a_turned_byte_of_a_series_is_found_by_verify_and_never_read_as_a_value(tmp_path: Path) -> None:
    about = stores.about(points=1, replications=2, record="report")
    folder = stores.stored(tmp_path / "s", about)
    part = next((folder / "series").iterdir())
    good, right = part.read_bytes(), read_study(folder).series()
    wrong, refused = 0, list[str]()
    for at in range(0, len(good), 37):
        part.write_bytes(good[:at] + bytes([good[at] ^ 16]) + good[at + 1 :])
        assert sum(f.damage for f in verify(folder)) == 2, f"byte {at}"  # with the outcomes that rely on it
        if at > len(good) - 3000:
            continue  # the footer has no checksum of its own that a quick look would compare
        try:
            wrong += not read_study(folder).series().equals(right)
        except StoreError as e:
            refused.append(str(e))
    assert all("cannot be read" in line for line in refused)
    assert refused
    assert wrong == 0
    part.write_bytes(good[:-1])
    assert not read_study(folder).done.any()  # even the quick look sees its size


def test_repair_removes_what_is_damaged_so_that_just_that_is_done_again(tmp_path: Path) -> None:
    about = stores.about(record="report")
    folder = stores.stored(tmp_path / "s", about)
    whole = stores.content(folder)
    assert verify(folder) == ()
    one, two = sorted((folder / "series").iterdir())[2:4]
    one.write_bytes(one.read_bytes()[:-9] + b"\0" * 9)
    two.unlink()
    (folder / "series" / "notes.txt").write_text("mine")
    told = {f.path.name: f.reason for f in verify(folder)}
    assert "series of chunk 2: its bytes" in told[one.name]
    assert told["notes.txt"] == "not a part of the study; it is not looked at"
    assert sum("its series part is missing or damaged" in reason for reason in told.values()) == 2
    with (
        Store.open(folder, about, stores.design(about), shard=(0, 9)),
        pytest.raises(StoreError, match="another process"),
    ):
        repair(folder)
    assert len(repair(folder)) == 3
    assert [f.path.name for f in verify(folder)] == ["notes.txt"]
    with Store.open(folder, about, stores.design(about)) as store:
        assert [int(run) for run in (~store.done).nonzero()[0]] == [*range(8, 16)]
        store.add(stores.result(about, run) for run in range(8, 16))
    (folder / "series" / "notes.txt").unlink()
    assert stores.content(folder) == whole


def test_a_part_of_another_study_does_not_count(tmp_path: Path) -> None:
    one, other = stores.about(), stores.about(digest="f" * 64)
    stores.stored(tmp_path / "one", one)
    stores.stored(tmp_path / "other", other)
    for path in (tmp_path / "other" / "outcomes").iterdir():
        shutil.copy(path, tmp_path / "one" / "outcomes")
    study = read_study(tmp_path / "one")
    assert study.done.all()
    assert len(study.notices) == one.chunks
    assert all("it belongs to another study" in notice for notice in study.notices)


def test_a_part_under_another_chunk_s_number_does_not_count(tmp_path: Path) -> None:
    about = stores.about()
    folder = stores.stored(tmp_path / "s", about)
    first = sorted((folder / "outcomes").iterdir())[0]
    first.rename(first.with_name("00003" + first.name[5:]))
    study = read_study(folder)
    assert [int(run) for run in (~study.done).nonzero()[0]] == [0, 1, 2, 3]
    assert "its runs are not those of its chunk" in study.notices[0]


def test_a_reader_follows_a_writer(tmp_path: Path) -> None:
    about = stores.about(record="report")
    folder = tmp_path / "s"
    with Store.open(folder, about, stores.design(about)) as store:
        store.add(stores.results(about)[:6])
        store.flush()
        study = read_study(folder)
        store.add(stores.results(about)[6:])
        assert study.outcomes().num_rows >= 6  # the part it knew is gone, a larger one is there
        assert set(study.series(variable="cover").column("run").to_pylist()) >= set(range(6))


class Machine(RuleBasedStateMachine):
    """Anything that may happen to a study, against a plain set of the runs that were written."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.top = tempfile.TemporaryDirectory()
        self.folder = Path(self.top.name) / "s"
        self.about = stores.about(points=5, replications=2, record="report")
        self.made = {
            status: [stores.result(self.about, run, status) for run in range(self.about.runs)]
            for status in ("ok", "failed", "killed")
        }
        self.kept: dict[int, str] = {}  # on the disk
        self.waiting: dict[int, str] = {}
        self.store = self.open()

    def open(self) -> Store:
        return Store.open(self.folder, self.about, stores.design(self.about))

    def written(self, chunks: set[int]) -> None:
        for run in [r for r in self.waiting if r // self.about.chunk in chunks]:
            self.kept[run] = self.waiting.pop(run)

    @rule(run=st.integers(0, 9), status=st.sampled_from(["ok", "ok", "failed", "killed"]))
    def add(self, run: int, status: str) -> None:
        self.store.add([self.made[status][run]])
        new = run not in self.kept and run not in self.waiting
        if self.kept.get(run) != "ok" and self.waiting.get(run) != "ok":
            self.waiting[run] = status
        chunk = run // self.about.chunk
        if new and all(r in self.kept or r in self.waiting for r in self.about.stretch(chunk)):
            self.written({chunk})

    @rule()
    def flush(self) -> None:
        self.store.flush()
        self.written(set(range(self.about.chunks)))

    @rule()
    def close_and_open(self) -> None:
        self.store.close()
        self.written(set(range(self.about.chunks)))
        self.store = self.open()

    @rule(litter=st.booleans())
    def kill(self, litter: bool) -> None:
        os.close(self.store._lock._handle)
        self.store._lock._handle = -1
        self.waiting.clear()
        if litter:
            (self.folder / "outcomes" / ".new-0-of-1-00001").write_bytes(b"PAR1 half")
        self.store = self.open()
        assert not list(self.folder.rglob(".new-*"))

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), mend=st.booleans(), table=st.sampled_from(["outcomes", "series"]))
    def damage(self, data: st.DataObject, mend: bool, table: str) -> None:
        self.store.close()
        self.written(set(range(self.about.chunks)))
        there = sorted((self.folder / table).iterdir())
        if there:
            path = data.draw(st.sampled_from(there))
            good = path.read_bytes()
            path.write_bytes(good[:-1] if table == "series" else bytes([good[0] ^ 255]) + good[1:])
            chunk = int(path.name[:5])
            self.kept = {r: s for r, s in self.kept.items() if r // self.about.chunk != chunk}
            if mend:
                repair(self.folder)
        self.store = self.open()

    @invariant()
    def as_the_model_says(self) -> None:
        table = read_study(self.folder).outcomes()
        found = dict(zip(table.column("run").to_pylist(), table.column("status").to_pylist(), strict=True))
        assert table.num_rows == len(found)
        assert found == self.kept
        assert {int(r) for r in self.store.done.nonzero()[0]} == set(self.kept)
        assert {int(r) for r in self.store.failed.nonzero()[0]} == {
            r for r, s in self.kept.items() if s != "ok"
        }

    def teardown(self) -> None:
        self.store.add(self.made["ok"])
        self.store.close()
        with self.open() as store:
            store.add(self.made["ok"])
        whole = stores.stored(Path(self.top.name) / "whole", self.about)
        assert stores.content(self.folder) == stores.content(whole)
        self.top.cleanup()


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
