"""Events of the kinds that act on mines, plants, lanes and users, with everything but a test's own fields filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from core.chains import still
from sim.chain import Chain
from sim.policies.corridor import Corridor
from sim.policies.retaliation import Retaliation
from sim.shocks.consolidation import Consolidation
from sim.shocks.demand_surge import DemandSurge
from sim.shocks.feed_closure import FeedClosure
from sim.shocks.lane import Lane
from sim.shocks.production_quota import ProductionQuota
from sim.simulate import build
from sim.stock import Array

BEGIN = 8  # weeks from the start to 3 March 2025
START, END = date(2025, 3, 3), date(2025, 6, 2)
OVER = 21  # weeks to 2 June 2025
PLAIN: dict[str, Any] = {"title": "For a test", "start": START, "sources": ("assumed: for a test",)}


def quota(name: str = "quota", **fields: Any) -> ProductionQuota:
    plain: dict[str, Any] = {
        "kind": "production_quota", "end": None, "region": "china", "stage": "separator", "sites": ("all",),
        "t_reo_per_year": 0.0, "growth_pct_per_year": 0.0, "imported": True, "severity": 1.0, "pile_weeks": 4.0,
        "flow_weeks": 4.0,
    }  # fmt: skip
    return ProductionQuota(name=name, **{**PLAIN, **plain, **fields})


def closure(name: str = "shut", **fields: Any) -> FeedClosure:
    plain: dict[str, Any] = {
        "kind": "feed_closure", "end": None, "feeds": (), "mines": (), "severity": 1.0, "to": (), "pile_weeks": 0.0,
        "flow_weeks": 1.0,
    }  # fmt: skip
    return FeedClosure(name=name, **{**PLAIN, **plain, **fields})


def lane(name: str = "lane", **fields: Any) -> Lane:
    plain: dict[str, Any] = {
        "kind": "lane", "end": None, "chokepoints": (), "pairs": (), "corridors": (), "severity": 1.0,
        "closed_share": 0.0, "days_added": 0.0, "freight_added_usd_per_kg": 0.0, "pile_weeks": 0.0, "flow_weeks": 1.0,
    }  # fmt: skip
    return Lane(name=name, **{**PLAIN, **plain, **fields})


def corridor(name: str = "corridor", **fields: Any) -> Corridor:
    plain: dict[str, Any] = {
        "kind": "corridor", "end": None, "origin": "china", "destination": "europe", "both_ways": False,
        "goods": ("all",), "days": 20.0, "freight_usd_per_kg": 0.5, "capacity_t_per_year": 1e6, "ramp_days": 0.0,
        "cost_usd": 0.0,
    }  # fmt: skip
    return Corridor(name=name, **{**PLAIN, **plain, **fields})


def surge(name: str = "surge", **fields: Any) -> DemandSurge:
    plain: dict[str, Any] = {
        "kind": "demand_surge", "end": None, "sectors": (), "regions": ("all",), "commodities": ("all",),
        "use_factor": 1.0, "programmes": (), "blocs": (), "plan_factor": 1.0, "severity": 1.0, "ramp_days": 0.0,
        "decay_days": 0.0,
    }  # fmt: skip
    return DemandSurge(name=name, **{**PLAIN, **plain, **fields})


def cartel(name: str = "cartel", **fields: Any) -> Consolidation:
    plain: dict[str, Any] = {
        "kind": "consolidation", "end": None, "region": "china", "stage": "separator", "sites": ("all",),
        "commodities": ("ndpr_oxide",), "demand_elasticity": 0.8, "fringe_elasticity": 1.0, "step_per_quarter": 0.02,
        "most_cut": 0.3, "severity": 1.0,
    }  # fmt: skip
    return Consolidation(name=name, **{**PLAIN, **plain, **fields})


def answer(name: str = "answer", **fields: Any) -> Retaliation:
    plain: dict[str, Any] = {
        "kind": "retaliation", "start": date(2025, 1, 6), "end": None, "trigger": "shut", "after_days": 14.0,
        "probability": 1.0, "lasts_days": 0.0, "severity": 1.0, "origin": "china", "commodities": (),
        "destinations": (), "duty_pct": 0.0, "feeds": (), "feed_share": 0.0, "pile_weeks": 0.0, "flow_weeks": 1.0,
        "chokepoints": (), "closed_share": 0.0, "days_added": 0.0,
    }  # fmt: skip
    return Retaliation(name=name, **{**PLAIN, **plain, **fields})


def ran(*events: Any, years: float = 0.75) -> Chain:
    """The standing chain with events, run to its end."""
    chain = build(replace(still(years=years), events=events))
    chain.run()
    return chain


def same(one: Chain, other: Chain) -> bool:
    """Whether two runs recorded the same numbers, to the bit."""
    a, b = one.recorder, other.recorder
    return a.rows.keys() == b.rows.keys() and all(a[name].tobytes() == b[name].tobytes() for name in a.rows)


def whats(chain: Chain, name: str) -> list[str]:
    """What happened under an event's name, in order."""
    return [h.what for h in chain.happenings if h.why == name]


def number(chain: Chain, stage: str, site: str) -> int:
    return chain.plants_of(stage)[0].ids.index(site)


def reo(chain: Chain, kg: Array) -> Array:
    """Kilograms of element of each mine's concentrate, [..., mines], as oxide."""
    tonnes: Array = kg * chain.parts.mines.reo
    return tonnes
