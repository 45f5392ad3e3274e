"""``python -m sim.milder [SHOCK ...] [--replications N] [--years N]``: is a milder shock ever worse?

Runs each shipped shock that has a severity at 0.25, 0.5, 0.75 and 1 in the baseline world, under common chance, and prints the mean
unserved demand. Exit code 1 if a harder shock leaves less unserved beyond chance.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from sim import load
from sim.compose import ConfigError
from sim.library import choices
from sim.milder import SEVERITIES, climb
from sim.wording import not_one_of


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ConfigError(message)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = _Parser(prog="python -m sim.milder", allow_abbrev=False, description=__doc__)
    made.add_argument(
        "names", nargs="*", metavar="SHOCK", help="shipped shocks (default: all that have a severity)"
    )
    made.add_argument("--replications", type=int, default=4)
    made.add_argument("--years", type=float, default=6.0)
    made.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Exit code 2 and one line for a mistake."""
    try:
        given = parser().parse_args(sys.argv[1:] if arguments is None else list(arguments))
        for name in given.names:
            if name not in choices("shock"):
                raise ConfigError(f"shock {not_one_of(name, choices('shock'))}")
        cases = {
            n: load("scenario=baseline", f"shock=[{n}]", f"years={given.years}")
            for n in given.names or choices("shock")
        }
    except (ConfigError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
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
    raise SystemExit(main())
