"""Runs batches of indices in worker processes. A worker that dies costs nobody else anything: what it had in hand is repeated.

Own code, because the pools at hand either fall with their first dead worker or do not say which work it had.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from multiprocessing.connection import wait
from typing import Final, Generic, TypeVar

from sim.replicate.calm import no_interrupts, start_tracker
from sim.replicate.tasks import MOST, Batch, Tasks, next_size
from sim.replicate.worker import READY, Worker, in_words, pickled, unpickled

T = TypeVar("T")
LAST_WAIT: Final = 1.0  # seconds in which workers that have nothing to do are gone, many times over
STILLBORN: Final = 5  # workers in a row that were killed before they had begun


def processors() -> int:
    """How many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class Pool(Generic[T]):
    """Up to ``jobs`` processes that run ``work`` (picklable: a module's function or a ``functools.partial`` of one).

    ``work(indices)`` gives one result for each index. ``lost(index, why)`` is the result of a run that killed its worker each
    time. Batches have at most ``most`` runs, fewer when runs are slow.
    """

    def __init__(
        self,
        work: Callable[[Sequence[int]], Sequence[T]],
        jobs: int,
        lost: Callable[[int, str], T],
        most: int = MOST,
    ) -> None:
        self._work, self._jobs, self._lost, self._most = pickled(work), jobs, lost, most
        self._workers: list[Worker] = []
        self._stillborn = 0

    def results(
        self, indices: Iterable[int], may: Callable[[int], bool] = lambda _: True
    ) -> Generator[tuple[Batch, Sequence[T]], None, None]:
        """Batches and their results as they come; for ``may`` see Tasks. No process is left when this ends, however it ends.

        Raises what ``work`` raised, and RuntimeError if workers cannot be started.
        """
        tasks = Tasks(indices, may)
        start_tracker()
        try:
            while True:
                self._feed(tasks)
                if not tasks.out:
                    break
                for worker in self._speaking():
                    yield from self._hear(worker, tasks)
            self._dismiss()
        finally:  # Ctrl-C, a full disk, a caller that stops asking
            self._kill()

    def _feed(self, tasks: Tasks) -> None:
        for worker in self._workers:
            while worker.has_room() and (batch := tasks.take(worker.size)):
                if not worker.give(self._work, batch):
                    tasks.put_back(batch)  # its death is heard of in the usual way
                    break
        new: list[Batch] = []
        while len(self._workers) < self._jobs and (batch := tasks.take(1)):
            with no_interrupts():
                self._workers.append(Worker())
            new.append(batch)
        # All are on their way before the first is given anything: that may have to wait until it is up.
        for worker, batch in zip(self._workers[len(self._workers) - len(new) :], new, strict=True):
            if not worker.give(self._work, batch):
                tasks.put_back(batch)

    def _speaking(self) -> list[Worker]:
        """Workers that have answered or died; waits for the first."""
        heard = wait([worker.pipe for worker in self._workers])
        return [worker for worker in self._workers if worker.pipe in heard]

    def _hear(self, worker: Worker, tasks: Tasks) -> Iterator[tuple[Batch, Sequence[T]]]:
        try:
            answer = worker.receive()
        except (EOFError, OSError):
            yield from self._bury(worker, tasks)
            return
        if answer == READY:
            worker.ready, self._stillborn = True, 0
            return
        told = unpickled(answer)
        if isinstance(told, BaseException):
            raise told
        seconds, results = told
        batch = worker.given.popleft()
        if len(results) != len(batch):
            raise RuntimeError(f"work gave {len(results)} results for {len(batch)} runs")
        worker.size = next_size(len(batch), seconds, len(answer), self._most)
        tasks.done()
        yield batch, results

    def _bury(self, worker: Worker, tasks: Tasks) -> Iterator[tuple[Batch, Sequence[T]]]:
        """Account for what a dead worker had in hand: only the first batch can have killed it."""
        self._workers.remove(worker)
        code = worker.bury()
        given = worker.given
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn == STILLBORN or code >= 0:
                raise RuntimeError(f"worker processes cannot be started: the last one {in_words(code)}")
        elif given:
            run = tasks.died(given.popleft())
            if run is not None:
                yield (run,), [self._lost(run, f"its process died twice; the second one {in_words(code)}")]
        for batch in given:
            tasks.put_back(batch)

    def _dismiss(self) -> None:
        """Nothing is left to do: hang up, which workers understand."""
        for worker in self._workers:
            worker.pipe.close()
        until = time.monotonic() + LAST_WAIT
        for worker in self._workers:
            worker.process.join(max(0.0, until - time.monotonic()))

    def _kill(self) -> None:
        with no_interrupts():
            for worker in self._workers:
                worker.process.kill()  # it holds nothing that could be left half-done
            for worker in self._workers:
                worker.process.join()
                worker.pipe.close()
                worker.process.close()
            self._workers.clear()
