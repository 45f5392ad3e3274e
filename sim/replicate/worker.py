"""One worker process and the pipe to it. Nothing is shared between workers, so none can die holding what another needs."""

from __future__ import annotations

import multiprocessing
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, Final

from sim.replicate.calm import leave_stopping_to_the_parent, one_thread
from sim.replicate.tasks import Batch

READY: Final = b""


class Worker:
    """A process that waits for batches; ``begun`` lists what it has been given and not yet answered, oldest first."""

    def __init__(self) -> None:
        """Start the process (afresh, by spawn: it inherits no state). Call it where no interrupt can come between."""
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self._briefed = False
        self.ready = False
        self.size = 1  # runs in its next batch
        self.given: deque[Batch] = deque()
        self.process = context.Process(target=serve, args=(other,), daemon=True)
        try:
            with one_thread():
                self.process.start()
        finally:
            other.close()  # or the pipe would stay open when the process is gone

    def give(self, work: bytes, batch: Batch) -> bool:
        """Send it ``batch``, and before its first one the pickled ``work``; False if the process is gone."""
        try:
            if not self._briefed:
                self.pipe.send_bytes(work)
                self._briefed = True
            self.pipe.send(batch)
        except OSError:
            return False
        self.given.append(batch)
        return True

    def has_room(self) -> bool:
        """Whether to give it another batch: short ones are sent ahead, so that it need not wait for the parent."""
        return len(self.given) < (2 if self.size > 1 else 1)

    def receive(self) -> bytes:
        """Its next answer. Raises EOFError or OSError if the process is gone."""
        return self.pipe.recv_bytes()

    def bury(self) -> int:
        """Clear away a process that is gone; its exit code, below zero if a signal ended it."""
        self.pipe.close()
        self.process.join(1.0)
        self.process.kill()  # only if it closed its pipe and lives on
        self.process.join()
        code = self.process.exitcode
        self.process.close()
        return code or 0


def in_words(code: int) -> str:
    """What an exit code means: ``was killed, as systems do when memory runs out``."""
    if code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name
    return f"got {name}" + (", as when memory runs out" if name == "SIGKILL" else "")


def pickled(thing: object) -> bytes:
    """``thing`` as it goes through the pipe."""
    return bytes(ForkingPickler.dumps(thing))


def unpickled(sent: bytes) -> Any:
    """What ``pickled`` was given."""
    return ForkingPickler.loads(sent)


def serve(pipe: Connection) -> None:
    """In the worker: take the work along, answer each batch, leave when the parent has hung up."""
    leave_stopping_to_the_parent()
    try:
        work = _work(pipe)
        while True:
            pipe.send_bytes(answer(work, pipe.recv()))
    except (EOFError, OSError):
        return


def _work(pipe: Connection) -> Callable[[Sequence[int]], Any]:
    sent = pipe.recv_bytes()
    try:
        work: Callable[[Sequence[int]], Any] = unpickled(sent)
    except Exception as e:
        pipe.send_bytes(pickled(_portable(e)))
        raise EOFError from e
    pipe.send_bytes(READY)
    return work


def answer(work: Callable[[Sequence[int]], Any], batch: Batch) -> bytes:
    """``(seconds, results)``, or the exception that came instead."""
    began = time.perf_counter()
    try:
        results = work(batch)
        return pickled((time.perf_counter() - began, results))
    except BaseException as e:
        return pickled(_portable(e))


def _portable(error: BaseException) -> BaseException:
    """``error`` with its traceback in words, or the words alone if it cannot travel."""
    error.add_note("in a worker process:\n" + "".join(traceback.format_exception(error)).rstrip())
    try:
        unpickled(pickled(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
