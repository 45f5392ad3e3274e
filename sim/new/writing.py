"""The file is read once before it is written: what stands in the folder afterwards loads, or there is nothing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from sim.compose import ConfigError
from sim.config import plan
from sim.library import ROOT
from sim.schema import PATH


def write(path: Path, text: str) -> None:
    """Write a new scenario file. Raises ConfigError if it exists, cannot be written, or would not be read."""
    refuse(path)
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / path.name
        trial.write_text(text, encoding="utf-8")
        plan([], trial)
    try:
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
            except BaseException:
                path.unlink()
                raise
    except FileExistsError:
        refuse(path)
    except OSError as e:
        raise ConfigError(f"{path}: cannot be written ({e.strerror or e})") from None


def refuse(path: Path) -> None:
    """Raises ConfigError if there is something of that name."""
    if path.exists() or path.is_symlink():
        raise ConfigError(f"{path} exists and is left as it is; remove it or name another with --out")


def schema_for(path: Path) -> str:
    """How a file at ``path`` names the schema: from where it stands within a checkout, else by its whole address."""
    here = path.resolve().parent
    if here.is_relative_to(ROOT):
        return Path(os.path.relpath(PATH, here)).as_posix()
    return PATH.as_uri()
