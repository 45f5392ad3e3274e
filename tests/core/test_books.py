"""What is recorded is what is there: stocks and shipments once each, units by the same count, quotes that somebody can pay."""

from __future__ import annotations

import numpy as np
import pytest

from core.chains import material
from sim import load
from sim.chain import Chain
from sim.simulate import build, simulate
from sim.stock import mass_of
from sim.trajectories import STAGE_OF_BLOCK, Book

EVENT = "shock.china_licences_2025"
HARD = ("scenario=controls_2025", "behaviour=standstill", "years=10", f"{EVENT}.odds.default=0.3")


def ran(chain: Chain) -> Chain:
    chain.run()
    return chain


# -- stocks ------------------------------------------------------------------------------------------------------------------


def test_what_is_in_stock_and_on_its_way_is_all_there_is_every_week() -> None:
    """Rows and shipments as they are recorded, with what is inside plants, used and lost, less what was mined: a constant."""
    chain = build(load("scenario=controls_2025", "years=1"), seed=1)
    p, whole = chain.parts, float(material(chain).sum())
    found: list[float] = []
    write = chain.recorder.write

    def write_and_add_up(week: int, what: Chain) -> None:
        write(week, what)
        pipes = (p.mines.feed, p.separators.hold, p.recyclers.work, p.metal.work, p.magnet.work)
        inside = sum(float(pipe.total().sum()) for pipe in pipes)
        gone = float((p.stock.consumed + p.stock.lost - p.stock.mined).sum())
        rows = chain.recorder
        found.append(float(rows["mass"][week].sum() + rows["inbound"][week].sum()) + inside + gone)

    chain.recorder.write = write_and_add_up  # type: ignore[method-assign]
    chain.run()
    assert len(found) == 52
    assert found == pytest.approx([whole] * 52, rel=1e-9)
    assert (
        chain.recorder["bought"].sum(axis=1).min() > 1e-6 * whole
    )  # enough changes hands to be seen if counted twice


def test_the_inventory_of_the_tables_is_stock_and_shipments_counted_once() -> None:
    chain = ran(build(load("scenario=controls_2025", "years=1"), seed=1))
    lay, p = chain.layout, chain.parts
    kg = np.zeros(lay.K)
    for name, stage in STAGE_OF_BLOCK.items():
        if stage != "state":
            block = p.stock.blocks[name]
            kg += np.bincount(
                lay.hub[block.region] * lay.C + block.commodity, mass_of(p.stock.kg[block.rows]), lay.K
            )
    kg += np.bincount(p.buy.pool, p.inbound.held, lay.K)
    told = {
        (s.place, s.commodity): s.values[-1]
        for s in Book(chain, "full").write()
        if (s.variable, s.scope, s.stage, s.party) == ("inventory", "hub", "all", "all")
    }
    assert len(told) == lay.K
    for hub, place in enumerate(("china", "world")):
        for c, commodity in enumerate(lay.commodities):
            assert told[place, commodity] == pytest.approx(
                kg[hub * lay.C + c] * lay.factor[c] / 1000.0, rel=1e-9
            )


# -- units -------------------------------------------------------------------------------------------------------------------


def test_a_standing_chain_delivers_every_unit_on_time() -> None:
    found = simulate(load("scenario=standstill")).outcomes
    late = {name: n for name, n in found.items() if name.startswith(("late_units_", "lost_units_"))}
    assert len(late) > 20
    assert {name: n for name, n in late.items() if n != 0.0} == {}


def test_a_chain_whose_military_users_are_refused_does_not() -> None:
    """The same count, where units must be late: the zeros above are not for want of counting."""
    found = simulate(load(*HARD, "years=4")).outcomes
    for kind in ("late", "lost"):
        assert max(float(n) for name, n in found.items() if name.startswith(f"{kind}_units_programme_")) > 1.0


# -- quotes ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[(), (f"{EVENT}.statutory_days=126",)], ids=["63 days", "126 days"])
def hard(request: pytest.FixtureRequest) -> Chain:
    """Three in ten applications granted, materials fewer; nothing else ever happens."""
    return ran(build(load(*HARD, *request.param)))


def test_the_chain_settles_under_a_hard_regime(hard: Chain) -> None:
    dy = hard.recorder["log_price"][:, hard.layout.commodity_of["dy_oxide"]]
    assert np.ptp(dy) > 0.5  # it was hard
    assert np.ptp(dy[-104:]) < 0.2  # a limit cycle had 3.5 here
    assert np.ptp(dy[-104:]) < 0.25 * np.ptp(dy[:104])


def test_no_quote_stands_above_what_somebody_can_pay(hard: Chain) -> None:
    """The highest value in use among civil buyers of the pool, worked out by hand from the buying lines."""
    buy, lay = hard.parts.buy, hard.layout
    users = buy.civil > 0.0
    users[buy.parts["trader"]] = False
    top = np.full(lay.K, np.inf)
    for k in np.unique(buy.pool[users]):
        top[k] = buy.value[users & (buy.pool == k)].max()
    log_price = hard.recorder["log_price"]
    assert (log_price <= top + 1e-9).all()
    reached = np.isfinite(top) & (log_price.max(axis=0) > top - 1e-6)
    assert reached.any()  # and it is what stops some of them
