"""Does a world stand still, does it come back when pushed, and is it alive? Part of building a world.

Four runs with the behaviour ``standstill`` (no growth, no projects, no chance): undisturbed, with every stock 2 % larger, with
the largest heavy separator stopped for four weeks, and with a tenth less neodymium, praseodymium and dysprosium mined for good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.build import Builder
from sim.case import Case
from sim.chain import Chain
from sim.elements import INDEX
from sim.layout import Layout
from sim.simulate import build
from sim.stock import Array
from sim.trajectories import STAGE_OF_BLOCK

QUARTER = 13  # weeks averaged
KICK = 1.02
STRICT = ("ndpr", "dy", "tb", "y", "sm", "la", "ce")
OUTAGE_WEEKS = (26, 30)
LESS = 0.9
LESS_OF = ("Nd", "Pr", "Dy")


@dataclass(slots=True)
class Trace:
    """Thirteen-week means of one run: log prices [quarters, K], traded stocks [quarters, K] kg."""

    prices: Array
    stocks: Array
    opening: Array  # log prices of the first day


@dataclass(slots=True)
class Proof:
    """The four runs and what they show; ``layout`` names the pools."""

    layout: Layout
    still: Trace
    kicked: Trace
    stopped: Trace
    less: Trace
    stopped_site: str

    def pool(self, hub: str, commodity: str) -> int:
        return ("china", "world").index(hub) * self.layout.C + self.layout.commodity_of[commodity]

    def drift(self) -> Array:
        """Largest relative departure of prices and traded stocks from the first day, undisturbed, by pool [K]."""
        price = np.abs(np.expm1(self.still.prices - self.still.opening)).max(axis=0)
        first = np.where(self.still.stocks[0] > 0.0, self.still.stocks[0], 1.0)
        stock = np.abs(self.still.stocks / first - 1.0 * (self.still.stocks[0] > 0.0)).max(axis=0)
        worst: Array = np.maximum(price, stock)
        return worst

    def late_swing(self, trace: Trace) -> Array:
        """Peak to peak of log prices in years 8 to 10, by pool [K]."""
        swing: Array = np.ptp(late(trace.prices), axis=0)
        return swing

    def late_gap(self, trace: Trace) -> Array:
        """Largest difference of log prices from the undisturbed run in years 8 to 10, by pool [K]."""
        gap: Array = np.abs(late(trace.prices) - late(self.still.prices)).max(axis=0)
        return gap

    def after_outage(self, pool: int) -> tuple[float, float]:
        """Largest move of a log price after the outage begins, and the largest left three years after it ends."""
        gap = np.abs(self.stopped.prices[:, pool] - self.still.prices[:, pool])
        return float(gap.max()), float(gap[(OUTAGE_WEEKS[1] + 157) // QUARTER + 1 :].max())


def late(values: Array) -> Array:
    """Rows of years 8 to 10 of a ten-year run, of quarters."""
    return values[28:40]


def prove(case: Case) -> Proof:
    """Run the four. ``case`` should have the behaviour ``standstill`` and ten years; its events are left out."""
    case = replace(case, events=(), record="report")
    still = build(case)
    kicked = build(case)
    kicked.parts.stock.kg *= KICK
    kicked.parts.stock.opening = kicked.parts.stock.total() + Builder.in_pipes(kicked.parts)
    stopped = build(case)
    site = heavy_site(stopped)
    stop_for_weeks(stopped, site)
    less = build(case)
    mine_less(less)
    a, b, c, d = (trace(chain) for chain in (still, kicked, stopped, less))
    return Proof(still.layout, a, b, c, d, stopped.parts.separators.plants.ids[site])


def trace(chain: Chain) -> Trace:
    """Run a chain to its end and take quarterly means."""
    opening = np.log(chain.parts.prices.opening)
    chain.run()
    return Trace(quarters(chain.recorder["log_price"]), quarters(traded(chain)), opening)


def traded(chain: Chain) -> Array:
    """Stocks in the trade by pool, on hand and in transit, kg [weeks, K]; the ledger of unseparated goods stands apart."""
    lay, p, r = chain.layout, chain.parts, chain.recorder
    out = np.zeros((chain.weeks, lay.K))
    for name, stage in STAGE_OF_BLOCK.items():
        if stage != "state":
            block = p.stock.blocks[name]
            pool = lay.hub[block.region] * lay.C + block.commodity
            for i, k in enumerate(pool):
                out[:, k] += r["mass"][:, block.start + i]
    for i, k in enumerate(p.buy.pool):
        out[:, k] += r["inbound"][:, i]
    return out


def quarters(values: Array) -> Array:
    """Means of ``values[weeks, n]`` over thirteen weeks each; what is left over at the end is dropped."""
    n = len(values) // QUARTER
    means: Array = values[: n * QUARTER].reshape(n, QUARTER, -1).mean(axis=1)
    return means


def heavy_site(chain: Chain) -> int:
    """The separator that makes most dysprosium."""
    s = chain.parts.separators
    dy = s.oxide.commodity == chain.layout.commodity_of["dy_oxide"]
    return int(s.plant_of[dy][np.argmax(s.made[dy])])


def stop_for_weeks(chain: Chain, site: int) -> None:
    """Put an outage of a separator on the clock, whole and without a ramp, over ``OUTAGE_WEEKS``."""
    begin, end = OUTAGE_WEEKS

    def set_working(share: float) -> None:
        chain.separator_working[site] = share

    chain.on(7.0 * begin, lambda: set_working(0.0))
    chain.on(7.0 * end, lambda: set_working(1.0))


def mine_less(chain: Chain) -> None:
    """Every mine sends a tenth less of three elements and the same of the others, from the first week on."""
    mines = chain.parts.mines
    keep = np.ones(mines.potential.shape[1])
    keep[[INDEX[e] for e in LESS_OF]] = LESS
    left = mines.potential * keep
    share = left.sum(axis=1)
    mines.plants.capacity = mines.plants.capacity * share
    mines.potential = left / share[:, None]
