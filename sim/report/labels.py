"""Labels that do not overlap: positions pushed apart by the least that is needed, order kept."""

from __future__ import annotations

from collections.abc import Sequence


def spread(wanted: Sequence[float], height: float, low: float, high: float) -> list[float]:
    """Centres for labels of ``height`` near ``wanted``, at least ``height`` apart and inside ``[low, high]``.

    Greedy: from below, each label is set where it wants to be or just above its neighbour; then, from above, whatever
    stands out of the frame is pushed back. If they cannot all fit, they keep their distance and stand out below.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    centres = [0.0] * len(wanted)
    floor = low + height / 2
    for i in order:
        centres[i] = max(wanted[i], floor)
        floor = centres[i] + height
    ceiling = high - height / 2
    for i in reversed(order):
        centres[i] = min(centres[i], ceiling)
        ceiling = centres[i] - height
    return centres
