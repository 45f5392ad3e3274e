"""A point's address is that of its whole configuration, however it was arrived at; and it is cheap."""

from __future__ import annotations

import copy
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import sim.sweep.bases
from sim.compose import composed
from sim.sweep import Addresses, Design, design
from sim.sweep.addresses import leaves, total
from sim.sweep.values import text_of

LICENCES = "shock.china_licences_2025"
SHARE = st.floats(0.0, 1.0).map(lambda x: round(x, 3))
POOL: dict[str, st.SearchStrategy[Any]] = {
    "years": st.one_of(st.integers(1, 12), st.floats(0.5, 12.0)),
    "start": st.sampled_from(["2025-01-06", "2025-02-03"]),
    "behaviour.gross_up": st.one_of(st.integers(1, 25), st.floats(1.0, 25.0)),
    "behaviour.precaution": st.booleans(),
    "behaviour.allocation": st.sampled_from(["pro_rata", "priority"]),
    f"{LICENCES}.severity": SHARE,
    f"{LICENCES}.title": st.sampled_from(["a, b", "it's", '"', "x\\", "a=b", "[c]", "true", "12"]),
    f"{LICENCES}.general_licences.0.share": SHARE,
    f"+{LICENCES}.leakage.europe": SHARE,
    f"{LICENCES}.destinations": st.sampled_from([["all"], ["europe"], ["japan", "korea"]]),
    "+vary.mines.bayan_obo.capacity_t_reo_per_year": st.integers(100_000, 200_000),
    "+vary_scale.mines.mountain_pass.capacity_t_reo_per_year": st.floats(0.5, 1.5),
    "policy": st.sampled_from([[], ["dy_free_motors"]]),
}
CHOSEN = st.lists(st.sampled_from(sorted(POOL)), unique=True, min_size=1, max_size=4).flatmap(
    lambda keys: st.fixed_dictionaries(
        {key: st.lists(POOL[key], min_size=1, max_size=3, unique_by=repr) for key in keys}
    )
)


def line(key: str, values: list[Any]) -> str:
    return f"{key}={','.join(text_of(value) for value in values)}"


@settings(max_examples=15)
@given(CHOSEN)
def test_an_address_is_that_of_the_configuration_that_hydra_composes_for_the_point(
    varied: dict[str, list[Any]],
) -> None:
    made = design(["scenario=controls_2025", *(line(k, v) for k, v in varied.items())]).design
    signs = {key.lstrip("+"): key for key in varied}
    point = made.points - 1
    typed = []
    for name, key in signs.items():
        told = made.values(point).get(name, varied[key][0])  # what has one value is not varied
        typed.append(line(key, [told]))
    alone = composed(["scenario=controls_2025", "record=outcomes", *typed])
    assert made.addresses()[point] == Addresses().of(alone)
    assert made.config(point) == alone


@settings(max_examples=15)
@given(CHOSEN, st.randoms(use_true_random=False))
def test_addresses_are_those_from_scratch_and_the_order_of_overrides_does_not_matter(
    varied: dict[str, list[Any]], chance: random.Random
) -> None:
    lines = ["scenario=controls_2025", *(line(k, v) for k, v in varied.items())]
    made = design(lines).design
    known = Addresses()
    assert made.addresses() == [known.of(made.config(i)) for i in range(made.points)]
    assert len(set(made.addresses())) == made.points
    chance.shuffle(lines)
    assert design(lines).design.table().equals(made.table())


def test_a_design_leaves_its_bases_as_they_were_composed() -> None:
    made = design(
        ["scenario=controls_2025", f"{LICENCES}.general_licences.0.share=0.1,0.3", "years=1,2"]
    ).design
    before = copy.deepcopy(made.bases[0].resolved)
    configs = [made.config(i) for i in range(made.points)]
    assert made.bases[0].resolved == before
    assert configs[0] != configs[1] != before
    assert [c["years"] for c in configs] == [1, 2, 1, 2]


def test_any_leaf_is_part_of_the_address_and_equal_numbers_are_equal() -> None:
    config = composed(["scenario=controls_2025"])
    known = Addresses()
    seen = {known.of(config)}
    for path, value in leaves(config):
        changed = copy.deepcopy(config)
        node: Any = changed
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = f"{value}x"
        if path[0] != "world":  # another world has other tables, and this one does not exist
            seen.add(known.of(changed))
        node[path[-1]] = value
        assert known.of(changed) == known.of(config)
    assert len(seen) == 1 + sum(path[0] != "world" for path, _ in leaves(config))
    assert total({"a": 10}) == total({"a": 10.0}) != total({"a": "10"})
    assert total({"a": 1}) != total({"a": True})
    assert total({"a": {"b.c": 1}}) != total({"a.b": {"c": 1}})
    assert total({"a": []}) != total({"a": {}}) != total({"a": None})
    assert total({"vary": {}}) == total({"vary": {"mines": {"x": {}}}})


def test_equal_points_are_dropped_and_counted() -> None:
    made = design(["years=10,10.0,5,10"])
    assert (made.design.points, made.duplicates) == (2, 2)
    assert made.design.columns["years"] == [10, 5]
    assert made.remarks == ("2 of 4 points say the same as another and were dropped",)


def test_ten_thousand_points_over_two_scenarios_compose_twice(monkeypatch: Any) -> None:
    calls = []
    real = composed

    def counted(*arguments: Any) -> dict[str, Any]:
        calls.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(sim.sweep.bases, "composed", counted)
    made = design(
        [
            "scenario=controls_2025,baseline",
            "behaviour.gross_up=interval(1,25)",
            "behaviour.catch_up=interval(0,0.3)",
            "study.design=lhs",
            "study.points=5000",
        ]
    ).design
    assert made.points == 10_000
    assert len(set(made.addresses())) == 10_000
    assert len(calls) == len(made.bases) == 2


def test_a_point_hashes_only_what_it_changes(monkeypatch: Any) -> None:
    """Cost in calls, not in seconds, so that a busy machine is no defect."""
    made = design(["scenario=controls_2025", "years=1,2,3,4", f"{LICENCES}.severity=0.1,0.2,0.3"]).design
    again = Design(made.bases, made.keys, made.base_of, made.columns, made.plain)
    hashed = []
    real = sim.sweep.points.leaf
    monkeypatch.setattr(sim.sweep.points, "leaf", lambda *a: hashed.append(a) or real(*a))
    assert again.addresses() == made.addresses()
    assert len(hashed) == 2 + 4 + 3  # what stood there, and each distinct value once
