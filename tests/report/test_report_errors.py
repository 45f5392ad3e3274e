"""Whatever is wrong with the request: one line, exit code 2, nothing written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sim.report.__main__ import main


def refused(capsys: pytest.CaptureFixture[str], arguments: list[str], *words: str) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith("error: ")
    for word in words:
        assert word in told.err


def test_folders_that_are_no_runs(
    capsys: pytest.CaptureFixture[str], workplace: Path, folders: dict[str, Path]
) -> None:
    out = ["--out", "report.html"]
    (workplace / "empty").mkdir()
    (workplace / "other").mkdir()
    (workplace / "other" / "x.txt").write_text("x", encoding="utf-8")
    refused(capsys, [], "no run folder named")
    refused(capsys, ["nowhere", *out], "nowhere", "no such folder")
    refused(capsys, ["empty", *out], "an empty folder")
    refused(capsys, ["other", *out], "no manifest.json")
    refused(capsys, ["other/x.txt", *out], "not a folder")
    refused(capsys, [str(folders["baseline"]), str(folders["baseline"]), *out], "named twice")
    assert not (workplace / "report.html").exists()
    assert not (workplace / "report_data").exists()


def test_a_machine_without_the_extra_is_told_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folders: dict[str, Path]
) -> None:
    monkeypatch.setattr("sim.report.__main__.NEEDED", ("jinja2", "no_such_library"))
    refused(capsys, [str(folders["baseline"])], "no_such_library", "pip install 'coercivity[report]'")


@pytest.mark.parametrize("name", ["trajectories", "outcomes", "events", "attribution", "balance"])
def test_missing_or_damaged_files(
    name: str, capsys: pytest.CaptureFixture[str], workplace: Path, folders: dict[str, Path]
) -> None:
    broken = workplace / "broken"
    shutil.copytree(folders["standstill"], broken)
    (broken / f"{name}.parquet").write_bytes(b"PAR1 nonsense PAR1")
    refused(capsys, ["broken", "--out", "r.html"], f"{name}.parquet")
    (broken / f"{name}.parquet").unlink()
    refused(capsys, ["broken", "--out", "r.html"], f"{name}.parquet is missing")
    assert sorted(p.name for p in workplace.iterdir()) == ["broken"]


def test_manifest_that_cannot_be_read(
    capsys: pytest.CaptureFixture[str], workplace: Path, folders: dict[str, Path]
) -> None:
    broken = workplace / "broken"
    shutil.copytree(folders["standstill"], broken)
    for text in ("{", "[]", "{}", json.dumps({"files": {}, "schema_version": 99})):
        (broken / "manifest.json").write_text(text, encoding="utf-8")
        refused(capsys, ["broken", "--out", "r.html"], "broken")


def test_words_that_are_not_known(
    capsys: pytest.CaptureFixture[str], workplace: Path, folders: dict[str, Path]
) -> None:
    runs = [str(folders["baseline"]), str(folders["controls"])]
    refused(capsys, [*runs, "--against", "controls_2052"], "did you mean 'controls_2025'")
    refused(capsys, [*runs, "--elements", "Dyy"], "'Dyy' is not one of", "did you mean")
    refused(capsys, [*runs, "--elements", ","], "no element named")
    refused(capsys, [*runs, "--agains", "baseline"], "--agains", "did you mean '--against'")
    refused(capsys, [*runs, "--out"], "--out")


def test_places_where_the_page_cannot_go(
    capsys: pytest.CaptureFixture[str], workplace: Path, folders: dict[str, Path]
) -> None:
    run = str(folders["standstill"])
    (workplace / "mine.html").write_text("<p>by hand</p>", encoding="utf-8")
    refused(capsys, [run, "--out", "mine.html"], "no report of ours")
    assert (workplace / "mine.html").read_text(encoding="utf-8") == "<p>by hand</p>"
    (workplace / "link.html").symlink_to("mine.html")
    refused(capsys, [run, "--out", "link.html"], "no report of ours")
    (workplace / "other_data").mkdir()
    (workplace / "other_data" / "precious.csv").write_text("1", encoding="utf-8")
    refused(capsys, [run, "--out", "other.html"], "no data folder of ours")
    refused(capsys, [run, "--out", "."], "a folder")
    refused(capsys, [run, "--out", "report.txt"], "must end in .html")
    refused(capsys, [run, "--out", "mine.html/report.html"], "cannot write")
    assert (workplace / "other_data" / "precious.csv").exists()
    assert not (workplace / "other.html").exists()


def test_it_writes_where_it_is_told(
    capsys: pytest.CaptureFixture[str], workplace: Path, folders: dict[str, Path]
) -> None:
    assert main([str(folders["standstill"]), "--out", "a.html", "--elements", "Dy"]) == 0
    assert capsys.readouterr().out.strip() == "a.html"
    assert sorted(p.name for p in workplace.iterdir()) == ["a.html", "a_data"]
