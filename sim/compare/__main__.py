"""``python -m sim.compare SCENARIO COMPARATOR``: paired differences of two run folders, or of two points of studies.

What is named by ``STUDY:12`` or ``STUDY:KEY=VALUE`` has no weekly series here: its outcomes are compared. ``--width 5%`` adds how
many replications an interval as narrow needs.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase

from sim.cli import Parser, UsageError, day, guarded
from sim.compare import Line, Width, by_year, lines
from sim.compare.regions import regions
from sim.compare.regions import table as region_table
from sim.compare.scalars import scalars
from sim.compare.sides import Side, same_years, side
from sim.compare.table import one_sided, table
from sim.panel import Panel, common
from sim.wording import one_line


def parser() -> Parser:
    """The command line."""
    made = Parser("compare", "What a scenario changes against its comparator, replication by replication.")
    made.add_argument(
        "scenario", metavar="SCENARIO", help="a run folder, or a point of a study: STUDY:12, STUDY:KEY=VALUE"
    )
    made.add_argument("comparator", metavar="COMPARATOR", help="the same: what it is compared with")
    made.add_argument(
        "--from", dest="begin", type=day, metavar="YYYY-MM-DD", help="first day of the weeks compared"
    )
    made.add_argument("--weeks", type=int, default=0, help="how many weeks (default: to the end)")
    made.add_argument(
        "--regions", action="store_true", help="who is short, region by region, in order of onset and size"
    )
    made.add_argument(
        "--outcomes", action="store_true", help="the scalars of outcomes.parquet; of studies always these"
    )
    made.add_argument("--only", metavar="PATTERN", default="*", help="rows so named, such as 'shortage_*'")
    made.add_argument(
        "--width",
        type=_width,
        help="a half-width of the mean's 95 %% interval: 5%% of SCENARIO's mean, or 0.02 in the unit; "
        "says how many replications it needs",
    )
    return made


def _width(text: str) -> Width:
    """``5%`` or ``0.02``, for ``add_argument(type=...)``."""
    relative = text.endswith("%")
    try:
        size = float(text.removesuffix("%")) / (100.0 if relative else 1.0)
    except ValueError:
        size = math.nan
    if not (math.isfinite(size) and size > 0.0):
        raise argparse.ArgumentTypeError(f"{one_line(text, 40)!r} is not a width above 0, such as 5% or 0.02")
    return Width(size, relative)


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
    a, b = side(given.scenario), side(given.comparator)
    if given.outcomes or a.trajectories is None or b.trajectories is None:
        _scalars(given, a, b)
    else:
        _series(given, a, b, Panel.of(a.trajectories), Panel.of(b.trajectories))
    return 0


def _scalars(given: argparse.Namespace, a: Side, b: Side) -> None:
    """Outcomes of the whole run."""
    for flag in ("begin", "weeks", "regions"):
        if getattr(given, flag):
            name = "from" if flag == "begin" else flag
            raise UsageError(
                f"--{name} needs two run folders with weekly series; outcomes are of the whole run"
            )
    same_years(a, b)
    found = scalars(a.outcomes, b.outcomes)
    print(f"{a.name} less {b.name}: outcomes of the whole run, {found.pairs} paired replications")
    print(_chance(a, b))
    print("dates differ by days; median and range of the differences, over pairs in which both are known")
    print(table(_wanted(found.lines, given.only), given.width))
    print(f"equal wherever both are known: {found.equal} more outcomes")
    if found.one_sided:
        print(one_sided(found.one_sided))


def _series(given: argparse.Namespace, a: Side, b: Side, ours: Panel, theirs: Panel) -> None:
    """Weekly series over the weeks asked for."""
    begin, weeks = _window(given, ours)
    n = len(common(ours, theirs)[0])
    if given.regions:
        if given.width is not None:
            raise UsageError("--width says nothing of --regions; leave one of them out")
        print(f"{a.name} less {b.name}, {n} paired replications, medians: unserved and priced out")
        print(region_table(regions(ours, theirs, begin, weeks)))
        print(
            "the market outside China is one: a shortage is shared by its regions, cut off or not, in the order of their stocks"
        )
        return
    last = ours.days[min(begin + weeks, len(ours.days)) - 1] if weeks else ours.days[-1]
    print(f"{a.name} less {b.name}: weeks to {ours.days[begin]} .. {last}, {n} paired replications")
    print(_chance(a, b))
    print(
        "prices, shares and days are means over those weeks, tonnes are totals; median and range of the differences"
    )
    print(table(_wanted(lines(ours, theirs, begin, weeks), given.only), given.width))
    years = [
        f"{year} {mid:+.0f} ({low:+.0f} to {high:+.0f}; {both:+.0f})"
        for year, low, mid, high, both in by_year(ours, theirs)
    ]
    print(
        "unserved outside China, all goods, t of product, by year (range; with what is priced out): "
        + "; ".join(years)
    )


def _wanted(found: Sequence[Line], pattern: str) -> list[Line]:
    """Rows whose name fits. Raises UsageError if none does."""
    kept = [x for x in found if fnmatchcase(x.name, pattern)]
    if found and not kept:
        raise UsageError(f"--only {one_line(pattern, 60)!r} fits none of {len(found)} rows")
    return kept


def _chance(a: Side, b: Side) -> str:
    """Whether the two drew the same chance: otherwise pairs are no pairs, and the intervals say so by their width."""
    if a.seed is None or b.seed is None:
        return "whether the two drew the same chance is not known: at least one has several seeds"
    if a.seed == b.seed:
        return "replications are paired: both draw the same chance"
    return f"seeds differ ({a.seed} and {b.seed}): the two share no chance, so the differences vary more than they need to"


if __name__ == "__main__":
    sys.exit(main())
