"""``python -m sim.new NAME --from SCENARIO`` or ``--kind KIND ...``: write a scenario file to begin with."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from sim.cli import Parser, UsageError, guarded

DESCRIPTION = """Write NAME.yaml to begin with: a shipped scenario in full, or an example of each kind of event asked for,
with a remark at every field."""


def parser() -> Parser:
    """The command line."""
    made = Parser("new", DESCRIPTION)
    made.add_argument(
        "name", nargs="?", default="", metavar="NAME", help="id of the scenario: a-z, 0-9 and _"
    )
    made.add_argument(
        "--from", dest="shipped", default="", metavar="SCENARIO", help="shipped scenario to begin with"
    )
    made.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="KIND",
        help="kind of event to begin with; may be repeated",
    )
    made.add_argument("--out", default="", metavar="FILE", help="file to write (default: NAME.yaml)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 after one line on standard error with nothing written."""
    return guarded(lambda: _write(arguments))


def _write(arguments: Sequence[str] | None) -> int:
    chosen = parser().read(arguments)
    if not chosen.name:
        raise UsageError("no name given; for example: coercivity new my_outage --kind outage")
    if not chosen.shipped and not chosen.kind:
        from sim.events import KINDS
        from sim.library import choices

        raise UsageError(
            f"nothing to begin with; give --from and a scenario ({', '.join(choices('scenario'))}), "
            f"or --kind and one of {', '.join(KINDS)}"
        )
    from sim.new import from_scenario, page, skeleton, with_kinds, write
    from sim.new.content import named
    from sim.new.writing import refuse, schema_for
    from sim.schema import stored

    path = Path(chosen.out or f"{named(chosen.name)}.yaml")
    refuse(path)
    data = from_scenario(chosen.name, chosen.shipped) if chosen.shipped else skeleton(chosen.name)
    data = with_kinds(data, chosen.kind)
    origin = [f"--from {chosen.shipped}"] if chosen.shipped else []
    made = " ".join(
        [f"Written by `coercivity new {chosen.name}", *origin, *(f"--kind {k}" for k in chosen.kind)]
    )
    against = data["scenario"]["against"]
    head = {"schema": schema_for(path), "made": f"{made}`", "file": path.name, "against": against}
    write(path, page(data, stored(), head))
    print(
        f"{path}\nread it: coercivity show {path} --against {against}\nrun it:  coercivity run --scenario-file {path}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
