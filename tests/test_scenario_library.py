"""The shipped scenarios: the list is complete, each loads beside its comparator, and every number says where it comes from."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Any, Final

import pytest
import yaml

from sim.config import load
from sim.library import FOLDERS, choices, values

WANTED: Final = (
    "as_it_happened", "rules_return_2026", "rules_return_2026_partial", "rules_return_2026_extension", "full_cutoff",
    "myanmar_closure", "kuantan_outage", "mountain_pass_outage", "japan_2026", "sino_russian_alignment", "consolidation",
    "sco_corridor", "corridor_cut", "western_sanctions", "escalation", "defence_surge", "allied_build_out",
    "full_cutoff_allied", "full_cutoff_stockpile", "price_floor", "stockpile_build", "stockpile_release", "ev_surge",
    "dy_free_motors", "recycling_push", "catalysts_2025", "baseline", "controls_2025", "standstill",
)  # fmt: skip
# Dated policy events, April 2025 to November 2026, that were published.
PUBLISHED: Final = (
    "2025-04-04", "2025-04-17", "2025-05-12", "2025-06-10", "2025-06-15", "2025-07-10", "2025-07-15", "2025-08-01", "2025-08-22",
    "2025-09-01", "2025-09-02", "2025-09-03", "2025-09-05", "2025-09-08", "2025-10-09", "2025-10-20", "2025-10-30", "2025-11-03",
    "2025-11-04", "2025-11-07", "2025-11-15", "2025-11-26", "2025-12-02", "2025-12-03", "2025-12-04", "2025-12-31", "2026-01-06",
    "2026-01-09", "2026-01-12", "2026-01-14", "2026-01-28", "2026-02-02", "2026-02-04", "2026-02-05", "2026-03-10", "2026-03-16",
    "2026-04-20", "2026-05-17", "2026-06-12", "2026-09-25", "2026-11-10",
)  # fmt: skip
BY_THE_MONTH: Final = {"2025-06-15": "june 2025"}  # only the month is known
FORBIDDEN: Final = re.compile(
    r"\.\./|/home|/tmp|/work|\bTODO\b",
    re.IGNORECASE,
)
EVENTS: Final = [(group, name) for group in ("shock", "policy") for name in choices(group)]


def raw(group: str, name: str) -> Any:
    """The file as text would be read by anybody."""
    return yaml.safe_load((FOLDERS[group] / f"{name}.yaml").read_text(encoding="utf-8"))


def strings(value: Any) -> list[str]:
    """All texts in a nested value."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


def counts(value: Any) -> bool:
    """Whether a field holds a number or a date, at any depth: something that a source must stand for."""
    if isinstance(value, dict):
        return any(map(counts, value.values()))
    if isinstance(value, list):
        return any(map(counts, value))
    if isinstance(value, str):
        return re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def test_the_list_is_complete() -> None:
    assert set(WANTED) <= set(choices("scenario"))


@pytest.mark.parametrize("name", choices("scenario"))
def test_each_loads_beside_its_comparator(name: str) -> None:
    case = load(f"scenario={name}")
    assert case.name == name
    seen = [name]
    while case.against:
        other = load(f"scenario={case.against}")
        assert other.name not in seen
        assert (other.world, other.start, other.years, other.behaviour) == (
            case.world,
            case.start,
            case.years,
            case.behaviour,
        )
        seen.append(other.name)
        case = other


@pytest.mark.parametrize("name", choices("scenario"))
def test_each_says_what_it_leaves_out(name: str) -> None:
    story = raw("scenario", name)["scenario"]
    assert story["question"].endswith("?")
    assert len(story["limits"]) > 80
    assert any("assumed" in text for text in story["sources"])


@pytest.mark.parametrize(("group", "name"), EVENTS)
def test_every_number_has_its_source(group: str, name: str) -> None:
    event = values(group, name)
    sources = event["sources"]
    assert isinstance(sources, dict), "one line for each field"
    want = [key for key, value in event.items() if key != "sources" and counts(value)]
    assert [key for key in want if key not in sources] == []
    for key, text in sources.items():
        assert key in event
        assert str(text).strip()
    # "as x" and the like point to a line of the same file
    for text in sources.values():
        pointed = re.match(r"(?:the same as|as) ([a-z_]+)(?:$|[;:,.])", text)
        if pointed and pointed[1] != "title":
            assert pointed[1] in sources


@pytest.mark.parametrize(("group", "name"), [*EVENTS, *(("scenario", name) for name in choices("scenario"))])
def test_no_file_speaks_of_the_workshop(group: str, name: str) -> None:
    text = (FOLDERS[group] / f"{name}.yaml").read_text(encoding="utf-8")
    assert FORBIDDEN.search(text) is None
    assert text.startswith(("# @package _global_\n", f"# @package {group}.{name}\n"))


def test_nothing_published_is_passed_over() -> None:
    """Each dated event is a date of an event of as_it_happened, stands in the words of one's sources, or in the limits."""
    case = load("scenario=as_it_happened")
    told = " ".join(
        [case.limits, *case.sources, *(s for e in case.events for s in e.sources), repr(case.events)]
    )
    told = re.sub(
        r"datetime\.date\((\d+), (\d+), (\d+)\)", lambda m: f"{date(*map(int, m.groups())):%Y-%m-%d}", told
    )
    told = re.sub(r"\s+", " ", told).lower()
    missing = []
    for iso in PUBLISHED:
        day = date.fromisoformat(iso)
        words = (iso, f"{day.day} {day:%B} {day.year}".lower(), BY_THE_MONTH.get(iso, iso))
        short = f"{day.day} {day:%B}".lower()  # "1 July and 10 August 2025"
        if not any(word in told for word in words) and f"{short} and" not in told:
            missing.append(iso)
    assert missing == []


def test_one_licensing_regime_follows_another_without_a_gap() -> None:
    for name in choices("scenario"):
        regimes = [e for e in load(f"scenario={name}").events if e.kind == "export_licensing"]
        for earlier, later in pairwise(regimes):
            assert earlier.end == later.start
