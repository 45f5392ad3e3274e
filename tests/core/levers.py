"""Events of the kinds that act on trade and stockpiles, with everything but a test's own fields filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from core.chains import still
from sim.chain import Chain
from sim.policies.joint_purchase import JointPurchase
from sim.policies.stockpile_build import StockpileBuild
from sim.policies.stockpile_release import StockpileRelease
from sim.shocks.alignment import Alignment
from sim.shocks.duty import Duty
from sim.shocks.entity_listing import EntityListing
from sim.shocks.export_ban import ExportBan
from sim.shocks.export_quota import ExportQuota
from sim.shocks.origin_rule import OriginRule
from sim.shocks.sanction import Sanction
from sim.simulate import build
from sim.stock import Index

BEGIN = 8  # weeks from the start to 3 March 2025
START, END = date(2025, 3, 3), date(2025, 6, 2)
OVER = 21  # weeks to 2 June 2025
WEST = ("north_america", "europe", "japan", "korea", "australia")
PLAIN: dict[str, Any] = {"title": "For a test", "start": START, "sources": ("assumed: for a test",)}
QUIET: dict[str, Any] = {"announced": START, "news_strength": 0.0, "news_half_life_days": 90.0}


def quota(name: str = "quota", **fields: Any) -> ExportQuota:
    plain: dict[str, Any] = {
        "kind": "export_quota", "end": END, "origin": "china", "commodities": ("all",), "destinations": ("all",),
        "t_per_period": 1000.0, "period_weeks": 6.0, "severity": 1.0, "leakage": 0.0,
    }  # fmt: skip
    return ExportQuota(name=name, **{**PLAIN, **QUIET, **plain, **fields})


def duty(name: str = "duty", **fields: Any) -> Duty:
    plain: dict[str, Any] = {
        "kind": "duty", "end": END, "direction": "outward", "commodities": ("all",), "destinations": ("all",), "rate": 0.25,
        "severity": 1.0,
    }  # fmt: skip
    return Duty(name=name, **{**PLAIN, **plain, **fields})


def listing(name: str = "listing", **fields: Any) -> EntityListing:
    plain: dict[str, Any] = {
        "kind": "entity_listing", "end": END, "origin": "china", "commodities": ("all",), "programmes": ("f_35",),
        "makers": (), "severity": 1.0, "leakage": 0.0,
    }  # fmt: skip
    return EntityListing(name=name, **{**PLAIN, **plain, **fields})


def origin(name: str = "origin", **fields: Any) -> OriginRule:
    plain: dict[str, Any] = {
        "kind": "origin_rule", "end": END, "commodities": ("all",), "threshold": 0.001, "severity": 1.0, "odds": 0.5,
        "wait_days": 28.0, "military_refused": True,
    }  # fmt: skip
    return OriginRule(name=name, **{**PLAIN, **QUIET, **plain, **fields})


def sanction(name: str = "sanction", **fields: Any) -> Sanction:
    plain: dict[str, Any] = {
        "kind": "sanction", "end": END, "by": WEST, "against": ("russia",), "commodities": ("all",),
        "direction": ("buying", "selling"), "severity": 1.0, "leakage": 0.0,
    }  # fmt: skip
    return Sanction(name=name, **{**PLAIN, **plain, **fields})


def ban(name: str = "ban", **fields: Any) -> ExportBan:
    plain: dict[str, Any] = {
        "kind": "export_ban", "end": None, "origin": "china", "commodities": ("dy_oxide", "ndfeb_uh_ah"),
        "destinations": ("all",), "end_uses": ("civil", "military"), "severity": 1.0, "certificates": False,
        "leakage": {"default": 0.0},
    }  # fmt: skip
    return ExportBan(name=name, **{**PLAIN, **QUIET, **plain, **fields})


def alignment(name: str = "zone", **fields: Any) -> Alignment:
    return Alignment(
        name=name, kind="alignment", **{**PLAIN, "regions": ("russia", "central_asia"), **fields}
    )


def stockpile(name: str = "fill", **fields: Any) -> StockpileBuild:
    plain: dict[str, Any] = {
        "kind": "stockpile_build", "end": None, "stockpiles": ("us_defence_y_oxide",), "target_t": 20.0,
        "target_weeks": 0.0, "pace_weeks": 10.0, "most_price_ratio": 10.0,
    }  # fmt: skip
    return StockpileBuild(name=name, **{**PLAIN, **plain, **fields})


def release(name: str = "open", **fields: Any) -> StockpileRelease:
    plain: dict[str, Any] = {
        "kind": "stockpile_release", "end": None, "stockpiles": ("japan_ndpr_oxide",), "share": 0.5, "pace_weeks": 10.0,
    }  # fmt: skip
    return StockpileRelease(name=name, **{**PLAIN, **plain, **fields})


def together(name: str = "union", **fields: Any) -> JointPurchase:
    plain: dict[str, Any] = {
        "kind": "joint_purchase", "end": END, "regions": ("europe", "japan"), "commodities": ("all",), "discipline": 1.0,
    }  # fmt: skip
    return JointPurchase(name=name, **{**PLAIN, **plain, **fields})


def ran(*events: Any, years: float = 0.5) -> Chain:
    """The standing chain with events, run to its end."""
    chain = build(replace(still(years=years), events=events))
    chain.run()
    return chain


def whats(chain: Chain, name: str) -> list[str]:
    """What happened under an event's name, in order."""
    return [h.what for h in chain.happenings if h.why == name]


def route(chain: Chain, commodity: str, destination: str) -> int:
    (found,) = chain.routes("china", [commodity], [destination])
    return int(found)


def owned(chain: Chain, programme: str, commodity: str) -> int:
    """Number of a programme's item among the kits."""
    kits = chain.parts.defence.kits
    item = chain.layout.commodity_of[commodity]
    return next(
        i
        for i, (owner, c) in enumerate(zip(kits.owner, kits.commodity, strict=True))
        if (owner, c) == (programme, item)
    )


def lines_of(chain: Chain, part: str) -> Index:
    here = chain.parts.buy.parts[part]
    return chain.parts.buy.row[here]
