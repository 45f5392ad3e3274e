"""Helpers for tests of decisions: a chain whose sites earn what the test says, and the policies that go with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from core.chains import still
from sim.chain import Chain
from sim.policies.capacity_grant import CapacityGrant, FeedContract
from sim.policies.offtake import Offtake
from sim.policies.price_floor import Floor, PriceFloor
from sim.simulate import build
from sim.stock import Array

ASSUMED = ("assumed: for a test",)


def earning(chain: Chain, ratio: Callable[[int, str], float]) -> None:
    """Every site of a stage earns ``ratio(week, stage)`` times what it did on the first day, whatever the market does."""

    sites = chain.invest.worth.sites

    def earnings(own: Array, *_rest: object) -> Array:
        earned = np.zeros(len(own))
        for stage, here in sites.items():
            earned[here] = ratio(chain.week, stage)
        return earned

    chain.invest.worth.earnings = earnings  # type: ignore[method-assign]


def only(chain: Chain, *names: str) -> None:
    """Leave only these options."""
    decisions = chain.invest.decisions
    for n, option in enumerate(decisions.by_cost):
        if option.id not in names:
            decisions.cost[n] = np.inf


def happened(chain: Chain, what: str) -> list[tuple[float, str]]:
    """(day, site) of everything of that kind."""
    return [(h.day, h.where) for h in chain.happenings if h.what == what]


def cheap(monkeypatch: pytest.MonkeyPatch, factor: float) -> None:
    """From now on oxides are worth ``factor`` times their opening prices to mines and separators; build the chains before."""
    opening = build(still()).invest.worth.opening_usd

    def values(_prices: object) -> Array:
        return factor * opening

    monkeypatch.setattr("sim.chain.element_values", values)


def price_floor(stage: str, site: str, commodity: str, usd: float, above: float = 0.0, share: float = 0.0,
                end: date | None = None) -> PriceFloor:  # fmt: skip
    return PriceFloor(
        name="floor", kind="price_floor", title="A floor", start=date(2025, 1, 6), end=end, stage=stage, sites=(site,), regions=(),
        floors=(Floor(commodity=commodity, usd_per_kg=usd, upside_above_usd_per_kg=above, upside_share=share),), sources=ASSUMED,
    )  # fmt: skip


def offtake(
    site: str, commodity: str, tonnes: float, usd: float, probability: float, stage: str = "separator"
) -> Offtake:
    return Offtake(
        name="taken", kind="offtake", title="An offtake", announced=date(2025, 2, 3), start=date(2025, 3, 3),
        end=date(2026, 3, 2), stage=stage, site=site, commodity=commodity, t_per_year=tonnes, usd_per_kg=usd,
        upside_above_usd_per_kg=0.0, upside_share=0.0, probability=probability, sources=ASSUMED,
    )  # fmt: skip


def grant(stage: str, site: str, tonnes: float, lead: float = 70.0, ramp: float = 0.0, probability: float = 1.0,
          of_project: bool = False, feeds: dict[str, float] | None = None) -> CapacityGrant:  # fmt: skip
    return CapacityGrant(
        name="gift", kind="capacity_grant", title="A grant", start=date(2025, 2, 3), stage=stage, site=site, t_per_year=tonnes,
        of_project=of_project, lead_days=lead, ramp_months=ramp, probability=probability, cost_usd=1e6,
        feeds=tuple(FeedContract(contract=name, share=share) for name, share in (feeds or {}).items()), sources=ASSUMED,
    )  # fmt: skip
