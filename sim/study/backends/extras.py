"""Libraries that only one backend needs, and that need not be installed."""

from __future__ import annotations

import importlib
from types import ModuleType

from sim.cli import UsageError


def extra(name: str, has: str) -> ModuleType:
    """The library ``name``, of which ``has`` is a part. Raises UsageError of one line if it is not installed."""
    try:
        found = importlib.import_module(name)
    except ImportError:
        found = ModuleType(name)
    if not hasattr(found, has):  # an empty folder of that name can be imported too
        by = {"submitit": "slurm"}.get(name, name)
        raise UsageError(f"study.backend={by} needs {name}: pip install 'coercivity[{by}]'")
    return found
