"""The JSON Schema of scenario files: made from the dataclasses, kept in ``scenarios/schema.json``, read by editors.

The same file tells ``coercivity new`` what a field is: an installed program needs no source code for it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from sim.library import ROOT
from sim.schema.making import schema

__all__ = ["PATH", "schema", "stored", "text"]

PATH: Final[Path] = ROOT / "scenarios" / "schema.json"


def text() -> str:
    """The schema as it is written."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def stored() -> dict[str, Any]:
    """The schema as it is kept. Raises OSError or ValueError if the file is missing or damaged."""
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found
