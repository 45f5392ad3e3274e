"""``python -m sim.late RUN --from YYYY-MM-DD [--bloc NAME]``: which programmes a shock makes late, from when, for want of what.

``python -m sim.late --curve SCENARIO [SCENARIO ...] --from YYYY-MM-DD --items A,B``: the first unit held back for want of one
of the items, as a curve over ``gross_up`` (the factor between listed and real defence use), simulated anew.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

import numpy as np

from sim.late import Programme, programmes
from sim.late.curve import nth
from sim.library import choices
from sim.replicate import replicate
from sim.runs import RunError, read_run
from sim.wording import not_one_of

GROSS_UP = "1,2.5,5,10,25"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RunError(message)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = _Parser(prog="python -m sim.late", allow_abbrev=False, description=__doc__)
    made.add_argument("names", nargs="+", metavar="RUN", help="a run folder; with --curve names of scenarios")
    made.add_argument(
        "--from", dest="shock", required=True, metavar="YYYY-MM-DD", help="the day of the shock"
    )
    made.add_argument("--bloc", default="", help="only this bloc's programmes")
    made.add_argument("--region", default="", help="with --curve: only programmes of this region")
    made.add_argument("--curve", action="store_true", help="simulate the scenarios over gross_up")
    made.add_argument(
        "--items", default="", metavar="A,B", help="with --curve: the items that count; default all"
    )
    made.add_argument(
        "--gross-up", default=GROSS_UP, metavar="A,B", help="with --curve (default: %(default)s)"
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
            raise RunError(f"scenario {not_one_of(name, choices('scenario'))}")
    factors = [float(x) for x in given.gross_up.split(",")]
    items = tuple(x for x in given.items.split(",") if x)
    jobs = [(s, g, r) for s in given.names for g in factors for r in range(given.replications)]
    work = partial(nth, jobs, shock, given.years, given.region, items, tuple(given.more))
    found = list(replicate(work, len(jobs), os.cpu_count() or 1))
    print(
        f"first unit held back for want of {given.items or 'any item'}, {given.region or 'all regions'}: median day, share of runs"
    )
    print(f"{'gross_up':<10}" + "".join(f"{s:<34}" for s in given.names))
    for g in factors:
        cells = []
        for s in given.names:
            days = np.array([found[i] for i, job in enumerate(jobs) if job[:2] == (s, g)])
            held = np.isfinite(days)
            median = float(np.median(days))
            when = f"{shock + timedelta(days=median):%b %Y}" if np.isfinite(median) else "never"
            cells.append(f"{when} ({held.mean():.0%} of runs)".ljust(34))
        print(f"{g:<10g}" + "".join(cells))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table. Exit code 2 and one line for a mistake."""
    try:
        given = parser().parse_args(sys.argv[1:] if arguments is None else list(arguments))
        try:
            shock = date.fromisoformat(given.shock)
        except ValueError:
            raise RunError(f"--from {given.shock!r} is not a date written YYYY-MM-DD") from None
        if given.curve:
            _curve(given, shock)
            return 0
        for name in given.names:
            run = read_run(Path(name))
            first = date.fromisoformat(run.manifest["start"])
            if shock < first:
                raise RunError(f"--from {shock} lies before the first day of the run, {first}")
            everybody = programmes(run.trajectories, run.events, shock)
            blocs = sorted({p.bloc for p in everybody})
            if given.bloc and given.bloc not in blocs:
                raise RunError(f"--bloc {not_one_of(given.bloc, blocs)}")
            found = [p for p in everybody if not given.bloc or p.bloc == given.bloc]
            print(
                f"{name}: cover in days of the scarcest item at {shock} and its least in two years; supplied: got over needed"
            )
            print(
                f"in the first year (as far as the run goes); medians over "
                f"{run.manifest['replications']['ok']} replications, and the share of them"
            )
            print(table(found))
    except (RunError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
