"""``python -m sim.world [NAME] [--prove]``: totals of the first day beside the published ones, what the standing start moved, and
how much of the tables is estimate; with ``--prove`` whether the world stands still, comes back when pushed, and is alive."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import yaml

from sim.behaviour import behaviour_from
from sim.layout import layout_of
from sim.start import solve
from sim.world.published import GAP, Comparison, compare, letters
from sim.world.tables import default_root, load_world, world_names
from sim.world.types import World

WIDE = 44  # characters of the widest measure


def number(value: float) -> str:
    """Four figures, without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.4g}"


def line(item: Comparison) -> str:
    """One published figure beside ours."""
    row = item.row
    said = (
        number(row.value)
        if row.value_high == row.value
        else f"{number(row.value)} to {number(row.value_high)}"
    )
    text = f"{row.measure:<{WIDE}}{number(item.ours):>12}{said:>20}{item.gap:>+8.1%}  {row.confidence}  {row.unit}"
    return f"{text}\n    over 10 %: {row.explains}" if abs(item.gap) > GAP else text


def estimates(world: World) -> list[str]:
    """How many rows of each table carry which letter."""
    out = [f"{'rows by letter':<{WIDE}}{'A read':>12}{'B official':>12}{'C estimate':>12}{'share C':>10}"]
    total = dict.fromkeys(("A", "B", "C"), 0)
    for table, counts in letters(world).items():
        for letter, count in counts.items():
            total[letter] += count
        out.append(_counts(table, counts))
    out.append(_counts("all tables", total))
    return out


def _counts(name: str, counts: dict[str, int]) -> str:
    share = counts["C"] / max(1, sum(counts.values()))
    return f"{name:<{WIDE}}" + "".join(f"{counts[letter]:>12}" for letter in "ABC") + f"{share:>10.0%}"


def moved(world: World) -> list[str]:
    """What the standing start had to move by more than 10 % so that the tables close for every product."""
    path: Path = default_root() / "conf" / "behaviour" / "default.yaml"
    behaviour = behaviour_from(yaml.safe_load(path.read_text(encoding="utf-8")))
    opening = solve(world, layout_of(world), behaviour)
    wide = [(name, factor) for name, factor in opening.adjustments if abs(factor - 1.0) > GAP]
    head = f"moved by more than 10 % for a standing start (gross_up {behaviour.gross_up:g}): {len(wide) or 'nothing'}"
    return [head, *(f"    {name} x {factor:.3f}" for name, factor in wide)]


def page(world: World) -> str:
    """Everything that the command prints."""
    head = f"{'2024 rates, t a year unless said':<{WIDE}}{'ours':>12}{'published':>20}{'gap':>8}"
    totals = [line(item) for item in compare(world)]
    parts = [f"{world.name}: {world.title}", "", head, *totals, "", *moved(world), "", *estimates(world)]
    return "\n".join(parts)


def proof(world: World) -> str:
    """The four ten-year runs of ``sim.standing``, in words (some ten seconds)."""
    import numpy as np

    from sim.case import Case
    from sim.layout import HUBS
    from sim.standing import LESS, STRICT, prove
    from sim.units import next_monday

    path: Path = default_root() / "conf" / "behaviour" / "standstill.yaml"
    behaviour = behaviour_from(yaml.safe_load(path.read_text(encoding="utf-8")))
    case = Case(name="proof", title="", question="", against="", limits="", sources=(), world=world, behaviour=behaviour,
                events=(), start=next_monday(date.fromisoformat(world.start)), years=10.0, record="report")  # fmt: skip
    p = prove(case)
    names = p.layout.commodities * len(HUBS)
    strict = np.array([n.split("_")[0] in STRICT for n in names])
    drift, swing, gap = p.drift(), p.late_swing(p.kicked), p.late_gap(p.kicked)
    moved_by, left = p.after_outage(p.pool("china", "dy_oxide"))
    lines = [
        f"{world.name}, ten years, behaviour standstill, 13-week means",
        f"undisturbed: largest drift of a price or traded stock {drift[strict].max():.2g} "
        f"({', '.join(STRICT)}; allowed 0.02), {drift.max():.2g} (all; allowed 0.05)",
        f"all stocks 2 % larger: in years 8-10 prices vary by at most {swing.max():.2%} (allowed 1 %) and lie "
        f"within {gap.max():.2%} (allowed 2 %) of the undisturbed run",
        f"{p.stopped_site} stopped for four weeks: China's Dy oxide moves by {np.expm1(moved_by):.1%} (at least 1 %), "
        f"{np.expm1(left):.2%} is left after three years (allowed 1 %)",
    ]
    for name in ("ndpr_oxide", "dy_oxide"):
        for hub in ("china", "world"):
            k = p.pool(hub, name)
            level = np.expm1(p.less.prices[28:40, k].mean() - p.less.opening[k])
            lines.append(f"{1 - LESS:.0%} less NdPr and Dy mined: {name} in {hub} {level:+.1%} in years 8-10, varying by "
                         f"{p.late_swing(p.less)[k]:.2%} (allowed 1 %)")  # fmt: skip
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print the page of the world named (default w2025). Returns the exit code: 2 with one line for a mistake."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    proving = "--prove" in words
    words = [word for word in words if word != "--prove"]
    if len(words) > 1 or any(word.startswith("-") for word in words):
        asked = words == ["--help"] or words == ["-h"]
        print(
            f"usage: python -m sim.world [NAME] [--prove]   worlds: {', '.join(world_names())}",
            file=None if asked else sys.stderr,
        )
        return 0 if asked else 2
    try:
        print((proof if proving else page)(load_world(words[0] if words else "w2025")))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
