"""Sanctions: between China and others routes close; inside the world's market a share that can be counted is denied."""

from __future__ import annotations

import numpy as np
import pytest

from core.chains import still
from core.levers import BEGIN, OVER, WEST, ran, sanction, whats
from sim.chain import Chain
from sim.shocks.sanction import _denied
from sim.simulate import build


def share_made_by(chain: Chain, commodity: str, regions: tuple[str, ...]) -> float:
    """Of what makers outside China sell of a metal on the first day, the share of ``regions``."""
    p, lay = chain.parts, chain.layout
    metal = p.sell.parts["metal"]
    here = p.sell.pool[metal] == lay.C + lay.commodity_of[commodity]
    theirs = here & np.isin(p.sell.cell[metal] % lay.R, [lay.region_of[r] for r in regions])
    return float(p.opening.metal[theirs].sum() / p.opening.metal[here].sum())


def own_share(chain: Chain, commodity: str, region: str) -> float:
    """Of a region's need, what it does not import from China on the first day."""
    p, lay = chain.parts, chain.layout
    cell = (lay.C + lay.commodity_of[commodity]) * lay.R + lay.region_of[region]
    outward = (p.traders.cell == cell) & p.traders.to_world
    return float(1.0 - p.opening.route_flow[outward].sum() / p.opening.use[cell])


def test_who_does_not_sell_denies_what_its_makers_cover() -> None:
    chain = build(still())
    ((lines, share),) = _denied(sanction(commodities=("ndpr_metal",), direction=("selling",)), chain)
    expected = share_made_by(chain, "ndpr_metal", WEST) * own_share(chain, "ndpr_metal", "russia")
    assert share == pytest.approx(expected)
    p, lay = chain.parts, chain.layout
    assert (p.buy.pool[lines] == lay.C + lay.commodity_of["ndpr_metal"]).all()
    assert (p.buy.cell[lines] % lay.R == lay.region_of["russia"]).all()


def test_who_does_not_buy_goes_without_what_the_target_made() -> None:
    chain = build(still())
    found = _denied(
        sanction(
            by=("japan",), commodities=("ndpr_metal",), direction=("buying",), severity=0.5, leakage=0.2
        ),
        chain,
    )
    ((lines, share),) = found
    expected = share_made_by(chain, "ndpr_metal", ("russia",)) * own_share(chain, "ndpr_metal", "japan")
    assert share == pytest.approx(expected * 0.5 * 0.8)
    assert (chain.parts.buy.cell[lines] % chain.layout.R == chain.layout.region_of["japan"]).all()


# REAL BUGS when this was written: the West's imports from China counted as sales to Russia, and asking for more brought all back.
def test_what_is_denied_stays_denied_however_much_is_asked_for() -> None:
    chain = ran(sanction(commodities=("ndpr_metal",), direction=("selling",), end=None), years=2.0)
    usual = ran(years=2.0)
    p, lay = chain.parts, chain.layout
    lines = np.flatnonzero(
        (p.buy.pool == lay.C + lay.commodity_of["ndpr_metal"])
        & (p.buy.cell % lay.R == lay.region_of["russia"])
    )
    share = share_made_by(chain, "ndpr_metal", WEST) * own_share(chain, "ndpr_metal", "russia")
    assert share > 0.1
    got, before = (x.recorder["bought"][:, lines].sum(axis=1) for x in (chain, usual))
    assert got[:BEGIN] == pytest.approx(before[:BEGIN])
    assert (got[BEGIN:] <= before[BEGIN:] * (1.0 - share) * (1.0 + 1e-4)).all()


@pytest.mark.parametrize(
    "words",
    [
        {"by": ("china",), "against": ("russia",), "direction": ("selling",)},
        {"by": ("russia",), "against": ("china",), "direction": ("buying",)},
    ],
)
def test_between_china_and_another_the_routes_close(words: dict[str, tuple[str, ...]]) -> None:
    chain = ran(sanction(commodities=("ndfeb_h_sh", "dy_oxide"), severity=0.8, leakage=0.25, **words))
    routes = chain.routes("china", ["ndfeb_h_sh", "dy_oxide"], ["russia"])
    banned = chain.recorder["banned"]
    assert banned[BEGIN:OVER, routes] == pytest.approx(0.8 * 0.75)
    assert not np.delete(banned, routes, axis=1).any()
    assert not banned[:BEGIN].any()
    assert not banned[OVER:].any()
    bought = chain.recorder["bought"][:, chain.parts.buy.parts["trader"]][:, routes]
    assert bought[BEGIN] / bought[0] == pytest.approx(0.4, abs=0.01)
    assert whats(chain, "sanction") == ["sanction begins", "sanction over"]
    assert not chain.denied
    assert not chain.renewals


def test_who_has_left_the_world_s_market_is_out_of_reach() -> None:
    chain = build(still())
    event = sanction(commodities=("ndpr_metal",))
    for i, denied in enumerate(_denied(event, chain)):
        chain.denied[f"sanction.{i}"] = denied
    assert chain.denied
    chain.align(["russia", "central_asia"])
    assert not _denied(event, chain)


def test_a_milder_sanction_is_milder() -> None:
    totals = []
    for severity in (0.0, 0.25, 0.5, 0.75, 1.0):
        chain = ran(sanction(by=("china",), direction=("selling",), severity=severity), years=0.4)
        routes = chain.routes("china", ["all"], ["russia"])
        totals.append(chain.recorder["bought"][:, chain.parts.buy.parts["trader"]][BEGIN:][:, routes].sum())
    assert (np.diff(totals) < 0.0).all()
    assert totals[-1] == pytest.approx(0.0, abs=1e-6)
