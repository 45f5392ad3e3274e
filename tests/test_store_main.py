"""The store's own program: what it prints, its exit codes, and the formats it writes."""

from __future__ import annotations

import csv
import importlib.util
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stores
from floors import ROOT
from sim.store import Store, read_study
from sim.store.__main__ import main
from sim.store.iamc import scenario, whole_years

YEARS = stores.about(points=2, replications=2, record="report", name="two years")
YEAR = 60  # weeks: the whole of 2025 and a beginning of 2026


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stores.stored(tmp_path_factory.mktemp("made") / "s", stores.about(record="report"), failed=(4, 8))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stores.stored(tmp_path_factory.mktemp("made") / "small", YEARS)


def said(words: list[Any], code: int, capsys: pytest.CaptureFixture[str]) -> str:
    assert main([str(word) for word in words]) == code
    told = capsys.readouterr()
    assert (told.err == "") == (code != 2)
    assert "Traceback" not in told.err
    if code == 2:
        assert told.err.startswith("error: ")
        assert told.err.count("\n") == 1
    return told.out + told.err


def test_list(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said([made], 0, capsys)
    assert told == said([made, "list"], 0, capsys)
    lines = told.splitlines()
    assert lines[0] == f"trial  {read_study(made).about.digest[:8]}  A trial"
    assert lines[1] == "  10 points x 3 replications, seed 7, record report"
    assert re.fullmatch(r"  30 of 30 runs done, 2 of them failed, \d+\.\d MB", lines[2])
    assert lines[3] == "  run 4 failed: point 1 replication 1: scenario==cmd() behaviour.precaution=0.125"
    assert lines[4] == "    BalanceError: =balance of Dy is off in 4 second line [stock.py:7 move]"
    assert len(lines) == 7


def test_verify_and_repair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    about = stores.about()
    folder = stores.stored(tmp_path / "s", about)
    assert said([folder, "verify"], 0, capsys) == "every file of the study is as it was written\n"
    assert said([folder, "repair"], 0, capsys) == "nothing to repair\n"
    part = sorted((folder / "outcomes").iterdir())[1]
    part.write_bytes(part.read_bytes()[:-1])
    told = said([folder, "verify"], 3, capsys)
    assert (
        told
        == f"outcomes/{part.name}: outcomes of chunk 1: its bytes are not those it is named for\n1 damaged\n"
    )
    assert "26 of 30 runs done" in said([folder], 0, capsys)
    assert f"removed outcomes/{part.name}\n" in said([folder, "repair"], 0, capsys)
    assert said([folder, "verify"], 0, capsys)
    (folder / "design.parquet").unlink()
    assert "design.parquet" in said([folder, "verify"], 3, capsys)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{s}", "lst"], "command 'lst' is not one of list, verify, repair, export; did you mean 'list'?"),
        (["{s}", "list", "more"], "'more' is too much"),
        (["{s}", "export"], "export needs --to (csv, iamc, netcdf) and --out FILE"),
        (
            ["{s}", "export", "--to", "cvs", "--out", "x"],
            "--to 'cvs' is not one of csv, iamc, netcdf; did you",
        ),
        (["{s}", "export", "--to", "csv", "--out", "."], ".: is a folder"),
        (
            ["{s}", "export", "--to", "csv", "--out", "no/such/x.csv"],
            "no/such/x.csv: there is no folder no/such",
        ),
        (
            ["{s}", "export", "--to", "iamc", "--out", "x", "--variable", "price_sport"],
            "did you mean 'price_spot'?",
        ),
        (["{s}", "list", "--to", "csv"], "belong to export"),
        (["nowhere"], "nowhere: no such folder"),
        (["."], ".: not a study (it has no study.json)"),
        (["merge", "x"], "merge needs a folder to merge into and at least one to take from"),
        (["merge", "{s}", "{s}"], "cannot be merged into itself"),
        (["nul\0"], "no NUL"),
        ([], "the following arguments are required: WORD"),
        (["{s}", "--too", "csv"], "flag '--too' is not one of"),
    ],
)
def test_mistakes(
    words: list[str], told: str, made: Path, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in said([word.replace("{s}", str(made)) for word in words], 2, capsys)
    assert list(workplace.iterdir()) == []


def test_a_study_without_series_has_none_to_export(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stores.stored(workplace / "s", stores.about())
    for words in (["iamc"], ["csv", "--variable", "price_spot"], ["netcdf", "--variable", "price_spot"]):
        if words[0] == "netcdf" and importlib.util.find_spec("xarray") is None:
            continue  # then that is what is said
        told = said([folder, "export", "--out", "out", "--to", *words], 2, capsys)
        assert "holds no series; the study was run with record=outcomes" in told
    assert [p.name for p in workplace.iterdir()] == ["s"]


def test_csv(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "runs.csv"
    out.write_text("an older one")
    assert said([made, "export", "--to", "csv", "--out", out], 0, capsys) == f"wrote {out} (30 rows)\n"
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    about = stores.about(record="report")
    assert len(rows) == 30
    for row, made_ in zip(rows, stores.results(about, failed=(4, 8)), strict=True):
        assert row["scenario"] == ("baseline" if made_.point % 2 == 0 else "'=cmd()")
        assert row["behaviour.precaution"] == ("" if made_.point == 0 else f"{made_.point / 8:g}")
        assert row["message"] == (
            "" if made_.status == "ok" else f"'=balance of Dy is off in {made_.index} second line"
        )
        value = (made_.outcomes or {}).get("late_units_bloc_us_nato")
        assert (
            row["late_units_bloc_us_nato"] == ""
            if value is None
            else float(row["late_units_bloc_us_nato"]) == value or (value != value)
        )
    assert list(rows[0])[:6] == ["run", "point", "replication", "scenario", "behaviour.precaution", "digest"]
    assert any(float(row["late_units_bloc_us_nato"] or 0) < 0 for row in rows)  # a number is no formula


def test_a_formula_as_the_name_of_a_column(tmp_path: Path) -> None:
    about = stores.about(points=1, replications=1)
    design = stores.design(about).append_column("@key", [["+1"]])
    with Store.open(tmp_path / "s", about, design) as store:
        store.add(stores.results(about))
    assert main([str(tmp_path / "s"), "export", "--to", "csv", "--out", str(tmp_path / "x.csv")]) == 0
    text = (tmp_path / "x.csv").read_text()
    assert '"\'@key"' in text
    assert '"\'+1"' in text


def test_csv_of_one_variable(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.csv"
    said(
        [made, "export", "--to", "csv", "--out", out, "--variable", "cover", "--variable", "demand"],
        0,
        capsys,
    )
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 28 * 60 * 3
    table = read_study(made).series(variable=["cover", "demand"])
    assert [float(row["value"]) for row in rows] == table.column("value").to_pylist()
    assert rows[0]["date"] == "2025-01-13"


def test_iamc(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "iamc.csv"
    said([small, "export", "--to", "iamc", "--out", out], 0, capsys)
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["model", "scenario", "region", "variable", "unit", "year", "value"]
    keys = [tuple(row.values())[:-1] for row in rows]
    assert len(set(keys)) == len(keys)
    assert {row["year"] for row in rows} == {"2025"}  # of 2026 there are eight weeks
    assert {(row["region"], row["variable"], row["unit"]) for row in rows} == {
        ("China", "Price|Spot|Dy Oxide", "USD/kg oxide"),
        ("Outside China", "Price|Spot|Dy Oxide", "USD/kg oxide"),
        ("Outside China", "Price|Spot|Ndpr Oxide", "USD/kg oxide"),
        ("Outside China (all hubs)", "Demand|Dy Oxide", "t oxide/yr"),
        ("Outside China (region)", "Demand|Civil|Dy Oxide", "t oxide/yr"),
        ("Outside China", "Cover|User|Dy Oxide", "days"),
    }
    assert {row["model"] for row in rows} == {"Coercivity 0.1.0+12345678"}
    name = "two years 1: scenario==cmd(), behaviour.precaution=0.125 (replication 1)"
    assert scenario(read_study(small), 3) == name
    table = stores.series(3)
    for variable, region, place, mean in (
        ("Demand|Dy Oxide", "Outside China (all hubs)", ("demand", "outside"), False),
        ("Price|Spot|Dy Oxide", "Outside China", ("price_spot", "world"), True),
    ):
        values = [
            r["value"]
            for r in table.to_pylist()
            if (r["variable"], r["place"], r["commodity"]) == (*place, "dy_oxide")
            and r["date"].isoformat() <= "2026-01-05"
        ]
        assert len(values) == 52
        told = [
            float(r["value"])
            for r in rows
            if (r["scenario"], r["variable"], r["region"]) == (name, variable, region)
        ]
        assert told == [pytest.approx(np.mean(values) if mean else np.sum(values), rel=1e-12)]


def test_only_whole_years_count() -> None:
    days = np.arange(20000, 20000 + 7 * 200, 7, dtype=np.int32)  # from October 2024
    assert [(year, len(rows)) for year, rows in whole_years(days)] == [(2025, 52), (2026, 52), (2027, 53)]
    holed = np.delete(days, 30)
    assert [year for year, _ in whole_years(holed)] == [2026, 2027]


def test_netcdf(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    xarray = pytest.importorskip("xarray")
    out = tmp_path / "x.nc"
    said([small, "export", "--to", "netcdf", "--out", out], 0, capsys)
    with xarray.open_dataset(out, engine="scipy") as data:
        assert dict(data.sizes)["point"] == 2
        assert data.attrs["name"] == "two years"
        outcomes = read_study(small).outcomes()
        assert np.array_equal(
            data["shortage_dy_oxide_t"].values.ravel(),
            outcomes.column("shortage_dy_oxide_t").to_numpy(),
            equal_nan=True,
        )
        dates = outcomes.column("peak_ratio_dy_oxide_date").to_pylist()
        found = data["peak_ratio_dy_oxide_date"].values.ravel().astype("datetime64[D]").tolist()
        assert found == dates
        prices = data["price_spot"]
        assert prices.dims == ("point", "replication", "price_spot_series", "price_spot_date")
        at = list(zip(data["price_spot_place"].values, data["price_spot_commodity"].values, strict=True))
        here = prices.values[1, 1, at.index(("world", "dy_oxide"))]
        table = read_study(small).series(variable="price_spot", place="world", commodity="dy_oxide", runs=[3])
        assert np.array_equal(here, table.column("value").to_numpy())
        assert np.isnan(
            prices.values[1, 0, at.index(("china", "dy_oxide"))]
        ).all()  # run 2 has no such series


def test_netcdf_without_xarray_is_one_line(
    small: Path, workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "xarray", None)
    told = said([small, "export", "--to", "netcdf", "--out", "x.nc"], 2, capsys)
    assert told == "error: netCDF needs xarray: pip install 'coercivity[export]'\n"
    assert list(workplace.iterdir()) == []


# --- merge --------------------------------------------------------------------------------


def _shards(top: Path, record: str = "report") -> list[Path]:
    about = stores.about(record=record)
    for k in range(3):
        with Store.open(top / f"s{k}", about, stores.design(about), shard=(k, 3)) as store:
            store.add(r for r in stores.results(about, failed=(5,)) if store.mine[r.index])
    return [top / f"s{k}" for k in range(3)]


@pytest.mark.parametrize("record", ["outcomes", "report"])
def test_merged_shards_are_the_whole(record: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shards = _shards(tmp_path, record)
    told = said(["merge", tmp_path / "all", *shards], 0, capsys)
    assert told == f"{tmp_path / 'all'}: took 30 runs, 0 were there; 30 of 30 are done\n"
    whole = stores.stored(tmp_path / "whole", stores.about(record=record), failed=(5,))
    assert stores.content(tmp_path / "all") == stores.content(whole)
    assert "took 0 runs, 30 were there" in said(["merge", tmp_path / "all", *shards], 0, capsys)
    assert stores.content(tmp_path / "all") == stores.content(whole)


def test_merge_takes_what_went_well_and_says_what_came_out_differently(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    about = stores.about(record="report")
    one = stores.stored(tmp_path / "one", about, failed=(5,))
    other = tmp_path / "other"
    with Store.open(other, about, stores.design(about)) as store:
        from dataclasses import replace

        store.add([stores.result(about, 5), replace(stores.result(about, 9), balance_error=0.5)])
    told = said(["merge", one, other], 0, capsys)
    assert "took 1 runs, 2 were there; 30 of 30 are done" in told
    assert f"1 runs came out differently in the two folders; those of {one} are kept" in told
    assert stores.content(one) == stores.content(stores.stored(tmp_path / "whole", about))


def test_merge_refuses_what_is_damaged_or_another_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shards = _shards(tmp_path)
    part = next((shards[1] / "series").iterdir())
    part.write_bytes(b"\0" + part.read_bytes()[1:])
    told = said(["merge", tmp_path / "all", *shards], 2, capsys)
    assert "its bytes are not those it is named for; repair it first" in told
    another = stores.stored(tmp_path / "another", stores.about())
    told = said(["merge", tmp_path / "none", shards[0], another], 2, capsys)
    assert f"{another}: another study than {shards[0]} (digest differs)" in told
    assert not (tmp_path / "none").exists()


# --- the page -----------------------------------------------------------------------------


def _page(language: str) -> list[str]:
    text = (ROOT / "docs" / "store.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_every_query_of_the_page_runs(small: Path, workplace: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    (workplace / "study").symlink_to(small, target_is_directory=True)
    queries = _page("sql")
    assert len(queries) >= 5
    for query in queries:
        found = duckdb.sql(query).fetchall()
        assert found, query
    first = duckdb.sql(queries[0]).fetchall()
    assert first == [("ok", 4)]


def test_the_page_s_python_runs(small: Path, workplace: Path) -> None:
    (workplace / "study").symlink_to(small, target_is_directory=True)
    programs = _page("python")
    assert programs
    for program in programs:
        exec(compile(program, "docs/store.md", "exec"), {})  # noqa: S102  our own page


def test_every_command_of_the_page_is_one(
    small: Path, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workplace / "study").symlink_to(small, target_is_directory=True)
    lines = [line for block in _page("console") for line in block.splitlines()]
    assert len(lines) >= 6
    for line in lines:
        words = line.removeprefix("coercivity store ").split()
        if words[0] == "merge":
            words = ["merge", "all", "study"]
        if "netcdf" in words:
            pytest.importorskip("xarray")
        assert main(words) == 0, line
