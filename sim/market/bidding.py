"""What buyers want and what they bid for it.

A buyer wants what it uses and, over some weeks, what its position lacks: stock and goods on the way against the cover it means
to hold (more of it on bad news) and the weeks the goods travel. It bids its reference price and, the emptier its stock, the
more of the way up to the price at which it stops; with too much stock it bids less.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import kernel
from sim.stock import Array, Index

OVERSTOCK = 0.25  # log price by which a buyer with twice its target stock bids less: unsourced estimate


@kernel
def wants(
    use: Array, held: Array, coming: Array, pool: Index, cover: Array, gap: Array, bridge: Array, caution: Array,
    calm: Array, shut: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """By line, [5, lines], from its ``use`` (kg a week): kg a week wanted at par; the part of it that builds up stock out of
    precaution; what it may take at most, kg; the stock it means to have, what is ``coming`` included, kg; what it lacks of
    that as a share (-1: twice as much). By pool: use whose way is ``shut``, kg a week.

    ``bridge``: weeks on the way that stock must last beyond the first; ``caution`` [pools]: factor on covers;
    ``calm``: share of it that the line hears (less where buyers purchase jointly).
    """
    out = np.empty((5, len(use)))  # one array: to hand over another costs Numba half a microsecond
    want, hoard, most, target, lack = out[0], out[1], out[2], out[3], out[4]
    barred = np.zeros(len(caution))
    for i in range(len(use)):
        more = cover[i] * (caution[pool[i]] - 1.0) * calm[i]
        position = held[i] + coming[i]
        target[i] = (cover[i] + more + bridge[i]) * use[i]
        want[i] = max(use[i] + (target[i] - position) / gap[i], 0.0)
        hoard[i] = min(max(more * use[i] / gap[i], 0.0), want[i])
        lack[i] = max(1.0 - position / target[i], -1.0) if target[i] > 0.0 else 0.0
        most[i] = (1.0 - shut[i]) * use[i] if shut[i] > 0.0 else np.inf
        barred[pool[i]] += shut[i] * use[i]
    return out, barred


@kernel
def bids(
    lack: Array, pool: Index, stops_at: Array, maker: Index, users: Array, makers: Array, power: float
) -> Array:
    """Log bids by line. ``stops_at``: log price at which it stops; ``users`` and ``makers`` [pools]: the log prices that each
    kind calls normal, a line being of the second where ``maker`` is 1; ``power`` of the lack in the way up."""
    out = np.empty(len(lack))
    for i in range(len(lack)):
        normal = makers[pool[i]] if maker[i] else users[pool[i]]
        if lack[i] > 0.0:
            pressed = lack[i] * lack[i] if power == 2.0 else lack[i] ** power
            out[i] = normal + max(stops_at[i] - normal, 0.0) * pressed
        else:
            out[i] = normal + OVERSTOCK * lack[i]
    return out
