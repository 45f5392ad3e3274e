"""Dated events: one file a kind. A kind is a module with ``EVENT`` (a frozen dataclass without defaults: every number stands
in the YAML), ``RANGES`` (field -> lowest, highest), ``WORDS`` (field -> what may stand in it), ``WHOLE`` (mappings that must
name every word) and ``check(event)``. A new kind is one file and one line here.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from sim.shocks import (
    alignment,
    consolidation,
    demand_surge,
    duty,
    entity_listing,
    export_ban,
    export_licensing,
    export_quota,
    feed_closure,
    lane,
    news,
    origin_rule,
    outage,
    production_quota,
    sanction,
)

KINDS: Final[dict[str, ModuleType]] = {
    "alignment": alignment,
    "duty": duty,
    "entity_listing": entity_listing,
    "export_quota": export_quota,
    "origin_rule": origin_rule,
    "sanction": sanction,
    "export_licensing": export_licensing,
    "export_ban": export_ban,
    "outage": outage,
    "production_quota": production_quota,
    "feed_closure": feed_closure,
    "lane": lane,
    "demand_surge": demand_surge,
    "consolidation": consolidation,
    "news": news,
}
