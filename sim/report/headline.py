"""The first screen: five key figures per scenario against its comparator, and the answer in a paragraph made from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.panel import ENOUGH
from sim.report.comparison import Comparison, Pair, minus, over, paired_ratio, price_ratio
from sim.report.findings import Peak, at, back_below, peak
from sim.report.folders import Results
from sim.report.sections import defence, shortage
from sim.report.series import Series
from sim.report.stats import Estimate, estimate
from sim.report.words import place, plain, product


@dataclass(frozen=True)
class KeyFigure:
    """One row of the first table: the scenario, its comparator, and the paired difference in the same week."""

    name: str
    when: str
    scenario: str
    base: str
    difference: str
    clear: bool  # the paired range excludes "no difference"


@dataclass(frozen=True)
class Headline:
    """What is said about one scenario."""

    scenario: str
    title: str
    question: str
    against: str  # empty: no comparator among the folders
    answer: tuple[str, ...]  # sentences
    figures: tuple[KeyFigure, ...]


def headlines(c: Comparison) -> list[Headline]:
    """One for each compared scenario; if none is compared, one for each scenario shown, with levels only."""
    if c.pairs:
        return [_compared(c, pair) for pair in c.pairs]
    return [Headline(r.scenario, r.title, r.question, "", (_levels(c, r),), ()) for r in c.shown]


def hardest(c: Comparison, pair: Pair) -> tuple[str, Peak] | None:
    """The chosen product whose R rises most, and that peak."""
    peaks = [(k, p) for k in c.commodities if (p := peak(paired_ratio(pair, k))) is not None]
    return max(peaks, key=lambda x: x[1].value.mid, default=None)


def _compared(c: Comparison, pair: Pair) -> Headline:
    rows: list[KeyFigure] = []
    said: list[str] = []
    base = plain(pair.base.scenario)
    top = hardest(c, pair)
    product_hit = c.commodities[0] if top is None else top[0]
    for result in (
        _gap(pair, top),
        _paid(pair, product_hit),
        _unserved(pair),
        _licences(pair),
        _defence(pair),
    ):
        if result is not None:
            rows.append(result[0])
            said.append(result[1])
    n = min(pair.scenario.ok, pair.base.ok)
    range_ = (
        ""
        if n < 2
        else " (in brackets: 90 % of replications)"
        if n >= ENOUGH
        else " (in brackets: lowest and highest)"
    )
    first = f"Compared with {base}{' under the same chance' if pair.common_chance else ''}{range_}:"
    title, question = pair.scenario.title, pair.scenario.question
    return Headline(pair.scenario.scenario, title, question, base, (first, *said), tuple(rows))


Made = tuple[KeyFigure, str] | None


def _row(name: str, when: str, a: Estimate, b: Estimate, difference: Estimate, unit: str, none: float = 0.0,
         change: str = "") -> KeyFigure:  # fmt: skip
    """``none`` is what the difference would be without any effect: 0 for differences, 1 for ratios."""
    clear = difference.n > 1 and bool(difference.low > none or difference.high < none)
    shown = difference.text(change or unit, sign=True) if none == 0.0 else f"× {difference.text()}"
    return KeyFigure(name, when, a.text(unit), b.text(unit), shown, clear)


def _gap(pair: Pair, top: tuple[str, Peak] | None) -> Made:
    """Price outside China over inside, for the product hit hardest."""
    if top is None:
        return None
    k, p = top
    ratio, levels = paired_ratio(pair, k), [price_ratio(r, k) for r in (pair.scenario, pair.base)]
    a, b = (estimate(np.array([]) if s is None else at(s, p.date)) for s in levels)
    row = _row(f"{product(k)}: price outside China over China's (net)", p.month, a, b, p.value, "", none=1.0)
    if p.value.mid < 1.05:
        return (
            row,
            "the price gap between China and the rest of the world stays within 5 % of the comparator's.",
        )
    back = "" if ratio is None else back_below(ratio, 1.1)
    until = (
        "is not back below 1.1 times within the run"
        if back == "not within the run"
        else f"first falls back below 1.1 times in {back}"
    )
    if back.startswith("never"):
        until = "never exceeds 1.1 times"
    return row, (
        f"the price gap between the outside world and China widens most for {product(k)}, to {p.value.text('times')} the "
        f"comparator's in {p.month}; it {until}."
    )


def _paid(pair: Pair, k: str) -> Made:
    """What is really paid outside China for the same product, where it is highest against the comparator."""
    a, b = (r.series.one("price_paid", place="world", commodity=k) for r in (pair.scenario, pair.base))
    if a is None or b is None:
        return None
    ratio = over(a, b)
    p = peak(ratio)
    if p is None:
        return None
    row = _row(f"{product(k)}: price paid outside China, {a.unit}", p.month, estimate(at(a, p.date)), estimate(at(b, p.date)),
               p.value, "", none=1.0)  # fmt: skip
    return (
        row,
        f"What is really paid there for {product(k)} peaks at {p.value.text('times')} the comparator's in {p.month}.",
    )


def _unserved(pair: Pair) -> Made:
    """Unserved share of demand of the product that runs shortest."""
    peaks = []
    for k in shortage.commodities(pair.scenario):
        s, b = shortage.share(pair.scenario, [k]), shortage.share(pair.base, [k])
        if s is not None and b is not None and (p := peak(minus(s, b))) is not None:
            peaks.append((p.value.mid, k, s, b, p))
    if not peaks:
        return None
    _, k, s, b, p = max(peaks, key=lambda x: (x[0], x[1]))
    row = _row(f"{product(k)}: unserved demand outside China, share", p.month, estimate(at(s, p.date)), estimate(at(b, p.date)),
               p.value, "%", change="points")  # fmt: skip
    if p.value.mid < 0.5:
        return row, "Hardly any demand outside China goes unserved beyond the comparator's."
    return row, (
        f"What runs shortest is {product(k)}: in {p.month}, {p.value.text('%')} of demand outside China goes unserved beyond the "
        "comparator's."
    )


def _licences(pair: Pair) -> Made:
    """Applications waiting at the worst."""
    s = _all_desks(pair.scenario, "licences_pending")
    if s is None:
        return None
    p = peak(s)
    if p is None:
        return None
    base = _all_desks(pair.base, "licences_pending")
    b = np.zeros(len(s.replications)) if base is None else at(base, p.date)
    other = estimate(b)
    difference = p.value if base is None else (estimate(at(minus(s, base), p.date)))
    row = _row("Licence applications waiting at China's border", p.month, p.value, other, difference, "")
    return row, f"At the worst, in {p.month}, {p.value.text()} licence applications wait for a decision."


def _all_desks(result: Results, variable: str) -> Series | None:
    whole = result.series.one(variable, place="china", party="all")
    if whole is not None:
        return whole
    parts = [result.series.read(k) for k in result.series.keys(variable, place="china")]
    return parts[0].with_values(np.sum([p.values for p in parts], axis=0), parts[0].unit) if parts else None


def _defence(pair: Pair) -> Made:
    """The bloc whose deliveries fall furthest behind the comparator's."""
    low = []
    for bloc in pair.scenario.series.values_of("place", "units_planned"):
        s, b = defence.delivered(pair.scenario, bloc), defence.delivered(pair.base, bloc)
        if s is None or b is None:
            continue
        lost = minus(b, s)
        if (p := peak(lost)) is not None:
            low.append((p.value.mid, bloc, s, b, p))
    if not low:
        return None
    most, bloc, s, b, p = max(low, key=lambda x: (x[0], x[1]))
    e = p.value
    fall = Estimate(-e.mid, -e.high, -e.low, e.n)
    row = _row(f"Defence deliveries, {place(bloc)}, share of plan", p.month, estimate(at(s, p.date)), estimate(at(b, p.date)),
               fall, "%", change="points")  # fmt: skip
    if most < 0.5:
        return row, "Defence deliveries keep to the comparator's in every bloc."
    return row, (
        f"Defence programmes feel it most in the {place(bloc)} bloc: over the 52 weeks to {p.month} they deliver "
        f"{e.text('percentage points')} less of their plan than in the comparator{_others(low, bloc)}. What a scenario assumes of "
        "military users, and that no waiver, stockpile or new source answers, stands under Limits."
    )


def _others(low: list[tuple[float, str, Series, Series, Peak]], worst: str) -> str:
    """The other blocs that lose something worth naming."""
    told = [
        f"{place(bloc)} {mid:.0f}"
        for mid, bloc, *_ in sorted(low, key=lambda x: -x[0])
        if bloc != worst and mid >= 0.5
    ]
    return f" ({', '.join(told)} at the worst)" if told else ""


def _levels(c: Comparison, result: Results) -> str:
    peaks = [
        (k, p) for k in c.commodities
        if (p := peak(result.series.one("price_spot", place="world", commodity=k))) is not None
    ]  # fmt: skip
    text = "; ".join(f"{product(k)} {p.value.text('USD/kg')} in {p.month}" for k, p in peaks)
    return f"Highest quotes outside China: {text}." if text else "No prices are recorded."
