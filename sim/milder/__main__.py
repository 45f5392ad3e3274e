"""``python -m sim.milder [SHOCK ...] [--replications N] [--years N]``: is a milder shock ever worse?

Runs each shipped shock that has a severity at 0.25, 0.5, 0.75 and 1 in the baseline world, under common chance, and prints the mean
unserved demand. Exit code 1 if a harder shock leaves less unserved beyond chance.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sim import load
from sim.cli import Parser, UsageError, guarded
from sim.library import choices, unknown
from sim.milder import SEVERITIES, climb
from sim.replicate import processors


def parser() -> Parser:
    """The command line."""
    made = Parser("milder", "Is a milder shock ever worse?")
    made.add_argument(
        "names", nargs="*", metavar="SHOCK", help="shipped shocks (default: all that have a severity)"
    )
    made.add_argument("--replications", type=int, default=4)
    made.add_argument("--years", type=float, default=6.0)
    made.add_argument("--jobs", type=int, default=processors())
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Exit code 2 and one line for a mistake."""
    return guarded(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    given = parser().read(arguments)
    for name in given.names:
        if name not in choices("shock"):
            raise UsageError(unknown("shock", name))
    names = given.names or choices("shock")
    cases = {n: load("scenario=baseline", f"shock=[{n}]", f"years={given.years}") for n in names}
    print(
        f"t of product over {given.years:g} years, all goods, mean of {given.replications} replications: unserved demand, and in"
    )
    print(
        "brackets demand unserved or priced out; a reversal of unserved beyond chance makes the exit code 1"
    )
    print(f"{'shock at severity':<30}" + "".join(f"{s:>22g}" for s in SEVERITIES) + "  reversals")
    worse = False
    for name, case in cases.items():
        if not hasattr(case.events[0], "severity"):
            continue
        ladder = climb(case, name, given.replications, given.jobs)
        told = ladder.reversals()
        worse = worse or any(text.startswith("unserved") and "beyond" in text for text in told)
        pairs = zip(ladder.unserved.mean(axis=1), ladder.lost.mean(axis=1), strict=True)
        cells = "".join(f"{f'{u:.4g} ({v:.5g})':>22}" for u, v in pairs)
        print(f"{name:<30}{cells}  " + ("; ".join(told) or "none"), flush=True)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
