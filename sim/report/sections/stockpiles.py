"""Stockpiles: what they hold over time, what was bought into them and released from them."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.report.comparison import Comparison
from sim.report.figures.plate import Line, Panel, Plate, line, tidy
from sim.report.findings import named
from sim.report.folders import Results
from sim.report.sections.facets import own
from sim.report.sections.section import Section, Table, scaled
from sim.report.series import Key, Series
from sim.report.stats import Floats, estimate
from sim.report.words import number, plain, product, slug

INTRO = (
    "Stocks held by states and reserves, one line a stockpile: the level at the end of each week, and what was bought and released "
    "over the run, in tonnes of product."
)
STILL: Final = 0.001  # of the largest level: less is no movement
MOST: Final = 9  # panels
MOST_LINES: Final = 5  # of scenarios in which it moves, in one panel
Move = tuple[str, Results, Series]


def section(c: Comparison) -> Section:
    """A panel for each stockpile that moves, those that move most first; a table of what was bought and released."""
    keys = sorted({k for r in c.shown for k in r.series.keys("inventory", scope="region", stage="state")})
    if not keys:
        return _nothing("No stockpile is recorded in these folders.")
    moving = sorted(
        ((most, k) for k in keys if (most := max(_moved(c, k).values(), default=0.0)) > STILL),
        key=lambda x: (-x[0], x[1]),
    )
    if not moving:
        return _nothing(
            f"None of the {len(keys)} stockpiles recorded moves: nothing is bought into them and nothing released."
        )
    panels: list[Panel] = []
    lines: list[Line] = []
    for i, (_, key) in enumerate(moving[:MOST]):
        here = _lines(c, key, f"s{i}_{slug(key.party)[:40]}")
        lines += here
        panels.append(
            Panel(here[0].panel, f"{c.name(key.party)}", f"{here[0].unit}, {product(key.commodity)}")
        )
    fitted, _ = scaled(panels, lines)
    table = _table(c, [k for _, k in moving])
    left = len(moving) - len(panels)
    plate = Plate(
        id="stockpiles", kind="lines", title=_title(c, [k for _, k in moving]),
        panels=tuple(fitted), table=tidy(lines), marks=c.marks,
        subtitle=f"Stockpiles that move, t of product; scales differ; {c.n}"
        + (f"; {left} more stand in the table" if left > 0 else "")
        + (f"; at most the {MOST_LINES} scenarios that move a stockpile most are drawn" if c.many else ""),
    )  # fmt: skip
    return Section("stockpiles", "Stockpiles", INTRO, (plate,), (table,))


def _nothing(why: str) -> Section:
    return Section("stockpiles", "Stockpiles", INTRO, nothing=why)


def _level(result: Results, key: Key) -> Series | None:
    return (
        result.series.read(key)
        if key in result.series.keys("inventory", scope="region", party=key.party)
        else None
    )


def _moved(c: Comparison, key: Key) -> dict[str, float]:
    """Largest distance from the first week in % of the largest level, by scenario."""
    found = {}
    for r in c.shown:
        s = _level(r, key)
        if s is not None and s.values.any():
            found[r.scenario] = float(np.abs(s.values - s.values[:, :1]).max() / s.values.max())
    return found


def _lines(c: Comparison, key: Key, panel: str) -> list[Line]:
    """The scenarios in which it moves most, and one in which it does not for each comparator."""
    moved = _moved(c, key)
    ranked = sorted(moved, key=lambda n: (-moved[n], n))
    chosen = set(ranked[:MOST_LINES]) | {
        p.base.scenario for p in c.pairs if p.scenario.scenario in ranked[:MOST_LINES]
    }
    found = [(r, _level(r, key)) for r in c.shown if not c.many or r.scenario in chosen]
    return [line(panel, r.scenario, s) for r, s in found if s is not None]


def _total(result: Results, variable: str, key: Key) -> Floats:
    """t over the run by replication; zero where nothing is recorded."""
    s = result.series.one(
        variable, scope="region", place=key.place, stage=key.stage, party=key.party, commodity=key.commodity
    )
    return np.zeros(result.ok) if s is None else np.asarray(s.values.sum(axis=1))


def _table(c: Comparison, keys: list[Key]) -> Table:
    head = ("Stockpile", "Holds", "Scenario", "First week, t", "Lowest, t (90 % range)", "Last week, t (90 % range)",
            "Bought, t (90 % range)", "Released, t (90 % range)")  # fmt: skip
    rows = [head]
    for key in keys:
        for r in own(c):
            s = _level(r, key)
            bought, released = (_total(r, v, key) for v in ("purchases", "released"))
            if s is None or _moved(c, key).get(r.scenario, 0.0) <= STILL:
                continue
            rows.append((
                c.name(key.party), f"{product(key.commodity)}, {c.where(key.place)}", plain(r.scenario),
                number(float(np.median(s.values[:, 0]))), estimate(s.values.min(axis=1)).text(), estimate(s.values[:, -1]).text(),
                estimate(bought).text(), estimate(released).text(),
            ))  # fmt: skip
    return Table(
        "Bought and released",
        tuple(rows),
        "Stockpiles that do not move in a scenario are left out of its rows.",
    )


def _title(c: Comparison, keys: list[Key]) -> str:
    """The largest release, or the largest purchase if nothing is released, as a share of the opening level."""
    best: tuple[float, str] = (0.0, "")
    for variable, word in (("released", "releases"), ("purchases", "buys")):
        for key in keys:
            for r in own(c):
                total = float(np.median(_total(r, variable, key)))
                if total > best[0]:
                    name = c.name(key.party)
                    short = name if len(name.split()) <= 6 else " ".join(name.split()[:6]) + "…"
                    best = (total, f"{short} {word} {number(total)} t{named(r.scenario, c.shown)}")
        if best[1]:
            return best[1]
    return f"{len(keys)} stockpiles move"
