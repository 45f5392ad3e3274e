"""The gap between the hubs that the border makes: R, the price ratio over the same ratio in the comparator, paired."""

from __future__ import annotations

from sim.report.comparison import Comparison, paired_ratio
from sim.report.figures.plate import Panel, Plate, line, tidy
from sim.report.findings import back_below, named, peak
from sim.report.sections.section import Section, Table, scaled
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
    if not found:
        why = (
            "Without a comparator among the folders there is no R to show."
            if not c.pairs
            else "Net prices are not recorded."
        )
        return Section("gap", "The gap between the hubs", INTRO, nothing=why)
    panels = tuple(
        Panel(slug(k), product(k), "R, no unit", True, 1.0, "R")
        for k in dict.fromkeys(k for _, k, _ in found)
    )
    lines = [line(slug(k), pair.scenario.scenario, s) for pair, k, s in found]
    fitted, scale = scaled(panels, lines)
    peaks = [(pair, k, s, p) for pair, k, s in found if (p := peak(s)) is not None]
    pair, k, _, top = max(peaks, key=lambda x: x[3].value.mid)
    if top.value.mid < 1.05:
        title = "Prices outside China keep to China's as in the comparator"
    else:
        title = (
            f"Border parts prices: R reaches {number(top.value.mid)} for {product(k)}, {top.month}"
            f"{named(pair.scenario.scenario, c.pairs)}"
        )
    rows = [("Product", "Scenario", "Highest R (90 % range)", "In", "First month back below 1.1")]
    rows += [
        (product(k), plain(pair.scenario.scenario), p.value.text(), p.month, back_below(s, 1.1))
        for pair, k, s, p in peaks
    ]
    plate = Plate(
        id="ratio", kind="lines", title=title, panels=tuple(fitted), table=tidy(lines), marks=c.marks,
        subtitle=f"Price outside China over China's price, net of VAT, duty and freight, over the same in the comparator; "
        f"{scale}{c.n}, paired",
    )  # fmt: skip
    note = "The highest week of the median; 'not within the run' means that the run ends first."
    return Section(
        "gap",
        "The gap between the hubs",
        INTRO,
        (plate,),
        (Table("How far, and until when", tuple(rows), note),),
    )
