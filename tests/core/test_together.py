"""Bans and outages, alone and beside each other: what one takes the other cannot, and what ends leaves the others in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.borders import ban, border, regime
from core.chains import outage, still
from sim.case import Case
from sim.chain import Chain
from sim.shocks.export_ban import ExportBan
from sim.simulate import build
from sim.stock import Array
from sim.trade.border import Ban

BEGIN = 8  # weeks from the start to 3 March 2025
GOODS = ("dy_oxide", "ndfeb_uh_ah")
SEVERITIES = (0.0, 0.25, 0.5, 0.75, 1.0)


def export_ban(
    name: str, severity: float, *, start: date = date(2025, 3, 3), end: date | None = None,
    end_uses: tuple[str, ...] = ("civil", "military"),
) -> ExportBan:  # fmt: skip
    return ExportBan(
        name=name, kind="export_ban", title="A ban", start=start, end=end, announced=start, origin="china",
        commodities=GOODS, destinations=("all",), end_uses=end_uses, severity=severity, certificates=False,
        leakage={"default": 0.0}, news_strength=0.0, news_half_life_days=90.0, sources=("assumed: for a test",),
    )  # fmt: skip


def ran(case: Case) -> Chain:
    chain = build(case)
    chain.run()
    return chain


def exported(chain: Chain, commodity: str) -> Array:
    """Kilograms a week bought for shipment out of China, over the first week's."""
    bought = chain.recorder["bought"][:, chain.parts.buy.parts["trader"]]
    kg = bought[:, chain.routes("china", [commodity], ["all"])].sum(axis=1)
    found: Array = kg / kg[0]
    return found


# -- a ban at the border -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "leak", "passes"), [(1.0, 0.0, 0.0), (1.0, 0.1, 1.0), (0.5, 0.0, 5.0), (0.5, 0.2, 6.0)]
)
def test_a_ban_stops_its_share_but_for_what_leaks(share: float, leak: float, passes: float) -> None:
    b = border(None)
    b.impose("one", ban(share, leak))
    normal = np.array([10.0, 10.0])
    most = b.most(normal)
    assert most[0] == pytest.approx(passes)
    assert most[1] == np.inf
    bound, leaked = b.ship(np.minimum(most, 20.0), normal)
    assert leaked[0] == pytest.approx(10.0 * share * leak)
    assert leaked[1] == 0.0
    assert not bound.any()


def test_a_ban_on_top_of_licences_files_for_the_rest_only() -> None:
    b = border(regime(), queue=False)
    b.impose("one", ban(0.5))
    b.file(np.array([10.0, 10.0]), 0.0, 0)
    b.decide(0)
    assert b.granted == pytest.approx([5.0, 10.0])


def test_a_ban_on_military_users_binds_what_still_goes_out() -> None:
    b = border(None)
    b.impose("one", ban(0.3, military_only=True))
    bound, _ = b.ship(np.array([7.0, 10.0]), np.array([10.0, 10.0]))
    assert bound == pytest.approx([7.0, 0.0])
    assert b.barred() == pytest.approx([1.0, 0.0])
    b.revoke("one")
    assert b.idle
    assert not b.barred().any()


# A REAL BUG when this was written: ``Border.idle`` asks whether anything is stopped. Where all of a ban leaks, or it is on military
# users and there are none, nothing is; what leaks is not booked, and what goes out is not bound though ``barred`` says so.
@pytest.mark.parametrize(
    ("made", "bound", "leaked"), [(ban(1.0, 1.0), 0.0, 10.0), (ban(0.0, military_only=True), 10.0, 0.0)]
)
def test_a_ban_that_stops_nothing_is_in_force_all_the_same(made: Ban, bound: float, leaked: float) -> None:
    b = border(None)
    b.impose("one", made)
    found = b.ship(np.array([10.0, 10.0]), np.array([10.0, 10.0]))
    assert [kg[0] for kg in found] == pytest.approx([bound, leaked])


def test_two_bans_multiply_and_the_end_of_one_leaves_the_other() -> None:
    b, normal = border(None), np.array([10.0, 10.0])
    b.impose("one", ban(0.5))
    b.impose("two", ban(0.2, military_only=True))
    assert b.most(normal)[0] == pytest.approx(4.0)
    b.impose("two", ban(0.2, military_only=True))  # the same ban, once
    assert b.most(normal)[0] == pytest.approx(4.0)
    b.revoke("one")
    assert b.most(normal)[0] == pytest.approx(8.0)
    assert b.ship(np.array([8.0, 0.0]), normal)[0] == pytest.approx([8.0, 0.0])
    b.impose("one", ban(0.5))
    b.revoke("two")
    assert b.most(normal)[0] == pytest.approx(5.0)
    assert not b.ship(np.array([5.0, 0.0]), normal)[0].any()
    b.revoke("one")
    assert (b.most(normal) == np.inf).all()


# -- bans in a run -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded() -> list[Chain]:
    """The standing chain with a ban from week 8 on, by severity."""
    return [ran(replace(still(), events=(export_ban("stop", severity),))) for severity in SEVERITIES]


@pytest.mark.parametrize("commodity", GOODS)
def test_a_ban_takes_its_share_of_normal_trade_in_the_first_weeks(
    graded: list[Chain], commodity: str
) -> None:
    for severity, chain in zip(SEVERITIES, graded, strict=True):
        kg = exported(chain, commodity)
        assert kg[:BEGIN] == pytest.approx(1.0)
        assert kg[BEGIN : BEGIN + 4] == pytest.approx(1.0 - severity, abs=0.01)


@pytest.mark.parametrize("commodity", GOODS)
def test_a_worse_ban_lets_less_out(graded: list[Chain], commodity: str) -> None:
    totals = [exported(chain, commodity)[BEGIN:].sum() for chain in graded]
    assert (np.diff(totals) < 0.0).all()
    assert totals[0] == pytest.approx(52 - BEGIN)
    assert totals[-1] == pytest.approx(0.0, abs=1e-9)


def test_of_two_bans_in_a_run_one_ends_and_the_other_stays() -> None:
    events = (
        export_ban("first", 0.5, end=date(2025, 5, 5)),  # weeks 8 to 17
        export_ban("second", 0.4, start=date(2025, 4, 7)),  # from week 13 on
    )
    chain = ran(replace(still(years=0.75), events=events))
    banned = chain.recorder["banned"][:, chain.routes("china", GOODS, ["all"])]
    assert banned.max(axis=1) == pytest.approx(banned.min(axis=1))
    course = [0.0] * 8 + [0.5] * 5 + [0.7] * 4 + [0.4] * (chain.weeks - 17)
    assert banned[:, 0] == pytest.approx(course)
    assert exported(chain, "dy_oxide")[13:17].max() < 0.35


# -- outages -----------------------------------------------------------------------------------------------------------------


def test_two_outages_of_one_site_multiply_and_the_end_of_one_leaves_the_other() -> None:
    first = outage("ganzhou", 0.5, end=date(2025, 5, 5))  # weeks 8 to 17
    second = replace(
        outage("ganzhou", 0.4, start=date(2025, 4, 7), end=date(2025, 6, 30)), name="again"
    )  # 13 to 25
    chain = ran(replace(still(years=0.75), events=(first, second)))
    site = chain.parts.separators.plants.ids.index("ganzhou")
    able = chain.recorder["separator_able"][:, site]
    course = [1.0] * 8 + [0.5] * 5 + [0.3] * 4 + [0.6] * 8 + [1.0] * (chain.weeks - 25)
    assert able / able[0] == pytest.approx(course)
    others = np.delete(chain.recorder["separator_able"], site, axis=1)
    assert (others == others[0]).all()


def test_an_outage_that_ramps_up_gives_back_its_own_share_only() -> None:
    first = replace(
        outage("ganzhou", 1.0, end=date(2025, 3, 31)), ramp_days=28.0
    )  # whole again in four steps from week 12
    second = replace(outage("ganzhou", 0.4), name="again")
    chain = ran(replace(still(years=0.5), events=(first, second)))
    able = chain.recorder["separator_able"][:, chain.parts.separators.plants.ids.index("ganzhou")]
    assert able[:19] / able[0] == pytest.approx([1.0] * 8 + [0.0] * 5 + [0.15, 0.3, 0.45, 0.6, 0.6, 0.6])
