"""The share that lines take at a price, many lines at once.

Half the time of a call would go into ``exp``, which a compiled loop asks for one number at a time. Written out as the usual
reduction to a short interval and a polynomial, the loop has no call and no branch left, and the processor takes eight numbers
at once; the result is that of ``1 / (1 + exp(gap))`` within two units in the last place (tests/core/test_logistic.py).
"""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.stock import Array, Index

STEEP = 60.0  # widths from the bid beyond which nothing is taken: exp() stays finite
LANES = 8  # numbers that a processor takes at once
PER_LN2 = 1.4426950408889634
LN2, LN2_REST = 0.6931471803691238, 1.9082149292705877e-10  # their sum is ln 2 to 80 bits; k * LN2 is exact


@kernel
def shares(gap: Array, bits: Index, n: int) -> None:
    """Turn the first ``n`` of ``gap`` (price over bid, in widths) into the share taken of what would be taken at any price, in
    place; ``bits`` is room for as many numbers.

    exp(gap) = 2**k * exp(rest) with ``rest`` within half of ln 2, where 13 terms of the series are exact to the last place.
    """
    for j in range(n):
        g = max(min(gap[j], STEEP), -STEEP * 10.0)
        k = np.floor(g * PER_LN2 + 0.5)
        rest = (g - k * LN2) - k * LN2_REST
        series = 1.0 / 6227020800.0
        series = series * rest + 1.0 / 479001600.0
        series = series * rest + 1.0 / 39916800.0
        series = series * rest + 1.0 / 3628800.0
        series = series * rest + 1.0 / 362880.0
        series = series * rest + 1.0 / 40320.0
        series = series * rest + 1.0 / 5040.0
        series = series * rest + 1.0 / 720.0
        series = series * rest + 1.0 / 120.0
        series = series * rest + 1.0 / 24.0
        series = series * rest + 1.0 / 6.0
        series = series * rest + 0.5
        series = series * rest + 1.0
        gap[j] = series * rest + 1.0
        bits[j] = (np.int64(k) + 1023) << 52  # 2**k, written as the bits of a float
    power = bits.view(np.float64)
    for j in range(n):
        gap[j] = 1.0 / (1.0 + gap[j] * power[j])
