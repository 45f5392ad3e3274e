"""The gap between the hubs that the border makes: R, the price ratio over the same ratio in the comparator, paired."""

from __future__ import annotations

from dataclasses import replace

from sim.report.comparison import Comparison, Pair, paired_ratio
from sim.report.figures.plate import Panel, Plate, line, tidy
from sim.report.findings import Peak, back_below, last_above, named, peak
from sim.report.sections.facets import COLUMNS, close_up, facets
from sim.report.sections.section import Section, Table, scaled
from sim.report.series import Series
from sim.report.words import number, plain, product, slug

INTRO = (
    "R is the quote outside China, net of VAT, duty and freight, over China's spot price, divided by the same in the comparator "
    "within each replication. At 1 the border parts the hubs no more than in the comparator; at 2 the price outside, relative to "
    "China's, is twice what it is there. It may rise above 1.1 again after it first falls below."
)


def section(c: Comparison) -> Section:
    """One plate, a panel for each product; a table of peaks and of the way back."""
    found = [
        (pair, k, s) for k in c.commodities for pair in c.pairs if (s := paired_ratio(pair, k)) is not None
    ]
    peaks = [(pair, k, s, p) for pair, k, s in found if (p := peak(s)) is not None]
    if not peaks:
        why = (
            "Without a comparator among the folders there is no R to show."
            if not c.pairs
            else "Net prices are not recorded."
        )
        return Section("gap", "The gap between the hubs", INTRO, nothing=why)
    plate = _widest(c, peaks) if c.many else _by_product(c, found)
    pair, k, _, top = max(peaks, key=lambda x: x[3].value.mid)
    if top.value.mid < 1.05:
        title = "Prices outside China keep to China's as in the comparator"
    else:
        title = (
            f"Border parts prices: R reaches {number(top.value.mid)} for {product(k)}, {top.month}"
            f"{named(pair.scenario.scenario, c.pairs)}"
        )
    rows = [
        (
            "Product",
            "Scenario",
            "Highest R (90 % range)",
            "In",
            "First month back below 1.1",
            "Last month above 1.1",
        )
    ]
    rows += [
        (
            product(k),
            plain(pair.scenario.scenario),
            p.value.text(),
            p.month,
            back_below(s, 1.1),
            last_above(s, 1.1),
        )
        for pair, k, s, p in peaks
        if p.value.mid >= 1.1 or not c.many
    ]
    note = "The highest week of the median; 'not within the run' means that the run ends first."
    if c.many:
        note += " Products whose R stays below 1.1 are left out."
    return Section(
        "gap",
        "The gap between the hubs",
        INTRO,
        (replace(plate, title=title),),
        (Table("How far, and until when", tuple(rows), note, c.many),) if len(rows) > 1 else (),
    )


SUBTITLE = (
    "Price outside China over China's price, net of VAT, duty and freight, over the same in the comparator"
)


def _by_product(c: Comparison, found: list[tuple[Pair, str, Series]]) -> Plate:
    """A panel for each product, all scenarios in it."""
    panels = tuple(
        Panel(slug(k), product(k), "R, no unit", True, 1.0, "R")
        for k in dict.fromkeys(k for _, k, _ in found)
    )
    lines = [line(slug(k), pair.scenario.scenario, s) for pair, k, s in found]
    fitted, scale = scaled(panels, lines)
    return Plate(
        id="ratio", kind="lines", title="", panels=tuple(fitted), table=tidy(lines), marks=c.marks,
        subtitle=f"{SUBTITLE}; {scale}{c.n}, paired",
    )  # fmt: skip


def _widest(c: Comparison, peaks: list[tuple[Pair, str, Series, Peak]]) -> Plate:
    """A panel for each scenario: the product whose R rises most, near the events if the run is long."""
    top: dict[str, tuple[str, Series, float]] = {}
    for pair, k, s, p in peaks:
        if p.value.mid > top.get(pair.scenario.scenario, ("", s, 0.0))[2]:
            top[pair.scenario.scenario] = (k, s, p.value.mid)
    panels, lines, scale = facets(
        c, "R, no unit", lambda r: (("R", top[r.scenario][1]),) if r.scenario in top else (),
        heading=lambda r: f"{product(top[r.scenario][0])}: {plain(r.scenario)}", reference=1.0, least=1.5,
    )  # fmt: skip
    near = [close_up(one.dates, p.marks or ()) for p, one in zip(panels, lines, strict=True)]
    panels = [replace(p, window=w, group="" if w else p.group) for p, w in zip(panels, near, strict=True)]
    words = "three years around each scenario's first event where it has one; " if any(near) else ""
    return Plate(
        id="ratio", kind="lines", title="", panels=tuple(panels), table=tidy(lines), marks=c.marks, columns=COLUMNS,
        subtitle=f"{SUBTITLE}; of each scenario the product whose R rises most; {words}{scale}{c.n}, paired",
    )  # fmt: skip
