"""Over which lanes goods travel: each buying line's goods by origin, and the feeds of mines, as *legs* with a weight.

A leg is a part of a line's goods that comes from one region over one lane. The parts follow from the tables as lead times do:
a region uses its own goods first, and what it lacks comes from the regions of its hub with goods to spare, in proportion.
Trading houses bring goods from the regions that have them to spare in the hub they buy in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.build import Parts
from sim.grouping import total_by
from sim.layout import Layout
from sim.start import lane_days, lane_freight
from sim.stock import Array, Index
from sim.world.types import World

CONCENTRATE = -1  # as goods of a leg: a feed's


@dataclass(frozen=True, slots=True)
class Legs:
    """Arrays with one entry a leg. Lines are buying lines, and behind them the feeds."""

    line: Index
    origin: Index  # region
    destination: Index
    goods: Index  # commodity, or CONCENTRATE
    weight: Array  # share of the line's goods
    days: Array  # door to door on the first day
    usd: Array  # freight on the first day, USD/kg of product (concentrate: of REO)
    flow: Array  # t of product (concentrate: of REO) a year on the first day
    feed: Index  # number of the feed, -1 for others
    lines: int  # how many lines, feeds included


def legs_of(world: World, lay: Layout, parts: Parts) -> Legs:
    """The legs of a chain, as its buyers are addressed now."""
    rows = [*_bought(lay, parts), *_fed(world, lay, parts)]
    column = list(zip(*rows, strict=True))
    origin, destination = np.array(column[1]), np.array(column[2])
    feed = np.array(column[6])
    days = np.array([[lane_days(world, a, b) for b in lay.regions] for a in lay.regions])[origin, destination]
    usd = np.array([[lane_freight(world, a, b) for b in lay.regions] for a in lay.regions])[
        origin, destination
    ]
    for i in np.flatnonzero(feed >= 0):
        row = world.feeds[feed[i]]
        days[i], usd[i] = row.days, row.freight_usd_per_kg_reo
    return Legs(
        line=np.array(column[0]), origin=origin, destination=destination, goods=np.array(column[3]),
        weight=np.array(column[4]), days=days, usd=usd, flow=np.array(column[5]), feed=feed,
        lines=len(parts.buy.pool) + len(world.feeds),
    )  # fmt: skip


Leg = tuple[int, int, int, int, float, float, int]


def _bought(lay: Layout, parts: Parts) -> list[Leg]:
    """Legs of the buying lines; what stays in its region has none."""
    own, spare, hub = _regions(lay, parts)
    flow = parts.inbound.usual * lay.factor[parts.buy.pool % lay.C] * 52.18 / 1000.0
    trader = parts.buy.parts["trader"]
    region = parts.buy.cell % lay.R
    found: list[Leg] = []
    for i, pool in enumerate(parts.buy.pool):
        source_hub, c = divmod(int(pool), lay.C)
        if trader.start <= i < trader.stop:
            to = int(parts.traders.block.region[i - trader.start])
            weight = spare[c] * (hub == source_hub)
            weight = weight if weight.sum() > 0.0 else (hub == source_hub).astype(float)
            part = 1.0
        else:
            to = int(region[i])
            weight, part = spare[c] * (hub == source_hub), 1.0 - float(own[c, to])
        if part <= 0.0 or weight.sum() <= 0.0:
            continue
        for q in np.flatnonzero(weight > 0.0):
            if q != to:
                share = part * float(weight[q] / weight.sum())
                found.append((i, int(q), to, c, share, share * float(flow[i]), -1))
    return found


def _fed(world: World, lay: Layout, parts: Parts) -> list[Leg]:
    """Legs of the feeds, one each, those too that nothing uses yet."""
    mines = {m.id: m for m in world.mines}
    plants = {s.id: s for s in world.separators}
    return [
        (
            len(parts.buy.pool) + i,
            lay.region_of[mines[f.mine].region],
            lay.region_of[plants[f.separator].region],
            CONCENTRATE,
            1.0,
            mines[f.mine].output_t_reo_per_year * f.share,
            i,
        )
        for i, f in enumerate(world.feeds)
    ]


def _regions(lay: Layout, parts: Parts) -> tuple[Array, Array, Index]:
    """By commodity and region on the first day: share of use met by goods that lie in the region (made there or brought by its
    trading houses), and kilograms a week to spare, [C, R] each; and the hub of each region as it is now, [R]."""
    buy, t, o = parts.buy, parts.traders, parts.opening
    users = np.ones(len(buy.pool), bool)
    users[buy.parts["trader"]] = False
    cell = (buy.pool % lay.C) * lay.R + buy.cell % lay.R
    use = total_by(cell[users], parts.inbound.usual[users], lay.C * lay.R).reshape(lay.C, lay.R)
    made = np.zeros((lay.C, lay.R))
    sep, rec = parts.separators, parts.recyclers
    np.add.at(made, (sep.oxide.commodity, sep.oxide.region), o.oxide[sep.plant_of, sep.oxide.commodity])
    np.add.at(made, (rec.oxide.commodity, rec.oxide.region), o.recycled[rec.plant_of, rec.oxide.commodity])
    np.add.at(made, (parts.metal.outputs.commodity, parts.metal.outputs.region), o.metal)
    np.add.at(made, (parts.magnet.outputs.commodity, parts.magnet.outputs.region), o.magnet)
    brought = made.copy()
    np.add.at(brought, (t.block.commodity, t.block.region), t.flow)
    own = np.minimum(np.divide(brought, use, out=np.ones_like(use), where=use > 0.0), 1.0)
    hub = lay.hub.copy()
    hub[buy.cell[users] % lay.R] = buy.pool[users] // lay.C
    return own, np.maximum(made - use, 0.0), hub
