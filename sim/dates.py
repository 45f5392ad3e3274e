"""Days of the clock as a column of dates."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.stock import Array, Index

if TYPE_CHECKING:
    import pyarrow as pa


ROUNDING = 1e-6  # days: a whole day that sums have left a hair short is that day


def dates(start: date, days: Array | Index) -> pa.Array:
    """The dates (date32) on which so many days have passed since ``start``; part of a day belongs to the day."""
    import pyarrow as pa

    first = start.toordinal() - date(1970, 1, 1).toordinal()
    return pa.array((np.floor(days + ROUNDING) + first).astype(np.int32)).cast(pa.date32())
