"""Which runs are still to be done, in batches, and which of them may have killed the process that they ran in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

Batch = tuple[int, ...]

SECONDS: Final = 0.3  # a batch should take about this long: little is repeated when a process dies
MOST: Final = 1000  # runs in a batch
BYTES: Final = 8_000_000  # of results in a batch: what a worker holds back, and the parent takes in at once
GROWTH: Final = (
    8  # a batch may be so many times as large as the one before it, because one fast run proves little
)


def next_size(runs: int, seconds: float, size: int, most: int = MOST) -> int:
    """How many runs the next batch should have, after one of ``runs`` runs took ``seconds`` and gave ``size`` bytes."""
    by_time = runs * SECONDS / max(seconds, 1e-9)
    by_memory = runs * BYTES / max(size, 1)
    return max(1, int(min(by_time, by_memory, GROWTH * runs, most)))


class Tasks:
    """Hands out each index once; again only what a dead process had in hand.

    Of a batch whose process died every run is repeated alone, so that the run that killed it betrays itself. A run whose
    process dies then is repeated once more while nothing else runs (its neighbours may have used up the memory); if that
    process dies too, the run is lost.
    """

    def __init__(self, indices: Iterable[int], may: Callable[[int], bool] = lambda _: True) -> None:
        """``may(begun)`` is asked before new runs are handed out, of which there were ``begun`` so far; it may say no only
        while batches are out."""
        self._fresh = iter(indices)
        self._may = may
        self._returned: deque[Batch] = deque()
        self._suspects: deque[int] = deque()
        self._died_once: deque[int] = deque()
        self._last_chance: int | None = None  # the run that has all processes to itself
        self._begun = 0
        self.out = 0  # batches handed out and not yet accounted for

    def take(self, most: int) -> Batch:
        """The next batch, of at most ``most`` runs; empty if there is none now (and for ever, if none is out)."""
        batch = self._next(most)
        self.out += bool(batch)
        return batch

    def _next(self, most: int) -> Batch:
        if self._last_chance is not None or (self._died_once and self.out):
            return ()
        if self._died_once:
            self._last_chance = self._died_once.popleft()
            return (self._last_chance,)
        if self._returned:
            return self._returned.popleft()
        if self._suspects:
            return (self._suspects.popleft(),)
        if not self._may(self._begun):
            return ()
        batch = tuple(islice(self._fresh, most))
        self._begun += len(batch)
        return batch

    def done(self) -> None:
        """A batch came back with its results."""
        self.out -= 1
        self._last_chance = None  # while there is one, it is the only batch that is out

    def put_back(self, batch: Batch) -> None:
        """The process died before it began with ``batch``."""
        self.out -= 1
        if batch == (self._last_chance,):
            self._last_chance = None
            self._died_once.appendleft(batch[0])
        else:
            self._returned.append(batch)

    def died(self, batch: Batch) -> int | None:
        """The process died during ``batch``; the index of the run that is lost by that, if one is."""
        self.out -= 1
        if batch == (self._last_chance,):
            self._last_chance = None
            return batch[0]
        if len(batch) == 1:
            self._died_once.append(batch[0])
        else:
            self._suspects.extend(batch)
        return None
