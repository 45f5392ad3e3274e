"""The same in words: what a panel shows for those who cannot see it, and the key values in a table."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.panel import ENOUGH
from sim.report.figures import bars, stack
from sim.report.figures.plate import Line, Panel, Plate, lines_of
from sim.report.words import SITES, cause, month, number, place, plain

Row = tuple[str, ...]
HEAD: Final = (
    "Panel",
    "Scenario",
    "Unit",
    "First week",
    "Lowest",
    "Highest",
    "90 % range at the highest",
    "Last week",
    "n",
)


def alt(plate: Plate, which: Panel) -> str:
    """Alternative text of one panel, made from its data: what, from where to where, extreme value and date."""
    head = f"{which.heading}, {which.unit}."
    if plate.kind == "lines":
        told = [_line(one) for one in lines_of(plate.table, which)]
    elif plate.kind == "stack":
        told = _stack(plate, which)
    elif plate.kind == "ranges":
        told = _ranges(plate, which)
    elif plate.kind == "bars":
        told = _bars(plate, which)
    else:
        rows = [r for r in plate.table.to_pylist() if r["panel"] == which.key]
        worst = max(rows, key=lambda r: r["value"], default=None)
        told = [] if worst is None else [
            f"{len(rows)} dots; the largest is {worst['row']} {place(worst['place'])} with {number(worst['value'])} "
            f"against a tolerance of {number(worst['tolerance'])}."
        ]  # fmt: skip
    return " ".join([head, *told]) if told else f"{head} No data."


def _line(one: Line) -> str:
    y = one.median
    top = int(np.argmax(y))
    text = (
        f"{_called(one)}: {number(float(y[0]))} in {month(one.dates[0])}, highest {number(float(y[top]))} in "
        f"{month(one.dates[top])}"
    )
    if one.n >= ENOUGH:
        text += f" (90 % of replications {number(float(one.bands[0][top]))} to {number(float(one.bands[4][top]))})"
    return f"{text}, {number(float(y[-1]))} in {month(one.dates[-1])}; {_drawn(one.n)}."


def _called(one: Line) -> str:
    return f"{plain(one.scenario)}, {one.name}" if one.name else plain(one.scenario)


def _ranges(plate: Plate, which: Panel) -> list[str]:
    """Each row's median, place by place."""
    rows = [r for r in plate.table.to_pylist() if r["panel"] == which.key and np.isfinite(r["median"])]
    told = []
    for where, end in dict.fromkeys((r["place_name"], r["end"]) for r in rows):
        parts = [
            f"{r['row']} {number(r['median'])} ({number(r['low'])} to {number(r['high'])})"
            for r in rows if (r["place_name"], r["end"]) == (where, end)
        ]  # fmt: skip
        told.append(f"{where}, {end} week: {', '.join(parts)}.")
    return told


def _bars(plate: Plate, which: Panel) -> list[str]:
    """The largest region of each stage in the first and last year drawn."""
    told = []
    for (key, stage, year), tonnes in sorted(
        bars.sums(plate).items(), key=lambda x: (list(SITES).index(x[0][1]), x[0][2])
    ):
        whole = sum(tonnes.values())
        if key == which.key and year in plate.extra["years"] and whole > 0:
            name = max(tonnes, key=lambda n: (tonnes[n], n))
            told.append(
                f"{SITES[stage]} {year}: {number(whole)}, most in {name} ({100 * tonnes[name] / whole:.0f} %)."
            )
    return told


def _drawn(n: int) -> str:
    if n == 1:
        return "one run"
    return f"median of {n}" + (" with 50 % and 90 % bands" if n >= ENOUGH else " with each run drawn")


def _stack(plate: Plate, which: Panel) -> list[str]:
    totals: dict[str, float] = {}
    for row in plate.table.to_pylist():
        if row["panel"] == which.key:
            totals[row["cause"]] = totals.get(row["cause"], 0.0) + row["value"]
    whole = sum(totals.values())
    if not whole:
        return []
    parts = [f"{cause(c)} {100 * totals[c] / whole:.0f} %" for c in stack.order(plate) if c in totals]
    return [f"Over the whole run: {', '.join(parts)}."]


def key_values(plate: Plate) -> tuple[Row, ...]:
    """Rows for the table under a plate of lines: first, lowest, highest with dates, and last week of each line's median."""
    if plate.facts or plate.kind != "lines":
        return plate.facts
    rows: list[Row] = [HEAD]
    for which in plate.panels:
        if which.rows:
            continue  # a close-up has no rows of its own
        for one in lines_of(plate.table, which):
            y, low, top = one.median, int(np.argmin(one.median)), int(np.argmax(one.median))
            band = (
                f"{number(float(one.bands[0][top]))} to {number(float(one.bands[4][top]))}"
                if one.n >= ENOUGH
                else "n below 20"
            )
            rows.append((
                which.heading, _called(one), which.unit, number(float(y[0])),
                f"{number(float(y[low]))} ({month(one.dates[low])})", f"{number(float(y[top]))} ({month(one.dates[top])})",
                band, number(float(y[-1])), str(one.n),
            ))  # fmt: skip
    return tuple(rows)
