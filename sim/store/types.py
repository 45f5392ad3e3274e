"""What a study hands over to be kept, and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

STATUSES: Final = ("ok", "failed", "killed")
RECORDS: Final = ("outcomes", "report", "full")
MOST_PARTS: Final = 96  # of a table, however many runs: folders stay small enough to be listed and copied
SMALLEST_CHUNK: Final = 16  # runs; also the largest one with series, which are megabytes a run


class StoreError(ValueError):
    """A study folder that cannot be read or written; the message is one line and names it."""


@dataclass(frozen=True)
class RunResult:
    """One replication of one point. ``outcomes`` and ``series`` are None if it failed.

    A name in ``outcomes`` that ends in ``_date`` is an ISO date, or '' if it was not reached. ``series`` is the tidy table of
    a run (``sim.runs.tables.SCHEMA``), or the smaller one that ``sim.store.packed`` makes of it. ``seconds`` is the run's wall
    time, which no part holds: parts are equal byte for byte.
    """

    index: int
    point: int
    replication: int
    digest: str
    seed: int
    status: str
    outcomes: dict[str, float | str] | None
    series: pa.Table | None
    balance_error: float
    kind: str = ""
    message: str = ""
    trace: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class About:
    """A study in words and numbers. Run ``point * replications + replication`` is replication ``replication`` of ``point``.

    ``digest`` names the study: what could change a result goes into it. ``columns`` are the outcomes of all points,
    ``keys`` what is varied, ``bases`` the whole configurations that points are told as differences from.
    """

    name: str
    title: str
    digest: str
    model: str
    world_tables: dict[str, str]
    versions: dict[str, str]
    record: str
    seed: int
    replications: int
    points: int
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    bases: tuple[dict[str, Any], ...]
    chunk: int

    @property
    def runs(self) -> int:
        return self.points * self.replications

    @property
    def chunks(self) -> int:
        return -(-self.runs // self.chunk)

    @property
    def keeps_series(self) -> bool:
        return self.record != "outcomes"

    def stretch(self, chunk: int) -> range:
        """The runs of a chunk."""
        return range(chunk * self.chunk, min(self.runs, (chunk + 1) * self.chunk))


def chunk_size(runs: int, record: str) -> int:
    """Runs a part holds, in a study of ``runs`` that records ``record``."""
    if record != "outcomes":
        return SMALLEST_CHUNK
    return max(SMALLEST_CHUNK, -(-runs // MOST_PARTS))
