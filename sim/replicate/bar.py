"""The bar on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

if TYPE_CHECKING:
    from sim.replicate.progress import Progress as Ours


class Words(ProgressColumn):
    """What a function says, asked at most once a second."""

    max_refresh = 1.0

    def __init__(self, say: Callable[[Task], str], style: str = "") -> None:
        super().__init__()
        self._say, self._style = say, style

    def render(self, task: Task) -> Text:
        return Text(self._say(task), style=self._style)


def bar(ours: Ours, console: Console) -> Progress:
    """Name, bar, count, rate, time passed and to go, failures, memory of this process and its workers."""
    from sim.replicate.progress import memory

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Words(lambda task: f"{task.speed:.3g}/s" if task.speed else ""),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        Words(lambda _: f"{ours.failed} failed" if ours.failed else "", "red"),
        Words(lambda _: memory()),
        console=console,
    )
