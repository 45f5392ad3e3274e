"""What a worker does with a stretch of study indices: from point to case, simulate, read off the outcomes."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sim import __version__
from sim.case import Case, Run
from sim.library import FOLDERS
from sim.runs.identity import model_version, table_sums
from sim.runs.tables import frames, prepared, scalars
from sim.store import RunResult, StoreError, packed
from sim.sweep import Design
from sim.wording import one_line

NOTHING: Final[dict[str, Any]] = {"outcomes": None, "series": None, "balance_error": math.nan}


def run_digest(address: str, seed: int, replication: int) -> str:
    """Address of a run: that of its point (configuration, world tables, model), with what its chance is drawn from."""
    return hashlib.sha256(f"{address}/{seed}/{replication}".encode()).hexdigest()


@dataclass
class Work:
    """A study's runs by index, for one process. It is sent to each worker once; ``simulate`` replaces the model in tests."""

    design: Design
    addresses: tuple[str, ...]
    replications: int
    seed: int
    series: bool  # whether trajectories are kept
    model: str  # version of the code that the addresses name
    world_tables: dict[str, str]  # checksums of the tables that they name
    simulate: Callable[[Case, int, int], Run] | None = None
    _stamps: list[tuple[str, int, int]] = field(default_factory=list, repr=False)
    _case: tuple[int, Case] | None = field(default=None, repr=False)

    def __call__(self, indices: Sequence[int]) -> list[RunResult]:
        """One result an index. Whatever goes wrong in a run is its result; raised is an interrupt, and StoreError if the model
        or a world's tables are no longer those that the study's addresses name."""
        self._unchanged()
        return [self._run(index) for index in indices]

    def _run(self, index: int) -> RunResult:
        began = time.perf_counter()
        try:
            run = self._simulated(index)
            return RunResult(
                **self._same(index),
                status="ok",
                outcomes=scalars(run),
                series=packed(prepared(run).tables["trajectories"]) if self.series else None,
                balance_error=run.balance_error,
                seconds=time.perf_counter() - began,
            )
        except (Exception, SystemExit) as e:  # whatever went wrong in it, the other runs are to be kept
            return RunResult(
                **self._same(index),
                **NOTHING,
                status="failed",
                kind=type(e).__name__,
                message=one_line(e),
                trace=frames(e),
                seconds=time.perf_counter() - began,
            )

    def _unchanged(self) -> None:
        """Looks at files' times and sizes before each batch; reads them when these have changed, and the code once."""
        folders = sorted({FOLDERS["world"] / name.partition("/")[0] for name in self.world_tables})
        stamps = [
            (str(p), p.stat().st_mtime_ns, p.stat().st_size) for f in folders for p in sorted(f.glob("*.csv"))
        ]
        if stamps == self._stamps:
            return
        if not self._stamps and model_version(__version__) != self.model:
            raise StoreError("the code of the model has changed since the study was begun; begin it again")
        found = {f"{f.name}/{name}": checksum for f in folders for name, checksum in table_sums(f).items()}
        for name, checksum in self.world_tables.items():
            if found.get(name) != checksum:
                raise StoreError(
                    f"table {name} has changed since the study was begun; put it back, or begin another study"
                )
        self._stamps = stamps

    def lost(self, index: int, why: str) -> RunResult:
        """What is left of a run whose process died twice."""
        return RunResult(**self._same(index), **NOTHING, status="killed", kind="Killed", message=why)

    def _same(self, index: int) -> dict[str, Any]:
        point, replication = divmod(index, self.replications)
        return {
            "index": index,
            "point": point,
            "replication": replication,
            "digest": run_digest(self.addresses[point], self.seed, replication),
            "seed": self.seed,
        }

    def _simulated(self, index: int) -> Run:
        point, replication = divmod(index, self.replications)
        simulate = self.simulate
        if simulate is None:
            from sim.simulate import simulate as shipped

            simulate = shipped
        if self._case is None or self._case[0] != point:
            from sim.config import read_resolved

            self._case = point, read_resolved(self.design.config(point)).case
        return simulate(self._case[1], self.seed, replication)
