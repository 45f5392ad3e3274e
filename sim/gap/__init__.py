"""The gap between the hubs under a control, paired with a comparator: peak, when, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Floats = NDArray[np.float64]
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


def gap(scenario: pa.Table, comparator: pa.Table, commodity: str) -> Gap:
    """The gap of a commodity from two tables of trajectories, over the replications that both have.

    Raises ``ValueError`` if a price is missing or no replication is common.
    """
    ours, days, numbers = _relative(scenario, commodity)
    theirs, other_days, other_numbers = _relative(comparator, commodity)
    common = sorted(set(numbers) & set(other_numbers))
    weeks = min(len(days), len(other_days))
    if not common:
        raise ValueError("the two runs have no replication in common")
    if days[:weeks] != other_days[:weeks]:
        raise ValueError(
            f"the two runs begin in different weeks ({days[0]} and {other_days[0]}): no week can be paired"
        )
    a = ours[[numbers.index(r) for r in common], :weeks]
    b = theirs[[other_numbers.index(r) for r in common], :weeks]
    return Gap(commodity, days[:weeks], a / b)


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


def _relative(table: pa.Table, commodity: str) -> tuple[Floats, list[date], list[int]]:
    net = _matrix(table, "price_net", "world", commodity)
    home = _matrix(table, "price_spot", "china", commodity)
    return net[0] / home[0], net[1], net[2]


def _matrix(
    table: pa.Table, variable: str, place: str, commodity: str
) -> tuple[Floats, list[date], list[int]]:
    keep = pc.and_(pc.equal(table["variable"], variable), pc.equal(table["place"], place))
    rows = table.filter(pc.and_(keep, pc.equal(table["commodity"], commodity)))
    if not rows.num_rows:
        raise ValueError(f"{commodity}: no series {variable} of hub {place}")
    rows = rows.sort_by([("replication", "ascending"), ("date", "ascending")])
    numbers = sorted(set(rows["replication"].to_pylist()))
    days = rows["date"].to_pylist()[: rows.num_rows // len(numbers)]
    return rows["value"].to_numpy().reshape(len(numbers), -1), days, numbers
