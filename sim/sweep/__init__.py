"""From a command line (``-m``) or a sweep file to a ``Design``: points, each a configuration that was read strictly beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.compose import ConfigError
from sim.config import IDENTIFIER
from sim.scenario_file import read_scenario_file
from sim.sweep.addresses import Addresses
from sim.sweep.bases import Base, Composer, structures
from sim.sweep.blocks import Block
from sim.sweep.checking import check_places, check_values
from sim.sweep.files import told_of
from sim.sweep.overlay import is_whole
from sim.sweep.points import Design
from sim.sweep.request import base_lines, points_of, read_command_line
from sim.sweep.settings import Settings
from sim.sweep.values import AS_BASE

__all__ = ["Addresses", "Base", "ConfigError", "Design", "Settings", "Sweep", "design"]


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A design, what it is called, and how the study of it is to be run."""

    design: Design
    name: str  # of a default folder: a-z, 0-9 and _
    title: str
    settings: Settings
    remarks: tuple[str, ...]  # a line each, for whoever runs it: duplicates dropped, an unbalanced sample
    duplicates: int  # points dropped because another has the same address


def design(
    overrides: Sequence[str] = (), sweep_file: Path | None = None, scenario_file: Path | None = None
) -> Sweep:
    """The sweep that overrides (``sweep=NAME`` and ``study.*`` among them) and files describe, composed and checked.

    Nothing is written and nothing runs. Raises ConfigError with one line for the first mistake.
    """
    extra = None if scenario_file is None else read_scenario_file(scenario_file)
    line = read_command_line(overrides, sweep_file)
    with told_of(scenario_file.name if scenario_file else ""):
        composer = Composer(base_lines(line), extra)

        def whole(block: Block, key: str) -> bool:
            first = Block(points=1, columns={k: c[:1] for k, c in block.columns.items()}, signs=block.signs)
            return is_whole(composer.base(structures(first)[0][0]).resolved, key)

        block, remarks = points_of(line, whole)
    where = line.file.path.name if line.file else scenario_file.name if scenario_file else ""
    with told_of(where):
        made = _made(block, composer)
        check_places(made, extra)
        check_values(made)
    first: dict[str, int] = {}
    for point, digest in enumerate(made.addresses()):
        first.setdefault(digest, point)
    dropped = made.points - len(first)
    if dropped:
        remarks.append(f"{dropped} of {made.points} points say the same as another and were dropped")
        made = made.kept(list(first.values()))
    name, title = _called(
        line.file.path.stem if line.file else "", line.file.title if line.file else "", made
    )
    return Sweep(
        design=made,
        name=name,
        title=title,
        settings=line.settings,
        remarks=tuple(remarks),
        duplicates=dropped,
    )


def _made(block: Block, composer: Composer) -> Design:
    each, plain = structures(block)
    order = {structure: i for i, structure in enumerate(dict.fromkeys(each))}
    return Design(
        bases=tuple(composer.base(structure) for structure in order),
        keys=tuple(sorted(block.columns)),
        base_of=np.array([order[structure] for structure in each], dtype=np.int32),
        columns={
            key: [None if cell is AS_BASE else "null" if cell is None else cell for cell in cells]
            for key, cells in block.columns.items()
        },
        plain=plain,
    )


def _called(stem: str, title: str, made: Design) -> tuple[str, str]:
    """Name and title: those of the file; else that of the scenario if there is but one, and what is varied."""
    scenarios = {str(base.resolved["scenario"]["name"]) for base in made.bases}
    name = stem if IDENTIFIER.fullmatch(stem) else scenarios.pop() if len(scenarios) == 1 else "sweep"
    points = "one point" if made.points == 1 else f"{made.points} points"
    return name, title or (f"{points} over {', '.join(made.keys)}" if made.keys else points)
