"""A file to begin with: it loads, it is the same run as what it was taken from, and nothing of the reader's is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from sim import load, schema, simulate
from sim.cli import main as coercivity
from sim.config import plan
from sim.events import GROUPS, KINDS
from sim.library import ROOT, choices, values
from sim.new import page, skeleton, with_kinds
from sim.new.__main__ import main
from sim.new.text import _scalar
from sim.scenario_file import read_plain
from sim.schema import stored


@pytest.mark.parametrize("shipped", choices("scenario"))
def test_the_same_run_as_the_shipped_one(shipped: str, workplace: Path) -> None:
    assert main(["mine", "--from", shipped]) == 0
    ours, theirs = plan([], workplace / "mine.yaml"), plan([f"scenario={shipped}"])
    for group in GROUPS:
        assert list(ours.resolved[group].items()) == list(theirs.resolved[group].items())
    story = {"name": "mine", "against": theirs.case.against or shipped}
    assert ours.case == replace(theirs.case, **story)


def test_the_same_weeks_too(workplace: Path) -> None:
    assert main(["mine", "--from", "controls_2025"]) == 0
    ours = simulate(plan(["years=0.6"], workplace / "mine.yaml").case, seed=3)
    theirs = simulate(load("scenario=controls_2025", "years=0.6"), seed=3)
    assert ours.trajectories.equals(theirs.trajectories)
    assert ours.events.equals(theirs.events)


def examples() -> dict[str, str]:
    """A shipped event of each kind that has one."""
    return {values(group, name)["kind"]: name for group in GROUPS for name in choices(group)}


def test_every_kind_has_a_shipped_example() -> None:
    assert sorted(set(KINDS) - set(examples())) == []


@pytest.mark.parametrize("kind", sorted(examples()))
def test_every_kind_can_be_begun_with(kind: str, workplace: Path) -> None:
    assert main(["mine", "--kind", kind, "--out", "a file.yaml"]) == 0
    path = workplace / "a file.yaml"
    assert kind in [e.kind for e in plan([], path).case.events]
    assert list(Draft7Validator(schema.schema()).iter_errors(read_plain(path))) == []
    text = path.read_text(encoding="utf-8")
    assert max(map(len, text.splitlines()[6:])) <= 140
    assert not [line for line in text.splitlines() if line.endswith(" ")]


def test_kinds_and_a_scenario_together(workplace: Path) -> None:
    words = [
        "mine",
        "--from",
        "controls_2025",
        "--kind",
        "outage",
        "--kind",
        "priority_rating",
        "--kind",
        "outage",
    ]
    assert coercivity(["new", *words]) == 0
    kinds = [e.kind for e in plan([], workplace / "mine.yaml").case.events]
    assert kinds == ["export_licensing", "outage", "priority_rating"]


def test_remarks_say_what_may_stand_there(workplace: Path) -> None:
    assert main(["mine", "--kind", "outage"]) == 0
    text = (workplace / "mine.yaml").read_text(encoding="utf-8")
    assert "# share of capacity lost; number from 0 to 1\n    severity:" in text
    assert "# An outage: one plant loses part of its capacity" in text
    assert "ganzhou" in text.partition("site: ")[0]  # the sites of that stage ...
    assert "bayan_obo" not in text  # ... and of no other
    assert text.startswith("# yaml-language-server: $schema=file://")


def test_within_a_checkout_the_schema_is_named_from_where_the_file_stands() -> None:
    from sim.new.writing import schema_for

    assert schema_for(ROOT / "mine.yaml") == "scenarios/schema.json"
    assert schema_for(ROOT / "outputs" / "mine.yaml") == "../scenarios/schema.json"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ([], "no name given"),
        (["mine"], "nothing to begin with; give --from and a scenario ("),
        (
            ["mine", "--from", "controls_205"],
            "scenario 'controls_205' is not one of | did you mean 'controls_2025'",
        ),
        (
            ["mine", "--from", "april_news"],
            "is not a scenario but a shock: scenario=baseline 'shock=[april_news]'",
        ),
        (["mine", "--kind", "outge"], "kind 'outge' is not one of | did you mean 'outage'"),
        (["Mine", "--kind", "outage"], "name 'Mine' is not made of a-z"),
        (["../mine", "--kind", "outage"], "name '../mine' is not made of a-z"),
        (["baseline", "--kind", "outage"], "name 'baseline' is that of a shipped scenario"),
        (["mine", "yours", "--kind", "outage"], "'yours' is too much"),
        (["mine", "--kinds", "outage"], "flag '--kinds' is not one of | did you mean '--kind'"),
        (["mine", "--from"], "--from: expected one argument"),
        (["mine", "--kind", "outage", "--out", "nowhere/mine.yaml"], "cannot be written"),
        (["mine", "--kind", "outage", "--out", "."], "exists and is left as it is"),
    ],
)
def test_mistakes(typed: list[str], words: str, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1
    for word in words.split(" | "):
        assert word in told.err
    assert list(workplace.iterdir()) == []


def test_nothing_is_overwritten(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workplace / "mine.yaml").write_text("a year of work", encoding="utf-8")
    assert main(["mine", "--from", "baseline"]) == 2
    assert "mine.yaml exists and is left as it is" in capsys.readouterr().err
    assert (workplace / "mine.yaml").read_text(encoding="utf-8") == "a year of work"


def test_an_event_that_waits_for_another_brings_it_along() -> None:
    found = with_kinds(skeleton("mine"), ["retaliation"])
    (name,) = found["policy"]
    assert list(found["shock"]) == [found["policy"][name]["trigger"]]


@given(
    st.one_of(
        st.text(),
        st.sampled_from(["NO", "off", "~", "1e5", "1_0", "12:30", "2025-01-01", "a: b", "a #b", ".5"]),
    )
)
def test_any_text_comes_back(text: str) -> None:
    from yaml import YAMLError

    from sim.scenario_file import _Loader

    if "${" in text or not text.isprintable():
        return  # neither is let in
    try:
        assert _Loader(f"key: {_scalar(text)}\n").get_single_data() == {"key": text}
    except YAMLError as e:
        raise AssertionError(text) from e


def test_long_texts_and_odd_entries_come_back(tmp_path: Path) -> None:
    data = with_kinds(skeleton("mine"), ["outage"])
    event = data["shock"]["heavy_separator_outage"]
    event["sources"] = [
        "word " * 60 + "end",
        "two  spaces " * 20,
        "x" * 200,
        "# not a remark " * 10,
        "- a: b",
    ]
    path = tmp_path / "mine.yaml"
    head = dict.fromkeys(("schema", "made", "file", "against"), "x")
    path.write_text(page(data, stored(), head), encoding="utf-8")
    assert read_plain(path)["shock"]["heavy_separator_outage"]["sources"] == event["sources"]
