"""``python -m sim.late RUN --from YYYY-MM-DD [--bloc NAME]``: which programmes a shock makes late, from when, for want of what.

``python -m sim.late --curve SCENARIO [SCENARIO ...] --from YYYY-MM-DD --items A,B``: the first unit held back for want of one
of the items, as a curve over ``gross_up`` (the factor between listed and real defence use), simulated anew.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from sim.cli import Parser, UsageError, day, guarded
from sim.late import Programme, programmes
from sim.late.curve import nth
from sim.library import choices, unknown
from sim.replicate import processors, replicate
from sim.runs import read_run
from sim.wording import not_one_of

GROSS_UP = "1,2.5,5,10,25"


def _factors(text: str) -> list[float]:
    return [float(word) for word in text.split(",")]


def parser() -> Parser:
    """The command line."""
    made = Parser("late", "Which programmes a shock makes late, from when, for want of what.")
    made.add_argument("names", nargs="+", metavar="RUN", help="a run folder; with --curve names of scenarios")
    made.add_argument(
        "--from", dest="shock", type=day, required=True, metavar="YYYY-MM-DD", help="the day of the shock"
    )
    made.add_argument("--bloc", default="", help="only this bloc's programmes")
    made.add_argument("--region", default="", help="with --curve: only programmes of this region")
    made.add_argument("--curve", action="store_true", help="simulate the scenarios over gross_up")
    made.add_argument(
        "--items", default="", metavar="A,B", help="with --curve: the items that count; default all"
    )
    made.add_argument(
        "--gross-up",
        type=_factors,
        default=GROSS_UP,
        metavar="A,B",
        help="with --curve (default: %(default)s)",
    )
    made.add_argument(
        "--set",
        dest="more",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="with --curve: a further override",
    )
    made.add_argument("--replications", type=int, default=4, help="with --curve (default: %(default)s)")
    made.add_argument("--years", type=float, default=6.0, help="with --curve (default: %(default)s)")
    return made


def table(found: Sequence[Programme]) -> str:
    """The table of one run: programmes held back first."""
    head = (f"{'programme':<22}{'bloc':<9}{'cover':>7}{'least':>7}{'supplied':>10}  {'held back':<11}{'in':>5}  {'waits for':<14}"
            f"{'first late':<11}{'in':>5}")  # fmt: skip
    rows = [head]
    for p in sorted(found, key=lambda p: (p.held or date.max, p.bloc, p.name)):
        held = f"{p.held:%b %Y}" if p.held else "never"
        late = f"{p.late:%b %Y}" if p.late else "never"
        rows.append(
            f"{p.name:<22}{p.bloc:<9}{p.cover:>7.0f}{p.least:>7.0f}{p.supplied:>10.2f}  {held:<11}{p.share_held:>5.0%}  "
            f"{p.item:<14}{late:<11}{p.share_late:>5.0%}"
        )
    return "\n".join(rows)


def _curve(given: argparse.Namespace, shock: date) -> None:
    for name in given.names:
        if name not in choices("scenario"):
            raise UsageError(unknown("scenario", name))
    items = tuple(x for x in given.items.split(",") if x)
    jobs = [(s, g, r) for s in given.names for g in given.gross_up for r in range(given.replications)]
    work = partial(nth, jobs, shock, given.years, given.region, items, tuple(given.more))
    found = list(replicate(work, len(jobs), processors()))
    print(
        f"first unit held back for want of {given.items or 'any item'}, {given.region or 'all regions'}: median day, share of runs"
    )
    print(f"{'gross_up':<10}" + "".join(f"{s:<34}" for s in given.names))
    for g in given.gross_up:
        cells = []
        for s in given.names:
            days = np.array([found[i] for i, job in enumerate(jobs) if job[:2] == (s, g)])
            held = np.isfinite(days)
            median = float(np.median(days))
            when = f"{shock + timedelta(days=median):%b %Y}" if np.isfinite(median) else "never"
            cells.append(f"{when} ({held.mean():.0%} of runs)".ljust(34))
        print(f"{g:<10g}" + "".join(cells))


def _tell(name: str, shock: date, bloc: str) -> None:
    run = read_run(Path(name))
    first = date.fromisoformat(run.manifest["start"])
    if shock < first:
        raise UsageError(f"--from {shock} lies before the first day of the run, {first}")
    found = programmes(run.trajectories, run.events, shock)
    blocs = sorted({p.bloc for p in found})
    if bloc and bloc not in blocs:
        raise UsageError(f"--bloc {not_one_of(bloc, blocs)}")
    print(
        f"{name}: cover in days of the scarcest item at {shock} and its least in two years; supplied: got over needed"
    )
    n = run.manifest["replications"]["ok"]
    print(f"in the first year (as far as the run goes); medians over {n} replications, and the share of them")
    print(table([p for p in found if not bloc or p.bloc == bloc]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table. Exit code 2 and one line for a mistake."""
    return guarded(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    given = parser().read(arguments)
    if given.curve:
        _curve(given, given.shock)
        return 0
    for name in given.names:
        _tell(name, given.shock, given.bloc)
    return 0


if __name__ == "__main__":
    sys.exit(main())
