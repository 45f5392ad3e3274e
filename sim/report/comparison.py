"""Which scenario is compared with which, and quantities formed within each replication before anything is summarised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from sim.report.errors import ReportError
from sim.report.folders import Mark, Results, same_chance
from sim.report.series import Series, common
from sim.report.words import DEFAULT_ELEMENTS, ELEMENT_OXIDE, PLACES, place, plain, programme
from sim.wording import nearest, not_one_of

FEW: Final = 5  # as many scenarios can be told apart on one axis; more get a panel each


@dataclass(frozen=True)
class Pair:
    """A scenario and its comparator. ``common_chance``: replication r met the same chance in both."""

    scenario: Results
    base: Results
    common_chance: bool


@dataclass(frozen=True)
class Comparison:
    """All that a section needs: the folders, who is compared with whom, and which products are looked at."""

    results: tuple[Results, ...]
    pairs: tuple[Pair, ...]
    notices: tuple[str, ...]  # what a reader must know before reading on
    elements: tuple[str, ...]

    @property
    def shown(self) -> tuple[Results, ...]:
        """Scenarios drawn beside each other; the standstill has a section of its own, unless it is all there is."""
        moving = tuple(r for r in self.results if not r.still)
        return moving or self.results

    @property
    def many(self) -> bool:
        """Too many scenarios for one axis."""
        return len(self.shown) > FEW

    def base_of(self, result: Results) -> Results | None:
        """What ``result`` is compared with, if anything."""
        return next((p.base for p in self.pairs if p.scenario.scenario == result.scenario), None)

    def name(self, identity: str) -> str:
        """The world's name of a programme, site or stockpile; made from its id where the folders give none."""
        return next((r.names[identity] for r in self.results if identity in r.names), programme(identity))

    def event(self, identity: str) -> str:
        """The title of an event or policy that a manifest lists; its id in words otherwise."""
        return next((r.titles[identity] for r in self.results if identity in r.titles), plain(identity))

    def where(self, identity: str) -> str:
        """The name of a region, hub or bloc."""
        known = (
            None
            if identity in PLACES
            else next((r.names[identity] for r in self.results if identity in r.names), None)
        )
        return known or place(identity)

    @property
    def commodities(self) -> tuple[str, ...]:
        """Oxides of the chosen elements."""
        return tuple(dict.fromkeys(ELEMENT_OXIDE[e] for e in self.elements))

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Dated events of all scenarios shown, each once."""
        return tuple(sorted({m for r in self.shown for m in r.marks}, key=lambda m: (m.start, m.label)))

    @property
    def n(self) -> str:
        """``n = 20`` or, if they differ, by scenario."""
        counts = {r.ok for r in self.shown}
        if len(counts) == 1:
            return f"n = {counts.pop()} replications"
        return "n = " + ", ".join(f"{r.ok} ({plain(r.scenario)})" for r in self.shown)


def compare(results: Sequence[Results], against: str, elements: Sequence[str]) -> Comparison:
    """Match each scenario with its comparator among the folders: ``against`` for all, or the manifest's own.

    A comparator that the manifest names but that is not among the folders is no error: the page says so and shows levels.
    One asked for by name that is not there is refused.
    """
    by_name = {r.scenario: r for r in results}
    if against and against not in by_name:
        raise ReportError(
            f"--against {against}: not among the folders ({', '.join(by_name)}){nearest(against, by_name)}"
        )
    pairs, notices = [], []
    for result in results:
        name = against or result.against
        if not name or name == result.scenario or result.still:
            continue
        if name not in by_name:
            notices.append(
                f"{plain(result.scenario)} is to be compared with {plain(name)}, which is not among the folders: only its own "
                "levels are shown."
            )
            continue
        pair, told = _same_weeks(Pair(result, by_name[name], same_chance(result, by_name[name])))
        notices += [told] if told else []
        if pair is None:
            continue
        if not np.intersect1d(result.series.replications, pair.base.series.replications).size:
            notices.append(
                f"{plain(result.scenario)} and {plain(name)} share no replication: they cannot be compared."
            )
            continue
        if not pair.common_chance:
            notices.append(
                f"{plain(result.scenario)} and {plain(name)} were run with different seeds: their replications do not share "
                "chance, and ranges of differences are wider than need be."
            )
        pairs.append(pair)
    return Comparison(tuple(results), tuple(pairs), tuple(notices), tuple(elements or DEFAULT_ELEMENTS))


def _same_weeks(pair: Pair) -> tuple[Pair | None, str]:
    """The pair cut to the weeks that both have, with a sentence if that is less than all; None if they begin apart.

    What is summed from the first week on can be compared only between runs that begin in the same week.
    """
    a, b = pair.scenario.series.dates, pair.base.series.dates
    names = f"{plain(pair.scenario.scenario)} and {plain(pair.base.scenario)}"
    if a[0] != b[0]:
        return (
            None,
            f"{names} begin in different weeks ({a[0]} and {b[0]}): they cannot be compared; only levels are shown.",
        )
    if len(a) == len(b) and bool((a == b).all()):
        return pair, ""
    last = min(a[-1], b[-1])
    cut = Pair(_until(pair.scenario, last), _until(pair.base, last), pair.common_chance)
    return cut, (
        f"{names} differ in length (to {a[-1]} and {b[-1]}): differences between them are over the weeks to {last}; what is "
        "counted once for a whole run (late and lost units) is not compared."
    )


def _until(result: Results, last: np.datetime64) -> Results:
    """``result`` up to the week ``last``. Scalars of the whole run are left out unless it ends there."""
    if result.series.dates[-1] == last:
        return result
    table = result.attribution
    if "date" in table.column_names:
        days = table.column("date").to_numpy().astype("datetime64[D]")
        table = table.filter(pa.array(days <= last))
    series = result.series.cut(result.series.dates[0], last)
    return replace(result, series=series, attribution=table, outcomes=result.outcomes.slice(0, 0))


def elements_named(text: str) -> tuple[str, ...]:
    """``"Dy,tb"`` -> ``("Dy", "Tb")``. Nd and Pr trade as NdPr. Raises for a name that is none of the fifteen."""
    known = {name.lower(): name for name in ELEMENT_OXIDE}
    chosen = []
    for word in (w.strip() for w in text.split(",") if w.strip()):
        if word.lower() not in known:
            raise ReportError(f"--elements: {not_one_of(word, ELEMENT_OXIDE)}")
        name = known[word.lower()]
        chosen.append("NdPr" if name in ("Nd", "Pr") else name)
    if not chosen:
        raise ReportError("--elements: no element named; write for example --elements Dy,Tb")
    return tuple(dict.fromkeys(chosen))


def price_ratio(result: Results, commodity: str) -> Series | None:
    """R before it is compared: the quote outside China, net of VAT, duty and freight, over China's; 1 where hubs meet."""
    outside = result.series.one("price_net", place="world", commodity=commodity)
    inside = result.series.one("price_spot", place="china", commodity=commodity)
    if outside is None or inside is None:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        return outside.with_values(outside.values / inside.values, "ratio")


def over(a: Series, b: Series) -> Series:
    """``a / b`` within each shared replication and week."""
    a, b = common(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        return a.with_values(a.values / b.values, "ratio")


def minus(a: Series, b: Series) -> Series:
    """``a - b`` within each shared replication and week."""
    a, b = common(a, b)
    return a.with_values(a.values - b.values, a.unit)


def paired_ratio(pair: Pair, commodity: str) -> Series | None:
    """R of the scenario over R of its comparator, replication by replication."""
    top, bottom = price_ratio(pair.scenario, commodity), price_ratio(pair.base, commodity)
    return None if top is None or bottom is None else over(top, bottom)
