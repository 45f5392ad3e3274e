"""A price floor: who runs because of it, what it costs, and that without effect nothing happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.chains import still
from core.owners import cheap, happened, only, price_floor
from sim.simulate import build
from sim.stock import mass_of

MINE, PLANT = "mountain_pass", "lynas_malaysia"


def test_a_mine_under_a_floor_runs_at_any_price(monkeypatch: pytest.MonkeyPatch) -> None:
    case = still(6.0, mothballing=True)
    without, under = (
        build(case),
        build(replace(case, events=(price_floor("mine", MINE, "ndpr_oxide", 110.0),))),
    )
    cheap(monkeypatch, 0.2)
    site = without.parts.mines.plants.ids.index(MINE)
    opening = mass_of(without.parts.mines.opening)[site]
    for chain in (without, under):
        chain.run()
    assert without.recorder["mined"][-1, site] == 0.0
    assert under.recorder["mined"][:, site].min() >= opening * (1.0 - 1e-9)
    assert MINE not in [where for _, where in happened(under, "mothballed")]


def test_a_separator_under_a_floor_runs_and_its_mine_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    case = still(5.0, mothballing=True)
    without, under = (
        build(case),
        build(replace(case, events=(price_floor("separator", PLANT, "ndpr_oxide", 110.0),))),
    )
    cheap(monkeypatch, 0.2)
    for chain in (without, under):
        chain.run()
    assert {PLANT, "mount_weld"} <= {where for _, where in happened(without, "mothballed")}
    assert not {PLANT, "mount_weld"} & {where for _, where in happened(under, "mothballed")}
    assert under.recorder["throughput"][-1, under.parts.separators.plants.ids.index(PLANT)] > 0.0


def test_the_state_pays_the_difference_on_what_is_sold() -> None:
    case = still(0.5)
    chain = build(
        replace(case, events=(price_floor("separator", PLANT, "ndpr_oxide", 110.0, end=date(2025, 3, 3)),))
    )
    chain.run()
    s, sell = chain.parts.separators, chain.parts.sell
    c = chain.layout.commodity_of["ndpr_oxide"]
    row = np.flatnonzero((s.plant_of == s.plants.ids.index(PLANT)) & (s.oxide.commodity == c))
    line = sell.parts["oxide"].start + row
    kg = chain.recorder["sold"][:, line].sum(axis=1) * chain.layout.factor[c]
    expected = kg * (110.0 - chain.recorder["paid"][:, sell.pool[line[0]]])
    expected[8:] = 0.0  # over after eight weeks
    assert expected[0] > 0.0
    assert chain.spending["floor"] == pytest.approx(expected)


def test_the_state_shares_in_the_upside() -> None:
    case = still(0.25)
    chain = build(
        replace(case, events=(price_floor("separator", PLANT, "ndpr_oxide", 10.0, above=20.0, share=0.3),))
    )
    free = build(replace(case, events=(price_floor("separator", PLANT, "ndpr_oxide", 20.0),)))
    for run in (chain, free):
        run.run()
    price = chain.recorder["paid"][0, chain.layout.C + chain.layout.commodity_of["ndpr_oxide"]]
    assert free.spending["floor"][0] == 0.0
    lot = build(replace(case, events=(price_floor("separator", PLANT, "ndpr_oxide", price + 1.0),)))
    lot.run()
    kg = lot.spending["floor"][0]  # one dollar a kilogram
    assert chain.spending["floor"][0] == pytest.approx(-0.3 * (price - 20.0) * kg, rel=1e-6)


def test_what_a_floor_pays_for_is_decided_at_once_and_nothing_else_is() -> None:
    case = still(2.0)
    chain = build(replace(case, events=(price_floor("separator", "mp_stage_2", "ndpr_oxide", 110.0),)))
    chain.run()
    found = happened(chain, "final decision")
    assert (0.0, "mp_stage_2") in found
    assert {where for _, where in found} <= {"mp_stage_2", MINE}  # the mine that feeds it may follow
    low = build(replace(case, events=(price_floor("separator", "mp_stage_2", "ndpr_oxide", 40.0),)))
    low.run()
    assert not happened(low, "final decision")


def test_a_floor_of_nothing_changes_nothing() -> None:
    case = still(1.0)
    plain, floor = (
        build(case),
        build(replace(case, events=(price_floor("separator", PLANT, "ndpr_oxide", 0.0),))),
    )
    for chain in (plain, floor):
        only(chain)
        chain.run()
    assert plain.recorder["log_price"].tobytes() == floor.recorder["log_price"].tobytes()
    assert plain.recorder["mass"].tobytes() == floor.recorder["mass"].tobytes()
    assert floor.spending["floor"].sum() == 0.0
