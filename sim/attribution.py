"""Why a pool was short: the binding causes of each week's gap, carried down the pools pro rata.

First edition. For each pool the kilograms by which its sources fell short of what they were asked for are summed by cause, with
a memory of ``MEMORY`` weeks because stocks run down for a while before anybody goes without; a week's gap is shared in
proportion. A source that was itself short of an input hands over the shares of the pool it buys in. Shares sum to the gap; a
gap to which no source answers is ``allocation``. The deficit ledger, which follows each stock, will replace it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.chain import Chain
from sim.compiled import kernel
from sim.dates import dates
from sim.grouping import columns_by
from sim.layout import HUBS, Layout
from sim.readings import by_pool
from sim.stock import Array, Index
from sim.trade.border import BAN_CAUSES
from sim.units import WEEKS_PER_YEAR

if TYPE_CHECKING:
    import pyarrow as pa

CAUSES = (
    "licence",
    "refusal",
    "quota",
    "ban",
    "sanction",
    "lane",
    "mine",
    "separator",
    "metal",
    "magnet",
    "recycling",
    "demand",
    "hoarding",
    "allocation",
)
NUMBER = {cause: i for i, cause in enumerate(CAUSES)}
MEMORY = 26.0  # weeks; unsourced estimate
NOISE = 0.05  # use within 5 % of its trend is nobody's fault: unsourced estimate
FAINT = 1e-9  # kg a week: less is rounding
LEAST = 1e-6  # of a pool's opening use: smaller gaps are rounding


@dataclass(slots=True)
class Shortfalls:
    """Kilograms a week short by pool: ``local[weeks, K, causes]`` and ``upstream[weeks, K, K]`` as lists of (k, from, [weeks])."""

    local: Array
    upstream: list[tuple[int, int, Array]]


def attribute(chain: Chain, replication: int) -> pa.Table:
    """Table (replication, date, place, commodity, stage, cause, gap_kg) of every week and pool with unserved demand."""
    civil, military = gaps(chain)
    weeks, pools = np.nonzero(civil + military)
    shares = resolve(chain, shortfalls(chain)) if len(weeks) else np.zeros((*civil.shape, len(CAUSES)))
    closed = columns_by(chain.recorder["barred"], chain.parts.traders.target, chain.layout.K)[weeks, pools]
    # goods that military users may not have are there for others: that part of their gap is refusal, whoever else is short
    refused = military[weeks, pools] * (closed > 0.0)
    amount = (civil[weeks, pools] + military[weeks, pools] - refused)[:, None] * shares[weeks, pools]
    amount[:, NUMBER["refusal"]] += refused
    lay, (row, cause) = chain.layout, np.nonzero(amount > 0.0)
    return _table(lay, chain.start, replication, weeks[row], pools[row], cause, amount[row, cause])


def nothing(lay: Layout, start: date, replication: int) -> pa.Table:
    """The table of a run whose gaps nobody asks after: no rows."""
    none = np.zeros(0, int)
    return _table(lay, start, replication, none, none, none, np.zeros(0))


def _table(
    lay: Layout, start: date, replication: int, weeks: Index, pools: Index, cause: Index, kg: Array
) -> pa.Table:
    import pyarrow as pa

    hub, commodity = np.divmod(pools, lay.C)

    def words(names: tuple[str, ...], index: Index) -> pa.Array:
        return pa.DictionaryArray.from_arrays(
            pa.array(index.astype(np.int32)), pa.array(list(names), pa.string())
        )

    return pa.table({
        "replication": pa.array(np.full(len(kg), replication, np.int16)),
        "date": dates(start, 7 * (weeks + 1)),
        "place": words(HUBS, hub),
        "commodity": words(lay.commodities, commodity),
        "stage": pa.array([lay.stage[c] for c in commodity], pa.string()).dictionary_encode(),
        "cause": words(CAUSES, cause),
        "gap_kg": pa.array(kg),
    })  # fmt: skip


def gaps(chain: Chain) -> tuple[Array, Array]:
    """Unserved final demand of civil and of military users by pool, kg of element a week, [weeks, K] each."""
    kg = by_pool(chain)
    civil, military = kg["wanted"] - kg["consumed"], kg["kit_short"]
    opening = chain.parts.opening.use.reshape(chain.layout.K, chain.layout.R).sum(axis=1)
    least = LEAST * opening
    return np.where(civil > least, civil, 0.0), np.where(military > least, military, 0.0)


def shortfalls(chain: Chain) -> Shortfalls:
    """What each source of each pool fell short of, by cause."""
    lay = chain.layout
    found = Shortfalls(np.zeros((chain.weeks, lay.K, len(CAUSES))), [])
    _routes(chain, found)
    _separators(chain, found)
    _makers(chain, found)
    _buyers(chain, found)
    return found


def _routes(chain: Chain, found: Shortfalls) -> None:
    """Importers: what they could not ship for want of a permit, what was refused or banned, what the source did not sell."""
    p, r = chain.parts, chain.recorder
    line = p.buy.parts["trader"]
    want, bought = r["wants"][:, line], r["bought"][:, line]
    refused, most = r["refused_kg"], r["ask_most"]
    short = np.maximum(want - bought, 0.0)
    bound = most < want  # a permit or ban, not the market, held them back
    banned = r["banned"] * want
    ban = np.where(bound, np.minimum(short, banned), 0.0)
    refusal = np.where(bound, np.minimum(short - ban, refused), 0.0)
    left = np.where(bound, np.minimum(short - ban - refusal, want - most), 0.0)
    quota = np.where(r["rationed"] > 0.0, left, 0.0)
    licence = left - quota
    closed = {cause: ban * (r["ban_cause"] == i) for i, cause in enumerate(BAN_CAUSES)}
    for route in range(len(p.traders.block)):
        target, source = int(p.traders.target[route]), int(p.traders.source[route])
        for cause, kg in closed.items():
            found.local[:, target, NUMBER[cause]] += kg[:, route]
        found.local[:, target, NUMBER["quota"]] += quota[:, route]
        found.local[:, target, NUMBER["refusal"]] += refusal[:, route]
        found.local[:, target, NUMBER["licence"]] += licence[:, route]
        open_short = np.where(bound[:, route], 0.0, short[:, route])
        if open_short.any():
            found.upstream.append((target, source, open_short))


def _separators(chain: Chain, found: Shortfalls) -> None:
    """Separators that stood still, mines that sent less, scrap that did not come: against the first day's output."""
    lay, p, r = chain.layout, chain.parts, chain.recorder
    block = p.separators.oxide
    pool = chain.pool_of(block)
    opening = p.opening.oxide[p.separators.plant_of, block.commodity]
    first = np.maximum(r["throughput"][0], 1e-12)
    short = np.clip(1.0 - r["throughput"] / first, 0.0, 1.0)
    stopped = np.minimum(short, np.clip(1.0 - r["separator_able"] / first, 0.0, 1.0))
    stopped[:, first <= 1e-9] = 0.0
    starved = np.where(first <= 1e-9, 0.0, short - stopped)
    tight = opening * (1.0 - p.separators.surplus)
    for cause, part in (("separator", stopped), ("mine", starved)):
        found.local[:, :, NUMBER[cause]] += columns_by(part[:, p.separators.plant_of] * tight, pool, lay.K)
    block = p.recyclers.oxide
    pool = chain.pool_of(block)
    made = r["recycled_made"]
    found.local[:, :, NUMBER["recycling"]] += columns_by(np.maximum(made[0] - made, 0.0), pool, lay.K)


def _makers(chain: Chain, found: Shortfalls) -> None:
    """Metal and magnet makers: their own capacity, or the pool of the input that ran out."""
    lay, p, r = chain.layout, chain.parts, chain.recorder
    sell = p.sell
    for cause, stage, plan, begun in (("metal", p.metal, r["metal_plan"], r["metal_begun"]),
                                      ("magnet", p.magnet, r["magnet_plan"], r["magnet_begun"])):  # fmt: skip
        pool = sell.pool[sell.parts[cause]]
        short = np.maximum(plan - begun, 0.0)
        asked = columns_by(plan, stage.plant_of, len(stage.plants.ids))
        able = r[f"{cause}_able"]
        room = np.where(asked > able, able / np.maximum(asked, 1e-12), 1.0)[:, stage.plant_of]
        own = np.minimum(short, plan * (1.0 - room))
        found.local[:, :, NUMBER[cause]] += columns_by(own, pool, lay.K)
        rest = np.where(short - own > 1e-9, short - own, 0.0)
        for row in np.flatnonzero(rest.any(axis=0)):
            found.upstream += _inputs(chain, cause, int(row), int(pool[row]), rest[:, row])


def _inputs(chain: Chain, cause: str, row: int, pool: int, short: Array) -> list[tuple[int, int, Array]]:
    lay, p = chain.layout, chain.parts
    hub = pool // lay.C
    if cause == "metal":
        return [(pool, hub * lay.C + int(p.metal.inputs.commodity[row]), short)]
    bound = chain.recorder["magnet_short_of"][:, row]
    out = []
    for i in np.unique(bound[bound >= 0]):
        metal = int(p.magnet.inputs.commodity[int(i)])
        out.append((pool, hub * lay.C + metal, np.where(bound == i, short, 0.0)))
    return out


def _buyers(chain: Chain, found: Shortfalls) -> None:
    """Others' orders: stock built out of precaution, and use above its trend."""
    lay, p, r = chain.layout, chain.parts, chain.recorder
    found.local[:, :, NUMBER["lane"]] += r["lane_short"]
    found.local[:, :, NUMBER["hoarding"]] += columns_by(r["hoarding"], p.buy.pool, lay.K)
    behaviour = chain.behaviour
    years = np.arange(chain.weeks)[:, None] / WEEKS_PER_YEAR
    trend = p.civil.opening_use * ((1.0 + p.civil.growth) ** years if behaviour.growth else 1.0)
    surge = np.maximum(r["demand"] + r["substituted"] - (1.0 + NOISE) * trend, 0.0)
    found.local[:, :, NUMBER["demand"]] += columns_by(surge, p.civil.pool, lay.K)


def resolve(chain: Chain, found: Shortfalls) -> Array:
    """Shares of the causes by week and pool, [weeks, K, causes]; each row sums to one."""
    lay = chain.layout
    local = _remember(found.local)
    flows = [(k, source, _remember(amount[:, None])[:, 0]) for k, source, amount in found.upstream]
    shares = np.zeros_like(local)
    order = [
        h * lay.C + c
        for h in range(len(HUBS))
        for stage in ("oxide", "metal", "magnet")
        for c in range(lay.C)
        if lay.stage[c] == stage
    ]
    for _ in range(2):  # goods flow from China abroad and, for a few products, back
        for k in order:
            amount = local[:, k].copy()
            for target, source, kg in flows:
                if target == k:
                    amount += kg[:, None] * shares[:, source]
            total = amount.sum(axis=1, keepdims=True)
            shares[:, k] = np.divide(amount, total, out=np.zeros_like(amount), where=total > 0.0)
            shares[:, k, NUMBER["allocation"]] += (total[:, 0] <= 0.0).astype(float)
    return shares


def _remember(amount: Array) -> Array:
    """Exponential memory along the weeks, [weeks, ...]."""
    return _fading(amount.reshape(len(amount), -1), math.exp(-1.0 / MEMORY)).reshape(amount.shape)


@kernel
def _fading(amount: Array, keep: float) -> Array:
    """``level = level * keep + amount`` week by week [weeks, n]; less than ``FAINT`` is nothing."""
    kept = np.zeros(amount.shape)
    level = np.zeros(amount.shape[1])
    for week in range(amount.shape[0]):
        for i in range(amount.shape[1]):
            level[i] = level[i] * keep + amount[week, i]
            if level[i] >= FAINT:
                kept[week, i] = level[i]
    return kept
