"""Goods in use, by region and sector, from the day they go into a product to the day the product is thrown away.

A product's life is drawn from an Erlang distribution: the goods pass through ``STAGES`` stages one behind the other and leave
each at a steady rate, ``STAGES`` over the mean life (the linear chain of MacDonald, Time Lags in Biological Models, 1978). The
mean life is that of the table, its standard deviation 1/sqrt(STAGES) of it. Marks of origin travel along.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.compiled import kernel
from sim.stock import WIDTH, Array, Block, Index, Stock
from sim.units import WEEKS_PER_YEAR

STAGES: Final = (
    3  # spread of lives 58 % of the mean: some goods fail young, some are kept long; unsourced estimate
)
DEFENCE: Final = "defence"  # the class of goods built into units of defence programmes


class InUse:
    """Rows of ``block`` stand stage by stage, ``[STAGES, n]``; ``n`` pairs of a region and a lifetime class."""

    def __init__(self, block: Block, region: Index, kind: tuple[str, ...], rate: Array) -> None:
        """``rate`` [n]: share of a stage that passes on in a week."""
        self.block, self.region, self.kind, self.rate = block, region, kind, rate

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def first(self) -> slice:
        """Rows of the first stage, into which new goods go."""
        return slice(self.block.start, self.block.start + len(self))

    def put(self, stock: Stock, goods: Array) -> None:
        """Add ``goods`` [n, WIDTH] that go into products this week."""
        stock.put(self.first, goods)

    def age(self, stock: Stock) -> Array:
        """Let a week pass; returns what leaves use in it, [n, WIDTH], taken out of the stock."""
        inside = stock.kg[self.block.rows].reshape(STAGES, len(self), WIDTH)  # a view: the stock itself
        return _age(inside, self.rate)


@kernel
def _age(inside: Array, rate: Array) -> Array:
    """Pass the share ``rate`` [n] of each stage of ``inside`` [stages, n, WIDTH] on; returns what leaves the last."""
    leaving = np.zeros(inside.shape[1:])
    for i in range(inside.shape[1]):
        for j in range(WIDTH):
            passing = 0.0
            for stage in range(inside.shape[0]):
                before = passing
                passing = inside[stage, i, j] * rate[i]
                inside[stage, i, j] += before - passing
            leaving[i, j] = passing
    return leaving


def weekly_rate(years: Array) -> Array:
    """Share of a stage that passes on in a week when goods live ``years`` on average."""
    rate: Array = np.minimum(STAGES / (years * WEEKS_PER_YEAR), 1.0)
    return rate


def through_stage(rate: Array, growth_per_year: Array) -> Array:
    """What leaves a stage over what enters it, in a chain whose inflow has long grown by ``growth_per_year`` (0.05: 5 %).

    A stock that grows by the factor g a week keeps g S = S (1 - rate) + inflow, so it lets through rate / (g - 1 + rate).
    Raises ``ValueError`` where use falls so fast that the stock would be without end.
    """
    grown = (1.0 + growth_per_year) ** (1.0 / WEEKS_PER_YEAR) - 1.0
    if (grown + rate <= 0.0).any():
        raise ValueError(
            "lifetimes: past growth falls faster than goods leave use; shorten years or raise past_growth"
        )
    through: Array = rate / (grown + rate)
    return through


def opened(inflow: Array, rate: Array, through: Array) -> Array:
    """Goods in each stage on the first day, [STAGES, n, WIDTH], and by that what leaves: ``inflow x through ** STAGES``."""
    stages = np.arange(1, STAGES + 1)[:, None]
    weeks = through[None, :] ** stages / rate[None, :]
    out: Array = inflow[None, :, :] * weeks[:, :, None]
    return out
