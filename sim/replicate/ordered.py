"""A function once per replication, in one process or several: results in order, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from sim.replicate.pool import Pool

T = TypeVar("T")
AHEAD: Final = 4  # results that may wait for an earlier one, times the number of workers: bounds memory


def replicate(
    work: Callable[[int], T],
    count: int,
    jobs: int = 1,
    done: Callable[[T], None] | None = None,
    lost: Callable[[int], T] | None = None,
) -> Iterator[T]:
    """``work(0) ... work(count - 1)`` in that order; ``done`` hears of each at once, in any order.

    With ``jobs`` above 1 ``work`` must be picklable: a module's function, or a ``functools.partial`` of one. ``lost(r)`` is
    the result of a replication whose worker died twice; without it RuntimeError is raised then.
    """
    hear = done or (lambda _: None)
    jobs = min(jobs, count)
    if jobs <= 1:
        for r in range(count):
            result = work(r)
            hear(result)
            yield result
        return
    given = lost or _died
    pool: Pool[T] = Pool(partial(_each, work), jobs, lambda r, _: given(r), most=1)
    ready: dict[int, T] = {}
    wanted = 0
    found = pool.results(range(count), lambda begun: begun < wanted + AHEAD * jobs)
    try:
        for (r,), (result,) in found:
            ready[r] = result
            hear(result)
            while wanted in ready:
                yield ready.pop(wanted)
                wanted += 1
    finally:
        found.close()


def _each(work: Callable[[int], T], indices: Sequence[int]) -> list[T]:
    return [work(index) for index in indices]


def _died(replication: int) -> Any:
    raise RuntimeError(f"the process of replication {replication} was killed twice")
