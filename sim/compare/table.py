"""The lines that ``python -m sim.compare`` prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sim.compare.paired import ROUGH, Line, Width
from sim.compare.scalars import OneSided
from sim.panel import ENOUGH, EPOCH

SHOWN: Final = 12  # outcomes told one by one in a sentence
LEGEND: Final = (
    "mean +- 95 %: the mean difference and the half-width of its interval (Student's t over paired replications); corr.: of the "
    "two over replications; saved: how many times more replications the same width takes if each draws a chance of its own"
)


def table(lines: Sequence[Line], width: Width | None = None) -> str:
    """A header, a row a line, and what the columns mean; the last column says what ``width`` needs."""
    if not lines:
        return "nothing differs"
    widths = max(32, 1 + max(len(x.name) for x in lines)), max(10, 1 + max(len(x.unit) for x in lines))
    low, high = ("5 %", "95 %") if max(x.pairs for x in lines) >= ENOUGH else ("lowest", "highest")
    head = (
        f"{'quantity':<{widths[0]}}{'comparator':>11} {'':<{widths[1]}}{'median':>11}  {low:>11}  {high:>11}  "
        f"{'mean':>11} {'+- 95 %':<12}{'':<{widths[1]}}{'pairs':>5}{'corr.':>7}{'saved':>8}"
    )
    if width is not None:
        head += f"{'needed':>9}"
    told = [LEGEND] if width is None else [LEGEND, *_needs(lines, width)]
    return "\n".join([head, *(row(x, widths, width) for x in lines), *told])


def row(line: Line, widths: tuple[int, int], width: Width | None = None) -> str:
    """One line of the table; ``widths`` of the columns of names and units."""
    scale, unit = (100.0, "%") if line.relative else (1.0, line.unit)
    shown = "  ".join(f"{scale * v:>+11.4g}" for v in (line.low, line.high, line.mean))
    text = (
        f"{line.name:<{widths[0]}}{_base(line):>11} {line.unit:<{widths[1]}}{scale * line.mid:>+11.4g}  {shown} "
        f"{_or_dash(scale * line.half, '.3g'):<12}{unit:<{widths[1]}}{line.pairs:>5}"
        f"{_or_dash(line.correlation, '.2f'):>7}{_times(line.gain):>8}"
    )
    if width is not None:
        n = line.needed(width)
        text += f"{'-' if n is None else format(n, ','):>9}"
    return text if line.clear else f"{text}  within chance"


def _needs(lines: Sequence[Line], width: Width) -> list[str]:
    """What the column 'needed' is, and what all rows together ask for."""
    share = " of SCENARIO's mean (quotes: percentage points)" if width.relative else " of the row's unit"
    told = [f"needed: paired replications for a 95 % interval of the mean of +- {width}{share}"]
    each = [(n, x.name) for x in lines if (n := x.needed(width)) is not None]
    if each:
        n, name = max(each)
        told[0] += (
            f"; for all rows {n:,} ({name})"
            if len(each) == len(lines)
            else (f"; for the {len(each)} of {len(lines)} rows of which it can be said {n:,} ({name})")
        )
    if min(x.pairs for x in lines) < ROUGH:
        told.append(f"fewer than {ROUGH} paired replications: what is needed is a rough guess")
    return told


def one_sided(found: Sequence[OneSided]) -> str:
    """What only one of the two runs has, with how often."""
    told = [f"{x.name} ({x.ours} and {x.theirs} of {x.pairs})" for x in found[:SHOWN]]
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"known in no pair, but in SCENARIO and COMPARATOR as often as told: {', '.join(told)}{more}"


def _base(line: Line) -> str:
    if line.name.endswith("_date"):
        return (EPOCH + timedelta(days=round(line.base))).isoformat()
    return f"{line.base:.4g}"


def _times(gain: float) -> str:
    """``12x``; common chance that leaves no variance at all saves without end."""
    if math.isnan(gain):
        return "-"
    if gain >= 9999.5:
        return ">9999x"
    return f"{gain:.0f}x" if gain >= 99.5 else f"{gain:.2g}x"


def _or_dash(value: float, how: str) -> str:
    return "-" if math.isnan(value) else format(value, how)
