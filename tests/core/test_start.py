"""The standing start closes: for every product, in every hub, from mine to unit, also when defence takes more than is listed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim import load
from sim.case import Case
from sim.elements import OXIDE_PER_KG
from sim.layout import Layout, layout_of
from sim.start import TIGHT, Opening, Solver, solve
from sim.stock import Array
from sim.units import per_week

GROSS_UP = (1.0, 5.0, 25.0)


@pytest.fixture(scope="module")
def case() -> Case:
    return load("scenario=standstill")


@pytest.fixture(scope="module")
def layout(case: Case) -> Layout:
    return layout_of(case.world)


@pytest.fixture(scope="module")
def openings(case: Case, layout: Layout) -> dict[float, Opening]:
    return {g: solve(case.world, layout, replace(case.behaviour, gross_up=g)) for g in GROSS_UP}


@pytest.fixture(scope="module", params=GROSS_UP)
def opening(request: pytest.FixtureRequest, openings: dict[float, Opening]) -> Opening:
    return openings[request.param]


def use_of(lay: Layout, o: Opening) -> Array:
    """Kilograms a week of each commodity used in each region, [R, C], summed from the rows that use it."""
    use = np.zeros((lay.R, lay.C))
    np.add.at(use, (o.civil_region, o.civil_commodity), o.civil_use)
    np.add.at(use, (o.kit_region, o.kit_commodity), o.kit_use)
    return use


def totals(case: Case, lay: Layout, o: Opening) -> tuple[Array, Array]:
    """World supply and use of each commodity, kg a week, [C]; makers' use from what they make and the table of yields."""
    use = use_of(lay, o).sum(axis=0)
    supply = o.oxide.sum(axis=0) + o.recycled.sum(axis=0)
    solver = Solver(case.world, lay, case.behaviour)
    for row, kg in zip(case.world.magnet_outputs, o.magnet, strict=True):
        c = lay.commodity_of[row.commodity]
        supply[c] += kg
        for m in range(lay.C):
            if lay.stage[m] == "metal":
                use[m] += kg / solver.chain_yield * (lay.grade[c] * lay.mask[m]).sum()
    for row, kg in zip(case.world.metal_outputs, o.metal, strict=True):
        c = lay.commodity_of[row.commodity]
        supply[c] += kg
        use[lay.oxide_for[c]] += kg / solver.metal_yield(c)
    return supply, use


def test_every_tight_oxide_metal_and_magnet_balances(case: Case, layout: Layout, opening: Opening) -> None:
    supply, use = totals(case, layout, opening)
    oxide = np.array([s == "oxide" for s in layout.stage])
    tight = oxide & (opening.ratio < 1.0 + TIGHT)
    assert {layout.commodities[c] for c in np.flatnonzero(tight)} >= {"ndpr_oxide", "dy_oxide", "tb_oxide"}
    assert supply == pytest.approx(use, rel=1e-9)
    could = opening.separated.sum(axis=0) @ layout.mask.T + opening.recycled.sum(axis=0)
    assert could[tight] == pytest.approx(use[tight], rel=1e-9)  # all that could be separated is sold
    surplus = oxide & ~tight
    assert (could[surplus] > use[surplus] * (1.0 + 1e-9)).all()


def test_nobody_sells_more_than_it_could_separate_and_nothing_is_negative(
    layout: Layout, opening: Opening
) -> None:
    oxide = np.array([s == "oxide" for s in layout.stage])
    could = opening.separated @ layout.mask.T
    assert (opening.oxide[:, oxide] <= could[:, oxide] * (1.0 + 1e-9) + 1e-9).all()
    for name in ("mine", "separated", "tailings", "lost", "oxide", "recycled", "scrap", "end_of_life", "metal", "magnet",
                 "route_flow", "civil_use", "kit_use", "use"):  # fmt: skip
        assert getattr(opening, name).min() >= -1e-9, name


def test_what_the_mines_send_is_separated_left_or_lost(case: Case, opening: Opening) -> None:
    sent = np.zeros_like(opening.separated)
    mines = [m.id for m in case.world.mines]
    separators = [s.id for s in case.world.separators]
    for feed in case.world.feeds:
        sent[separators.index(feed.separator)] += opening.mine[mines.index(feed.mine)] * feed.share
    assert opening.separated + opening.tailings + opening.lost == pytest.approx(sent, rel=1e-12, abs=1e-9)
    assert opening.separated.sum() > 0.5 * sent.sum()


def test_recyclers_sell_what_they_recover(case: Case, layout: Layout, opening: Opening) -> None:
    recovery = np.array([r.recovery for r in case.world.recyclers])
    out = opening.scrap * recovery[:, None] + opening.end_of_life
    assert opening.recycled.sum(axis=1) == pytest.approx(out.sum(axis=1))
    assert opening.scrap.sum() > 0.0


def test_imports_and_local_goods_make_up_the_use_of_every_pool(
    case: Case, layout: Layout, opening: Opening
) -> None:
    o, lay = opening, layout
    abroad = lay.hub > 0
    supply = np.zeros((lay.R, lay.C))
    use = use_of(lay, o)
    solver = Solver(case.world, lay, case.behaviour)
    for rows, flow in ((case.world.separators, o.oxide), (case.world.recyclers, o.recycled)):
        for row, kg in zip(rows, flow, strict=True):
            supply[lay.region_of[row.region]] += kg
    magnet_region = {m.id: lay.region_of[m.region] for m in case.world.magnet_makers}
    metal_region = {m.id: lay.region_of[m.region] for m in case.world.metal_makers}
    for row, kg in zip(case.world.magnet_outputs, o.magnet, strict=True):
        supply[magnet_region[row.maker], lay.commodity_of[row.commodity]] += kg
    for m, kg in zip(case.world.magnet_makers, o.magnet_input, strict=True):
        use[magnet_region[m.id]] += kg
    for row, kg in zip(case.world.metal_outputs, o.metal, strict=True):
        c = lay.commodity_of[row.commodity]
        supply[metal_region[row.maker], c] += kg
        use[metal_region[row.maker], lay.oxide_for[c]] += kg / solver.metal_yield(c)
    out = o.route_target > o.route_source
    imports = np.bincount(o.route_commodity[out], o.route_flow[out], lay.C)
    homeward = np.bincount(o.route_commodity[~out], o.route_flow[~out], lay.C)
    local, used = supply[abroad].sum(axis=0), use[abroad].sum(axis=0)
    assert local + imports - homeward == pytest.approx(used, rel=1e-9, abs=1e-9)
    china = supply[~abroad].sum(axis=0) - imports + homeward
    assert china == pytest.approx(use[~abroad].sum(axis=0), rel=1e-9, abs=1e-6)
    assert not ((imports > 0.0) & (homeward > 0.0)).any()
    assert (imports > 0.0).sum() > 5


def test_every_table_number_that_was_moved_is_listed(case: Case, openings: dict[float, Opening]) -> None:
    o = openings[5.0]
    listed = dict(o.adjustments)
    assert len(listed) == len(o.adjustments)
    assert all(f > 0.0 for f in listed.values())
    moved = 0
    for mine, kg in zip(case.world.mines, o.mine, strict=True):
        basket = np.array(mine.basket_pct) / 100.0 / np.array(OXIDE_PER_KG)
        table = per_week(mine.output_t_reo_per_year) * basket.sum()
        if table > 0.0:
            factor = listed.get(f"mines.{mine.id}", 1.0)
            assert kg.sum() == pytest.approx(table * factor, rel=2e-2), (
                mine.id
            )  # baskets are scaled to add up to 100
            moved += abs(factor - 1.0) > 1e-9
    assert moved > 5
    sectors = [s.id for s in case.world.sectors]
    table_use = np.zeros(len(sectors))
    lay = layout_of(case.world)
    for row in case.world.demand:
        table_use[sectors.index(row.sector)] += (
            per_week(row.t_product_per_year) / lay.factor[lay.commodity_of[row.commodity]]
        )
    solved = np.bincount(o.civil_sector, o.civil_use, len(sectors))
    factors = np.array([listed.get(f"sectors.{s}", 1.0) for s in sectors])
    assert solved == pytest.approx(table_use * factors, rel=1e-9)


def listed_defence(case: Case, gross_up: float) -> dict[tuple[str, str], float]:
    """Kilograms of product a week that the listed programmes draw, by bloc and commodity."""
    programmes = {p.id: p for p in case.world.programmes}
    out: dict[tuple[str, str], float] = {}
    for item in case.world.programme_items:
        p = programmes[item.programme]
        kg = gross_up * item.kg_product_per_unit * p.units_per_year / 365.25 * 7.0
        out[p.bloc, item.commodity] = out.get((p.bloc, item.commodity), 0.0) + kg
    return out


def solved_defence(lay: Layout, o: Opening) -> dict[tuple[str, str], float]:
    out: dict[tuple[str, str], float] = {}
    for p, c, kg in zip(o.kit_programme, o.kit_commodity, o.kit_use, strict=True):
        key = (o.programme_bloc[p], lay.commodities[c])
        out[key] = out.get(key, 0.0) + kg * lay.factor[c]
    return out


@pytest.mark.parametrize("gross_up", GROSS_UP)
def test_defence_is_counted_once(
    case: Case, layout: Layout, openings: dict[float, Opening], gross_up: float
) -> None:
    """A bloc draws the balance's total, or its listed programmes where those alone draw more."""
    listed, solved = listed_defence(case, gross_up), solved_defence(layout, openings[gross_up])
    total: dict[tuple[str, str], float] = {}
    for row in case.world.defence_totals:
        key = row.bloc, row.commodity
        total[key] = total.get(key, 0.0) + per_week(row.t_product_per_year)
    for key in {*listed, *total}:
        expected = max(listed.get(key, 0.0), total.get(key, 0.0))
        assert solved.get(key, 0.0) == pytest.approx(expected, rel=1e-9, abs=1e-12), key


def test_above_the_balance_defence_grows_and_the_start_is_solved_again(
    openings: dict[float, Opening],
) -> None:
    other = {
        g: sum(
            kg
            for p, kg in zip(o.kit_programme, o.kit_use, strict=True)
            if o.programme[p].startswith("other_")
        )
        for g, o in openings.items()
    }
    whole = {g: o.kit_use.sum() for g, o in openings.items()}
    assert other[1.0] > other[5.0] > other[25.0] >= 0.0
    assert whole[25.0] > 1.2 * whole[5.0] > 0.0
    assert openings[25.0].adjustments != openings[5.0].adjustments
