"""A stranger's file is plain data: bounded in size, depth and aliases, and nothing in it is looked up or run."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.compose import ConfigError
from sim.config import plan
from sim.scenario_file import read_scenario_file

STORY = """scenario:
  name: mine
  title: A story of my own
  question: What if?
  against: baseline
  sources: ["assumed: everything"]
  limits: a test
"""
NEWS = """shock:
  rumour:
    kind: news
    title: A rumour
    start: 2026-03-02
    hubs: [china, world]
    commodities: [dy_oxide]
    strength: 0.5
    half_life_days: 60
    sources: ["assumed: for a test"]
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def make(text: str | bytes) -> Path:
        path = tmp_path / "mine.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


def test_a_whole_story(write: Any) -> None:
    path = write(STORY + NEWS + "years: 3\nstart: 2025-06-01\nworld: w2025\nbehaviour: standstill\n")
    made = plan(["seed=7", "shock.rumour.strength=0.25"], path)
    case = made.case
    assert (case.name, case.years, case.start.isoformat(), made.seed) == ("mine", 3.0, "2025-06-02", 7)
    assert [e.strength for e in case.events] == [0.25]
    assert not case.behaviour.growth


def test_shipped_events_by_id_and_behaviour_by_key(write: Any) -> None:
    path = write(STORY + "shock: [april_news, cutoff_allies]\nbehaviour: {growth: false}\n")
    case = plan([], path).case
    assert [e.name for e in case.events] == ["april_news", "cutoff_allies"]
    assert not case.behaviour.growth
    assert case.behaviour.projects


def test_two_files_after_one_another_do_not_mix(write: Any) -> None:
    assert plan([], write(STORY + NEWS)).case.events
    assert not plan([], write(STORY)).case.events
    assert plan(["scenario=baseline"]).case.name == "baseline"


def test_dates_and_unusual_scalars_stay_text(write: Any) -> None:
    data = read_scenario_file(write(STORY.replace("a test", "12:30") + "start: 2025-06-01\n"))
    assert data["start"] == "2025-06-01"
    assert data["scenario"]["limits"] == "12:30"


def refused(path: Path, words: str) -> None:
    began = time.monotonic()
    with pytest.raises(ConfigError) as told:
        plan([], path)
    assert words in str(told.value)
    assert "\n" not in str(told.value)
    assert time.monotonic() - began < 10.0


def test_alias_bomb(write: Any) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    refused(write("scenario:\n" + "\n".join("  " + line for line in levels)), "more than 20000 values")


def test_many_aliases(write: Any) -> None:
    refused(write("x: &x 1\nscenario: [" + ", ".join(["*x"] * 101) + "]\n"), "more than 100 aliases")


def test_deep_nesting(write: Any) -> None:
    refused(write("scenario: " + "[" * 5000 + "]" * 5000), "nested deeper than 12 levels")


def test_many_values(write: Any) -> None:
    refused(write("scenario: [" + "1," * 30_000 + "]"), "more than 20000 values")


def test_size(write: Any) -> None:
    refused(write(b"# " + b"x" * 5_000_000), "larger than 5 MB")


def test_one_endless_comment_within_the_limit(write: Any) -> None:
    refused(write(b"# " + b"x" * 2_000_000 + b"\n"), "not a mapping")


def test_not_utf8(write: Any) -> None:
    refused(write(b"\xff\xfe\x00"), "not UTF-8")


def test_control_characters(write: Any) -> None:
    refused(write("scenario: \x07\n"), "mine.yaml: ")


def test_secrets_of_the_environment_stay_there(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    with pytest.raises(ConfigError) as told:
        plan([], write(STORY.replace("a test", "${oc.env:SECRET}")))
    assert "hunter2" not in str(told.value)


WORDS = st.sampled_from(
    ["scenario", "shock", "rumour", "kind", "news", "start", "years", "NO", "~", "1e5", "${x}", "*a", "&a"]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), WORDS)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=40)
@given(tree=TREES)
def test_no_tree_gives_more_than_one_line(tree: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "tree.yaml"
    path.write_text(
        yaml.safe_dump({**yaml.safe_load(STORY), "shock": tree}, allow_unicode=True), encoding="utf-8"
    )
    one_line_or_fine(path)


@settings(max_examples=80)
@given(
    at=st.integers(0, len(STORY + NEWS) - 1), byte=st.binary(min_size=0, max_size=3), cut=st.integers(0, 6)
)
def test_no_damaged_file_gives_more_than_one_line(
    at: int, byte: bytes, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = (STORY + NEWS).encode()
    path = tmp_path_factory.getbasetemp() / "damaged.yaml"
    path.write_bytes(raw[:at] + byte + raw[at + cut :])
    one_line_or_fine(path)


def one_line_or_fine(path: Path) -> None:
    told = ""
    try:
        plan([], path)
    except ConfigError as e:
        told = str(e)
    assert "\n" not in told
    assert not told or told.startswith(path.name)
