"""Figures as functions of tidy data: nothing overlaps, colours can be told apart, bands mean what they say."""

from __future__ import annotations

import itertools
import re
from datetime import date

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from report.hostile import HOSTILE
from sim.report.comparison import Comparison
from sim.report.figures import draw
from sim.report.figures.axes import renderer, thin
from sim.report.figures.plate import Panel, Plate, line, lines_of, tidy
from sim.report.figures.told import alt
from sim.report.folders import Mark
from sim.report.labels import spread
from sim.report.looks import COLOURS, PAPER, drawing, looks
from sim.report.sections import SECTIONS
from sim.report.series import Series
from sim.report.stats import estimate, quantiles, rolling
from sim.report.svg import inline
from sim.report.words import number, product, programme, signed

# Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB
SIGHT = {
    "normal": np.eye(3),
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}  # fmt: skip


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x = to_xyz @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("edition", [0, 1])
@pytest.mark.parametrize("sight", SIGHT)
def test_scenario_colours_can_be_told_apart(edition: int, sight: str) -> None:
    seen = [lab(np.array(SIGHT[sight]) @ linear(pair[edition])) for pair in COLOURS]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 20
    assert min(contrast(pair[edition], PAPER[edition]) for pair in COLOURS) >= 4.5


def test_looks_follow_the_name_not_the_order() -> None:
    names = ["baseline", "controls_2025", "somebody's own", "another"]
    assert looks(names) == looks(reversed(names))
    assert looks(["controls_2025"])["controls_2025"] == looks(names)["controls_2025"]
    assert looks(["somebody's own"]) == looks(["somebody's own"])
    many = looks(f"scenario {i}" for i in range(15))
    assert len({(look.colour, look.dash) for look in many.values()}) == 15


def series(n: int, weeks: int = 60, level: float = 10.0) -> Series:
    values = level + np.random.default_rng(n).normal(0, 1, (n, weeks))
    days = np.datetime64("2025-01-13") + 7 * np.arange(weeks)
    return Series(days, np.arange(n), values, "USD/kg oxide")


def plate(count: int, n: int = 20, marks: tuple[Mark, ...] = ()) -> Plate:
    lines = [line("p", f"scenario_{i}", series(n, level=10 + 0.05 * i)) for i in range(count)]
    return Plate(
        "x", "lines", "title", "subtitle", (Panel("p", "Dy oxide", "USD/kg oxide"),), tidy(lines), marks
    )


@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_labels_at_line_ends_do_not_overlap(count: int) -> None:
    figure = draw(plate(count), plate(count).panels[0])
    with drawing():
        boxes = [
            t.get_window_extent(renderer(figure)) for t in figure.findobj(lambda a: a.get_gid() == "end")
        ]
    assert len(boxes) == count
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    assert all(b.x1 <= figure.bbox.width + 0.5 and b.y0 >= 0 for b in boxes)


def written(figure: Figure) -> list[Text]:
    """The texts that are drawn: those of ticks outside the frame exist, but are not."""
    (axes,) = figure.axes
    texts = [*figure.texts, *axes.texts]
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        texts += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    legend = axes.get_legend()
    return [t for t in (*texts, *(legend.get_texts() if legend else ())) if t.get_text()]


def no_text_touches_another(plate: Plate, which: Panel) -> None:
    """The boxes of all texts of a panel, as the renderer places them, stand apart and inside the picture."""
    figure = draw(plate, which)
    with drawing():
        measure = renderer(figure)
        figure.draw(measure)
        boxes = [(t.get_text(), t.get_window_extent(measure)) for t in written(figure)]
    for (a, box), (b, other) in itertools.combinations(boxes, 2):
        wide = min(box.x1, other.x1) - max(box.x0, other.x0)
        high = min(box.y1, other.y1) - max(box.y0, other.y0)
        assert not (wide > 1 and high > 1.5), (plate.id, which.key, a, b, wide, high)
    assert all(b.x0 >= -1 and b.x1 <= figure.bbox.width + 1 for _, b in boxes), (plate.id, which.key)


def test_no_text_of_the_page_overlaps_another(comparison: Comparison) -> None:
    """Headings, units, ticks, shock names and line ends of every panel, by the boxes of the renderer."""
    panels = [(one, which) for make in SECTIONS for one in make(comparison).plates for which in one.panels]
    assert len(panels) > 40
    for one, which in panels:
        no_text_touches_another(one, which)


def test_many_shocks_are_numbered_and_do_not_collide() -> None:
    marks = tuple(Mark(date(2025, 2 + i // 4, 1 + 7 * (i % 4)), None, f"Shock {i}") for i in range(12))
    one = plate(2, marks=marks)
    figure = draw(one, one.panels[0])
    with drawing():
        boxes = [
            t.get_window_extent(renderer(figure)) for t in figure.findobj(lambda a: a.get_gid() == "mark")
        ]
    assert boxes
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_tidy_table_and_back() -> None:
    few, many = series(3), series(20)
    table = tidy([line("p", "few", few), line("p", "many", many)])
    back = lines_of(table, "p")
    assert [one.scenario for one in back] == ["few", "many"]
    assert back[0].runs is not None
    assert np.array_equal(back[0].runs, few.values)
    assert back[1].runs is None
    assert np.array_equal(back[1].bands, quantiles(many.values))
    assert (
        table.filter(table.column("q05").is_null()).num_rows == 60
    )  # quantiles of three runs are not stated


def test_same_figure_same_bytes_and_words() -> None:
    one = plate(2)
    first, second = (inline(draw(one, one.panels[0]), alt(one, one.panels[0]), "s") for _ in range(2))
    assert first == second
    assert "currentColor" in first
    assert "#1b1b1b" not in first
    assert "median of 20 with 50 % and 90 % bands" in first


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_at_line_ends(name: str) -> None:
    lines = [line("p", name, series(20, weeks=8)), line("p", "other", series(20, weeks=8))]
    one = Plate(
        "x",
        "lines",
        name,
        name,
        (Panel("p", name, name),),
        tidy(lines),
        (Mark(date(2025, 2, 1), None, name),),
    )
    svg = inline(draw(one, one.panels[0]), alt(one, one.panels[0]), name)
    tags = set(re.findall(r"<([A-Za-z][A-Za-z0-9]*)", svg))
    assert tags <= {"svg", "g", "path", "defs", "style", "text", "use", "clipPath", "rect", "tspan"}
    assert not re.search(r'<[^>"]*("[^"]*"[^>"]*)*\son\w+=', svg)


def test_thinning_keeps_extremes() -> None:
    x = np.arange(500.0)
    y = np.sin(x / 9)
    y[137] = 5.0
    kept = thin(x, y, 0.02)
    assert 137 in kept
    assert len(kept) < 250
    assert np.abs(np.interp(x, x[kept], y[kept]) - y).max() <= 0.02


def test_spread_keeps_distance_and_order() -> None:
    placed = spread([5.0, 5.0, 5.1, 30.0], 10, 0, 100)
    assert all(b - a >= 10 - 1e-9 for a, b in itertools.pairwise(placed))
    assert spread([99.0, 98.0], 10, 0, 100) == [95.0, 85.0]


def test_estimates_and_numbers_in_words() -> None:
    assert estimate(np.arange(21.0)).text("%") == "10.0 % (1.0 to 19.0)"
    assert estimate(np.array([np.nan])).text() == "not recorded"
    assert estimate(np.arange(-3.0, 4.0)).clear is False
    assert [number(x) for x in (0.0, 0.01234, 45.67, 1234.5, 3219480.0, -2.5, np.nan)] == [
        "0", "0.0123", "45.7", "1,234", "3,220,000", "−2.5", "–"]  # fmt: skip
    assert signed(2.0) == "+2"
    assert (product("ndpr_oxide"), product("smco_2_17"), programme("f_35")) == (
        "NdPr oxide",
        "SmCo magnets 2:17",
        "F-35",
    )
    assert rolling(np.array([[1.0, 3.0, 5.0]]), 2).tolist() == [[1.0, 2.0, 4.0]]
