"""Points from a table, CSV or Parquet: the header names keys, a row is a point, an empty cell is as in the base."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sim.compose import ConfigError
from sim.scenario_file import FLOAT, INT
from sim.sweep.blocks import Block, named_keys, side_by_side
from sim.sweep.files import told_of
from sim.sweep.values import AS_BASE
from sim.sweep.words import MOST_POINTS, typed
from sim.wording import one_line

MOST_BYTES: Final = 200_000_000
MOST_COLUMNS: Final = 200
MOST_CELLS: Final = 20_000_000
NUMBER: Final = re.compile(rf"{FLOAT.pattern}|{INT.pattern}")


def read_points(folder: Path, name: object) -> Block:
    """The points of the table ``name`` beside the sweep file. Raises ConfigError with one line."""
    path = _beside(folder, name)
    with told_of(path.name):
        if path.suffix == ".csv":
            header, columns = _csv(path)
        else:
            header, columns = _parquet(path)
        for key in header:
            if header.count(key) > 1:
                raise ConfigError(f"column {one_line(key, 60)!r} stands twice")
            if not key.strip():
                raise ConfigError("a column has no name; each is headed by the key that it varies")
        values, signs = named_keys(dict(zip(header, columns, strict=True)))
        return side_by_side(values, signs)


def _beside(folder: Path, name: object) -> Path:
    """A stranger's file may name what lies beside it or below, nothing else."""
    if not isinstance(name, str) or Path(name).suffix not in (".csv", ".parquet"):
        raise ConfigError(f"table {one_line(repr(name), 60)} is not the name of a .csv or .parquet file")
    try:
        path = (folder / name).resolve()
        inside, there = path.is_relative_to(folder.resolve()), path.is_file()
        large = there and path.stat().st_size > MOST_BYTES
    except (OSError, ValueError):
        raise ConfigError(f"table {one_line(repr(name), 60)} cannot be read") from None
    if not inside:
        raise ConfigError(f"table {one_line(repr(name), 60)} does not lie beside the sweep file")
    if not there:
        raise ConfigError(f"table {one_line(repr(name), 60)}: no such file beside the sweep file")
    if large:
        raise ConfigError(f"table {one_line(repr(name), 60)} is larger than {MOST_BYTES // 1_000_000} MB")
    return path


def _size(rows: int, columns: int) -> None:
    if rows > MOST_POINTS or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise ConfigError(
            f"{rows} rows of {columns} columns are too many "
            f"(at most {MOST_POINTS} rows, {MOST_COLUMNS} columns, {MOST_CELLS} cells)"
        )


def _csv(path: Path) -> tuple[list[str], list[list[Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = [key.strip() for key in next(reader, [])]
            _size(0, len(header))
            rows: list[list[Any]] = []
            for line in reader:
                if len(line) != len(header):
                    raise ConfigError(
                        f"line {reader.line_num} has {len(line)} cells; the header has {len(header)}"
                    )
                _size(len(rows) + 1, len(header))
                rows.append([_cell(text, reader.line_num) for text in line])
    except OSError as e:
        raise ConfigError(f"cannot be read ({e.strerror or e})") from None
    except (UnicodeDecodeError, csv.Error) as e:
        raise ConfigError(f"not a UTF-8 CSV file ({one_line(e, 100)})") from None
    return header, [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in header]


def _cell(text: str, line: int) -> Any:
    text = text.strip()
    if not text:
        return AS_BASE
    if NUMBER.fullmatch(text):
        number = int(text) if INT.fullmatch(text) else float(text)
        if math.isfinite(number):
            return number
    try:
        return typed(text)
    except ConfigError as e:
        raise ConfigError(f"line {line}: {e}") from None


def _parquet(path: Path) -> tuple[list[str], list[list[Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            _size(file.metadata.num_rows, len(names))
            table = file.read()
    except (pa.ArrowException, OSError) as e:
        raise ConfigError(f"not a Parquet file that can be read ({one_line(e, 100)})") from None
    return names, [_arrow_cells(name, table.column(i).to_pylist()) for i, name in enumerate(names)]


def _arrow_cells(name: str, values: Iterable[Any]) -> list[Any]:
    cells: list[Any] = []
    for row, value in enumerate(values, start=1):
        if value is None:
            cells.append(AS_BASE)
        elif isinstance(value, str):
            cells.append(_cell(value, row))
        elif isinstance(value, date) and not isinstance(value, datetime):
            cells.append(value.isoformat())
        elif isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            cells.append(value)
        else:
            raise ConfigError(
                f"column {one_line(repr(name), 60)}: row {row}: {one_line(value, 40)} is not text, "
                "a finite number, a date, true or false"
            )
    return cells
