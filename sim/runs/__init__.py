"""The run folder: what a run leaves behind, written whole or not at all, and read again with its checksums compared."""

from __future__ import annotations

from sim.runs.identity import fingerprint, versions
from sim.runs.reading import RunError, StoredRun, read_manifest, read_run, whole
from sim.runs.tables import Failure, Result, killed, work
from sim.runs.writing import RunFolder, restore

__all__ = [
    "Failure", "Result", "RunError", "RunFolder", "StoredRun", "fingerprint", "killed", "read_manifest", "read_run",
    "restore", "versions", "whole", "work",
]  # fmt: skip
