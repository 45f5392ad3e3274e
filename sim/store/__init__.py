"""The store: what a study of many runs leaves on the disk. It grows as runs finish, and whatever is killed, it is whole."""

from __future__ import annotations

from sim.store.checking import Finding, repair, verify
from sim.store.merging import merge
from sim.store.reading import FailedRun, StoredStudy, read_study
from sim.store.series import packed
from sim.store.types import About, RunResult, StoreError, chunk_size
from sim.store.writing import Store

__all__ = [
    "About", "FailedRun", "Finding", "RunResult", "Store", "StoreError", "StoredStudy", "chunk_size", "merge", "packed",
    "read_study", "repair", "verify",
]  # fmt: skip
