"""Mothballing and restart: who, after how many weeks, and that nobody shuts and opens for ever."""

from __future__ import annotations

import numpy as np
import pytest

from core.chains import still
from core.owners import cheap, earning, happened
from sim.chain import Chain
from sim.simulate import build

SITE = "lynas_malaysia"


def poor(first: int, last: int, years: float = 4.0) -> Chain:
    """Separators earn half of what they did from week ``first`` to the week before ``last``; everybody else as ever."""
    chain = build(still(years, mothballing=True))
    earning(chain, lambda week, stage: 0.5 if stage == "separator" and first <= week < last else 1.0)
    for owners in chain.invest.mothballs.owners:
        owners.may &= np.array([name == SITE for name in owners.plants.ids])
    return chain


def test_it_shuts_after_exactly_the_weeks_below_cost_and_comes_back_after_those_above_it() -> None:
    chain = poor(10, 80)
    b = chain.behaviour
    chain.run()
    shut, back = 7.0 * (10 + b.mothball_weeks - 1), 7.0 * (80 + b.restart_weeks - 1)
    assert happened(chain, "mothballed") == [(shut, SITE)]
    assert happened(chain, "restart") == [(back, SITE)]
    able = chain.recorder["separator_able"][:, chain.parts.separators.plants.ids.index(SITE)]
    first, second = round(shut / 7.0), round(back / 7.0)
    ramp = round(b.restart_ramp_weeks)
    assert able[:first] == pytest.approx(able[0])
    assert able[first + 1 : second + 1] == pytest.approx(0.0)
    assert able[second + ramp // 2] == pytest.approx(able[0] / 2.0)
    assert able[second + ramp :] == pytest.approx(able[0])
    assert chain.balance_error().max() < 1e-9


def test_a_separator_that_comes_back_fills_its_circuits_again() -> None:
    chain = poor(10, 80)
    chain.run()
    s = chain.parts.separators
    site = s.plants.ids.index(SITE)
    assert s.fill.need[site] > 0.0
    assert chain.parts.stock.mass(s.fill.circuit.rows)[site] > 0.0


def test_one_week_less_and_nothing_happens() -> None:
    weeks = round(still().behaviour.mothball_weeks)
    chain = poor(10, 10 + weeks - 1)
    chain.run()
    assert not happened(chain, "mothballed")


def test_those_who_run_whatever_the_price_are_never_mothballed(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = build(still(4.0, mothballing=True))
    cheap(monkeypatch, 0.2)
    chain.run()
    shut = {where for _, where in happened(chain, "mothballed")}
    mines = {m.id: m for m in chain.world.mines}
    plants = {s.id: s.region for s in chain.world.separators} | {m: mines[m].region for m in mines}
    assert {"mountain_pass", "mount_weld", SITE} <= shut
    assert not [name for name in shut if plants.get(name) == "china"]
    assert not [
        name for name in shut if name in mines and (mines[name].by_product or mines[name].quota_bound)
    ]
    assert not shut & {"kachin_clays", "shan_clays", "laos_clays"}  # many pits, which close one by one


def test_switched_off_nobody_mothballs(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = build(still(4.0, mothballing=False))
    cheap(monkeypatch, 0.2)
    chain.run()
    assert not happened(chain, "mothballed")


@pytest.mark.parametrize("more", [1.1, 1.3])
def test_a_glut_shuts_some_for_good_and_the_chain_calms_down(more: float) -> None:
    """China makes more for good: abroad some shut, few come back, and in the last years nobody does either."""
    chain = build(still(14.0, mothballing=True))
    mines = chain.parts.mines
    mines.plants.capacity[mines.plants.zone == 0] *= more
    for plants in (chain.parts.separators.plants, chain.parts.metal.plants, chain.parts.magnet.plants):
        plants.capacity[plants.zone == 0] *= more
    chain.run()
    days = [day for what in ("mothballed", "restart") for day, _ in happened(chain, what)]
    sites = [where for _, where in happened(chain, "mothballed")]
    assert max(sites.count(site) for site in [*sites, ""]) <= 1
    assert not [day for day in days if day > 7.0 * 52.18 * 11.0]
    k = chain.layout.commodity_of["ndpr_oxide"]
    late = chain.recorder["log_price"][-104:, [k, chain.layout.C + k]]
    assert np.ptp(late, axis=0).max() < 0.05
