"""Dysprosium and terbium designed out of magnets by programme: less of them in the recipe, for good.

Makers thrift by themselves when the metal is dear (``Chain.thrift``). A programme goes on beside it at its own pace and to its
own least content; of the two the lower content counts, so nothing is saved twice. What is designed out stays out when the
programme ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.stock import Array


@dataclass(frozen=True, slots=True)
class Thrifting:
    """``links`` [links] truth: which metals of which magnets; ``pace`` share of the opening recipe a week."""

    links: NDArray[np.bool_]
    pace: float
    least: float  # of the opening recipe
    usd_per_kg: float  # of metal saved


class Redesign:
    """``level`` [links]: kilograms of metal per kilogram in the opening recipe to which programmes have come."""

    def __init__(self, links: int) -> None:
        self.level = np.ones(links)
        self.programmes: dict[str, Thrifting] = {}
        self._thrifted = np.ones(links)  # what makers have come to by themselves

    def week(self) -> None:
        """A week's work of every programme in force."""
        for programme in self.programmes.values():
            lower = np.maximum(self.level - programme.pace, programme.least)
            self.level = np.where(programme.links, np.minimum(self.level, lower), self.level)

    def limit(self, thrifted: Array) -> Array:
        """Content by link, given what makers have ``thrifted`` [links] by themselves."""
        self._thrifted = thrifted
        lower: Array = np.minimum(thrifted, self.level)
        return lower

    def spent(self, metal: Array) -> dict[str, float]:
        """USD by programme for the metal it saves, where ``metal`` [links] kg a week would go in at the opening recipe.

        Programmes that saved the same metal share its cost equally.
        """
        if not self.programmes:
            return {}
        saved = np.maximum(self._thrifted - self.level, 0.0) * metal
        sharing = np.sum([p.links for p in self.programmes.values()], axis=0)
        return {
            name: float((saved[p.links] / sharing[p.links]).sum()) * p.usd_per_kg
            for name, p in self.programmes.items()
        }
