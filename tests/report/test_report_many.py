"""A page of many scenarios: an overview first, a panel for each, nothing on one axis that cannot be told apart."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from report.hostile import HOSTILE
from report.synthetic import PROGRAMMES, write
from report.test_report_figures import no_text_touches_another
from report.test_report_page import Reader, harmless
from sim.report.comparison import FEW, Comparison, compare
from sim.report.figures import draw
from sim.report.figures.axes import _together
from sim.report.figures.plate import lines_of
from sim.report.folders import read_folders
from sim.report.page import Page, build
from sim.report.sections import SECTIONS, costs, flows, overview, programmes, projects, stockpiles

NAMES = ("controls_2025", "full_cutoff", "japan_2026", "kuantan_outage", "escalation", "price_floor",
         "a_scenario_whose_name_somebody_made_rather_long")  # fmt: skip


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """A comparator and seven scenarios, five years of three replications."""
    top = tmp_path_factory.mktemp("many")
    runs = [write(top / "baseline", "baseline", replications=3, weeks=262)]
    for i, name in enumerate(NAMES):
        event = {
            "name": "e",
            "title": f"Event {i} of {name}",
            "start": f"2025-0{4 + i % 4}-0{1 + i}",
            "end": "",
        }
        policy = {
            "name": "price_floor_us",
            "title": "A floor under the price",
            "start": "2026-01-01",
            "end": "2027-01-01",
        }
        runs.append(
            write(top / name, "controls", name=name, replications=3, weeks=262, events=[event, policy])
        )
    return compare(read_folders(runs), "", ("Dy", "Y"))


@pytest.fixture(scope="module")
def page(many: Comparison) -> Page:
    return build(many, "report_data")


def test_overview_comes_first_and_names_every_scenario(page: Page) -> None:
    harmless(page.html)
    assert page.html.index('id="overview"') < page.html.index('id="answers"') < page.html.index('id="prices"')
    assert f"<h1>{len(NAMES)} scenarios against baseline</h1>" in page.html
    table = page.html[page.html.index("Supply and defence against the comparator") :]
    table = table[: table.index("</table>")]
    for name in NAMES:
        assert f'<th scope="row">{name.replace("_", " ")}</th>' in table
    assert "AMRAAM AIM-120 (US and NATO)" in table
    assert "Amraam" not in page.html
    ids = [a["id"] for _, a in Reader(page.html).tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert len(page.html) < 5_000_000


def test_no_panel_holds_more_lines_than_can_be_told_apart(many: Comparison) -> None:
    assert many.many
    panels = [
        (p, which) for make in SECTIONS for p in make(many).plates for which in p.panels if p.kind == "lines"
    ]
    assert len(panels) > 50
    for p, which in panels:
        lines = lines_of(p.table, which)
        assert 1 <= len(lines) <= FEW + 1, (p.id, which.key)
        assert len({(one.scenario, one.name) for one in lines}) == len(lines)


def test_no_text_overlaps_another(many: Comparison) -> None:
    panels = [(p, which) for make in SECTIONS for p in make(many).plates for which in p.panels]
    for p, which in panels:
        no_text_touches_another(p, which)


def test_titles_are_short_and_state_a_count(many: Comparison) -> None:
    for make in SECTIONS:
        for plate in make(many).plates:
            finding = re.sub(
                r" \([^)]*\)$", "", plate.title
            )  # without the name that somebody gave a scenario
            assert len(finding.split()) <= 15, plate.title
            assert "n = 3" in plate.subtitle, plate.subtitle
            assert all(panel.unit for panel in plate.panels)


def test_events_are_numbered_by_scenario_and_none_is_lost(many: Comparison, page: Page) -> None:
    for name in NAMES:
        assert f"of {name}" in page.html  # uncut, in the key
    assert [_together(n) for n in ([3], [2, 5], [2, 3, 4], [1, 3, 4])] == ["3", "2, 5", "2–4", "1, 3, 4"]
    plate = next(p for make in SECTIONS for p in make(many).plates if p.id == "price_dy_oxide")
    figure = draw(plate, plate.panels[0])
    shown = [t.get_text() for t in figure.findobj(lambda a: a.get_gid() == "mark")]
    told = {int(n) for t in shown for n in re.findall(r"\d+", t)}
    own = {i for i, m in enumerate(plate.marks, 1) if m in (plate.panels[0].marks or ())}
    assert told == own
    assert len(own) == 2


def test_first_weeks_and_medians_of_dates() -> None:
    dates = np.datetime64("2025-01-06") + 7 * np.arange(10)
    short = np.zeros((3, 10), dtype=bool)
    short[0, 2:6] = True  # four weeks in a row
    short[1, 2:5] = True  # three only
    short[2, [1, 2, 3, 5, 6, 7, 8]] = True  # broken by a week, then four
    first = overview._first_of(short, dates)
    assert first[0] == dates[2]
    assert np.isnat(first[1])
    assert first[2] == dates[5]
    assert programmes.middle(first) == (dates[2], 2 / 3)
    assert programmes.middle(first[1:2]) == (None, 0.0)


def test_late_units_are_paired(many: Comparison) -> None:
    pair = many.pairs[0]
    rows = programmes.lateness(many, pair.scenario)
    assert len(rows) == sum(len(p) for p in PROGRAMMES.values())
    us = [x for x in rows if x.bloc == "us_nato"]
    assert all(x.share == 1.0 and x.first is not None and x.longest.mid > 30 for x in us)
    assert [e.mid for x in us[:1] for e in (x.late, x.more_late, x.lost, x.more_lost) if e is not None] == [
        15,
        15,
        5,
        5,
    ]
    assert all(x.first is None for x in rows if x.bloc != "us_nato")
    assert us[0].item == "smco_2_17"
    assert us[0].cover is not None
    assert us[0].cover.mid == 100


def test_flows_print_sums_that_close(many: Comparison) -> None:
    plate = flows.plate(many, "dy")
    assert plate is not None
    rows = plate.table.to_pylist()
    head, *facts = plate.facts
    for column, year in ((1, 2025), (2, plate.extra["years"][-1])):
        assert str(year) in head[column]
        total = sum(
            r["value"] for r in rows if (r["panel"], r["stage"], r["year"]) == ("s0", "separator", year)
        )
        (printed,) = [f[column] for f in facts if f[0] == "Separators, sum"]
        assert float(printed.removesuffix(" t").replace(",", "")) == pytest.approx(total, rel=0.005)
    assert "China's share of Dy separation: 70 %" in plate.title


def test_what_is_not_recorded_is_said_or_left_out(tmp_path: Path) -> None:
    old = [
        write(tmp_path / k, k, replications=2, weeks=60, commodities=4, world=False)
        for k in ("baseline", "controls")
    ]
    c = compare(read_folders(old), "", ())
    made = build(c, "d")
    assert "No stockpile is recorded" in made.html
    assert "Neither capacity by region nor any project" in made.html
    assert "No flow of these elements by region" in made.html
    assert 'id="costs"' not in made.html
    still = compare(read_folders([write(tmp_path / "b", "baseline", replications=2, weeks=60)]), "", ())
    assert "None of the 3 stockpiles recorded moves" in stockpiles.section(still).nothing


def test_costs_by_year(many: Comparison) -> None:
    (table,) = costs.section(many).tables
    head, *rows = table.rows
    assert head[:3] == ("Policy", "Scenario", "2025")
    assert len(rows) == len(NAMES)
    assert rows[0][0] == "A floor under the price"
    assert rows[0][3].startswith("130 (117 to 143)")  # 52 weeks of 2.5 million


def test_projects_by_year_and_share(many: Comparison) -> None:
    decided, listed = projects.section(many).tables
    assert decided.rows[0] == ("Scenario", "2025", "Whole run (90 % range)")
    assert decided.rows[2][1] == "1 (100 %)"
    named = [row for row in listed.rows if row[0] == "Lynas Malaysia, heavy circuit" and row[1] == "Decided"]
    assert named[0][3] == "Aug\u00a02025, 33\u00a0%"


def test_runs_of_other_lengths_and_other_beginnings(tmp_path: Path) -> None:
    base = write(tmp_path / "base", "baseline", replications=2, weeks=40, commodities=4)
    long = write(tmp_path / "long", "controls", replications=2, weeks=60, commodities=4)
    c = compare(read_folders([base, long]), "", ("Dy",))
    assert len(c.notices) == 1
    assert "differ in length" in c.notices[0]
    assert c.pairs[0].scenario.series.dates[-1] == c.pairs[0].base.series.dates[-1]
    assert programmes.paired(c.pairs[0].scenario, c.pairs[0].base, "late_units_bloc_us_nato") is None
    made = build(c, "d")
    assert made.html.count("differ in length") == 1
    late = compare(read_folders([_later(tmp_path), long]), "", ("Dy",))
    assert not late.pairs
    assert "begin in different weeks" in late.notices[0]
    build(late, "d")


def _later(folder: Path) -> Path:
    import report.synthetic as synthetic

    before, synthetic.START = synthetic.START, date(2026, 1, 5)
    try:
        return write(folder / "later", "baseline", replications=2, weeks=40, commodities=4)
    finally:
        synthetic.START = before


def test_hostile_names_of_the_world(tmp_path: Path) -> None:
    """Names of programmes, sites, stockpiles and policies come from a stranger's tables."""
    for i, text in enumerate((" ".join(HOSTILE), "=1+1\u202eevil")):
        names = dict.fromkeys(("f_35", "us_nds_y_oxide", "lynas_heavy", "north_america"), text)
        events = [
            {"name": "price_floor_us", "title": text, "start": "2025-04-04"},
            {"name": [1], "title": {}},
            "x",
        ]
        run = write(
            tmp_path / f"r{i}",
            "controls",
            replications=2,
            weeks=60,
            commodities=4,
            names=names,
            events=events,
        )
        base = write(
            tmp_path / f"b{i}", "baseline", replications=2, weeks=60, commodities=4, names="no mapping"
        )
        made = build(compare(read_folders([run, base]), "", ("Dy",)), "d_data")
        harmless(made.html)
        assert "\u202e" not in made.html
        for csv in made.data.values():
            assert not re.search(r'(^|,)"?[=+@][^,"]*[A-Za-z(]', csv, flags=re.MULTILINE)
