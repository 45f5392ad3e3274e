"""How far along: a bar with the time to go on a terminal, a line every ten seconds elsewhere; failures at once."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Any, Final, Self, TextIO

EVERY: Final = 10.0  # seconds between lines where there is no terminal


class Progress:
    """Use as a context manager; call ``step`` for each replication that is done."""

    def __init__(
        self,
        name: str,
        count: int,
        stream: TextIO | None = None,
        every: float = EVERY,
        noun: str = "replications",
    ) -> None:
        self.name, self.count, self.every, self.noun = name, count, every, noun
        self.stream = stream or sys.stderr
        self.finished = 0
        self.failed = 0
        self.began = time.monotonic()
        self._stop = threading.Event()
        self._bar: Any = None
        self._thread = threading.Thread(target=self._lines, daemon=True)

    def __enter__(self) -> Self:
        if self.stream.isatty():
            self._open_bar()
        else:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._bar is not None:
            self._bar.stop()
        else:
            self._thread.join()

    def step(self, failure: str = "") -> None:
        """One more replication is done; ``failure`` is the line to show if it failed."""
        self.finished += 1
        if failure:
            self.failed += 1
            if self._bar is not None:
                self._bar.console.print(failure, markup=False, highlight=False, soft_wrap=True)
            else:
                self._say(failure)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self.finished)

    def line(self) -> str:
        """``controls_2025: 12 of 20 replications, 1 failed, about 40 s to go``."""
        passed = time.monotonic() - self.began
        failed = f", {self.failed} failed" if self.failed else ""
        left = (
            f", about {passed / self.finished * (self.count - self.finished):.0f} s to go"
            if self.finished
            else ""
        )
        return f"{self.name}: {self.finished} of {self.count} {self.noun}{failed}{left}"

    def _lines(self) -> None:
        while not self._stop.wait(self.every):
            self._say(self.line())

    def _say(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()

    def _open_bar(self) -> None:
        # Loaded here: without a terminal nobody should wait for it.
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=Console(file=self.stream))
        self._bar.add_task(self.name, total=self.count)
        self._bar.start()
