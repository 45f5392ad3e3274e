"""What users had, wanted and went without in a week, by pool: one pass over their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sim.compiled import kernel
from sim.stock import Array, Index

if TYPE_CHECKING:
    from sim.chain import Chain

TALLIED: Final = ("demand", "wanted", "consumed", "held", "kit_wanted", "kit_used", "kit_short")


def tally(chain: Chain) -> Array:
    """Kilograms of element by pool, a block of [pools] for each of ``TALLIED``, one behind the other.

    Civil users' demand, what they would pay for, their use and their stock; of programmes' items the week's need, what of it was
    used and what of it was not in stock.
    """
    p = chain.parts
    civil, defence = p.civil, p.defence
    line = p.buy.parts
    out = np.zeros(len(TALLIED) * chain.layout.K)
    _civil(
        p.buy.pool[line["civil"]], civil.demand, civil.wanted, civil.consumed, chain.mass[civil.block.rows],
        chain.layout.K, out,
    )  # fmt: skip
    _military(p.buy.pool[line["kits"]], defence.wanted, defence.used, defence.short, chain.layout.K, out)
    return out


@kernel
def _civil(
    pool: Index, demand: Array, wanted: Array, consumed: Array, before: Array, pools: int, out: Array
) -> None:
    for i in range(len(pool)):
        k = pool[i]
        out[k] += demand[i]
        out[pools + k] += wanted[i]
        out[2 * pools + k] += consumed[i]
        out[3 * pools + k] += (
            before[i] - consumed[i]
        )  # what they had on Monday: only use has changed it since


@kernel
def _military(pool: Index, wanted: Array, used: Array, short: Array, pools: int, out: Array) -> None:
    for i in range(len(pool)):
        k = pool[i]
        met = min(used[i], wanted[i])  # catching up uses more than the week's need
        out[4 * pools + k] += wanted[i]
        out[5 * pools + k] += met
        out[6 * pools + k] += min(short[i], wanted[i] - met)
