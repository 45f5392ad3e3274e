"""Which run a run is: a digest of everything that can change its tables, and of nothing else (no path, time or host)."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = Path(__file__).resolve().parents[1]
APART: Final = (
    "report",
    "study",
    "sweep",
    "store",
    "cli.py",
    "disk.py",
    "replicate",
    "library.py",
    "gap",
    "new",
    "show",
    "schema",
    "scenarios",
)  # parts of the code that cannot change a run's tables
LIBRARIES: Final = ("numpy", "numba", "pyarrow", "scipy", "simpy", "hydra-core")


def fingerprint(resolved: Mapping[str, Any], world_folder: Path, version: str) -> dict[str, Any]:
    """``digest`` and what went into it: the configuration, the world's tables, the model.

    ``resolved`` is the whole configuration as plain data (seed and number of replications are in it), ``version`` the
    package's own.
    """
    tables = table_sums(world_folder)
    model = model_version(version)
    told = json.dumps(
        {"config": resolved, "world": tables, "model": model},
        sort_keys=True,
        ensure_ascii=True,
        allow_nan=False,
    )
    return {"digest": hashlib.sha256(told.encode()).hexdigest(), "model": model, "world_tables": tables}


def model_version(version: str) -> str:
    """The version with eight digits of the code's own checksum: a changed model is another model, released or not."""
    whole = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        if place.parts[0] not in APART and place.parts[0] != "_config":
            whole.update(place.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version}+{whole.hexdigest()[:8]}"


def versions() -> dict[str, str]:
    """What equal bytes are promised for: Python, the libraries, the kind of machine. Nothing else of the environment."""
    found = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
    return found | {name: metadata.version(name) for name in LIBRARIES}


def table_sums(world_folder: Path) -> dict[str, str]:
    """Hex digests of a world's tables by file name; what else lies in the folder is nobody's business."""
    return {path.name: sha256(path) for path in sorted(world_folder.glob("*.csv"))}


def sha256(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
