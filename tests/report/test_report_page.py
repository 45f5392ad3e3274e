"""The page as a whole: same bytes, nothing that reaches out, words for every figure, numbers that agree."""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.csv

from report.hostile import HOSTILE
from report.synthetic import write
from sim.report import make
from sim.report.comparison import Comparison, compare
from sim.report.folders import read_folders
from sim.report.headline import headlines
from sim.report.page import Page, build
from sim.report.sections import SECTIONS


class Reader(HTMLParser):
    """Collects elements, and what could run or load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def harmless(text: str) -> None:
    """No script, no handler, no address outside the page and its data folder."""
    for tag, attributes in Reader(text).tags:
        assert tag not in (
            "script",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "form",
            "img",
            "foreignobject",
            "animate",
        )
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("href", "src", "xlink:href", "action"):
                assert value is not None
                assert value.startswith("#") or re.fullmatch(r"[\w-]+_data/[a-z0-9_]+\.csv", value), (
                    tag,
                    value,
                )
            if name == "style" and value:
                assert "url(" not in value.replace("url(#", "")
    styles = re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL)
    assert len(styles) == 1
    assert not re.search(r"@import|url\(|expression", styles[0])


def test_page_loads_nothing_and_runs_nothing(page: Page) -> None:
    harmless(page.html)
    assert "default-src 'none'" in page.html
    # addresses stand in the text of sources only
    assert not re.search(r"=\"?https?://", page.html)


def test_rebuild_gives_the_same_bytes(folders: dict[str, Path], page: Page) -> None:
    again = build(compare(read_folders(list(folders.values())), "", ()), "report_data")
    assert again == page


def test_every_picture_has_words_and_every_figure_data(page: Page) -> None:
    pictures = [a for tag, a in Reader(page.html).tags if tag == "svg" and a.get("role") == "img"]
    assert len(pictures) > 40
    told = [a["aria-label"] or "" for a in pictures]
    assert all(len(t) > 40 and re.search(r"\d", t) and "No data" not in t for t in told)
    links = [
        a["href"] for tag, a in Reader(page.html).tags if tag == "a" and str(a.get("href")).endswith(".csv")
    ]
    assert sorted(links) == sorted(f"report_data/{name}" for name in page.data)
    assert page.html.count("<figure") == len(page.data) == page.html.count("<summary>Key values")


def test_ids_are_unique(page: Page) -> None:
    ids = [a["id"] for _, a in Reader(page.html).tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_titles_are_findings_of_at_most_fifteen_words(comparison: Comparison) -> None:
    for make_section in SECTIONS:
        for plate in make_section(comparison).plates:
            assert len(plate.title.split()) <= 15, plate.title
            assert "n = 20" in plate.subtitle, plate.subtitle
            assert all(panel.unit for panel in plate.panels)
            assert "world" not in plate.title + plate.subtitle + "".join(p.heading for p in plate.panels)


def test_first_screen_says_the_numbers_of_the_figures(comparison: Comparison, page: Page) -> None:
    (headline,) = headlines(comparison)
    assert len(headline.figures) == 5
    assert all(row.clear for row in headline.figures)
    gap = next(row for row in headline.figures if "over China" in row.name)
    ratio = pyarrow.csv.read_csv(pyarrow.BufferReader(page.data["ratio.csv"].encode()))
    top = max(ratio.column("median").to_pylist())
    assert f"{top:.2f}" in gap.difference
    assert f"{top:.2f}" in " ".join(headline.answer)


def test_without_comparator_the_page_says_so(folders: dict[str, Path]) -> None:
    made = build(compare(read_folders([folders["controls"]]), "", ("Dy",)), "d")
    assert "which is not among the folders" in made.html
    assert "Highest quotes outside China: Dy oxide" in made.html


def test_only_a_standstill_makes_a_page(folders: dict[str, Path]) -> None:
    made = build(compare(read_folders([folders["standstill"]]), "", ("Dy",)), "d")
    assert "Nothing drifts beyond its tolerance" in made.html


def test_failed_replications_and_other_seeds_are_seen(tmp_path: Path) -> None:
    base = write(tmp_path / "b", "baseline", replications=3, weeks=60, commodities=3)
    run = write(tmp_path / "c", "controls", replications=3, weeks=60, commodities=3, seed=2,
                replications_note=1, failed=[{"replication": 3, "error": "BalanceError: <b>off</b>"}])  # fmt: skip
    html = build(compare(read_folders([base, run]), "", ("Dy",)), "d").html
    assert "1 of 4 replications of controls 2025 failed" in html
    assert "BalanceError: &lt;b&gt;off" in html
    assert "different seeds" in html
    assert "lowest and highest" in html


def test_few_replications_are_drawn_one_by_one(tmp_path: Path) -> None:
    run = write(tmp_path / "c", "controls", replications=4, weeks=60, commodities=3)
    made = build(compare(read_folders([run]), "", ("Dy",)), "d")
    head = made.data["price_dy_oxide.csv"].splitlines()
    assert '"run_3"' in head[0]
    assert ",,," in head[1]  # no quantiles of four numbers


def test_hostile_texts_stay_text(tmp_path: Path) -> None:
    """All of them in every field that a stranger's scenario file can fill."""
    text = " ".join(HOSTILE)
    about = {"title": text, "question": text, "limits": text, "against": text, "sources": list(HOSTILE)}
    events = [{"kind": "news", "title": t, "start": "2025-04-04", "end": ""} for t in HOSTILE]
    failed = [{"replication": 1, "error": text}]
    run = write(
        tmp_path / "r",
        "controls",
        replications=1,
        weeks=40,
        commodities=3,
        scenario=about,
        events=events,
        failed=failed,
    )
    made = build(compare(read_folders([run]), "", ("Dy",)), "r_data")
    harmless(made.html)
    assert "\u202e" not in made.html
    assert "alert(1)&lt;/script&gt;" in made.html


def test_hostile_names_draw(tmp_path: Path) -> None:
    """As names of scenarios, all on one page: in titles, legend, notices, alternative texts and CSV cells."""
    runs = [
        write(
            tmp_path / str(i),
            "controls" if i < 2 else "baseline",
            replications=1,
            weeks=16,
            name=name,
            commodities=2,
        )
        for i, name in enumerate(HOSTILE)
    ]
    made = build(compare(read_folders(runs), "", ("Dy",)), "r_data")
    harmless(made.html)
    for text in made.data.values():
        assert not re.search(r'(^|,)"?[=+@][^,"]*[A-Za-z(]', text, flags=re.MULTILINE)


def test_make_is_quick_and_writes_page_and_data(folders: dict[str, Path], tmp_path: Path) -> None:
    began = time.process_time()  # not the clock: other work on the machine is no fault of the page
    out = tmp_path / "new" / "report.html"
    make([str(folders[k]) for k in ("baseline", "controls")], str(out), elements="dy")
    assert time.process_time() - began < 15
    assert sorted(p.name for p in out.parent.iterdir()) == ["report.html", "report_data"]
    assert (out.parent / "report_data" / "ratio.csv").is_file()
    assert str(tmp_path) not in out.read_text(encoding="utf-8")
    before = out.read_bytes()
    make(
        [str(folders[k]) for k in ("baseline", "controls")], str(out), elements="dy"
    )  # a page of ours is replaced
    assert out.read_bytes() == before


def test_manifest_of_the_generator_is_that_of_a_run(folders: dict[str, Path]) -> None:
    manifest = json.loads((folders["controls"] / "manifest.json").read_text(encoding="utf-8"))
    assert {"scenario", "events", "failed", "seed", "digest", "files", "replications"} <= set(manifest)
