"""An offtake: its limit, its cost, and the project that it makes go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.chains import still
from core.owners import happened, offtake
from sim.simulate import build
from sim.units import per_week


def test_it_costs_the_difference_on_no_more_than_its_tonnes() -> None:
    case = still(1.5)
    chain = build(replace(case, events=(offtake("lynas_malaysia", "ndpr_oxide", 100.0, 110.0, 0.0),)))
    chain.run()
    paid = chain.recorder["paid"][:, chain.layout.C + chain.layout.commodity_of["ndpr_oxide"]]
    cost = chain.spending["taken"]
    assert cost[:8] == pytest.approx(0.0)
    assert cost[8:60] == pytest.approx(per_week(100.0) * (110.0 - paid[8:60]))
    assert cost[60:] == pytest.approx(0.0)
    assert not happened(chain, "final decision")


@pytest.mark.parametrize(("odds", "share"), [(1.0, 1.0), (0.25, 0.25), (0.0, 0.0)])
def test_signing_it_makes_the_candidate_go_with_its_odds(odds: float, share: float) -> None:
    case = still(6.0)
    chain = build(replace(case, events=(offtake("vac", "ndfeb_h_sh", 1000.0, 100.0, odds, stage="magnet"),)))
    chain.run()
    option = next(o for o in chain.invest.decisions.options if o.id == "magnet_vac")
    assert happened(chain, "final decision") == ([(28.0, "vac")] if share else [])
    assert chain.parts.magnet.plants.added[option.site] == pytest.approx(option.kg * share)
    assert chain.balance_error().max() < 1e-9


def test_with_chance_on_it_goes_or_it_does_not() -> None:
    case = still(1.0, chance=True)
    case = replace(case, events=(offtake("vac", "ndfeb_h_sh", 1000.0, 100.0, 0.5, stage="magnet"),))
    gone = []
    for replication in range(8):
        chain = build(case, 1, replication)
        chain.env.run(until=30.0)
        gone.append(len(happened(chain, "final decision")))
    assert set(gone) == {0, 1}


def test_without_odds_and_below_the_price_it_changes_nothing() -> None:
    case = still(1.0)
    plain, taken = (
        build(case),
        build(replace(case, events=(offtake("lynas_malaysia", "ndpr_oxide", 100.0, 0.0, 0.0),))),
    )
    for chain in (plain, taken):
        chain.run()
    assert plain.recorder["mass"].tobytes() == taken.recorder["mass"].tobytes()
