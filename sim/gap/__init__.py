"""The gap between the hubs under a control, paired with a comparator: peak, when, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.panel import Floats, Panel, common
from sim.runs import RunError

CLOSED = 1.1  # the gap counts as closed when R is back below this
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Gap:
    """R = (price outside China net of VAT, duty and freight over China's) over the same in the comparator, by replication."""

    commodity: str
    days: list[date]
    ratio: Floats  # [replications, weeks]

    def peak(self) -> tuple[float, float, float, date]:
        """5 %, 50 % and 95 % quantile of each replication's own peak, and the week in which the median R peaks."""
        low, mid, high = np.quantile(self.ratio.max(axis=1), QUANTILES)
        return float(low), float(mid), float(high), self.days[int(np.median(self.ratio, axis=0).argmax())]

    def closed(self) -> date | None:
        """First week after the peak of the median R in which it is below ``CLOSED``; None if not within the run."""
        median = np.median(self.ratio, axis=0)
        after = np.flatnonzero(median[median.argmax() :] < CLOSED)
        return self.days[int(median.argmax()) + int(after[0])] if len(after) else None

    def last_above(self) -> date | None:
        """Last week in which the median R is above ``CLOSED``; None if it never is."""
        above = np.flatnonzero(np.median(self.ratio, axis=0) > CLOSED)
        return self.days[int(above[-1])] if len(above) else None


def gap(scenario: Panel, comparator: Panel, commodity: str) -> Gap:
    """The gap of a commodity in two runs, over the replications and weeks that both have.

    Raises ``RunError`` if a price is missing or nothing can be paired.
    """
    ours, theirs, weeks = common(scenario, comparator)
    a, b = _relative(scenario, commodity)[ours, :weeks], _relative(comparator, commodity)[theirs, :weeks]
    return Gap(commodity, list(scenario.days[:weeks]), a / b)


def same_end(tables: Sequence[pa.Table]) -> tuple[list[pa.Table], str]:
    """Tables of trajectories cut to the weeks that all of them have, and a sentence if that is less than they hold."""
    ends = [pc.max(table["date"]) for table in tables]
    last = min(ends, key=lambda end: end.as_py())
    if all(end == last for end in ends):
        return list(tables), ""
    cut = [table.filter(pc.less_equal(table["date"], last)) for table in tables]
    return (
        cut,
        f"the runs differ in length (to {', '.join(map(str, ends))}): compared are the weeks to {last}",
    )


def _relative(panel: Panel, commodity: str) -> Floats:
    """Net price outside China over China's, [replications, weeks]."""
    net = panel.series("price_net", place="world", commodity=commodity)
    home = panel.series("price_spot", place="china", commodity=commodity)
    if net is None or home is None:
        raise RunError(f"{commodity}: a price is not recorded")
    ratio: Floats = net / home
    return ratio
