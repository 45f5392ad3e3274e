"""Production quotas: what is above a quota is rationed pro rata over the plants that it covers.

A quota limits what plants *handle*, not what they could: idle capacity does not count. It is kept in kilograms of rare-earth
oxide a week; what a year leaves unused may be used later in the same year, not in the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.stock import Array
from sim.units import WEEKS_PER_YEAR


@dataclass(slots=True)
class Quota:
    """A quota in force. ``covered`` is 1 for plants under it, ``enforced`` the share of the excess that is stopped."""

    covered: Array  # [plants]
    kg_reo: float  # a week, in its first year
    growth: float  # a year
    enforced: float
    age: float = 0.0  # weeks in force
    saved: float = 0.0  # kg REO of this year not used yet

    def weekly(self) -> float:
        """Kilograms of REO allowed a week now, without what is saved."""
        return float(self.kg_reo * (1.0 + self.growth) ** (self.age / WEEKS_PER_YEAR))

    def ration(self, reo: Array) -> Array:
        """Share that each plant may handle of what it would, [plants], of which ``reo`` [plants] kg a week counts."""
        counted = reo * self.covered
        total, allowed = float(counted.sum()), self.weekly() + self.saved
        over = max(total - allowed, 0.0)
        self.saved = max(allowed - total, 0.0)
        self.age += 1.0
        stopped = self.enforced * over / total if total > 0.0 else 0.0
        share: Array = 1.0 - self.covered * stopped
        return share

    def new_year(self) -> None:
        """What was not used by the end of the year is void."""
        self.saved = 0.0


def rationed(quotas: dict[str, Quota], reo: Array) -> Array:
    """Share that each plant may handle under all quotas, [plants]; one that binds leaves less for the next to stop."""
    share = np.ones(len(reo))
    for quota in quotas.values():
        share = share * quota.ration(reo * share)
    return share
