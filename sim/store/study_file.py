"""``study.json`` and ``design.parquet``: what a study is, written before its first part."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from sim.store.disk import put
from sim.store.locks import Shard, temporary
from sim.store.types import About, StoreError
from sim.wording import one_line

SCHEMA_VERSION: Final = 1
STUDY: Final = "study.json"
DESIGN: Final = "design.parquet"
TUPLES: Final = ("keys", "columns", "bases")
OURS: Final = ("outcomes", "series", "damaged", DESIGN, STUDY)
# What must agree beside the digest before parts of two writers may stand in one folder.
SHAPE: Final = ("digest", "record", "seed", "replications", "points", "chunk", "columns", "keys")


def write_study(folder: Path, about: About, design: pa.Table, shard: Shard) -> None:
    """Both files, ``study.json`` last: it makes the folder a study. Raises OSError."""
    sink = pa.BufferOutputStream()
    pq.write_table(design, sink, compression="zstd", version="2.6")
    data = sink.getvalue().to_pybytes()
    put(folder / DESIGN, data, temporary(shard, DESIGN))
    told = {
        "schema_version": SCHEMA_VERSION,
        "design_sha256": hashlib.sha256(data).hexdigest(),
        **asdict(about),
    }
    told = {"sha256": _checksum(told), **told}
    text = json.dumps(told, indent=1, allow_nan=False) + "\n"
    put(folder / STUDY, text.encode(), temporary(shard, STUDY))


def read_about(folder: Path) -> tuple[About, str]:
    """The study of a folder, and the checksum its design must have. Raises StoreError."""
    path = folder / STUDY
    if not folder.is_dir():
        raise StoreError(f"{folder}: {'not a folder' if folder.exists() else 'no such folder'}")
    if not path.is_file():
        raise StoreError(f"{folder}: not a study (it has no {STUDY})")
    try:
        told = json.loads(path.read_bytes())
    except OSError as e:
        raise StoreError(f"{folder}: {STUDY} cannot be read ({e.strerror or e})") from None
    except (ValueError, RecursionError) as e:
        raise StoreError(f"{folder}: {STUDY} cannot be read ({one_line(e, 120)})") from None
    if not isinstance(told, dict) or "schema_version" not in told:
        raise StoreError(f"{folder}: {STUDY} is not that of a study")
    found = told["schema_version"]
    if found != SCHEMA_VERSION:
        newer = isinstance(found, int) and found > SCHEMA_VERSION
        hint = "; a newer version of this program wrote it" if newer else ""
        raise StoreError(
            f"{folder}: written in format {one_line(found, 20)}, this version reads {SCHEMA_VERSION}{hint}"
        )
    checksum = told.pop("sha256", None)
    names = {f.name for f in fields(About)}
    if checksum != _checksum(told) or not names <= told.keys():
        raise StoreError(
            f"{folder}: {STUDY} was changed or damaged since it was written (its checksum differs)"
        )
    plain: dict[str, Any] = {name: tuple(told[name]) if name in TUPLES else told[name] for name in names}
    return About(**plain), str(told.get("design_sha256"))


def read_design(folder: Path, sha256: str) -> pa.Table:
    """The design table, its checksum compared. Raises StoreError."""
    try:
        data = (folder / DESIGN).read_bytes()
    except OSError as e:
        raise StoreError(f"{folder}: {DESIGN} cannot be read ({e.strerror or e})") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StoreError(
            f"{folder}: {DESIGN} was changed or damaged since it was written; starting the same study again mends it"
        )
    return pq.read_table(pa.BufferReader(data))


def differing(one: About, other: About) -> str:
    """The first thing in which two studies differ that may not share a folder; '' if they may."""
    return next((name for name in SHAPE if getattr(one, name) != getattr(other, name)), "")


def refuse_strangers(folder: Path) -> None:
    """StoreError if a folder without ``study.json`` holds anything that no killed study leaves behind."""
    for path in sorted(folder.iterdir()):
        if path.name not in OURS and not path.name.startswith((".lock-", ".new-")):
            raise StoreError(f"{folder}: is neither empty nor a study (it holds {one_line(path.name, 60)})")


def _checksum(told: dict[str, Any]) -> str:
    """Over everything else in the file. Through JSON, so that what is read again counts, tuples as lists."""
    return hashlib.sha256(json.dumps(told, sort_keys=True, allow_nan=False).encode()).hexdigest()
