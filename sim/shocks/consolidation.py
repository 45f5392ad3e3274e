"""Sellers act as one and withhold: a dominant seller with a fringe.

They aim at the markup that pays a dominant seller, by its Lerner index ``L = s / (e_d + (1 - s) e_f)``: ``s`` their share of what
is sold in their hub, ``e_d`` and ``e_f`` how much, in the long run, demand and the others' supply answer to the price, as *they*
see it (Landes and Posner, Market Power in Antitrust Cases, Harvard Law Review 94, 1981). Once a quarter they
look at the mean price of the last half year and cut their output a little more, or a little less, until it stands at the aim.
What is not sold is not made: separators buy less concentrate and the mines behind them send less; makers plan for fewer sales.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.chain import Chain
from sim.grouping import ratio, total_by
from sim.stages.stoppages import Stop
from sim.stock import Array, Index
from sim.units import WEEK

QUARTER = 13  # weeks between two looks
LOOK_BACK = 26  # weeks of prices and sales they look at
GREATEST = 0.9  # Lerner index beyond which nobody aims: an elasticity seen too small would ask for any price
LEAD = 3.0  # quarters by which the price lags what they cut, as they see it: unsourced estimate
BAND = 0.05  # log price within which they leave it: unsourced estimate
FULL_STEP = 0.5  # log price from the aim at which they take the whole step: unsourced estimate


@dataclass(frozen=True, kw_only=True)
class Consolidation:
    """Who acts as one, for what, and how they see their market."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: for good
    region: str
    stage: str  # separator, metal or magnet
    sites: tuple[str, ...]  # ids of that stage, or "all" of the region
    commodities: tuple[str, ...]  # whose prices they look at
    demand_elasticity: float  # in the long run, as they see it; positive
    fringe_elasticity: float  # of the others' supply, likewise
    step_per_quarter: float  # most by which the cut of output changes in a quarter
    most_cut: float  # share of output
    severity: float  # share of the markup (in logarithms) that they aim at
    sources: tuple[str, ...]


EVENT: Final = Consolidation
RANGES: Final[dict[str, tuple[float, float]]] = {
    "demand_elasticity": (0.05, 10.0),
    "fringe_elasticity": (0.0, 20.0),
    "step_per_quarter": (0.001, 0.25),
    "most_cut": (0.0, 0.9),
    "severity": (0.0, 1.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "region": "region",
    "stage": ("separator", "metal", "magnet"),
    "sites": "site or all",
    "commodities": "commodity",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: Consolidation) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    for field in ("sites", "commodities"):
        if not getattr(event, field):
            return f"{field} is empty; nobody would withhold anything"
    return ""


def lerner(share: Array, demand: float, fringe: float) -> Array:
    """Lerner index ``(price - cost) / price`` of a dominant seller with ``share`` of sales, at most ``GREATEST``."""
    index: Array = np.minimum(share / (demand + (1.0 - share) * fringe), GREATEST)
    return index


class Cartel:
    """The sellers, their watch on the market, and the cut they have arrived at."""

    def __init__(self, event: Consolidation, chain: Chain) -> None:
        self.event, self.chain = event, chain
        plants, _ = chain.plants_of(event.stage)
        region = chain.layout.region_of[event.region]
        named = np.array(["all" in event.sites or i in event.sites for i in plants.ids])
        self.plants, self.covered = plants, (plants.region == region) & named
        p = chain.parts
        plant_of = {
            "separator": p.separators.plant_of,
            "metal": p.metal.plant_of,
            "magnet": p.magnet.plant_of,
        }[event.stage]
        sell = chain.parts.sell
        part = sell.parts["oxide" if event.stage == "separator" else event.stage]
        rows = np.flatnonzero(self.covered[plant_of]) + part.start
        goods = [chain.layout.commodity_of[c] for c in event.commodities]
        self.lines: Index = rows[np.isin(sell.pool[rows] % chain.layout.C, goods)]
        self.pools: Index = np.unique(sell.pool[self.lines])
        self.cut = 0.0
        self.before = self._prices()
        self.last = self.before.copy()  # prices at the last look

    def _window(self, name: str) -> Array:
        """Mean of a recorded row over the last half year, as far as there is one."""
        now = int(self.chain.env.now // WEEK)
        rows: Array = self.chain.recorder[name][max(now - LOOK_BACK, 0) : now].mean(axis=0)
        return rows

    def _prices(self) -> Array:
        """Mean log prices of their pools."""
        if self.chain.env.now < WEEK:
            opening: Array = np.log(self.chain.parts.prices.opening[self.pools])
            return opening
        prices: Array = self._window("log_price")[self.pools]
        return prices

    def gap(self) -> float:
        """Log of the aim over the price, mean of their pools by the value of their sales."""
        event, sell, pools = self.event, self.chain.parts.sell, self.chain.layout.K
        sold = self._window("sold")
        own = total_by(sell.pool[self.lines], sold[self.lines], pools)[self.pools]
        share = ratio(own, total_by(sell.pool, sold, pools)[self.pools])
        aim = -np.log1p(-lerner(share, event.demand_elasticity, event.fringe_elasticity))
        worth = own * np.exp(self.before)
        prices = self._prices()
        ahead = prices + LEAD * (prices - self.last)  # what they cut last has not shown yet: they wait for it
        gap = event.severity * aim - (ahead - self.before)
        return float((worth * gap).sum() / max(float(worth.sum()), 1e-12))

    def turn(self) -> None:
        """Look, and cut a little more or a little less."""
        event, gap = self.event, self.gap()
        self.last = self._prices()
        if abs(gap) > BAND:
            step = event.step_per_quarter * min(max(gap / FULL_STEP, -1.0), 1.0)
            self.cut = min(max(self.cut + step, 0.0), event.most_cut)
        self.withhold(self.cut)

    def withhold(self, cut: float) -> None:
        """Make so much less; 0 ends it."""
        if self.event.stage != "separator":
            self.plants.willing[self.covered] = 1.0 - cut
            return
        mines = self.chain.parts.mines
        if cut > 0.0:
            share = cut * self.covered[mines.separator_of]
            mines.stoppages.impose(self.event.name, Stop(share, np.zeros(len(share)), 0.0, 1.0))
        else:
            mines.stoppages.lift(self.event.name)


def apply(event: Consolidation, chain: Chain) -> None:
    """From the first day on they look once a quarter; after the last everybody sells what he can."""
    if event.severity == 0.0:
        return
    first = chain.day_of(event.start)
    last = chain.weeks * WEEK if event.end is None else chain.day_of(event.end)
    cartel: list[Cartel] = []
    chain.recorder.keep("log_price", "sold")  # what they look back on

    def begin() -> None:
        cartel.append(Cartel(event, chain))
        chain.note("sellers act as one", event.region, event.name, event.severity)

    def end() -> None:
        cartel[0].withhold(0.0)
        chain.note("sellers act alone", event.region, event.name, cartel[0].cut)

    chain.on(first, begin)
    day = first + QUARTER * WEEK
    while day < last and chain.on(day, lambda: cartel[0].turn()):
        day += QUARTER * WEEK
    if event.end is not None:
        chain.on(last, end)
