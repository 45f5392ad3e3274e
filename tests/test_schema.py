"""The schema that editors read says what the model's own reader says, as far as a schema can."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from sim import schema
from sim.events import GROUPS, KINDS, OTHER_EVENT, EventError, _record, vocabulary
from sim.library import FOLDERS, choices, values
from sim.scenario_file import read_plain
from sim.schema.__main__ import main
from sim.schema.remarks import remarks
from sim.world.tables import load_world

MISTAKES = sorted((Path(__file__).parent / "mistakes").glob("*.yaml"))
# What a schema cannot say, or says of the text and not of its value: two fields at once, other events of the run, how numbers
# are spelt, and rules of the file itself.
ONLY_THE_PROGRAM = {
    "date_announced_late", "date_end_first", "date_impossible", "date_too_early", "date_too_late",
    "licensing_both", "licensing_general_early", "licensing_overlap", "list_empty", "number_overflow",
    "run_start_early", "run_start_late",
}  # fmt: skip


@cache
def made() -> Any:
    return schema.schema()


@cache
def words(stage: str) -> dict[str, tuple[str, ...]]:
    return vocabulary(load_world("w2025"), stage)


def checker(name: str = "") -> Draft7Validator:
    """Of the whole schema, or of one definition in it."""
    whole = made()
    return Draft7Validator(
        {"$ref": f"#/definitions/{name}", "definitions": whole["definitions"]} if name else whole
    )


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(made())


def test_the_kept_file_is_up_to_date() -> None:
    assert schema.PATH.read_text(encoding="utf-8") == schema.text(), "run: python -m sim.schema --write"


@pytest.mark.parametrize("group", list(GROUPS))
def test_shipped_events_fit(group: str) -> None:
    of_group, of_all = checker(group), checker()
    for name in choices(group):
        event = read_plain(FOLDERS[group] / f"{name}.yaml")
        assert [e.message for e in of_group.iter_errors(event)] == [], name
        assert [e.message for e in of_all.iter_errors(event)] == [], name


def test_shipped_scenarios_fit() -> None:
    for name in choices("scenario"):
        story = read_plain(FOLDERS["scenario"] / f"{name}.yaml")
        assert [e.message for e in checker("shipped_scenario").iter_errors(story)] == [], name


def every_field(node: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Fields of events and of records inside them; not those of ``sources``, which are the same again."""
    for key, value in node.get("properties", {}).items():
        yield f"{where} {key}", value
        for inner in (value, value.get("items", {}), value.get("additionalProperties", {})):
            if key != "sources" and isinstance(inner, dict) and inner.get("type") == "object":
                yield from every_field(inner, f"{where} {key}")


def test_every_field_of_every_kind_is_explained() -> None:
    silent = [
        where
        for name, kind in made()["definitions"].items()
        if name.startswith("kind_")
        for where, value in every_field(kind, name)
        if not value.get("description")
    ]
    assert silent == [], "say in a comment beside the field what it is and in which unit"


def test_every_kind_is_known_and_explained() -> None:
    definitions = made()["definitions"]
    for group, kinds in GROUPS.items():
        assert definitions[group]["properties"]["kind"]["enum"] == sorted(kinds)
        for kind in kinds:
            assert definitions[f"kind_{kind}"]["description"]


@pytest.mark.parametrize("path", MISTAKES, ids=lambda p: p.stem)
def test_mistakes_that_a_schema_can_see(path: Path) -> None:
    """Each of the files that the program refuses: the editor marks it, unless only the program can know."""
    try:
        data = read_plain(path)
    except ValueError:
        return  # not plain data: no schema comes into it
    assert checker().is_valid(data) == (path.stem in ONLY_THE_PROGRAM)


def event(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(
        (FOLDERS["shock"] / "heavy_separator_outage.yaml").read_text(encoding="utf-8")
    )
    return found | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"severity": 1.5}, "1.5 is greater than the maximum of 1.0"),
        ({"severity": True}, "True is not of type 'number'"),
        ({"site": "bayan_obo"}, "'bayan_obo' is not one of"),  # a mine, not a separator
        ({"stage": "mine"}, "'ganzhou' is not one of"),
        ({"sources": []}, "is not valid under any of the given schemas"),
        ({"sources": {"sevrity": "assumed"}}, "is not valid under any of the given schemas"),
        ({"sources": ["  "]}, "is not valid under any of the given schemas"),
        ({"start": "1 March 2026"}, "does not match"),
        ({"ramp": 1}, "'ramp' was unexpected"),
        ({"kind": "outge"}, "'outge' is not one of"),
    ],
)
def test_what_it_marks(changes: dict[str, Any], words: str) -> None:
    told = " | ".join(e.message for e in checker("shock").iter_errors(event(**changes)))
    assert words in told


EXAMPLES = {values(group, name)["kind"]: (group, name) for group in GROUPS for name in choices(group)}
GONE = object()
STRANGE = (GONE, None, True, -1, 0.5, 10**12, "", "nonsense", "china", "all", "2026-03-02", [], ["nonsense"], ["all"],
           [True], {}, {"nonsense": 1}, {"default": 0.5}, {"default": -1})  # fmt: skip


def read_by_fields(fields: dict[str, Any], module: ModuleType) -> bool:
    """Whether the model's reader takes the fields, each by itself."""
    try:
        _record("", module.EVENT, {**fields, "name": "x"}, module, words(str(fields.get("stage", ""))))
    except EventError:
        return False
    return True


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_schema_and_reader_agree_on_every_field(kind: str) -> None:
    """Each field of an event, replaced by a dozen strange values: both refuse the same ones."""
    whole = values(*EXAMPLES[kind])
    validator = checker(f"kind_{kind}")
    named = [
        key for key, allowed in KINDS[kind].WORDS.items() if allowed == OTHER_EVENT
    ]  # read with the whole run
    for key in (k for k in whole if k not in ("kind", *named)):
        for strange in STRANGE:
            changed = {
                k: strange if k == key else v for k, v in whole.items() if k != key or strange is not GONE
            }
            said = f"{key}={strange!r}"
            assert validator.is_valid(changed) == read_by_fields(changed, KINDS[kind]), said


def test_an_end_may_be_left_empty() -> None:
    assert checker("shock").is_valid(event(end=""))
    assert checker("shock").is_valid(event(end=None))
    assert not checker("shock").is_valid(event(end="never"))


def test_comments_are_read_where_they_stand() -> None:
    kind = GROUPS["shock"]["export_ban"].EVENT
    said = remarks(kind)
    assert said["origin"] == "region whose exports are banned"
    assert said["leakage"].startswith(
        'destination or "default" -> share'
    )  # its comment stands inside the brackets
    assert said["end"] == "first day on which it is over; empty: in force to the end of the run"
    assert "name" not in said


def test_as_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == schema.text()
    assert main(["--write"]) == 0
    assert capsys.readouterr().out.endswith("up to date\n")
    assert main(["--wirte"]) == 2
    assert "did you mean '--write'" in capsys.readouterr().err
