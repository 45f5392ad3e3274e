"""The rows of a week's record, by name: where each is read off the chain. Kilograms a week or kilograms unless the name says
otherwise; the order is that of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.grouping import total_by
from sim.stock import Array, mass_of
from sim.tally import tally

if TYPE_CHECKING:
    from sim.chain import Chain

Source = Callable[["Chain"], Array]
"""The array of the week just played; it is copied at once."""


def _by_region(chain: Chain, values: Array) -> Array:
    return total_by(chain.parts.recyclers.in_use.region, values, chain.layout.R)


FOR_OUTCOMES: Final[dict[str, Source]] = {
    "log_price": lambda c: c.parts.prices.log,
    "freight": lambda c: c.parts.prices.freight,
    "duty": lambda c: c.parts.prices.duty,
    "tally": tally,
    "planned": lambda c: c.parts.defence.due,
    "delivered": lambda c: c.parts.defence.delivered,
    "licences": lambda c: (
        c.parts.border.tally()
    ),  # pending, decided, days waited by those decided, refused: by desk, [4 * desks]
}
"""All that the outcomes of a run are read from (``sim.readings``)."""


def _others() -> dict[str, Source]:
    return {
        "paid": lambda c: c.parts.prices.paid,
        "contract": lambda c: c.parts.prices.contract,
        "thin": lambda c: c.parts.prices.thin,
        "oxide_made": lambda c: c.parts.separators.made,
        "recycled_made": lambda c: c.parts.recyclers.made,
        "discarded": lambda c: _by_region(c, c.parts.recyclers.collection.left),
        "collected": lambda c: _by_region(c, c.parts.recyclers.collection.taken),
        "metal_made": lambda c: c.parts.metal.made,
        "magnet_made": lambda c: c.parts.magnet.made,
        "mined": lambda c: c.parts.mines.output,
        "throughput": lambda c: c.parts.separators.throughput,
        "separator_able": lambda c: c.parts.separators.plants.able,
        "mine_able": lambda c: c.parts.mines.plants.able,
        "metal_able": lambda c: c.parts.metal.plants.able,
        "magnet_able": lambda c: c.parts.magnet.plants.able,
        "demand": lambda c: c.parts.civil.demand,
        "wanted": lambda c: c.parts.civil.wanted,
        "consumed": lambda c: c.parts.civil.consumed,
        "substituted": lambda c: c.parts.civil.substituted,
        "kit_wanted": lambda c: c.parts.defence.wanted,
        "kit_used": lambda c: c.parts.defence.used,
        "kit_short": lambda c: c.parts.defence.short,
        "begun": lambda c: c.parts.defence.begun,
        "delay": lambda c: c.parts.defence.delay_days(),
        "bought": lambda c: c.bought,
        "wants": lambda c: c.wants,
        "hoarding": lambda c: c.hoarding,
        # the state at the end of the week: sold goods are on the way, not in both
        "mass": lambda c: mass_of(c.parts.stock.kg),
        "inbound": lambda c: c.parts.inbound.held,
        "leaked": lambda c: c.leaked,
        "issued": lambda c: c.parts.reserves.issued,
        "issued_kits": lambda c: c.issued,
        "rent": lambda c: c.parts.border.rent,
        "arrived": lambda c: c.arrived,
        "sold": lambda c: c.sold,
        "ask_most": lambda c: np.minimum(c.most[c.parts.buy.parts["trader"]], 1e18),
        "refused_kg": lambda c: c.parts.border.refused_kg,
        "banned": lambda c: c.parts.border.banned,
        "barred": lambda c: c.parts.border.barred(),
        "ban_cause": lambda c: c.parts.border.ban_cause,
        "lane_short": lambda c: c.lane_short,  # by pool: what the way of its buyers' goods is shut for
        "rationed": lambda c: c.parts.border.rationed,
        "news": lambda c: c.parts.expectations.news,
        "metal_plan": lambda c: c.metal_plan,
        "metal_begun": lambda c: c.parts.metal.begun,
        "magnet_plan": lambda c: c.magnet_plan,
        "magnet_begun": lambda c: c.parts.magnet.begun,
        "magnet_short_of": lambda c: c.parts.magnet.short_of,
    }


ROWS: Final[dict[str, Source]] = {**FOR_OUTCOMES, **_others()}
"""All there are: what ``record=report`` and ``full`` write down."""
