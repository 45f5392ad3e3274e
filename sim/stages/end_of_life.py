"""Products at the end of their life: what leaves use is collected at a share, more when scrap is dear or the law asks for it.

On the first day the shares are those that return the tonnes of the recyclers' table. A share answers to the value of the scrap
as that of swarf does. What nobody collects is a declared loss. Goods of regions without a recycler, and of classes from which
nobody takes rare earths back, are lost whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.elements import ELEMENTS
from sim.grouping import GroupSum, ratio
from sim.stock import Array, E, Index, mass_of


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
        self.reached = recycler >= 0
        self._at = np.where(self.reached, recycler, recyclers)
        self._by_recycler = GroupSum(self._at, recyclers + 1)
        self.basket = ratio(opening, opening.sum(axis=1, keepdims=True) * np.ones(E))
        self._opening_usd = np.einsum("ij,ij->i", self.basket, element_usd)
        self.mandates: dict[str, Mandate] = {}
        self.spent: dict[str, float] = {}  # USD of this week by mandate
        self.left = np.zeros(len(recycler))  # kg that left use this week
        self.taken = np.zeros(len(recycler))  # kg of it collected

    def worth(self, element_usd: Array) -> Array:
        """Value of the scrap over its value on the first day, [recyclers]; 1 where nothing was collected then."""
        now = np.einsum("ij,ij->i", self.basket, element_usd)
        value: Array = np.divide(now, self._opening_usd, out=np.ones(len(now)), where=self._opening_usd > 0.0)
        return value

    def collect(self, leaving: Array, element_usd: Array, working: Array) -> Array:
        """Scrap by recycler, [recyclers, WIDTH], out of the goods ``leaving`` [n, WIDTH] use, which become what is lost.

        ``working`` [recyclers] is the share of each one's plants that can run.
        """
        answer = np.append(np.maximum(self.worth(element_usd), 1e-6) ** self.elasticity * working, 0.0)[
            self._at
        ]
        share = np.minimum(self.share * answer[:, None], 1.0)
        self.spent = {}
        able = np.append(working, 0.0)[self._at][:, None]
        for name, mandate in self.mandates.items():
            asked = np.maximum(mandate.least * able, share)
            self.spent[name] = float((leaving[:, :E] * (asked - share)).sum()) * mandate.usd_per_kg
            share = asked
        self.left = mass_of(leaving)
        taken = leaving.copy()
        taken[:, :E] *= share
        self.taken = mass_of(taken)
        taken[:, E:] *= ratio(self.taken, self.left)[:, None]
        leaving -= taken
        scrap: Array = self._by_recycler(taken)[:-1]
        return scrap


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
