"""The weekly series that outcomes are read from, as arrays [weeks, ...] in the order of the world's tables.

All of them follow from ``sim.rows.FOR_OUTCOMES``, so they are the same numbers whatever a run writes down besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.demand.defence import SMALL_SERIES
from sim.grouping import ratio
from sim.layout import HUBS, SCO_HUB, WORLD_HUB
from sim.start import OTHER
from sim.stock import Array, Index
from sim.tally import TALLIED
from sim.trade.licences import DESKS

NIL: Final = 1e-12  # of any unit: what is smaller is rounding, and reads as zero


@dataclass(frozen=True)
class Readings:
    """Weekly values; row w is that of the week that ends 7 (w + 1) days after ``start``. Tonnes are of product."""

    start: date
    hubs: tuple[str, ...]
    commodities: tuple[str, ...]
    programmes: tuple[str, ...]  # listed ones
    blocs: tuple[str, ...]  # sorted
    desks: tuple[str, ...]  # the last is all of them
    spot: Array  # [weeks, hubs, C] USD/kg of product
    net: Array  # [weeks, C] outside China, less VAT, duty and freight
    demand: Array  # [weeks, C] t a week outside China, civil and defence
    unserved: Array  # [weeks, C] t a week outside China, civil and defence
    cover: Array  # [weeks, C] days that users' stock in the hub world lasts; nan where they never have any
    planned: Array  # [weeks, programmes] units a week
    delivered: Array  # [weeks, programmes] units a week
    bloc_planned: Array  # [weeks, blocs] weekly plans a week, each programme one vote
    bloc_delivered: Array  # [weeks, blocs] weekly plans a week
    pending: Array  # [weeks, desks] applications
    wait: Array  # [weeks, desks] days, mean of those decided in the week; 0 where none was
    refused: Array  # [weeks, desks] applications a week

    def day(self, week: int) -> str:
        """ISO date of a row."""
        return (self.start + timedelta(days=7 * (week + 1))).isoformat()


def clean(values: Array) -> Array:
    """Zero instead of rounding."""
    return np.where(np.abs(values) < NIL, 0.0, values)


def by_pool(chain: Chain) -> dict[str, Array]:
    """``sim.tally`` by name, kg of element [weeks, K]."""
    blocks = np.split(chain.recorder["tally"], len(TALLIED), axis=1)
    return dict(zip(TALLIED, blocks, strict=True))


def _units(chain: Chain) -> tuple[Array, Array, Array]:
    """Units planned by programme, those below one a week whole as they are delivered; then planned and delivered by bloc, each
    programme one vote: in units of its own weekly plan, for drones are counted by the million."""
    d, r = chain.parts.defence, chain.recorder
    due = r["planned"]
    whole = np.diff(np.floor(np.cumsum(due, axis=0) + 1e-9), axis=0, prepend=0.0)
    planned = np.where(d.plan < SMALL_SERIES, whole, due)
    weeks = np.arange(r.weeks)[:, None]
    done = d.starts[d.longest + weeks - d.build[None, :], np.arange(len(d.names))]
    members = _members(chain)
    return (
        planned,
        np.stack([ratio(due[:, mine], d.plan[mine]).sum(axis=1) for mine in members], axis=1),
        np.stack([ratio(done[:, mine], d.plan[mine]).sum(axis=1) for mine in members], axis=1),
    )


def _members(chain: Chain) -> list[Index]:
    """Numbers of the listed programmes of each bloc; blocs in the order of their names."""
    d = chain.parts.defence
    return [
        np.array([i for i, name in enumerate(d.names) if d.bloc[i] == bloc and listed(name)], int)
        for bloc in sorted(set(d.bloc))
    ]


def listed(programme: str) -> bool:
    """Whether a programme is one of the world's, not what the balance leaves."""
    return not programme.startswith(OTHER)


def with_all(by_desk: Array) -> Array:
    """A column for all desks behind those of the desks, [weeks, desks + 1]."""
    return np.column_stack([by_desk, by_desk.sum(axis=1)])


def read(chain: Chain) -> Readings:
    """Readings of a chain that has run."""
    lay, prices, r = chain.layout, chain.parts.prices, chain.recorder
    d, kg = chain.parts.defence, by_pool(chain)
    spot = np.exp(r["log_price"]).reshape(r.weeks, len(HUBS), lay.C)
    world = slice(WORLD_HUB * lay.C, SCO_HUB * lay.C)
    tonnes = lay.factor / 1000.0
    demand = (kg["demand"] + kg["kit_wanted"])[:, lay.C :]
    unserved = (kg["wanted"] - kg["consumed"] + kg["kit_short"])[:, lay.C :]
    cover = clean(7.0 * ratio(kg["held"][:, world], kg["wanted"][:, world]))
    cover[:, ~cover.any(axis=0)] = np.nan
    count = sum(listed(name) for name in d.names)  # they come first
    planned, bloc_planned, bloc_delivered = _units(chain)
    pending, decided, waited, refused = (with_all(part) for part in np.split(r["licences"], 4, axis=1))
    return Readings(
        start=chain.start,
        hubs=HUBS,
        commodities=lay.commodities,
        programmes=d.names[:count],
        blocs=tuple(sorted(set(d.bloc))),
        desks=(*DESKS, "all"),
        spot=spot,
        net=(spot[:, WORLD_HUB] - r["freight"]) / (prices.wedge * r["duty"]),
        demand=clean((demand[:, : lay.C] + demand[:, lay.C :]) * tonnes),
        unserved=clean((unserved[:, : lay.C] + unserved[:, lay.C :]) * tonnes),
        cover=cover,
        planned=planned[:, :count],
        delivered=r["delivered"][:, :count],
        bloc_planned=bloc_planned,
        bloc_delivered=bloc_delivered,
        pending=pending,
        wait=ratio(waited, decided),
        refused=refused,
    )
