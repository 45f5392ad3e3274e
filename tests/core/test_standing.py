"""The world stands still, comes back when it is pushed, and is alive (``sim.standing`` runs the four)."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from core.chains import once
from sim import load
from sim.elements import ELEMENTS
from sim.layout import layout_of
from sim.standing import prove
from sim.stock import Array

STRICT = {"Nd", "Pr", "Dy", "Tb", "Y", "Sm", "La", "Ce"}
HUBS = ("china", "world")


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Array]:
    def make() -> dict[str, Array]:
        found = prove(load("scenario=standstill"))
        dy = found.pool("china", "dy_oxide")
        return {
            "drift": found.drift(), "kicked_swing": found.late_swing(found.kicked), "kicked_gap": found.late_gap(found.kicked),
            "less_swing": found.late_swing(found.less), "outage": np.array(found.after_outage(dy)),
            "less_rise": (found.less.prices - found.still.prices)[28:40].min(axis=0),
            "stocks": found.still.stocks[0], "quarters": np.array([len(found.still.prices)]),
            "site": np.array([found.stopped_site]),
        }  # fmt: skip

    return once(tmp_path_factory, "proof", make)


def pools() -> list[tuple[int, str, str, bool]]:
    """(number, hub, commodity, whether one of its elements is held to 2 %)."""
    lay = layout_of(load("scenario=standstill").world)
    return [
        (h * lay.C + c, hub, name, {ELEMENTS[i] for i in np.flatnonzero(lay.mask[c])} & STRICT != set())
        for (h, hub), (c, name) in product(enumerate(HUBS), enumerate(lay.commodities))
    ]


def test_prices_and_stocks_stand_still_for_ten_years(proof: dict[str, Array]) -> None:
    assert proof["quarters"] == 40
    worst = {(hub, name): (proof["drift"][k], 0.02 if strict else 0.05) for k, hub, name, strict in pools()}
    assert {key: drift for key, (drift, allowed) in worst.items() if not drift <= allowed} == {}
    assert (proof["stocks"] > 0.0).sum() > 40  # something is there to stand still


def test_a_chain_with_two_per_cent_more_of_everything_calms_down(proof: dict[str, Array]) -> None:
    assert {
        (hub, name): proof["kicked_swing"][k]
        for k, hub, name, _ in pools()
        if not proof["kicked_swing"][k] < 0.01
    } == {}


def test_and_ends_where_it_would_have_been(proof: dict[str, Array]) -> None:
    assert {
        (hub, name): proof["kicked_gap"][k]
        for k, hub, name, _ in pools()
        if not proof["kicked_gap"][k] < 0.02
    } == {}
    assert proof["kicked_gap"].max() > 0.0  # the kick was one


def test_an_outage_of_the_largest_heavy_separator_is_felt_and_passes(proof: dict[str, Array]) -> None:
    moved, left = proof["outage"]
    assert str(proof["site"][0]) == "ganzhou"
    assert moved > 0.01
    assert left < 0.01


@pytest.mark.parametrize(("hub", "commodity"), list(product(HUBS, ("ndpr_oxide", "dy_oxide"))))
def test_less_mined_for_good_is_dearer_for_good(proof: dict[str, Array], hub: str, commodity: str) -> None:
    k = next(k for k, h, name, _ in pools() if (h, name) == (hub, commodity))
    assert proof["less_rise"][k] > 0.01
    assert proof["less_swing"][k] < 0.01
