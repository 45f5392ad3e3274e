"""The page: everything is made in memory first, so that an error leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
from markupsafe import Markup

from sim.report import provenance
from sim.report.comparison import Comparison
from sim.report.figures import draw
from sim.report.figures.plate import Panel, Plate
from sim.report.figures.told import alt, key_values
from sim.report.headline import headlines
from sim.report.looks import INK, Look, css_names, looks
from sim.report.sections import SECTIONS, overview
from sim.report.stats import range_words
from sim.report.svg import inline
from sim.report.words import month, plain

GENERATOR: Final = "Coercivity report"


@dataclass(frozen=True)
class Page:
    """``html`` and the CSV text of each figure by its file name."""

    html: str
    data: Mapping[str, str]


def build(c: Comparison, data_folder: str) -> Page:
    """Make the page. ``data_folder`` is the relative address under which the CSV files will lie beside it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    styles = looks(r.scenario for r in c.results)
    sections = [s for make in SECTIONS if not (s := make(c)).hidden]
    plates = [p for s in sections for p in s.plates]
    numbers = {p.id: i for i, p in enumerate(plates, 1)}
    environment = Environment(
        loader=PackageLoader("sim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The only text that is not escaped again: drawn by Matplotlib, which escaped it, and finished in svg.py.
    drawn = {p.id: [Markup(_panel(p, which, styles)) for which in p.panels] for p in plates}  # noqa: S704
    html = environment.get_template("page.html.j2").render(
        generator=GENERATOR, css=_css(environment), title=_title(c), headlines=headlines(c), notices=c.notices,
        first=sections[0] if len(c.pairs) > 3 else None, summary=overview.summary(c),
        failed=[(plain(r.scenario), r.ok, r.failed) for r in c.results if r.failed], sections=sections, numbers=numbers,
        drawn=drawn, facts={p.id: key_values(p) for p in plates}, data_folder=data_folder, legend=_legend(c, styles),
        marks={p.id: _key(p) for p in plates},
        range_words=range_words(min(r.ok for r in c.shown)), how_sure=provenance.how_sure(c), provenance=provenance.rows(c),
        limits=provenance.limits(c), model_limits=provenance.MODEL_LIMITS, sources=provenance.sources(c),
        file_name=file_name,
    )  # fmt: skip
    return Page(html, {file_name(p): as_csv(p.table) for p in plates})


def _key(plate: Plate) -> list[tuple[int, str, str]]:
    """(number, month, words) of the events that any of its panels shows."""
    shown = [p.marks for p in plate.panels]
    return [
        (i, month(m.start), m.label)
        for i, m in enumerate(plate.marks, 1)
        if any(marks is None or m in marks for marks in shown)
    ]


def file_name(plate: Plate) -> str:
    """The CSV of a plate: ids are made of letters, digits and underscores."""
    return f"{plate.id}.csv"


def as_csv(table: pa.Table) -> str:
    """Comma-separated, full precision. Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    import pyarrow.csv as arrow_csv

    for i, name in enumerate(table.column_names):
        if pa.types.is_string(table.column(i).type):
            column = pa.array([_safe(v) for v in table.column(i).to_pylist()], pa.string())
            table = table.set_column(i, name, column)
    buffer = pa.BufferOutputStream()
    arrow_csv.write_csv(table, buffer, arrow_csv.WriteOptions(quoting_style="needed"))
    text: str = buffer.getvalue().to_pybytes().decode("utf-8")
    return text


def _safe(value: str | None) -> str | None:
    return f"'{value}" if value is not None and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _panel(plate: Plate, which: Panel, styles: Mapping[str, Look]) -> str:
    figure = draw(plate, which, styles)
    return inline(figure, alt(plate, which), f"{plate.id}-{which.key}")


def _css(environment: Any) -> Any:
    """The style sheet with the colour table of :mod:`sim.report.looks` in its light and dark edition."""
    names = {"ink": INK, **css_names()}
    light = " ".join(f"--{k}: {v[0]};" for k, v in names.items())
    dark = " ".join(f"--{k}: {v[1]};" for k, v in names.items())
    text = environment.get_template("page.css.j2").render(light=light, dark=dark)
    return Markup(text)  # noqa: S704  # ours throughout: no name of a stranger gets into it


def _title(c: Comparison) -> str:
    bases = {plain(p.base.scenario) for p in c.pairs}
    if len(c.pairs) > 3:
        return f"{len(c.pairs)} scenarios against {bases.pop() if len(bases) == 1 else 'their comparators'}"
    if c.pairs:
        return " · ".join(p.scenario.title for p in c.pairs[:3])
    return " · ".join(r.title for r in c.shown[:3])


def _legend(c: Comparison, styles: Mapping[str, Look]) -> list[tuple[str, str, str, str]]:
    """(name, CSS colour, dash of the swatch, title) by scenario."""
    names = {pair[0]: f"var(--{name})" for name, pair in css_names().items()}
    return [
        (
            plain(r.scenario),
            names[styles[r.scenario].colour],
            " ".join(f"{d * 1.5:g}" for d in styles[r.scenario].dash),
            r.title,
        )
        for r in c.shown
    ]
