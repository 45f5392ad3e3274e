"""``python -m sim.compare SCENARIO COMPARATOR [--from YYYY-MM-DD] [--weeks N]``: paired differences of two run folders."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sim.cli import Parser, UsageError, day, guarded
from sim.compare import Line, by_year, lines
from sim.compare.regions import regions, table
from sim.panel import ENOUGH, Panel, common
from sim.runs import read_run


def parser() -> Parser:
    """The command line."""
    made = Parser("compare", "What a scenario changes against its comparator, replication by replication.")
    made.add_argument("scenario", metavar="SCENARIO", help="a run folder")
    made.add_argument("comparator", metavar="COMPARATOR", help="the run folder it is compared with")
    made.add_argument(
        "--from", dest="begin", type=day, metavar="YYYY-MM-DD", help="first day of the weeks compared"
    )
    made.add_argument("--weeks", type=int, default=0, help="how many weeks (default: to the end)")
    made.add_argument(
        "--regions", action="store_true", help="who is short, region by region, in order of onset and size"
    )
    return made


def row(line: Line) -> str:
    """One line of the table."""
    scale, unit = (100.0, "%") if line.relative else (1.0, line.unit)
    shown = "  ".join(f"{scale * v:>+11.4g}" for v in (line.mid, line.low, line.high))
    return f"{line.name:<32}{line.base:>11.4g} {line.unit:<10}{shown}  {unit:<10}{'' if line.clear else 'within chance'}"


def _window(given: argparse.Namespace, panel: Panel) -> tuple[int, int | None]:
    if given.weeks < 0:
        raise UsageError(f"--weeks {given.weeks} is negative")
    first = given.begin or panel.days[0]
    begin = next((i for i, week in enumerate(panel.days) if week >= first), len(panel.days))
    if begin >= len(panel.days):
        raise UsageError(f"--from {first} lies after the last week, {panel.days[-1]}")
    return begin, given.weeks or None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Exit code 2 and one line for a mistake."""
    return guarded(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    given = parser().read(arguments)
    a, b = (Panel.of(read_run(Path(x)).trajectories) for x in (given.scenario, given.comparator))
    begin, weeks = _window(given, a)
    n = len(common(a, b)[0])
    if given.regions:
        print(
            f"{given.scenario} less {given.comparator}, {n} paired replications, medians: unserved and priced out"
        )
        print(table(regions(a, b, begin, weeks)))
        print(
            "the market outside China is one: a shortage is shared by its regions, cut off or not, in the order of their stocks"
        )
        return 0
    low, high = ("5 %", "95 %") if n >= ENOUGH else ("lowest", "highest")
    last = a.days[min(begin + weeks, len(a.days)) - 1] if weeks else a.days[-1]
    print(
        f"{given.scenario} less {given.comparator}: weeks to {a.days[begin]} .. {last}, {n} paired replications"
    )
    print(
        "prices, shares and days are means over those weeks, tonnes are totals; median and range of the differences"
    )
    print(f"{'quantity':<32}{'comparator':>11} {'':<10}{'median':>11}  {low:>11}  {high:>11}")
    print("\n".join(row(line) for line in lines(a, b, begin, weeks)))
    years = [
        f"{year} {mid:+.0f} ({low:+.0f} to {high:+.0f}; {both:+.0f})"
        for year, low, mid, high, both in by_year(a, b)
    ]
    print(
        "unserved outside China, all goods, t of product, by year (range; with what is priced out): "
        + "; ".join(years)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
