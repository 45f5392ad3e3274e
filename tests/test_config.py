"""What a valid request becomes, and what the shipped scenarios say."""

from __future__ import annotations

import copy
import subprocess
import sys
import tomllib
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

import pytest
import yaml

import sim
from sim import load
from sim.case import Case
from sim.compose import ConfigError, composed
from sim.config import plan, read_resolved
from sim.events import KINDS, read
from sim.library import FOLDERS, ROOT, catalogue, choices, title
from sim.world.tables import load_world

SHOCKS = choices("shock")


def test_defaults() -> None:
    made = plan()
    case = made.case
    assert isinstance(case, Case)
    assert (case.name, case.world.name, case.years, case.record) == ("baseline", "w2025", 10.0, "report")
    assert (made.seed, made.replications) == (1, 1)
    assert case.start.isoformat() == "2025-01-06"  # the Monday after the world's first day
    assert case.events == ()


def test_what_was_composed_before_is_read_alike_and_left_alone() -> None:
    typed = ("scenario=controls_2025", "+vary.mines.bayan_obo.capacity_t_reo_per_year=100000")
    config = composed(typed)
    before = copy.deepcopy(config)
    made = read_resolved(config, typed)
    assert config == before
    assert made == plan(typed)
    assert read_resolved(config).overrides == ()
    config["vary"] = {"mines": {"bayan_ob": {"capacity_t_reo_per_year": 1}}}
    with pytest.raises(ConfigError, match=r"did you mean 'bayan_obo'"):  # from a WorldError
        read_resolved(config)
    config["vary"], config["shock"]["china_licences_2025"]["severity"] = {}, 2
    with pytest.raises(ConfigError, match="severity 2 is out of range"):  # from an EventError
        read_resolved(config)


def test_controls_are_read_into_values() -> None:
    case = load("scenario=controls_2025", "shock.china_licences_2025.odds.default=0.9")
    (event,) = case.events
    assert case.against == "baseline"
    assert event.name == "china_licences_2025"
    assert event.end is None
    assert event.odds["default"] == 0.9
    assert set(event.desks) == {"magnets", "materials"}
    assert isinstance(event.desks["magnets"].reviewers, int)
    assert event.general_licences[0].start.isoformat() == "2025-12-02"
    assert "ndfeb_n_m" in event.tested


def test_a_new_place_in_a_mapping_is_added_with_a_plus() -> None:
    case = load("scenario=controls_2025", "+shock.china_licences_2025.odds.japan=0.1")
    assert case.events[0].odds["japan"] == 0.1


def test_a_whole_event_on_the_command_line() -> None:
    event = (
        "+shock.pause={kind: outage, title: A pause, start: 2026-01-05, end: '', stage: separator, site: ganzhou, "
        "severity: 0.5, ramp_days: 0, sources: ['assumed: a test']}"
    )
    assert load(event).events[0].site == "ganzhou"


def test_a_chosen_event_can_be_left_out_again() -> None:
    assert load("scenario=controls_2025", "shock=[]").events == ()


def test_events_come_by_date_whatever_order_they_are_typed_in() -> None:
    for typed in ("april_news,cutoff_allies", "cutoff_allies,april_news"):
        assert [e.name for e in load(f"shock=[{typed}]").events] == ["april_news", "cutoff_allies"]


def test_start_snaps_to_the_next_monday() -> None:
    assert load("start=2025-04-01").start.isoformat() == "2025-04-07"
    assert load("start=2025-04-07").start.isoformat() == "2025-04-07"


def test_cells_of_tables_vary() -> None:
    cell = "mines.mountain_pass.capacity_t_reo_per_year"
    plain = {m.id: m for m in load().world.mines}["mountain_pass"].capacity_t_reo_per_year
    scaled = {m.id: m for m in load(f"+vary_scale.{cell}=1.25").world.mines}["mountain_pass"]
    fixed = {m.id: m for m in load(f"+vary.{cell}={plain + 1}").world.mines}["mountain_pass"]
    assert scaled.capacity_t_reo_per_year == pytest.approx(plain * 1.25)
    assert fixed.capacity_t_reo_per_year == plain + 1


def test_a_standing_chain_is_a_choice_of_behaviour() -> None:
    behaviour = load("scenario=standstill").behaviour
    assert (behaviour.growth, behaviour.projects, behaviour.chance) == (False, False, False)
    assert plan(["scenario=controls_2025"]).resolved["behaviour"] == plan().resolved["behaviour"]


def test_loading_twice_gives_equal_cases() -> None:
    assert load("scenario=controls_2025") == load("scenario=controls_2025")


def test_works_in_any_folder(workplace: Path) -> None:
    assert load().name == "baseline"


def test_inside_another_hydra_program() -> None:
    from hydra import initialize_config_dir

    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        assert load().name == "baseline"


@pytest.mark.parametrize("name", choices("scenario"))
def test_shipped_scenarios_load(name: str) -> None:
    case = load(f"scenario={name}")
    assert case.name == name
    assert case.against in ("", *choices("scenario"))
    assert all(text.strip() for text in (case.title, case.question, case.limits, *case.sources))


def test_controls_differ_from_their_comparator_by_events_alone() -> None:
    controls, base = load("scenario=controls_2025"), load("scenario=baseline")
    same = ("world", "behaviour", "start", "years", "record")
    assert all(getattr(controls, name) == getattr(base, name) for name in same)


@pytest.mark.parametrize("name", SHOCKS)
def test_shipped_events_load_and_every_number_has_a_source(name: str) -> None:
    given = yaml.safe_load((FOLDERS["shock"] / f"{name}.yaml").read_text(encoding="utf-8"))
    read(name, given, load_world("w2025"))
    assert isinstance(given["sources"], dict)
    bare = ("kind", "title", "sources", "origin", "stage")
    assert [key for key in given if key not in given["sources"] and key not in bare] == []


@pytest.mark.parametrize("name", SHOCKS)
def test_a_file_is_the_event_that_it_is_called(name: str) -> None:
    first = (FOLDERS["shock"] / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# @package shock.{name}"


def test_the_two_roots_are_disjoint() -> None:
    """A file of one name in both is silently shadowed by Hydra."""
    ours = {p.relative_to(ROOT / "conf") for p in (ROOT / "conf").rglob("*.yaml")}
    theirs = {p.relative_to(ROOT / "scenarios") for p in (ROOT / "scenarios").rglob("*.yaml")}
    assert ours & theirs == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_gives_every_number_its_range_and_no_field_a_default(kind: str) -> None:
    module = KINDS[kind]
    record = module.EVENT
    assert record.__dataclass_params__.frozen
    assert all(f.kw_only for f in fields(record))
    numbers = [f.name for f in fields(record) if f.type in ("float", "int") or (f.type == "dict[str, float]")]
    assert [n for n in numbers if n not in module.RANGES] == []
    known = {f.name for f in fields(record)}
    for value in vars(module).values():
        if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.__name__:
            known |= {f.name for f in fields(value)}
            assert all(f.default is f.default_factory is MISSING for f in fields(value))
    assert set(module.RANGES) | set(module.WORDS) <= known


def test_help_lists_what_there_is() -> None:
    text = catalogue()
    for group in ("world", "scenario", "shock", "behaviour"):
        for name in choices(group):
            assert name in text
            assert title(group, name) in text
            assert title(group, name)


def test_the_version_stands_in_one_place_twice() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == sim.__version__


def test_the_two_names_of_the_package() -> None:
    """``sim.simulate`` is a module and a function; from the package it is the function, whoever was loaded first."""
    program = (
        "import sim.simulate; from sim import load, simulate; assert callable(simulate) and callable(load);"
        "from sim.simulate import simulate as same; assert simulate is same"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_errors_are_one_type() -> None:
    with pytest.raises(ConfigError):
        load("scenario=nothing")
