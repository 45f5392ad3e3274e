"""How far along: a bar with rate, time to go and memory on a terminal, a line every ten seconds elsewhere; failures at once."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Any, Final, Self, TextIO

from sim.replicate.memory import resident

EVERY: Final = 10.0  # seconds between lines where there is no terminal
MB: Final = 1e6
BRIEF: Final = 20  # failures shown one by one; of more, the count says enough


class Progress:
    """Use as a context manager; call ``step`` for each run that is done."""

    def __init__(
        self,
        name: str,
        count: int,
        stream: TextIO | None = None,
        every: float = EVERY,
        noun: str = "replications",
        before: int = 0,
        ends: bool = False,
    ) -> None:
        """``before`` of the ``count`` runs were there already; with ``ends`` there is a line at the start and the end too."""
        self.name, self.count, self.every, self.noun = name, count, every, noun
        self.before, self.ends = before, ends
        self.stream = stream or sys.stderr
        self.finished = before
        self.failed = 0
        self.began = time.monotonic()
        self._stop = threading.Event()
        self._bar: Any = None
        self._thread = threading.Thread(target=self._lines, daemon=True)

    def __enter__(self) -> Self:
        self.began = time.monotonic()
        if self.stream.isatty():
            self._open_bar()
        else:
            if self.ends:
                self.say(self.line())
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._bar is not None:
            self._bar.stop()
            return
        self._thread.join()
        if self.ends:
            self.say(self.line())

    def step(self, failure: str = "") -> None:
        """One more run is done; ``failure`` is the line to show if it failed."""
        self.finished += 1
        if failure:
            self.failed += 1
            if self.failed <= BRIEF:
                self.say(failure)
            if self.failed == BRIEF:
                self.say("further failures are counted, not shown")
        self._show()

    def reach(self, finished: int) -> None:
        """So many runs are done by now, as counted elsewhere."""
        self.finished = finished
        self._show()

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self.finished)

    def say(self, text: str) -> None:
        """A line of its own, above the bar if there is one."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
            return
        self.stream.write(text + "\n")
        self.stream.flush()

    def line(self) -> str:
        """``controls_2025: 12 of 20 replications, 1 failed, about 40 s to go, 1.2/s, 90 + 400 MB``."""
        passed = max(time.monotonic() - self.began, 1e-9)
        rate = (self.finished - self.before) / passed
        words = [f"{self.name}: {self.finished} of {self.count} {self.noun}"]
        if self.failed:
            words.append(f"{self.failed} failed")
        if rate:
            left = (self.count - self.finished) / rate
            words.append(f"about {duration(left)} to go" if left else f"in {duration(passed)}")
            words.append(f"{rate:.3g}/s")
        return ", ".join([*words, *filter(None, [memory()])])

    def _lines(self) -> None:
        while not self._stop.wait(self.every):
            self.say(self.line())

    def _open_bar(self) -> None:
        # Loaded here: without a terminal nobody should wait for it.
        from rich.console import Console

        from sim.replicate.bar import bar

        self._bar = bar(self, Console(file=self.stream))
        self._bar.add_task(self.name, total=self.count, completed=self.finished)
        self._bar.start()


def duration(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3.5 h``."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 99.5 * 60 else f"{seconds / 3600:.1f} h"


def memory() -> str:
    """``90 + 400 MB``: this process and its workers; empty where the system does not say."""
    held = resident()
    return f"{held[0] / MB:.0f} + {held[1] / MB:.0f} MB" if held else ""
