"""``python -m sim.world [NAME]``: totals of the first day beside the published ones, and how much of the tables is estimate."""

from __future__ import annotations

import sys
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


def main(arguments: list[str] | None = None) -> int:
    """Print the page of the world named (default w2025). Returns the exit code: 2 with one line for a mistake."""
    words = sys.argv[1:] if arguments is None else arguments
    if len(words) > 1 or any(word.startswith("-") for word in words):
        asked = words == ["--help"] or words == ["-h"]
        print(
            f"usage: python -m sim.world [NAME]   worlds: {', '.join(world_names())}",
            file=None if asked else sys.stderr,
        )
        return 0 if asked else 2
    try:
        print(page(load_world(words[0] if words else "w2025")))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
