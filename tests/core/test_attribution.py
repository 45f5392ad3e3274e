"""Each week's gap is shared out among its causes, whole and never twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.chains import outage, still, weekly
from sim import load
from sim.attribution import CAUSES, attribute, resolve, shortfalls
from sim.chain import Chain
from sim.simulate import build, simulate
from sim.stock import Array


def ran(chain: Chain) -> Chain:
    chain.run()
    return chain


@pytest.fixture(scope="module")
def controlled() -> Chain:
    return ran(build(load("scenario=controls_2025", "years=2"), seed=1))


@pytest.fixture(scope="module")
def stopped() -> Chain:
    return ran(build(replace(still(years=1.5), events=(outage("ganzhou"), outage("guangdong")))))


def unserved(chain: Chain) -> Array:
    """What civil users and programmes wanted and did not get, kg of element, [weeks, K]: straight from the chain's own rows.

    Of a programme that is what was not in stock; what it did not use because another item was missing, nobody owed it.
    """
    lay, p, r = chain.layout, chain.parts, chain.recorder
    kits = p.defence.kits
    out = np.zeros((chain.weeks, lay.K))
    for pool, short in (
        (p.civil.pool, r["wanted"] - r["consumed"]),
        (
            lay.hub[kits.region] * lay.C + kits.commodity,
            np.minimum(r["kit_short"], np.maximum(r["kit_wanted"] - r["kit_used"], 0.0)),
        ),
    ):
        for line, k in enumerate(pool):
            out[:, k] += short[:, line]
    return out


def by_pool(chain: Chain, table: pa.Table) -> Array:
    """The table's kilograms back in an array [weeks, K, causes]."""
    lay = chain.layout
    out = np.zeros((chain.weeks, lay.K, len(CAUSES)))
    for row in table.to_pylist():
        week = (row["date"] - chain.start).days // 7 - 1
        hub = ("china", "world").index(row["place"])
        out[week, hub * lay.C + lay.commodity_of[row["commodity"]], CAUSES.index(row["cause"])] += row[
            "gap_kg"
        ]
    return out


@pytest.mark.parametrize("name", ["controlled", "stopped"])
def test_the_shares_of_a_gap_add_up_to_it(request: pytest.FixtureRequest, name: str) -> None:
    chain = request.getfixturevalue(name)
    table, gap = attribute(chain, 0), unserved(chain)
    opening = chain.parts.opening.use.reshape(chain.layout.K, -1).sum(axis=1)
    assert gap.max() > 1.0
    found = by_pool(chain, table).sum(axis=2)
    assert found == pytest.approx(
        gap, rel=1e-9, abs=2e-6 * opening.max()
    )  # gaps of a millionth of use are left out
    large = gap > 1e-5 * opening
    assert found[large] == pytest.approx(gap[large], rel=1e-5)
    assert min(table["gap_kg"].to_pylist()) > 0.0


@pytest.mark.parametrize("name", ["controlled", "stopped"])
def test_shares_are_none_negative_and_add_up_to_one(request: pytest.FixtureRequest, name: str) -> None:
    chain = request.getfixturevalue(name)
    shares = resolve(chain, shortfalls(chain))
    assert shares.min() >= 0.0
    assert shares.sum(axis=2) == pytest.approx(1.0, abs=1e-9)


def test_the_gap_is_what_the_tables_call_unserved(stopped: Chain) -> None:
    run = simulate(replace(still(years=1.5), events=(outage("ganzhou"), outage("guangdong"))))
    lay, gap = stopped.layout, unserved(stopped)
    for hub, place in enumerate(("china", "world")):
        for commodity in ("dy_oxide", "ndfeb_h_sh", "ndfeb_uh_ah"):
            c = lay.commodity_of[commodity]
            where = {"scope": "hub", "place": place, "party": "all", "commodity": commodity}
            told = weekly(run.trajectories, variable="unserved", **where)
            tonnes = gap[:, hub * lay.C + c] * lay.factor[c] / 1000.0
            assert tonnes == pytest.approx(told if len(told) else 0.0, rel=1e-6, abs=1e-6)


def test_a_standing_chain_has_no_gap_to_explain() -> None:
    assert simulate(still(years=2)).attribution.num_rows == 0


def test_gaps_of_licensed_goods_are_the_licences_doing(controlled: Chain) -> None:
    """Over the run, of what was short outside China and licensed in China, more than half for want of a licence."""
    lay, found = controlled.layout, by_pool(controlled, attribute(controlled, 0))
    goods = load("scenario=controls_2025").events[0].commodities
    pools = [lay.C + lay.commodity_of[c] for c in goods]
    kg = found[:, pools].sum(axis=(0, 1))
    assert kg.sum() > 0.0
    named = kg[CAUSES.index("licence")] + kg[CAUSES.index("refusal")]
    assert named > 0.5 * kg.sum()
    assert kg[CAUSES.index("ban")] == 0.0


def test_a_stopped_separator_is_named(stopped: Chain) -> None:
    lay, found = stopped.layout, by_pool(stopped, attribute(stopped, 0))
    kg = found[:, [lay.commodity_of["dy_oxide"], lay.commodity_of["ndfeb_uh_ah"]]].sum(axis=(0, 1))
    assert kg[CAUSES.index("separator")] > 0.5 * kg.sum() > 0.0
    for cause in ("licence", "refusal", "ban", "hoarding"):
        assert kg[CAUSES.index(cause)] == 0.0
