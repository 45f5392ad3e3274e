"""How the people of the chain behave: switches, and numbers with a range and a source each.

The numbers stand in ``conf/behaviour/*.yaml``, their units, ranges, sources and letters in ``conf/behaviour/parameters.csv``.
No part of the code reads a scenario's name: a standing chain is a choice of switches.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from sim.wording import not_one_of

PACKAGE = Path(__file__).parent
ALLOCATIONS = ("pro_rata", "priority")


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """One choice of the group ``behaviour``; ``parameters.csv`` says what each number means."""

    growth: bool
    projects: bool
    chance: bool
    precaution: bool
    substitution: bool
    queue: bool
    two_prices: bool
    investment: bool
    mothballing: bool
    allocation: str
    fill_at_par: float
    bid_softness: float
    ask_softness: float
    trade_softness: float
    user_gap_weeks: float
    maker_gap_weeks: float
    trader_gap_weeks: float
    signal_weeks: float
    user_reference_weeks: float
    maker_reference_weeks: float
    seller_reference_weeks: float
    cost_anchor: float
    cost_weeks: float
    seller_stock_response: float
    trader_stock_response: float
    stress_power: float
    maker_value_multiple: float
    use_price_weeks: float
    use_elasticity_factor: float
    substitution_cap_per_year: float
    thrift_per_year: float
    content_elasticity: float
    thrift_pays_at: float
    contract_share: float
    contract_weeks: float
    thin_share: float
    quote_up: float
    quote_down: float
    precaution_multiplier: float
    strip_weeks: float
    basket_weeks: float
    running_cost_share: float
    gross_up: float
    defence_gap_weeks: float
    catch_up: float
    demand_noise: float
    mine_noise: float
    noise_weeks: float
    outages_per_year: float
    outage_weeks: float
    full_cost_spread: float
    investment_hurdle: float
    investment_weeks: float
    capital_charge: float
    expected_elasticity: float
    mothball_weeks: float
    conversion_cost_share: float
    restart_margin: float
    restart_weeks: float
    restart_ramp_weeks: float
    first_fill_weeks: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """A row of ``parameters.csv``."""

    key: str
    unit: str
    low: float
    high: float
    value: float
    source: str
    confidence: str
    meaning: str


@cache
def parameters(folder: Path | None = None) -> dict[str, Parameter]:
    """The table of ranges by key. ``folder`` holds ``parameters.csv``; by default that of the installation."""
    root = PACKAGE / "_config" if (PACKAGE / "_config").exists() else PACKAGE.parent
    path = (folder or root / "conf" / "behaviour") / "parameters.csv"
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {
        r["key"]: Parameter(
            key=r["key"], unit=r["unit"], low=float(r["low"]), high=float(r["high"]), value=float(r["value"]),
            source=r["source"], confidence=r["confidence"], meaning=r["meaning"],
        )
        for r in rows
    }  # fmt: skip


def behaviour_from(values: Mapping[str, Any]) -> Behaviour:
    """A checked ``Behaviour`` from plain values. Raises ``ValueError`` with one line that names key, value and range."""
    names = {f.name: f.type for f in fields(Behaviour)}
    for key in values:
        if key not in names:
            raise ValueError(f"behaviour: key {not_one_of(key, names)}")
    missing = [n for n in names if n not in values]
    if missing:
        raise ValueError(f"behaviour: key {missing[0]!r} is missing")
    return Behaviour(**{n: _checked(n, str(kind), values[n]) for n, kind in names.items()})


def _checked(name: str, kind: str, value: Any) -> Any:
    if kind == "bool":
        if not isinstance(value, bool):
            raise ValueError(f"behaviour: {name}={value!r} must be true or false")
        return value
    if kind == "str":
        if value not in ALLOCATIONS:
            raise ValueError(f"behaviour: {name}={value!r} must be one of {', '.join(ALLOCATIONS)}")
        return value
    row = parameters()[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(
            f"behaviour: {name}={value!r} must be a number from {row.low:g} to {row.high:g} ({row.unit})"
        )
    if not row.low <= value <= row.high:
        raise ValueError(f"behaviour: {name}={value!r} is outside {row.low:g} to {row.high:g} ({row.unit})")
    return float(value)
