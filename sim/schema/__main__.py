"""``python -m sim.schema [--write]``: the JSON Schema of scenario files, printed, or kept in ``scenarios/schema.json``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sim.cli import Parser, guarded


def parser() -> Parser:
    """The command line."""
    made = Parser(
        "schema", "Print the JSON Schema of scenario files and events, made from the model's own kinds."
    )
    made.add_argument("--write", action="store_true", help="write it to scenarios/schema.json instead")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 after one line on standard error."""

    def program() -> int:
        chosen = parser().read(arguments)
        from sim.schema import PATH, text

        if not chosen.write:
            sys.stdout.write(text())
            return 0
        same = PATH.is_file() and PATH.read_text(encoding="utf-8") == text()
        if not same:
            PATH.write_text(text(), encoding="utf-8")
        print(f"{PATH}: {'up to date' if same else 'written'}")
        return 0

    return guarded(program)


if __name__ == "__main__":
    sys.exit(main())
