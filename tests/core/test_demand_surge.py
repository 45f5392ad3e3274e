"""A surge multiplies use and plans as it says, over its ramp, and leaves nothing behind."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.chains import still
from core.world_events import BEGIN, END, OVER, ran, same, surge, whats
from sim.chain import Chain
from sim.shocks.demand_surge import course
from sim.simulate import build


@pytest.fixture(scope="module")
def still_chain() -> Chain:
    return ran()


def rows(chain: Chain, sector: str, region: str, commodity: str) -> np.ndarray:
    lay, c = chain.layout, chain.parts.civil
    here = np.array(c.block.owner) == sector
    here &= c.block.region == lay.region_of[region]
    found: np.ndarray = here & (c.block.commodity == lay.commodity_of[commodity])
    return found


def test_only_what_is_named_surges(still_chain: Chain) -> None:
    event = surge(
        sectors=("ev_traction",), regions=("europe",), commodities=("ndfeb_uh_ah",), use_factor=1.5, end=END
    )
    chain = ran(event)
    use, before = (c.recorder["demand"] + c.recorder["substituted"] for c in (chain, still_chain))
    share = use / before
    named = rows(chain, "ev_traction", "europe", "ndfeb_uh_ah")
    assert named.sum() == 1
    assert share[BEGIN + 1 : OVER, named] == pytest.approx(1.5)
    assert share[OVER + 1 :, named] == pytest.approx(1.0)
    assert share[:, ~named] == pytest.approx(1.0)
    assert whats(chain, "surge") == ["surge begins", "surge over"]


def test_it_rises_over_its_ramp_and_fades_over_its_decay() -> None:
    chain = build(still())
    event = surge(sectors=("all",), use_factor=2.0, ramp_days=28.0, decay_days=14.0, end=date(2025, 6, 2))
    first, last = 7.0 * BEGIN, 7.0 * OVER
    found = course(event, chain)
    assert [day - first for day, _ in found[:4]] == pytest.approx([7.0, 14.0, 21.0, 28.0])
    assert [day - last for day, _ in found[4:]] == pytest.approx([7.0, 14.0])
    assert [level for _, level in found] == pytest.approx([0.25, 0.5, 0.75, 1.0, 0.5, 0.0])


def test_one_that_ends_within_its_ramp_fades_from_where_it_was() -> None:
    event = surge(sectors=("all",), use_factor=2.0, ramp_days=28.0, end=date(2025, 3, 18))
    levels = [level for _, level in course(event, build(still()))]
    assert levels == pytest.approx([0.25, 0.5, 0.0])


def test_two_surges_multiply() -> None:
    chain = build(still())
    civil, defence = np.ones(len(chain.parts.civil.surge)), np.ones(len(chain.parts.defence.plan))
    chain.surge("one", 1.5 * civil, defence)
    chain.surge("two", 2.0 * civil, 3.0 * defence)
    assert chain.parts.civil.surge == pytest.approx(3.0)
    chain.surge("one", civil, defence)
    assert (chain.parts.civil.surge == 2.0).all()
    assert (chain.parts.defence.surge == 3.0).all()


def test_programmes_begin_twice_as_many_and_hand_them_over_a_build_time_later(still_chain: Chain) -> None:
    """Their buffers hold months: nobody is late for a surge that lasts a quarter, since nothing more is due so soon."""
    event = surge(programmes=("pac_3_mse",), plan_factor=2.0, end=END)
    chain = ran(event)
    d = chain.parts.defence
    p = d.names.index("pac_3_mse")
    assert chain.recorder["begun"][BEGIN + 1 : OVER, p] == pytest.approx(2.0 * d.plan[p])
    assert d.build[p] > OVER - BEGIN
    assert chain.recorder["planned"][BEGIN : BEGIN + 5, p] == pytest.approx(d.plan[p])
    assert not chain.recorder["delay"][:, p].any()
    others = np.delete(np.arange(len(d.names)), p)
    assert chain.recorder["begun"][:, others] == pytest.approx(still_chain.recorder["begun"][:, others])


def test_units_planned_more_are_due_when_they_could_be_built() -> None:
    chain = build(still(years=3.0))
    d = chain.parts.defence
    p = d.names.index("amraam")
    chain.on(7.0 * BEGIN - 1.0, lambda: chain.surge("more", np.ones(len(chain.parts.civil.surge)),
                                                    np.where(np.arange(len(d.plan)) == p, 2.0, 1.0)))  # fmt: skip
    chain.run()
    due = chain.recorder["planned"][:, p]
    first = BEGIN + int(d.build[p])
    assert due[:first] == pytest.approx(d.plan[p])
    assert due[first : first + 5] == pytest.approx(2.0 * d.plan[p])


def test_a_bloc_takes_along_what_its_total_has_beside_the_listed_programmes() -> None:
    chain = ran(surge(blocs=("us_nato",), plan_factor=1.5))
    d = chain.parts.defence
    inside = np.array([b == "us_nato" for b in d.bloc])
    assert d.surge[inside] == pytest.approx(1.5)
    assert d.surge[~inside] == pytest.approx(1.0)
    assert any(n.startswith("other_defence") for n, i in zip(d.names, inside, strict=True) if i)


def test_a_surge_of_no_strength_is_none(still_chain: Chain) -> None:
    assert same(ran(surge(sectors=("all",), use_factor=3.0, severity=0.0)), still_chain)
