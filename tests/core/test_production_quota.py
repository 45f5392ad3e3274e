"""A production quota rations what plants handle, and what it leaves no room for is not mined in the end."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.world_events import BEGIN, END, OVER, number, quota, ran, reo, same, whats
from sim.chain import Chain
from sim.stages.quotas import Quota, rationed
from sim.stock import Array
from sim.units import per_year

CLAYS = ("ganzhou_longnan", "guangdong_clays")


def mined(chain: Chain, *sites: str) -> Array:
    """Tonnes of REO a year, [weeks, sites]."""
    columns = [number(chain, "mine", site) for site in sites]
    tonnes: Array = per_year(1.0) * reo(chain, chain.recorder["mined"])[:, columns]
    return tonnes


@pytest.fixture(scope="module")
def still_chain() -> Chain:
    return ran()


def test_what_is_above_is_rationed_pro_rata_and_idle_plants_do_not_count() -> None:
    q = Quota(covered=np.array([1.0, 1.0, 0.0]), kg_reo=60.0, growth=0.0, enforced=1.0)
    assert rationed({"q": q}, np.array([80.0, 40.0, 100.0])) == pytest.approx([0.5, 0.5, 1.0])
    q.enforced = 0.5
    assert rationed({"q": q}, np.array([80.0, 40.0, 100.0])) == pytest.approx([0.75, 0.75, 1.0])
    assert rationed({"q": q}, np.array([20.0, 40.0, 100.0])) == pytest.approx([1.0, 1.0, 1.0])


def test_what_a_year_leaves_unused_may_be_used_later_in_it() -> None:
    q = Quota(covered=np.ones(1), kg_reo=100.0, growth=0.0, enforced=1.0)
    q.ration(np.array([40.0]))
    assert q.ration(np.array([160.0])) == pytest.approx([1.0])
    assert q.ration(np.array([200.0])) == pytest.approx([0.5])
    q.ration(np.array([0.0]))
    q.new_year()
    assert q.ration(np.array([200.0])) == pytest.approx([0.5])


def test_a_quota_grows_by_the_year() -> None:
    q = Quota(covered=np.ones(1), kg_reo=100.0, growth=0.1, enforced=1.0)
    q.age = 365.25 / 7.0
    assert q.weekly() == pytest.approx(110.0)


def test_of_two_quotas_the_tighter_one_binds() -> None:
    def of(kg: float) -> Quota:
        return Quota(np.ones(2), kg, 0.0, 1.0)

    share = rationed({"wide": of(90.0), "tight": of(30.0)}, np.array([50.0, 50.0]))
    assert share == pytest.approx([0.3, 0.3])


def test_mines_under_a_quota_of_half_mine_half(still_chain: Chain) -> None:
    before = mined(still_chain, *CLAYS)[0]
    event = quota(stage="mine", sites=CLAYS, imported=False, t_reo_per_year=before.sum() / 2.0, end=END)
    chain = ran(event)
    after = mined(chain, *CLAYS)
    assert after[:BEGIN] == pytest.approx(np.tile(before, (BEGIN, 1)))
    assert after[BEGIN:OVER] == pytest.approx(np.tile(before / 2.0, (OVER - BEGIN, 1)))
    assert after[OVER:] == pytest.approx(np.tile(before, (chain.weeks - OVER, 1)))
    others = [i for i, name in enumerate(chain.parts.mines.plants.ids) if name not in CLAYS]
    assert chain.recorder["mined"][BEGIN][others] == pytest.approx(still_chain.recorder["mined"][0][others])
    assert whats(chain, "quota") == ["production quota begins", "production quota ends"]


@pytest.mark.parametrize(("imported", "severity"), [(True, 1.0), (True, 0.5), (False, 1.0)])
def test_a_smelting_quota_of_half(still_chain: Chain, imported: bool, severity: float) -> None:
    """Throughput falls at once by what counts; mines whose ore counts send as much less; nobody else does."""
    mines = still_chain.parts.mines
    at_home = mines.plants.region[mines.mine_of] == 0
    chinese = still_chain.parts.separators.plants.region[mines.separator_of] == 0
    counts = chinese & (at_home | imported)
    feed = reo(still_chain, still_chain.recorder["mined"][0])[mines.mine_of] * mines.share
    half = per_year(float(feed[counts].sum())) / 2.0
    chain = ran(quota(t_reo_per_year=half, imported=imported, severity=severity, pile_weeks=0.0))
    share = chain.recorder["mined"][BEGIN] / np.maximum(still_chain.recorder["mined"][BEGIN], 1e-12)
    stopped = np.bincount(mines.mine_of, mines.share * counts, len(share)) * severity / 2.0
    running = still_chain.recorder["mined"][BEGIN] > 0.0
    assert share[running] == pytest.approx(1.0 - stopped[running], abs=1e-9)
    sites = chain.parts.separators.plants.region == 0
    used = chain.recorder["throughput"][BEGIN, sites].sum() / chain.recorder["throughput"][0, sites].sum()
    if imported:
        assert used == pytest.approx(
            1.0 - severity / 2.0, rel=0.01
        )  # REO to element differs a little by plant
    else:
        assert used == pytest.approx(1.0 - feed[counts].sum() / feed[chinese].sum() / 2.0, rel=0.03)


def test_what_finds_no_room_piles_up_as_far_as_it_may_and_flows_out() -> None:
    event = quota(t_reo_per_year=100_000.0, pile_weeks=2.0, flow_weeks=4.0, end=END)
    chain = ran(event)
    mine = number(chain, "mine", "bayan_obo")
    output = chain.recorder["mined"][:, mine]
    assert output[BEGIN + 1] == pytest.approx(output[0])  # for some weeks all of it is mined and piled up
    assert output[OVER - 1] < 0.5 * output[0]
    assert output[OVER] == pytest.approx(output[0])
    assert chain.parts.mines.stoppages.piled[mine] == pytest.approx(0.0, abs=1e-6)
    assert chain.balance_error().max() < 1e-9


def test_a_quota_that_nobody_enforces_is_none(still_chain: Chain) -> None:
    assert same(ran(quota(severity=0.0)), still_chain)


def test_a_quota_above_what_is_handled_changes_nothing_to_speak_of(still_chain: Chain) -> None:
    chain = ran(quota(t_reo_per_year=1e6, start=date(2025, 3, 3)))
    assert chain.recorder["log_price"] == pytest.approx(still_chain.recorder["log_price"], abs=1e-9)
