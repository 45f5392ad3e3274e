"""Runs a function once per replication in worker processes and gives its results back in order.

Workers are started afresh (spawn), so that they inherit no state; each holds one thread of linear algebra. A worker that is
killed takes nobody with it: what was under way is tried once more, alone, and then given up.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
LAST_WAIT: Final = 1.0  # seconds in which killed workers are gone, many times over
THREADS: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
STOPPING: Final = (signal.SIGINT, signal.SIGTERM)
MASKS: Final = hasattr(signal, "pthread_sigmask")
AHEAD: Final = 4  # results that may wait for an earlier one, times the number of workers: bounds memory


def processors() -> int:
    """How many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


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
    if min(jobs, count) <= 1:
        for r in range(count):
            result = work(r)
            hear(result)
            yield result
        return
    with one_thread():
        yield from _Pool(work, count, min(jobs, count), hear, lost or _died).results()


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra on one thread in every process started meanwhile: more would fight for cores, and change last bits."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Pool(Generic[T]):
    """Which replication is where: not yet submitted, running, ready, or suspected of having killed its worker."""

    def __init__(
        self,
        work: Callable[[int], T],
        count: int,
        jobs: int,
        done: Callable[[T], None],
        lost: Callable[[int], T],
    ) -> None:
        self.work, self.count, self.jobs, self.done, self.lost = work, count, jobs, done, lost
        self.submitted = 0
        self.running: dict[Future[T], int] = {}
        self.ready: dict[int, T] = {}
        self.suspects: list[int] = []
        self.others = {p.pid for p in multiprocessing.active_children()}
        self.executor = self._start()

    def results(self) -> Iterator[T]:
        try:
            for wanted in range(self.count):
                while wanted not in self.ready:
                    self._feed(wanted)
                    self._collect()
                yield self.ready.pop(wanted)
            self.executor.shutdown()
        except BaseException:  # Ctrl-C, a full disk, a caller that stops asking: no process is left behind
            for process in self._ours():
                process.kill()  # it holds nothing that could be left half-done
            self.executor.shutdown(wait=False, cancel_futures=True)
            until = time.monotonic() + LAST_WAIT
            while self._ours() and time.monotonic() < until:
                time.sleep(
                    0.005
                )  # the pool's own thread waits for them too, and only one of us is told that they are gone
            raise

    def _ours(self) -> list[BaseProcess]:
        """Workers that still run, as far as this process has heard."""
        return [p for p in multiprocessing.active_children() if p.pid not in self.others]

    def _start(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        with _no_interrupts():  # its semaphores must not be left half-made
            return ProcessPoolExecutor(
                self.jobs, mp_context=spawn, initializer=_prepare, initargs=(self.work,)
            )

    def _feed(self, wanted: int) -> None:
        """Keep the workers busy; while there are suspects, run one of them and nothing else."""
        if self.suspects:
            if not self.running:
                self._submit(self.suspects[0])
            return
        last = min(self.count, wanted + AHEAD * self.jobs)
        while len(self.running) < 2 * self.jobs and self.submitted < last:
            self._submit(self.submitted)
            self.submitted += 1

    def _submit(self, replication: int) -> None:
        with _no_interrupts():
            try:
                future = self.executor.submit(_call, replication)
            except (
                BrokenProcessPool
            ) as e:  # a worker died between two calls: let _collect find out in the usual way
                future = Future()
                future.set_exception(e)
        self.running[future] = replication

    def _collect(self) -> None:
        """Take what has finished. A dead worker breaks the whole pool: start another, suspect all that were running."""
        finished, _ = wait(self.running, return_when=FIRST_COMPLETED)
        broken = False
        for future in finished:
            replication = self.running[future]
            try:
                result = future.result()
            except BrokenProcessPool:
                broken = True
                continue
            del self.running[future]
            if replication in self.suspects:
                self.suspects.remove(replication)
            self._have(replication, result)
        if broken:
            alone = list(self.running.values()) == self.suspects[:1]
            if alone:
                self._have(self.suspects[0], self.lost(self.suspects.pop(0)))
            else:
                self.suspects += sorted(self.running.values())
            self.running.clear()
            self.executor.shutdown(wait=False, cancel_futures=True)
            self.executor = self._start()

    def _have(self, replication: int, result: T) -> None:
        self.ready[replication] = result
        self.done(result)


def _died(replication: int) -> Any:
    raise RuntimeError(f"the process of replication {replication} was killed twice")


_WORK: Callable[[int], Any] | None = None


def _prepare(work: Callable[[int], Any]) -> None:
    """In a new worker: take the work along, and leave Ctrl-C to the parent."""
    global _WORK
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if MASKS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _WORK = work


def _call(replication: int) -> Any:
    if _WORK is None:
        raise RuntimeError("worker was not prepared")
    return _WORK(replication)


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """No interrupt between starting a worker and knowing that it is ours to stop: it is put off until then.

    The worker inherits the mask of signals: it is deaf to Ctrl-C from its first instruction, and so prints no traceback. The
    mask alone would not do here, because another thread can receive the signal for us.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    before = {number: signal.signal(number, lambda n, _: caught.append(n)) for number in STOPPING}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING) if MASKS else set()
    try:
        yield
    finally:
        if MASKS:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)
        if caught:
            signal.raise_signal(caught[0])
