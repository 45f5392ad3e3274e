"""Runs on a Ray cluster: one that runs already, or one that lives on this machine as long as the study does."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sim.cli import UsageError
from sim.replicate import THREADS, Batch, Tasks, next_size
from sim.replicate.worker import answer, unpickled
from sim.study.backends.extras import extra
from sim.wording import one_line

T = TypeVar("T")
AHEAD: Final = 2  # batches handed out for each processor: one runs, one waits
LISTEN: Final = 0.1  # seconds; Ctrl-C is noticed between two waits
LOOK: Final = 5.0  # seconds between two looks at the size of the cluster, which may grow or shrink
OPEN_PORTS: Final = (
    "warning: Ray listens on ports of this machine that other machines can reach while the study runs; "
    "use it on a trusted network only"
)


@dataclass(frozen=True)
class OnRay:
    """``jobs`` processors of an own cluster, or all of the cluster at ``address``; a cluster that is connected to already is
    used as it is."""

    jobs: int
    address: str = ""
    say: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        _ray()  # what is missing is said before anything has begun

    def results(
        self,
        work: Callable[[Sequence[int]], Sequence[T]],
        indices: Iterable[int],
        lost: Callable[[int, str], T],
    ) -> Generator[Sequence[T], None, None]:
        """Batches in the order in which they are done. Ray repeats nothing by itself: a run is repeated as Tasks says."""
        ray = _ray()
        tasks = Tasks(indices)
        with self._connected(ray):
            place = ray.put(work)
            call = ray.remote(num_cpus=1, max_retries=0)(_call)
            out: dict[Any, Batch] = {}
            size, room, looked = 1, 0, -LOOK
            try:
                while True:
                    if time.monotonic() - looked >= LOOK:
                        looked = time.monotonic()
                        room = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
                    while len(out) < room and (batch := tasks.take(size)):
                        out[call.remote([place], batch)] = batch
                    if not out:
                        return
                    for future in ray.wait(list(out), num_returns=1, timeout=LISTEN)[0]:
                        batch = out.pop(future)
                        told = _hear(ray, future)
                        if isinstance(told, str):
                            run = tasks.died(batch)
                            if run is not None:
                                yield [lost(run, f"its process died twice: {told}")]
                            continue
                        found = unpickled(told)
                        if isinstance(found, BaseException):
                            raise found
                        seconds, results = found
                        size = next_size(len(batch), seconds, len(told))
                        tasks.done()
                        yield results
            finally:
                for future in out:
                    ray.cancel(future, force=True)

    @contextmanager
    def _connected(self, ray: Any) -> Iterator[None]:
        if ray.is_initialized():
            yield
            return
        (self.say or _on_standard_error)(OPEN_PORTS)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a study calls nobody
        where = {"address": self.address} if self.address else {"num_cpus": self.jobs}
        try:
            ray.init(
                **where,
                include_dashboard=None if self.address else False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                runtime_env={"env_vars": dict.fromkeys(THREADS, "1")},
            )
        except (ConnectionError, ValueError, RuntimeError) as e:
            raise UsageError(f"study.address={self.address}: {one_line(e, 300)}") from e
        try:
            yield
        finally:
            ray.shutdown()


def _ray() -> Any:
    return extra("ray", "init")


def _on_standard_error(text: str) -> None:
    sys.stderr.write(text + "\n")


def _hear(ray: Any, future: Any) -> bytes | str:
    """The answer of a task, or what became of the process or machine that should have given it."""
    gone = (
        ray.exceptions.WorkerCrashedError,
        ray.exceptions.OutOfMemoryError,
        ray.exceptions.NodeDiedError,
        ray.exceptions.ObjectLostError,
    )
    try:
        told: bytes = ray.get(future)
        return told
    except gone as e:
        return one_line(e, 200)


_known: tuple[Any, Callable[[Sequence[int]], Any]] | None = None


def _call(place: list[Any], batch: Batch) -> bytes:
    """In a worker of the cluster: fetch the work once, then answer each batch."""
    global _known
    if _known is None or _known[0] != place[0]:
        _known = place[0], _ray().get(place[0])
    return answer(_known[1], batch)
