"""Putting shards of one study together that were run into folders of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from sim.store import outcomes, parts
from sim.store.disk import reading
from sim.store.reading import StoredStudy, read_study
from sim.store.study_file import differing
from sim.store.types import StoreError
from sim.store.writing import Store


@dataclass(frozen=True)
class Merged:
    """What a merge did: runs taken, runs that were there already, and those of them whose outcomes were not the same."""

    taken: int
    known: int
    differing: int
    done: int
    runs: int


def merge(into: Path, sources: Sequence[Path]) -> Merged:
    """Take into ``into`` (made if it is not there) the runs of ``sources`` it has not; a run that is there stays.

    A run that failed in ``into`` and went well in a source is taken. Raises StoreError if the folders are not all of one
    study, or one is damaged: what is not merged must not be taken for merged.
    """
    studies = [read_study(source) for source in sources]
    first = studies[0]
    for study in studies:
        name = differing(first.about, study.about)
        if name:
            raise StoreError(f"{study.folder}: another study than {first.folder} ({name} differs)")
        if study.notices:
            raise StoreError(f"{study.notices[0]}; repair it first")
        if study.folder.resolve() == into.resolve():
            raise StoreError(f"{into}: cannot be merged into itself")
    taken = known = unlike = 0
    with Store.open(into, first.about, first.design) as store:
        for study in studies:
            for part in _parts(study):
                table = _table(study, part.path)
                rows = _table(study, part.series_path) if part.series_path is not None else None
                known += int(store.done[part.runs].sum())
                unlike += _unlike(store, part, table)
                taken += store.absorb(part.chunk, table, rows)
        done = int(store.done.sum())
    return Merged(taken, known, unlike, done, first.about.runs)


def _parts(study: StoredStudy) -> tuple[parts.Part, ...]:
    with reading(study.folder):
        found = parts.scan(study.folder, study.about, deep=True)
    for reason in found.damaged.values():
        raise StoreError(f"{study.folder}: {reason}; repair it first")
    return parts.counting(found)


def _table(study: StoredStudy, path: Path) -> pa.Table:
    with reading(study.folder):
        return parts.read(path)


def _unlike(store: Store, part: parts.Part, table: pa.Table) -> int:
    """Runs of ``table`` that went well here too and with other outcomes: the machines do not compute alike."""
    both = part.runs[part.ok & store.done[part.runs] & ~store.failed[part.runs]]
    if not len(both):
        return 0
    here = store.table(part.chunk)
    mine, other = (
        t.filter(pa.array(np.isin(outcomes.runs_of(t), both))).drop_columns(["trace"]).to_pylist()
        for t in (here, table)
    )
    # Through repr, for which one nan is like another.
    return sum(repr(a) != repr(b) for a, b in zip(mine, other, strict=True))
