"""Reads the tables of a world strictly: what is in them is what was meant, or the reader says in one line what is not.

A world is a folder ``conf/world/<name>/`` with one CSV a field of ``World`` and ``world.csv`` for its scalars. Columns are the
fields of the row type, in any order; per-element fields are fifteen columns ``La_<suffix> ... Y_<suffix>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sim.world.cells import COLUMNS, ID, TABLES, Cells, Fact, in_limits, number_in, read_table
from sim.world.check import WorldError, fail, iso_date, nearest, one_of
from sim.world.consistency import check_world
from sim.world.types import World

__all__ = ["COLUMNS", "TABLES", "Fact", "WorldError", "default_root", "load_world", "world_names"]

PACKAGE: Final = Path(__file__).resolve().parents[1]
SCALARS: Final = ("vat_pct", "vat_magnets_pct", "duty_pct")


def default_root() -> Path:
    """The folder that holds ``conf/``: inside the package in an installed wheel, beside it in a checkout."""
    packed = PACKAGE / "_config"
    return packed if packed.is_dir() else PACKAGE.parent


def world_names(root: Path | None = None) -> list[str]:
    """Names of the worlds there are, sorted."""
    folder = (root or default_root()) / "conf" / "world"
    return sorted(p.parent.name for p in folder.glob("*/world.csv"))


def load_world(
    name: str,
    root: Path | None = None,
    overlay: Mapping[str, float] | None = None,
    scale: Mapping[str, float] | None = None,
) -> World:
    """The world ``name`` below ``root/conf/world``, checked.

    ``overlay`` sets single cells (``"mines.mountain_pass.capacity_t_reo_per_year": 1.0``) and ``scale`` multiplies them;
    scalars are ``"world.vat_pct"``. A mine's output follows a capacity set below it, and the rest of a basket makes room for
    the element that is varied. Raises ``WorldError``, in one line, for anything that is not as it should be.
    """
    folder = (root or default_root()) / "conf" / "world" / name
    if not ID.fullmatch(name) or not (folder / "world.csv").is_file():
        known = world_names(root)
        raise WorldError(f"world '{name}' does not exist; allowed: {one_of(known)}{nearest(name, known)}")
    stamp = tuple(
        (p.name, s.st_mtime_ns, s.st_size, s.st_ino) for p in sorted(folder.iterdir()) for s in (p.stat(),)
    )
    plain, scalars, read = _as_on_disk(folder, stamp)
    if not overlay and not scale:
        return plain
    facts, tables = dict(scalars), {table: list(cells) for table, cells in read.items()}
    for changes, multiply in ((scale or {}, True), (overlay or {}, False)):
        for key, number in changes.items():
            _vary(key, number, multiply, tables, facts)
    rows = {
        table: tuple(
            old if now is before else _row(table, now)
            for old, now, before in zip(getattr(plain, table), tables[table], read[table], strict=True)
        )
        for table in tables
    }
    return _checked(name, facts, rows)


@lru_cache(maxsize=8)
def _as_on_disk(folder: Path, _stamp: object) -> tuple[World, dict[str, Cells], dict[str, list[Cells]]]:
    """A world without changes and the cells it was made of, read once a process: many runs differ in a few cells only."""
    facts = {fact["id"]: fact for fact in read_table(folder, "world")}
    tables = {table: read_table(folder, table) for table in TABLES}
    rows = {table: tuple(_row(table, cells) for cells in cells_of) for table, cells_of in tables.items()}
    return _checked(folder.name, facts, rows), facts, tables


def _checked(name: str, facts: dict[str, Cells], rows: dict[str, Any]) -> World:
    scalars: dict[str, Any] = {scalar: _scalar(facts, scalar) for scalar in SCALARS}
    told = tuple(Fact(**cells) for cells in facts.values())
    world = World(name=name, title=_fact(facts, "title"), start=_start(facts), facts=told, **scalars, **rows)
    check_world(world)
    return world


def _vary(
    key: str, number: float, multiply: bool, tables: dict[str, list[Cells]], facts: dict[str, Cells]
) -> None:
    """Set or multiply the one cell that ``key`` names: ``table.row.column``, or ``world.scalar``."""
    names = [*tables, "world"]
    table, _, rest = key.partition(".")
    if table == "world":
        if rest not in SCALARS:
            raise WorldError(
                f"vary {key}: '{rest}' is unknown; allowed: {one_of(SCALARS)}{nearest(rest, SCALARS)}"
            )
        old = _scalar(facts, rest)
        value = in_limits("world", rest, rest, old * number if multiply else float(number), None)
        facts[rest] = facts[rest] | {"value": repr(value)}
        return
    if table not in tables:
        raise WorldError(
            f"vary {key}: table '{table}' is unknown; allowed: {one_of(names)}{nearest(table, names)}"
        )
    name, _, column = rest.partition(".")
    ids = [cells["id"] for cells in tables[table]]
    if name not in ids:
        raise WorldError(f"vary {key}: row '{name}' is unknown; allowed: {one_of(ids)}{nearest(name, ids)}")
    columns = COLUMNS[table]
    numeric = [c for c, kind in columns.kind.items() if kind == "float"]
    if column not in numeric:
        raise WorldError(
            f"vary {key}: column '{column}' is unknown; allowed: {one_of(numeric)}{nearest(column, numeric)}"
        )
    row = ids.index(name)
    cells = tables[table][row] = dict(
        tables[table][row]
    )  # the cells as read belong to every world of this name
    value = cells[column] * number if multiply else float(number)
    cells[column] = in_limits(table, name, column, value, columns.suffix.get(column))
    if table == "mines":
        _settle(cells, column)


def _settle(mine: Cells, column: str) -> None:
    """What follows from a changed cell of a mine: output stays within capacity, and the basket goes on summing to 100."""
    basket = COLUMNS["mines"].vectors["basket_pct"]
    if column == "capacity_t_reo_per_year":
        mine["output_t_reo_per_year"] = min(mine["output_t_reo_per_year"], mine[column])
    elif column in basket:
        others = sum(mine[name] for name in basket if name != column)
        for name in basket:
            if name != column and others > 0.0:
                mine[name] *= (100.0 - mine[column]) / others


def _row(table: str, cells: Cells) -> Any:
    values = dict(cells)
    for field, names in COLUMNS[table].vectors.items():
        values[field] = tuple(values.pop(name) for name in names)
    return TABLES[table](**values)


def _fact(facts: dict[str, Cells], name: str) -> str:
    if name not in facts:
        raise WorldError(
            f"world.csv: row '{name}' is missing; allowed: rows title, start, {', '.join(SCALARS)}"
        )
    return str(facts[name]["value"])


def _scalar(facts: dict[str, Cells], name: str) -> float:
    return number_in("world", name, name, _fact(facts, name), None)


def _start(facts: dict[str, Cells]) -> str:
    start = _fact(facts, "start")
    if iso_date(start) is None:
        raise fail("world", "start", "value", start, "allowed: an ISO date such as 2025-01-01")
    return start
