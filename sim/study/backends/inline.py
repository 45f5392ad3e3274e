"""Runs in this very process, one after the other: for debuggers, profilers and tiny studies."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Inline:
    """A run that kills its process kills the study; what is stored already stays."""

    def results(
        self,
        work: Callable[[Sequence[int]], Sequence[T]],
        indices: Iterable[int],
        lost: Callable[[int, str], T],  # noqa: ARG002 - nobody is left to be told
    ) -> Generator[Sequence[T], None, None]:
        """One result at a time."""
        for index in indices:
            yield work((index,))
