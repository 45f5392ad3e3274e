"""``python -m sim.show SCENARIO [key=value ...] [--against SCENARIO]``: what a scenario is, in plain words."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli import Parser, UsageError, guarded

if TYPE_CHECKING:
    from sim.config import Plan

MOST_WIDE = 110  # longer lines are hard to read
SUFFIXES = (".yaml", ".yml")


def parser() -> Parser:
    """The command line."""
    made = Parser("show", "Say in plain words what a scenario is, or how it differs from another.")
    made.add_argument(
        "words",
        nargs="*",
        metavar="SCENARIO [key=value]",
        help="a shipped scenario or a scenario file, and what is overridden in it",
    )
    made.add_argument(
        "--against", default="", metavar="SCENARIO", help="print only what differs from this one"
    )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 after one line on standard error."""
    return guarded(lambda: _show(arguments))


def _show(arguments: Sequence[str] | None) -> int:
    chosen = parser().read(arguments)
    names = [word for word in chosen.words if "=" not in word]
    if len(names) != 1:
        said = f"{len(names)} scenarios given, one wanted" if names else "no scenario given"
        raise UsageError(f"{said}; for example: coercivity show controls_2025 --against baseline")
    from sim.show import beside, page, wrapped

    made = _plan(names[0], [word for word in chosen.words if "=" in word])
    text = beside(made, _plan(chosen.against, [])) if chosen.against else page(made)
    print(wrapped(text, min(shutil.get_terminal_size((100, 24)).columns, MOST_WIDE)))
    return 0


def _plan(name: str, overrides: list[str]) -> Plan:
    """Of a shipped scenario by its name, or of a file."""
    from sim.config import ConfigError, plan
    from sim.library import choices, unknown

    if name.endswith(SUFFIXES) or "/" in name or "\\" in name:
        return plan(overrides, Path(name))
    if name not in choices("scenario"):
        file = Path(f"{name}.yaml")
        hint = f"; for the file say {file}" if file.is_file() else ""
        raise ConfigError(unknown("scenario", name) + hint)
    return plan([f"scenario={name}", *overrides])


if __name__ == "__main__":
    sys.exit(main())
