"""Series go into the store and come out as they were, one of them over all runs without reading the rest."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fakes
import stores
from sim.config import load
from sim.runs.tables import work
from sim.store import StoreError, packed, read_study
from sim.store import series as module
from sim.store.series import LABELS, merged, stamped, tidy


def rows(table: pa.Table, run: int | None = None) -> list[tuple[Any, ...]]:
    """Rows by key, as plain values; ``run`` for a table that has none."""
    names = ("date", *LABELS, "value")
    found = [tuple(str(r[n]) for n in names) for r in table.to_pylist()]
    numbers = table.column("run").to_pylist() if run is None else [run] * len(found)
    return sorted(zip(numbers, found, strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stores.stored(tmp_path_factory.mktemp("made") / "s", stores.about(record="report"), failed=(7,))


def test_all_series_of_all_runs(folder: Path) -> None:
    made = [row for run in range(30) if run != 7 for row in rows(stores.series(run), run)]
    found = read_study(folder).series()
    assert rows(found) == sorted(made)
    keys = [tuple(row.values()) for row in found.select([*LABELS, "run", "date"]).to_pylist()]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    "wanted",
    [
        {"variable": "price_spot", "place": "world", "commodity": "dy_oxide"},
        {"commodity": ["dy_oxide", "ndpr_oxide"], "scope": "hub"},
        {"variable": "demand", "runs": [3, 4, 7, 29]},
        {"party": "civil"},
        {"variable": "price_spot", "runs": []},
        {"variable": "no_such"},
        {"place": []},
    ],
)
def test_what_is_asked_for_and_nothing_else(wanted: dict[str, Any], folder: Path) -> None:
    study = read_study(folder)
    runs = wanted.get("runs")
    expected = []
    for run, row in rows(study.series()):
        told = dict(zip(("date", *LABELS), row, strict=False))
        fits = [told[k] in ([v] if isinstance(v, str) else v) for k, v in wanted.items() if k != "runs"]
        if all(fits) and (runs is None or run in runs):
            expected.append((run, row))
    assert rows(study.series(**wanted)) == expected
    assert bool(expected) == (wanted not in ({"variable": "no_such"}, {"place": []}) and runs != [])


def test_groups_of_rows_that_hold_nothing_wanted_are_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    whole = pq.ParquetFile.read_row_group

    def counted(self: Any, number: int, columns: list[str], **more: Any) -> pa.Table:
        if "values" in columns:
            read.append(number)
        return whole(self, number, columns=columns, **more)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", counted)
    monkeypatch.setattr("sim.store.parts.ROWS_A_GROUP", 4)
    about = stores.about(record="report")
    study = read_study(stores.stored(folder.with_name("grouped"), about))
    study.series(variable="price_spot", place="china")
    assert 1 <= len(read) / about.chunks < 2  # of six groups a part
    read.clear()
    assert study.series(variable="no_such").num_rows == 0
    assert read == []


def test_the_catalogue_names_each_series_once(folder: Path) -> None:
    assert [tuple(row.values()) for row in read_study(folder).catalogue().to_pylist()] == sorted(
        stores.SERIES
    )


def test_what_cannot_be_asked(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"label 'plce' is not one of .*; did you mean 'place'\?"):
        read_study(folder).series(plce="china")
    without = read_study(stores.stored(tmp_path / "s", stores.about()))
    with pytest.raises(StoreError, match="record=outcomes"):
        without.series(variable="price_spot")


def test_a_model_s_own_table_and_the_sorted_one_of_a_run_folder_are_one() -> None:
    case = load("scenario=controls_2025")
    raw = fakes.simulate(case, 1, 3).trajectories
    done = work(case, 1, fakes.simulate, 3)
    assert hasattr(done, "tables")
    ordered = done.tables["trajectories"]
    assert merged([packed(raw)]).equals(merged([packed(ordered)]))
    assert rows(tidy(packed(raw, 3))) == rows(raw, 3)


def test_packed_rows_are_one_a_series() -> None:
    small = packed(stores.series(0))
    assert small.num_rows == len(stores.SERIES)
    assert {len(values) for values in small.column("values").to_pylist()} == {60}
    assert set(small.column("start").to_pylist()) == {stores.START + timedelta(weeks=1)}


def test_a_gap_begins_another_row() -> None:
    table = stores.series(0)
    holes = table.filter(pa.array([i % 60 not in (0, 20, 21, 59) for i in range(table.num_rows)]))
    small = packed(holes, 5)
    assert small.num_rows == 2 * len(stores.SERIES)
    assert rows(tidy(small)) == rows(holes, 5)


def _table(keys: list[tuple[str, int, float]]) -> pa.Table:
    days = [date(2025, 1, 6) + timedelta(days=day) for _, day, _ in keys]
    columns: dict[str, Any] = {name: [key for key, _, _ in keys] for name in LABELS}
    return pa.table({"date": pa.array(days, pa.date32()), **columns, "value": [v for _, _, v in keys]})


KEYS = st.tuples(st.sampled_from("abc"), st.sampled_from([0, 3, 7, 14, 21, 35]), st.floats())


@given(
    st.lists(KEYS, unique_by=lambda k: k[:2], max_size=18),
    st.lists(KEYS, unique_by=lambda k: k[:2], max_size=9),
)
def test_any_rows_in_any_order(one: list[tuple[str, int, float]], two: list[tuple[str, int, float]]) -> None:
    if not one or not two:
        one, two = one or [("a", 0, 1.0)], two or [("b", 7, float("nan"))]
    both = merged([packed(_table(two), 9), stamped(packed(_table(one)), 4)])
    assert rows(tidy(both)) == sorted(rows(_table(one), 4) + rows(_table(two), 9))
    again = merged([stamped(packed(_table(one[::-1])), 4), packed(_table(two), 9)])
    assert [np.array(v).tobytes() for v in again.column("values").to_pylist()] == [
        np.array(v).tobytes() for v in both.column("values").to_pylist()
    ]
    assert again.drop_columns("values").equals(both.drop_columns("values"))


def test_tables_that_are_no_series() -> None:
    good = stores.series(0)
    with pytest.raises(ValueError, match="no column 'unit'"):
        packed(good.drop_columns("unit"))
    with pytest.raises(ValueError, match="two values of one series and week"):
        packed(pa.concat_tables([good, good.slice(3, 1)]))
    empty = pa.array([None] * good.num_rows, pa.string())
    with pytest.raises(ValueError, match="label of the series is null"):
        packed(good.set_column(good.schema.get_field_index("place"), "place", empty))
    with pytest.raises(ValueError, match="date or value of the series is null"):
        packed(good.set_column(good.schema.get_field_index("value"), "value", empty.cast(pa.float64())))


def test_a_run_without_a_series_that_is_not_zero(folder: Path) -> None:
    assert tidy(packed(stores.series(0).slice(0, 0))).equals(module.TIDY.empty_table())
