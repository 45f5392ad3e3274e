"""Products at the end of their life: what leaves use is collected at a share, more when scrap is dear or the law asks for it.

On the first day the shares are those that return the tonnes of the recyclers' table. A share answers to the value of the scrap
as that of swarf does. What nobody collects is a declared loss. Goods of regions without a recycler, and of classes from which
nobody takes rare earths back, are lost whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.compiled import kernel
from sim.elements import ELEMENTS
from sim.goods import add, mass, part, scale_marks
from sim.grouping import ratio
from sim.stock import WIDTH, Array, E, Index


@dataclass(frozen=True, slots=True)
class Mandate:
    """Least shares that must be collected, [rows in use, 15], and what each further kilogram costs."""

    least: Array
    usd_per_kg: float


class Collection:
    """Rows are those of goods in use: pairs of a region and a lifetime class."""

    def __init__(
        self,
        recycler: Index,
        share: Array,
        recyclers: int,
        opening: Array,
        element_usd: Array,
        elasticity: Array,
    ) -> None:
        """``recycler`` [n] number, -1 none; ``share`` [n, 15] collected; ``opening`` [recyclers, 15] kg a week collected on
        the first day, worth ``element_usd`` [recyclers, 15]; ``elasticity`` [recyclers] of the shares to that worth."""
        self.recycler, self.share, self.elasticity = recycler, share, elasticity
        self.recyclers = recyclers
        self.reached = recycler >= 0
        self.basket = ratio(opening, opening.sum(axis=1, keepdims=True) * np.ones(E))
        self._opening_usd = np.einsum("ij,ij->i", self.basket, element_usd)
        self.mandates: dict[str, Mandate] = {}
        self.spent: dict[str, float] = {}  # USD of this week by mandate
        self.left = np.zeros(len(recycler))  # kg that left use this week
        self.taken = np.zeros(len(recycler))  # kg of it collected

    def worth(self, element_usd: Array) -> Array:
        """Value of the scrap over its value on the first day, [recyclers]; 1 where nothing was collected then."""
        return scrap_worth(self.basket, element_usd, self._opening_usd)

    def collect(self, leaving: Array, element_usd: Array, working: Array) -> Array:
        """Scrap by recycler, [recyclers, WIDTH], out of the goods ``leaving`` [n, WIDTH] use, which become what is lost.

        ``working`` [recyclers] is the share of each one's plants that can run.
        """
        share = _shares(self.recycler, self.share, self.worth(element_usd), self.elasticity, working)
        self.spent = {}
        for name, mandate in self.mandates.items():
            able = np.where(self.reached, working[self.recycler], 0.0)[:, None]
            asked = np.maximum(mandate.least * able, share)
            self.spent[name] = float((leaving[:, :E] * (asked - share)).sum()) * mandate.usd_per_kg
            share = asked
        scrap, self.left, self.taken = _collect(leaving, share, self.recycler, self.recyclers)
        return scrap


@kernel
def scrap_worth(basket: Array, element_usd: Array, opening_usd: Array) -> Array:
    """Value of each ``basket`` [n, 15] of scrap over its value on the first day, [n]; 1 where it had none."""
    worth = np.ones(len(basket))
    for r in range(len(basket)):
        now = 0.0
        for e in range(E):
            now += basket[r, e] * element_usd[r, e]
        if opening_usd[r] > 0.0:
            worth[r] = now / opening_usd[r]
    return worth


@kernel
def _shares(recycler: Index, share: Array, worth: Array, elasticity: Array, working: Array) -> Array:
    """Share of each element that is collected of the goods of each row, [n, 15]."""
    shares = np.zeros(share.shape)
    answer = np.empty(len(worth))
    for r in range(len(worth)):
        answer[r] = max(worth[r], 1e-6) ** elasticity[r] * working[r]
    for i in range(len(share)):
        if recycler[i] >= 0:
            for e in range(E):
                shares[i, e] = min(share[i, e] * answer[recycler[i]], 1.0)
    return shares


@kernel
def _collect(leaving: Array, share: Array, recycler: Index, recyclers: int) -> tuple[Array, Array, Array]:
    """Move ``share`` [n, 15] of ``leaving`` to the recyclers; returns that, and kg that left use and kg taken by row."""
    scrap, left, taken = np.zeros((recyclers, WIDTH)), np.empty(len(leaving)), np.zeros(len(leaving))
    goods = np.zeros((1, WIDTH))
    for i in range(len(leaving)):
        left[i] = mass(leaving, i)
        if recycler[i] < 0:
            continue
        goods[0] = leaving[i]
        for e in range(E):
            goods[0, e] *= share[i, e]
        taken[i] = mass(goods, 0)
        scale_marks(goods, 0, part(taken[i], left[i]))
        add(scrap, recycler[i], goods, 0, 1.0)
        add(leaving, i, goods, 0, -1.0)
    return scrap, left, taken


def opening_shares(wanted: Array, left: Array, together: Array, names: tuple[str, ...]) -> Array:
    """Share of each element that each recycler collects on the first day, [recyclers, 15].

    ``wanted`` [recyclers, 15] kg a week fed to each recycler, ``left`` [recyclers, 15] of recoverable goods that leave use in
    its region, ``together`` [15, 15] 1 where two elements are sold as one product: nobody collects the Nd of a magnet without
    its Pr. Raises ``ValueError`` with the first that would have to collect more than there is.
    """
    asked, there = wanted @ together, left @ together
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(asked > 0.0, asked / there, 0.0)
    for r, e in zip(*np.nonzero(shares > 1.0 + 1e-9), strict=True):
        raise ValueError(
            f"recyclers.csv: row '{names[r]}', {ELEMENTS[e]}: end-of-life scrap of {asked[r, e]:.4g} kg a week is more "
            f"than the {there[r, e]:.4g} that leave use in its region (lifetimes.csv)"
        )
    return np.minimum(shares, 1.0)
