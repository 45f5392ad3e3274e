"""Metal and magnet makers, taken out of a standing chain and run by hand: yields, recipes, and what they wait for."""

from __future__ import annotations

import numpy as np
import pytest

from core.chains import material, still
from sim.build import element_values
from sim.chain import Chain
from sim.elements import ELEMENTS
from sim.simulate import build
from sim.stock import Array, mass_of


@pytest.fixture
def chain() -> Chain:
    return build(still())


def usd(chain: Chain) -> Array:
    return element_values(chain.parts.prices)


# -- metal -------------------------------------------------------------------------------------------------------------------


def test_metal_comes_out_after_its_lead_time_less_the_yield(chain: Chain) -> None:
    metal, stock = chain.parts.metal, chain.parts.stock
    usual = metal.made.copy()
    before = material(chain)
    plan = usual * 0.5
    lost = stock.lost.copy()
    longest = int(metal.work.lag.max())
    for week in range(longest + 1):
        metal.run(stock, plan if week == 0 else usual * 0.0)
        on_time = np.where(week < metal.work.lag - 1, usual, np.where(week == metal.work.lag - 1, usual, 0.0))
        expected = np.where(week == metal.work.lag, plan, on_time)
        assert metal.made == pytest.approx(expected, rel=1e-9, abs=1e-12)
    begun = (usual * metal.work.lag + plan) / metal.yields
    assert (stock.lost - lost).sum() == pytest.approx((begun * (1.0 - metal.yields)).sum())
    assert material(chain) == pytest.approx(before, rel=1e-12)
    assert ((metal.yields > 0.5) & (metal.yields < 1.0)).all()


def test_metal_is_limited_by_oxide_and_by_capacity(chain: Chain) -> None:
    metal, stock = chain.parts.metal, chain.parts.stock
    running = metal.made > 0.0
    empty = int(np.flatnonzero(running)[0])
    stock.kg[metal.inputs.start + empty] = 0.0
    metal.run(stock, metal.made.copy())
    assert metal.begun[empty] == 0.0
    assert metal.begun[running][1:] == pytest.approx(metal.planned[running][1:])
    site = int(metal.plant_of[np.flatnonzero(running)[-1]])
    metal.plants.working[site] = 0.1
    stock.kg[metal.inputs.rows] *= 10.0
    metal.run(stock, chain.parts.opening.metal)
    here = metal.plant_of == site
    assert metal.begun[here].sum() == pytest.approx(metal.plants.able[site])


# -- magnets -----------------------------------------------------------------------------------------------------------------


def magnets(chain: Chain, factor: float = 1.0) -> tuple[Array, Array]:
    """One week's magnet making at ``factor`` times the usual plan; metal drawn by input row, and scrap."""
    m, stock = chain.parts.magnet, chain.parts.stock
    before = stock.mass(m.inputs.rows)
    scrap = m.run(stock, chain.parts.opening.magnet * factor, np.ones(len(m.recipe)))
    return before - stock.mass(m.inputs.rows), scrap


def test_metals_are_drawn_by_the_recipe(chain: Chain) -> None:
    m = chain.parts.magnet
    drawn, _ = magnets(chain, 0.5)
    expected = np.zeros(len(m.inputs))
    np.add.at(expected, m.link_in, m.recipe * 0.5 * chain.parts.opening.magnet[m.link_out])
    assert drawn == pytest.approx(expected)
    lay = chain.layout
    per_output = np.bincount(m.link_out, m.recipe, len(m.outputs))
    assert per_output == pytest.approx(
        1.0 / m.finished
    )  # all a magnet's rare earths come from metals, plus its scrap
    grade = {"".join(ELEMENTS[i] for i in np.flatnonzero(lay.grade[c])) for c in m.outputs.commodity}
    assert len(grade) > 1


def test_what_is_begun_holds_the_grades_elements(chain: Chain) -> None:
    m, lay = chain.parts.magnet, chain.layout
    m.work.ring[:] = 0.0
    magnets(chain)
    slot = m.work.ring.sum(axis=0)
    made = mass_of(slot)
    running = made > 0.0
    heavy = [ELEMENTS.index(e) for e in ("Sm", "Tb", "Dy", "Gd")]
    share = slot[running][:, heavy] / made[running, None]
    assert share == pytest.approx(lay.grade[m.outputs.commodity[running]][:, heavy], abs=1e-9)


def test_a_third_of_the_rare_earths_becomes_scrap(chain: Chain) -> None:
    m, stock = chain.parts.magnet, chain.parts.stock
    before = stock.mass(m.outputs.rows)
    _, scrap = magnets(chain)
    out = stock.mass(m.outputs.rows) - before
    assert out == pytest.approx(chain.parts.opening.magnet)
    assert mass_of(scrap) == pytest.approx(out * (1.0 / m.finished - 1.0))
    assert 0.5 < m.finished < 0.8


def test_a_grade_waits_for_the_metal_it_lacks_and_the_others_go_on(chain: Chain) -> None:
    m, stock, lay = chain.parts.magnet, chain.parts.stock, chain.layout
    dy = lay.commodity_of["dy_metal"]
    plan = chain.parts.opening.magnet
    row = max(
        (i for i in range(len(m.inputs)) if m.inputs.commodity[i] == dy),
        key=lambda i: stock.mass(m.inputs.rows)[i],
    )
    stock.kg[m.inputs.start + row] = 0.0
    magnets(chain)
    needs = np.zeros(len(m.outputs), bool)
    needs[m.link_out[m.link_in == row]] = True
    assert plan[needs].sum() > 0.0
    assert not m.begun[needs].any()
    assert (m.short_of[needs & (plan > 0.0)] == row).all()
    assert m.begun[~needs] == pytest.approx(plan[~needs])
    assert (m.short_of[~needs] == -1).all()
