"""Cells of a table: which columns a row type has, and how each cell is read, strictly."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from sim.elements import ELEMENTS
from sim.world import types
from sim.world.check import CHOICES, MAY_BE_EMPTY, WorldError, fail, limits, nearest, one_of
from sim.world.types import Row

ID: Final = re.compile(r"[a-z_][a-z0-9_]*")
NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
TABLES: Final[dict[str, type[Any]]] = {
    "regions": types.Region,
    "commodities": types.Commodity,
    "grades": types.Grade,
    "mines": types.Mine,
    "feeds": types.Feed,
    "separators": types.Separator,
    "metal_makers": types.MetalMaker,
    "metal_outputs": types.MetalOutput,
    "magnet_makers": types.MagnetMaker,
    "magnet_outputs": types.MagnetOutput,
    "candidates": types.Candidate,
    "recyclers": types.Recycler,
    "yields": types.ProcessYield,
    "sectors": types.Sector,
    "lifetimes": types.Lifetime,
    "demand": types.Demand,
    "programmes": types.Programme,
    "programme_items": types.ProgrammeItem,
    "defence_totals": types.DefenceTotal,
    "lanes": types.Lane,
    "stockpiles": types.Stockpile,
    "covers": types.Cover,
    "published": types.Published,
}
Cells = dict[str, Any]  # column -> str, float or bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact(Row):
    """A scalar of the world with its unit, as it stands in ``world.csv``."""

    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class Columns:
    """How the cells of one row type are read: column -> kind (``str``, ``float``, ``bool``) and vector suffix."""

    kind: dict[str, str]
    suffix: dict[str, str]  # of per-element columns only
    vectors: dict[str, tuple[str, ...]]  # field -> its fifteen columns


def columns_of(kind: type[Any]) -> Columns:
    """The columns of a row type, from its fields."""
    kinds: dict[str, str] = {}
    suffixes: dict[str, str] = {}
    vectors: dict[str, tuple[str, ...]] = {}
    for f in fields(kind):
        suffix = f.metadata.get("per_element")
        if suffix is None:
            kinds[f.name] = str(f.type)
            continue
        vectors[f.name] = tuple(f"{e}_{suffix}" for e in ELEMENTS)
        for column in vectors[f.name]:
            kinds[column], suffixes[column] = "float", suffix
    return Columns(kind=kinds, suffix=suffixes, vectors=vectors)


COLUMNS: Final = {table: columns_of(kind) for table, kind in TABLES.items()} | {"world": columns_of(Fact)}


def read_table(folder: Path, table: str) -> list[Cells]:
    """The rows of one file as typed cells, each checked by itself."""
    path = folder / f"{table}.csv"
    if not path.is_file():
        raise WorldError(f"{table}.csv: the file is missing from world '{folder.name}'")
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            lines = list(csv.reader(handle, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise WorldError(f"{table}.csv: not a UTF-8 CSV file ({error})") from None
    columns = COLUMNS[table]
    header = lines[0] if lines else []
    _check_header(table, header, columns)
    rows: list[Cells] = []
    seen: set[str] = set()
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise WorldError(f"{table}.csv: line {number} has {len(line)} cells; allowed: {len(header)}")
        cells = _cells(table, dict(zip(header, line, strict=True)), columns)
        if cells["id"] in seen:
            raise fail(table, cells["id"], "id", cells["id"], "allowed: an id that no other row has")
        seen.add(cells["id"])
        rows.append(cells)
    if not rows:
        raise WorldError(f"{table}.csv: the table is empty; allowed: at least one row")
    return rows


def _check_header(table: str, header: list[str], columns: Columns) -> None:
    for column in header:
        if column not in columns.kind:
            known = [c for c in columns.kind if c not in header] or list(columns.kind)
            raise WorldError(
                f"{table}.csv: column '{column}' is not one of its columns; "
                f"allowed: {one_of(list(columns.kind))}{nearest(column, known)}"
            )
        if header.count(column) > 1:
            raise WorldError(f"{table}.csv: column '{column}' stands twice; allowed: once")
    for column in columns.kind:
        if column not in header:
            raise WorldError(
                f"{table}.csv: column '{column}' is missing; allowed: all of {one_of(list(columns.kind))}"
            )


def _cells(table: str, raw: dict[str, str], columns: Columns) -> Cells:
    """The cells of a row as text, number or truth."""
    row = raw["id"]
    if not ID.fullmatch(row):
        raise fail(table, row, "id", row, "allowed: small letters, digits and _, not beginning with a digit")
    cells: Cells = {}
    for column, text in raw.items():
        kind = columns.kind[column]
        if kind == "float":
            cells[column] = number_in(table, row, column, text, columns.suffix.get(column))
        elif kind == "bool":
            if text not in ("true", "false"):
                raise fail(
                    table, row, column, text, f"allowed: true, false{nearest(text, ('true', 'false'))}"
                )
            cells[column] = text == "true"
        else:
            cells[column] = _text(table, row, column, text)
    return cells


def _text(table: str, row: str, column: str, text: str) -> str:
    if text != text.strip() or (not text and column not in MAY_BE_EMPTY):
        rule = "a text without spaces around it" if text.strip() else "a text, not an empty cell"
        raise fail(table, row, column, text, f"allowed: {rule}")
    allowed = CHOICES.get(column)
    if allowed and text not in allowed:
        raise fail(table, row, column, text, f"allowed: {one_of(allowed)}{nearest(text, allowed)}")
    return text


def number_in(table: str, row: str, column: str, text: str, suffix: str | None) -> float:
    """The number a cell says, within the limits of its column; ``suffix`` is that of a per-element column."""
    if not NUMBER.fullmatch(text):
        raise fail(table, row, column, text, "allowed: a number such as 12.5")
    return in_limits(table, row, column, float(text), suffix)


def in_limits(table: str, row: str, column: str, number: float, suffix: str | None) -> float:
    """``number`` itself if it is finite and the column may hold it, else a ``WorldError``."""
    low, high = limits(column, suffix)
    if not math.isfinite(number) or not low <= number <= high:
        raise fail(table, row, column, f"{number:g}", f"allowed: a number from {low:g} to {high:g}")
    return number
