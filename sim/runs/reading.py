"""Reading a run folder, with one line for whatever is wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from sim.runs.identity import sha256
from sim.runs.tables import TABLES
from sim.wording import one_line

SCHEMA_VERSION: Final = 1


class RunError(ValueError):
    """A run folder that cannot be read or written; the message is one line and names it."""


@dataclass(frozen=True)
class StoredRun:
    """A run folder in memory: ``manifest`` as written, one Arrow table a file, ``errors`` of replications that failed."""

    folder: Path
    manifest: dict[str, Any]
    trajectories: pa.Table
    outcomes: pa.Table
    events: pa.Table
    attribution: pa.Table
    balance: pa.Table
    errors: tuple[dict[str, Any], ...]


def read_run(folder: Path, check: bool = True) -> StoredRun:
    """Everything a run left behind. ``check`` compares the checksums first. Raises RunError."""
    manifest = read_manifest(folder)
    if check:
        _check_files(folder, manifest)
    tables = {}
    for name in TABLES:
        path = folder / f"{name}.parquet"
        try:
            tables[name] = pq.read_table(path)
        except FileNotFoundError:
            raise RunError(f"{folder}: {path.name} is missing") from None
        except (OSError, pa.ArrowException) as e:
            raise RunError(f"{folder}: {path.name} cannot be read ({one_line(e, 120)})") from None
    if not manifest["replications"]["ok"]:
        raise RunError(f"{folder}: no replication succeeded; errors.jsonl says why")
    return StoredRun(folder=folder, manifest=manifest, errors=_errors(folder), **tables)


def read_manifest(folder: Path) -> dict[str, Any]:
    """``manifest.json`` as a mapping; RunError if there is none that can be read."""
    path = folder / "manifest.json"
    try:
        if not folder.exists():
            raise RunError(f"{folder}: no such folder")
        if not folder.is_dir():
            raise RunError(f"{folder}: not a folder")
        if not any(folder.iterdir()):
            raise RunError(f"{folder}: an empty folder, not a run")
        if not path.is_file():
            raise RunError(f"{folder}: not a run folder (it has no manifest.json)")
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise RunError(f"{folder}: cannot be read ({e.strerror or e})") from None
    except ValueError as e:
        if isinstance(e, RunError):
            raise
        raise RunError(f"{folder}: manifest.json cannot be read ({one_line(e, 120)})") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise RunError(f"{folder}: manifest.json is not that of a run")
    if manifest.get("schema_version") != SCHEMA_VERSION:
        found = one_line(manifest.get("schema_version"), 20)
        raise RunError(f"{folder}: written in format {found}, this version reads {SCHEMA_VERSION}")
    return manifest


def whole(folder: Path, digest: str) -> bool:
    """Whether ``folder`` holds the run of this digest, every file as its checksum says."""
    try:
        manifest = read_manifest(folder)
        if manifest.get("digest") != digest:
            return False
        _check_files(folder, manifest)
    except RunError:
        return False
    return True


def _check_files(folder: Path, manifest: dict[str, Any]) -> None:
    for name, about in manifest["files"].items():
        path = folder / name
        try:
            if not path.resolve().is_relative_to(folder.resolve()):
                raise RunError(f"{folder}: manifest.json names {name!r}, which lies outside")
            if sha256(path) != about["sha256"]:
                raise RunError(
                    f"{folder}: {name} was changed or damaged since it was written (its checksum differs)"
                )
        except FileNotFoundError:
            raise RunError(f"{folder}: {name} is missing") from None
        except (OSError, KeyError, TypeError) as e:
            raise RunError(f"{folder}: {name} cannot be checked ({one_line(e, 120)})") from None


def _errors(folder: Path) -> tuple[dict[str, Any], ...]:
    path = folder / "errors.jsonl"
    if not path.exists():
        return ()
    return tuple(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
