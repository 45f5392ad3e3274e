"""Runs in processes of this machine. Opens no socket that others could reach."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from sim.replicate import Pool

T = TypeVar("T")


@dataclass(frozen=True)
class Local:
    """Up to ``jobs`` processes; also with one, so that a run that dies does not take the study along."""

    jobs: int

    def results(
        self,
        work: Callable[[Sequence[int]], Sequence[T]],
        indices: Iterable[int],
        lost: Callable[[int, str], T],
    ) -> Generator[Sequence[T], None, None]:
        """Batches in the order in which they are done."""
        with closing(Pool(work, self.jobs, lost).results(indices)) as found:
            for _, results in found:
                yield results
