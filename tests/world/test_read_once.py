"""A world is read once a process; what varies it leaves no trace, and a table that changes on disk is read again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from floors import ROOT
from sim.world import tables
from sim.world.tables import WorldError, load_world

KEY = "mines.bayan_obo.capacity_t_reo_per_year"


def capacity(world: tables.World) -> float:
    return next(m.capacity_t_reo_per_year for m in world.mines if m.id == "bayan_obo")


def test_the_same_world_is_not_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_world("w2025")
    monkeypatch.setattr(tables, "read_table", None)
    assert load_world("w2025") is first
    assert capacity(load_world("w2025", overlay={KEY: 100_000.0})) == 100_000.0


def test_variation_leaves_no_trace() -> None:
    plain = load_world("w2025")
    before = capacity(plain)
    first = load_world("w2025", overlay={KEY: 100_000.0, "world.vat_pct": 1.0}, scale={KEY: 3.0})
    again = load_world("w2025", scale={KEY: 0.5})
    assert (capacity(first), first.vat_pct) == (100_000.0, 1.0)
    assert capacity(again) == before * 0.5
    assert load_world("w2025") == plain
    assert capacity(plain) == before
    assert first.lanes is not again.lanes
    assert all(a is b for a, b in zip(first.lanes, plain.lanes, strict=True))  # untouched rows are shared


def test_a_changed_table_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "conf" / "world" / "w2025"
    shutil.copytree(ROOT / "conf" / "world" / "w2025", folder)
    first = load_world("w2025", root=tmp_path)
    text = (folder / "world.csv").read_text(encoding="utf-8")
    (folder / "world.csv").write_text(text.replace(first.title, "Another"), encoding="utf-8")
    assert load_world("w2025", root=tmp_path).title == "Another"
    (folder / "lanes.csv").write_text("", encoding="utf-8")
    with pytest.raises(WorldError, match=r"lanes.csv"):
        load_world("w2025", root=tmp_path)
