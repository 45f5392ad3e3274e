"""An entity listing: the named get nothing that came under a certificate, others notice little, and it leaves no trace."""

from __future__ import annotations

import numpy as np
import pytest

from core.borders import ban, border
from core.levers import BEGIN, OVER, listing, owned, ran, whats
from sim.chain import Chain
from sim.stock import LICENSED
from sim.trade.border import Ban

ITEM = "y_oxide"  # outside China all of it is imported


@pytest.fixture(scope="module")
def listed() -> Chain:
    return ran(listing(commodities=(ITEM,), end=None), years=2.0)


@pytest.fixture(scope="module")
def undisturbed() -> Chain:
    return ran(years=2.0)


def bought(chain: Chain, programme: str) -> np.ndarray:
    line = chain.parts.buy.parts["kits"].start + owned(chain, programme, ITEM)
    kg: np.ndarray = chain.recorder["bought"][:, line]
    return kg


def marks(chain: Chain, programme: str) -> float:
    row = chain.parts.defence.kits.start + owned(chain, programme, ITEM)
    return float(chain.parts.stock.kg[row, LICENSED])


def test_the_listed_get_no_certified_goods_and_the_others_do(listed: Chain) -> None:
    assert marks(listed, "f_35") == 0.0
    assert marks(listed, "virginia") > 0.0


def test_the_listed_run_dry_and_the_others_do_not(listed: Chain, undisturbed: Chain) -> None:
    usual = bought(undisturbed, "f_35")
    assert bought(listed, "f_35")[:BEGIN] == pytest.approx(usual[:BEGIN])
    assert bought(listed, "f_35")[-26:].sum() < 0.3 * usual[-26:].sum()  # what separators abroad make
    other = bought(undisturbed, "virginia")
    assert bought(listed, "virginia").sum() == pytest.approx(other.sum(), rel=0.03)


def test_both_are_restored_afterwards(undisturbed: Chain) -> None:
    chain = ran(listing(commodities=(ITEM,)), years=2.0)
    assert not chain.parts.stock.kg[:, LICENSED].any()  # no certificate binds anybody any more
    for programme in ("f_35", "virginia"):
        usual = bought(undisturbed, programme)
        assert bought(chain, programme)[OVER:].sum() >= 0.98 * usual[OVER:].sum()
        assert bought(chain, programme)[-4:] == pytest.approx(usual[-4:], rel=0.05)
    assert whats(chain, "listing") == ["entity listing begins", "entity listing over"]
    assert chain.parts.border.idle
    assert (chain.parts.buy.civil == chain._civil).all()


def test_a_milder_listing_leaves_the_rest_of_their_goods_to_them() -> None:
    """Of ten kilograms a week a listed user has two: at severity 0.5 one is stopped, one goes out bound to nobody."""
    b = border(None)
    share = np.array([0.2, 0.0])
    b.impose(
        "list",
        Ban(0.5 * share, np.zeros(2), np.array([True, False]), spared=0.5 * share),
        listed=True,
    )
    normal = np.array([10.0, 10.0])
    assert b.most(normal)[0] == pytest.approx(9.0)
    bound, leaked = b.ship(np.array([9.0, 10.0]), normal)
    assert bound == pytest.approx([8.0, 0.0])
    assert not leaked.any()
    assert not b.barred().any()  # other military users may have the goods


def test_graded_in_a_run() -> None:
    chains = [
        ran(listing(commodities=(ITEM,), end=None, severity=s), years=1.5) for s in (0.25, 0.5, 0.75, 1.0)
    ]
    totals = [bought(chain, "f_35")[-26:].sum() for chain in chains]
    assert (np.diff(totals) < 0.0).all()


def test_a_listed_maker_gets_nothing_certified_either() -> None:
    chain = ran(listing(programmes=(), makers=("electron_energy",), end=None), years=1.0)
    rows = chain.parts.stock.blocks["magnet_in"]
    mine = np.array([owner == "electron_energy" for owner in rows.owner])
    kept = chain.parts.stock.kg[rows.rows]
    assert kept[mine, LICENSED].sum() == 0.0
    assert kept[~mine, LICENSED].sum() > 0.0


def test_a_ban_spares_nobody_unless_it_says_so() -> None:
    b = border(None)
    b.impose("one", ban(0.3, military_only=True))
    bound, _ = b.ship(np.array([7.0, 10.0]), np.array([10.0, 10.0]))
    assert bound == pytest.approx([7.0, 0.0])
