"""Prices by hub: China's own, the quote outside China and what is paid there on average, beside each other."""

from __future__ import annotations

from dataclasses import replace

from sim.report.comparison import Comparison, Pair, over
from sim.report.figures.plate import Line, Panel, Plate, line, tidy
from sim.report.findings import Peak, named, peak
from sim.report.folders import Results
from sim.report.sections.facets import COLUMNS, close_up, facets
from sim.report.sections.section import Section, scaled
from sim.report.series import Series
from sim.report.words import number, plain, product, slug

INTRO = (
    "Three prices for each product, in real US dollars per kilogram without VAT. The quote outside China is a spot price that "
    "may rest on little trade; what is paid is the volume-weighted price of contract and spot together."
)
KINDS = (("china", "price_spot", "China: spot"), ("world", "price_spot", "Outside China: quote"),
         ("world", "price_paid", "Outside China: paid"))  # fmt: skip


def section(c: Comparison) -> Section:
    """A plate for each chosen product that has a price."""
    made = by_scenario if c.many else plate
    plates = tuple(p for commodity in c.commodities if (p := made(c, commodity)) is not None)
    return Section(
        "prices",
        "Prices by hub",
        INTRO,
        plates,
        nothing="" if plates else "No price of these products is recorded.",
    )


def plate(c: Comparison, commodity: str) -> Plate | None:
    """Levels on one scale, and the quote outside China over the comparator's, paired."""
    lines: list[Line] = []
    panels: list[Panel] = []
    unit = ""
    for hub, variable, heading in KINDS:
        found = [
            (r, s)
            for r in c.shown
            if (s := r.series.one(variable, place=hub, commodity=commodity)) is not None
        ]
        if found:
            key, unit = slug(heading), found[0][1].unit
            panels.append(Panel(key, heading, unit, group="price"))
            lines += [line(key, r.scenario, s) for r, s in found]
    if not lines:
        return None
    panels, scale = scaled(panels, lines)
    ratios = _ratios(c, commodity)
    if ratios:
        panels.append(
            Panel(
                "ratio",
                "Quote outside China over the comparator's",
                "ratio, paired by replication",
                False,
                1.0,
            )
        )
        lines += [line("ratio", pair.scenario.scenario, s) for pair, s in ratios]
    panels += _close_ups(c, panels)
    return Plate(
        id=f"price_{slug(commodity)}", kind="lines", title=_title(c, commodity, ratios, unit),
        subtitle=f"{product(commodity)}, price by hub, real {unit} without VAT, weekly; {scale}{c.n}",
        panels=tuple(panels), table=tidy(lines), marks=c.marks, columns=2,
    )  # fmt: skip


def _close_ups(c: Comparison, panels: list[Panel]) -> list[Panel]:
    """The quote outside China and its ratio once more, over the three years from the first event on."""
    window = close_up(c.shown[0].series.dates, c.marks)
    if window is None:
        return []
    outside = slug("Outside China: quote")
    return [
        replace(p, key=f"{p.key}_near", rows=p.key, group="", window=window, heading=f"{what}, three years")
        for p in panels for key, what in ((outside, p.heading), ("ratio", "Quote over the comparator's")) if p.key == key
    ]  # fmt: skip


def by_scenario(c: Comparison, commodity: str) -> Plate | None:
    """A panel for each scenario: the quote outside China and China's price, the comparator's quote outside in grey."""
    unit = next((s.unit for r in c.shown if (s := _quote(r, "world", commodity)) is not None), "USD/kg")
    panels, lines, scale = facets(
        c, unit, lambda r: (("outside", _quote(r, "world", commodity)), ("China", _quote(r, "china", commodity))),
        lambda base: _quote(base, "world", commodity),
    )  # fmt: skip
    if not panels:
        return None
    return Plate(
        id=f"price_{slug(commodity)}", kind="lines", title=_title(c, commodity, _ratios(c, commodity), unit),
        subtitle=f"{product(commodity)}, quote outside China, price in China, and in grey the comparator's quote outside; real "
        f"{unit} without VAT, weekly; {scale}{c.n}",
        panels=tuple(panels), table=tidy(lines), marks=c.marks, columns=COLUMNS,
    )  # fmt: skip


def _quote(result: Results, hub: str, commodity: str) -> Series | None:
    return result.series.one("price_spot", place=hub, commodity=commodity)


def _ratios(c: Comparison, commodity: str) -> list[tuple[Pair, Series]]:
    return [(pair, s) for pair in c.pairs if (s := quote_ratio(pair, commodity)) is not None]


def quote_ratio(pair: Pair, commodity: str) -> Series | None:
    """The quote outside China in the scenario over that of the comparator."""
    a, b = (
        r.series.one("price_spot", place="world", commodity=commodity) for r in (pair.scenario, pair.base)
    )
    return None if a is None or b is None else over(a, b)


def _title(c: Comparison, commodity: str, ratios: list[tuple[Pair, Series]], unit: str) -> str:
    peaks: list[tuple[Pair, Peak]] = [(pair, p) for pair, s in ratios if (p := peak(s)) is not None]
    if peaks:
        pair, top = max(peaks, key=lambda x: x[1].value.mid)
        base = plain(pair.base.scenario)[:20]
        if top.value.mid < 1.05:
            return f"{product(commodity)} quote outside China is never 5 % above {base}"
        return (
            f"{product(commodity)} quote outside China peaks at {number(top.value.mid)} times {base}, {top.month}"
            f"{named(pair.scenario.scenario, c.pairs)}"
        )
    levels = [
        (r, p)
        for r in c.shown
        if (p := peak(r.series.one("price_spot", place="world", commodity=commodity))) is not None
    ]
    if not levels:
        return f"{product(commodity)}: price in China only"
    who, level = max(levels, key=lambda x: x[1].value.mid)
    return (
        f"{product(commodity)} quote outside China: highest {number(level.value.mid)} {unit.split()[0]} in {level.month}"
        f"{named(who.scenario, c.shown)}"
    )
