"""The surroundings in which a process is started or ended: one thread of linear algebra, and no interrupt half-way."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Final

THREADS: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
STOPPING: Final = (signal.SIGINT, signal.SIGTERM)
MASKS: Final = hasattr(signal, "pthread_sigmask")


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


def start_tracker() -> None:
    """Start multiprocessing's own helper process, which the first worker would start: that undoes the mask of signals."""
    if MASKS:
        resource_tracker.ensure_running()


@contextmanager
def no_interrupts() -> Iterator[None]:
    """No interrupt between starting a process and knowing that it is ours to stop: it is put off until then.

    The process inherits the mask of signals: it is deaf to Ctrl-C from its first instruction, and so prints no traceback. The
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


def leave_stopping_to_the_parent() -> None:
    """In a new process: Ctrl-C is the parent's business, a polite kill still ends us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if MASKS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
