"""Command lines with -m, and sweep files: which points they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.config import read_resolved
from sim.sweep import ConfigError, Settings, design

LICENCES = "shock.china_licences_2025"


def column(key: str, *overrides: str) -> list[Any]:
    return design([*overrides]).design.columns[key]


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write a sweep file of the given text and make its design."""

    def make(text: str, *overrides: str) -> Any:
        path = tmp_path / "mine.yaml"
        path.write_text(text, encoding="utf-8")
        return design([*overrides], sweep_file=path)

    return make


# --- Hydra's words ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("1,2,3", [1, 2, 3]),
        ("choice(3,1)", [3, 1]),
        ("range(1,4)", [1, 2, 3]),
        ("range(3)", ConfigError),  # 0 years are no run
        ("range(0.1,0.5,0.1)", [0.1, 0.2, 0.3, 0.4]),
        ("range(2,1,-0.5)", [2.0, 1.5]),
        ("float(1,2)", [1.0, 2.0]),
        ("sort(3,1,2)", [1, 2, 3]),
        ("sort(1,3,2,reverse=true)", [3, 2, 1]),
    ],
)
def test_words_for_several_values(words: str, values: Any) -> None:
    if values is ConfigError:
        with pytest.raises(ConfigError):
            column("years", f"years={words}")
    else:
        assert column("years", f"years={words}") == values


def test_shuffle_gives_an_order_that_the_seed_decides() -> None:
    def shuffled(seed: int) -> list[int]:
        return column("years", "years=shuffle(range(1,20))", f"study.seed={seed}")

    assert shuffled(1) == shuffled(1) != list(range(1, 20))
    assert shuffled(1) != shuffled(2)
    assert sorted(shuffled(2)) == list(range(1, 20))


def test_glob_chooses_among_scenarios() -> None:
    made = design(["scenario=glob(full_cutoff*,exclude=*allied)"]).design
    assert made.columns["scenario"] == ["full_cutoff", "full_cutoff_stockpile"]
    assert [base.resolved["scenario"]["name"] for base in made.bases] == made.columns["scenario"]


def test_lists_of_events_are_composed() -> None:
    made = design(["shock=[april_news],[cutoff_allies,april_news],[]"]).design
    assert [sorted(made.config(i)["shock"]) for i in range(3)] == [
        ["april_news"], ["april_news", "cutoff_allies"], [],
    ]  # fmt: skip
    assert made.table()["shock"].to_pylist() == ["['april_news']", "['cutoff_allies','april_news']", "[]"]


def test_a_grid_crosses_everything_and_a_point_reads_as_a_run_would() -> None:
    made = design(["scenario=baseline,controls_2025", "years=1,2", "replications=3", "seed=9"]).design
    assert made.points == 4
    for i in range(4):
        plan = read_resolved(made.config(i))
        values = made.values(i)
        assert (plan.case.name, plan.case.years) == (values["scenario"], values["years"])
        assert (plan.seed, plan.replications, plan.case.record) == (9, 3, "outcomes")


def test_without_anything_varied_there_is_one_point() -> None:
    made = design(["scenario=controls_2025", "record=report"])
    assert (made.design.points, made.design.keys, made.name) == (1, (), "controls_2025")
    assert made.design.config(0)["record"] == "report"


def test_null_is_a_value_and_not_an_empty_cell() -> None:
    made = design(["start=null,2025-06-02"]).design
    assert [made.config(i)["start"] for i in range(2)] == [None, "2025-06-02"]


def test_a_table_cell_is_varied_with_and_without_a_plus() -> None:
    key = "vary.mines.bayan_obo.capacity_t_reo_per_year"
    one, other = (design([f"{sign}{key}=100000,200000"]).design for sign in ("+", ""))
    assert one.addresses() == other.addresses()
    capacity = [
        next(m for m in read_resolved(one.config(i)).case.world.mines if m.id == "bayan_obo")
        for i in range(2)
    ]
    assert [m.capacity_t_reo_per_year for m in capacity] == [100000, 200000]


# --- settings ---------------------------------------------------------------------------


def test_settings_are_typed_and_the_command_line_wins(written: Any) -> None:
    text = "design: {grid: {years: [1, 2]}}\nstudy: {on_error: stop, jobs: 4, shard: 1/3}\n"
    assert written(text).settings == Settings(on_error="stop", jobs=4, shard=(1, 3))
    assert written(text, "study.jobs=2", "study.backend=slurm", "study.minutes=30").settings == Settings(
        on_error="stop", jobs=2, shard=(1, 3), backend="slurm", minutes=30
    )


# --- the sweep file ---------------------------------------------------------------------


def test_a_union_of_blocks_keeps_the_base_where_a_block_is_silent(written: Any) -> None:
    made = written(
        f"""
title: Two things
base: {{scenario: controls_2025, years: 4}}
design:
  - grid: {{{LICENCES}.severity: [0.5, 1.0]}}
  - grid: {{years: "range(2,6,2)"}}
"""
    )
    assert (made.name, made.title) == ("mine", "Two things")
    assert made.design.columns == {f"{LICENCES}.severity": [0.5, 1.0, None], "years": [None, None, 2]}
    assert made.duplicates == 1  # severity is 1 and years are 4 in the base
    assert [made.design.config(i)["years"] for i in range(3)] == [4, 4, 2]
    assert made.design.table()["years"].to_pylist() == [None, None, 2]


def test_a_block_may_vary_what_the_base_sets(written: Any) -> None:
    made = written("base: {scenario: baseline}\ndesign: {grid: {scenario: [controls_2025, standstill]}}\n")
    names = [made.design.config(i)["scenario"]["name"] for i in range(2)]
    assert names == ["controls_2025", "standstill"]


def test_zip_goes_side_by_side(written: Any) -> None:
    made = written('design: {zip: {years: [1, 2, 3], start: ["2025-01-06", "2025-02-03", "2025-03-03"]}}\n')
    assert made.design.points == 3
    assert made.design.values(1) == {"years": 2, "start": "2025-02-03"}


def test_a_sample_of_dates_numbers_and_choices_beside_a_grid(written: Any) -> None:
    made = written(
        """
base: {scenario: full_cutoff, shock.cutoff_allies.announced: 2026-01-05}
design:
  sample: halton
  points: 9
  seed: 4
  over:
    shock.cutoff_allies.start: {from: "2026-01-05", to: "2026-12-28"}
    shock.cutoff_allies.severity: [0.2, 0.5, 1.0]
    shock.cutoff_allies.leakage.default: interval(0.0, 0.3)
    shock.cutoff_allies.news_half_life_days: {from: 10, to: 1000, log: true}
  grid: {years: [3, 4]}
"""
    )
    columns = made.design.columns
    assert made.design.points == 18
    assert all("2026-01-05" <= day <= "2026-12-28" for day in columns["shock.cutoff_allies.start"])
    assert columns["shock.cutoff_allies.severity"].count(0.5) == 6
    assert sum(days < 100 for days in columns["shock.cutoff_allies.news_half_life_days"][:9]) in (4, 5)


def test_lists_and_mappings_may_be_values_in_a_file(written: Any) -> None:
    made = written(
        f"""
base: {{scenario: controls_2025}}
design:
  grid:
    {LICENCES}.destinations: [[all], [europe, japan]]
    {LICENCES}.title: ["it's, \\"odd\\"", "a=b"]
"""
    ).design
    assert made.config(3)["shock"]["china_licences_2025"]["destinations"] == ["europe", "japan"]
    assert made.config(2)["shock"]["china_licences_2025"]["title"] == 'it\'s, "odd"'


def test_the_command_line_sets_and_crosses_beside_a_file(written: Any) -> None:
    text = "base: {years: 4}\ndesign: {grid: {scenario: [baseline, standstill]}}\n"
    made = written(text, "years=1", "behaviour.gross_up=2,3").design
    assert made.points == 4
    assert {made.config(i)["years"] for i in range(4)} == {1}


def test_date_like_text_stays_text(written: Any) -> None:
    made = written("design: {grid: {start: [2025-02-03, 2025-03-03]}}\n").design
    assert made.columns["start"] == ["2025-02-03", "2025-03-03"]


def test_a_wide_range_is_checked_at_its_ends_and_a_short_one_throughout() -> None:
    with pytest.raises(ConfigError, match=r"years=50\.5: "):
        design(["years=range(1,51,0.5)"])
    with pytest.raises(ConfigError, match=r"behaviour.allocation=pro_rate: .*must be one of"):
        design(["behaviour.allocation=priority,pro_rate,pro_rata"])


# --- tables -----------------------------------------------------------------------------


def test_a_table_of_points(written: Any, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(
        "years,start,behaviour.precaution,shock,+vary.mines.bayan_obo.capacity_t_reo_per_year,scenario\n"
        "1,2025-02-03,true,[april_news],1e5,\n"
        "2.5,,,,,standstill\n"
        ',"2025-03-03",false,,,\n',
        encoding="utf-8",
    )
    made = written("base: {years: 3}\ndesign: {table: points.csv}\n").design
    capacity = "vary.mines.bayan_obo.capacity_t_reo_per_year"
    assert made.values(0) == {
        "years": 1, "start": "2025-02-03", "behaviour.precaution": True, "shock": ["april_news"], capacity: 100000.0,
    }  # fmt: skip
    assert made.values(1) == {"years": 2.5, "scenario": "standstill"}
    assert made.values(2) == {"start": "2025-03-03", "behaviour.precaution": False}
    assert made.config(2)["years"] == 3


def test_a_parquet_table_holds_the_same_points_as_the_design_it_came_from(
    written: Any, tmp_path: Path
) -> None:
    first = design(
        ["scenario=baseline,controls_2025", "behaviour.gross_up=2,3.5", "start=2025-02-03,2025-03-03"]
    )
    table = first.design.table().drop_columns(["point", "base", "digest"])
    pq.write_table(table, tmp_path / "points.parquet")
    again = written("design: {table: points.parquet}\n")
    assert again.design.addresses() == first.design.addresses()


def test_parquet_dates_are_text_and_nulls_are_empty(written: Any, tmp_path: Path) -> None:
    day = pa.array(["2025-02-03", None]).cast(pa.date32())
    pq.write_table(pa.table({"start": day, "years": [None, 2]}), tmp_path / "points.parquet")
    made = written("design: {table: points.parquet}\n").design
    assert made.columns == {"start": ["2025-02-03", None], "years": [None, 2]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("years,years\n1,2\n", "points.csv: column 'years' stands twice"),
        ("years,\n1,2\n", "points.csv: a column has no name"),
        ("yeers\n1\n", "points.csv: key 'yeers' is not one of .*did you mean 'years'"),
        ("years\n", "points.csv: holds no points"),
        ("", "points.csv: holds no points"),
        ("years,start\n1\n", "points.csv: line 2 has 1 cells; the header has 2"),
        ('start\n"a,b"\n', "points.csv: line 2: 'a,b' names several values"),
        ("start\na(b\n", r"points.csv: line 2: 'a\(b' cannot be read"),
        ("start\n${x}\n", "points.csv: line 2: .*cannot be read"),
        ("years\n1e999\n", "points.csv: line 2: .*not a finite number"),
        ("years\nnan\n", "points.csv: line 2: .*not a finite number"),
        ("years\n77\n", "years=77: years 77 is out of range"),
        ("seed\n77\n", "points.csv: seed cannot be varied"),
        (",".join(f"behaviour.x{i}" for i in range(201)) + "\n", "0 rows of 201 columns are too many"),
    ],
)
def test_a_broken_table(text: str, words: str, written: Any, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=words) as caught:
        written("design: {table: points.csv}\n")
    assert str(caught.value).startswith("mine.yaml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("raw", [b"\xff\xfe\n", b'years\n"1\n'])
def test_a_table_that_is_no_csv(raw: bytes, written: Any, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_bytes(raw)
    with pytest.raises(ConfigError, match=r"points.csv: not a UTF-8 CSV file"):
        written("design: {table: points.csv}\n")


def test_a_table_that_is_no_parquet(written: Any, tmp_path: Path) -> None:
    (tmp_path / "points.parquet").write_bytes(b"years\n1\n")
    with pytest.raises(ConfigError, match=r"points.parquet: not a Parquet file"):
        written("design: {table: points.parquet}\n")


def test_a_link_out_of_the_folder_is_not_followed(written: Any, tmp_path: Path) -> None:
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere.csv"
    elsewhere.write_text("years\n1\n", encoding="utf-8")
    (tmp_path / "points.csv").symlink_to(elsewhere)
    with pytest.raises(ConfigError, match="does not lie beside the sweep file"):
        written("design: {table: points.csv}\n")
