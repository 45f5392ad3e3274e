"""All scenarios on one screen: what each does to prices, to supply and to defence, against its comparator."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.panel import ENOUGH
from sim.report.comparison import Comparison, Pair, over
from sim.report.figures.plate import Panel, Plate
from sim.report.findings import named
from sim.report.folders import Results
from sim.report.sections import shortage
from sim.report.sections.programmes import Days, first_days, later, middle, when
from sim.report.sections.section import Section, Table
from sim.report.stats import Estimate, Floats, estimate, quantiles
from sim.report.words import number, place, plain, product, slug

INTRO = (
    "One row a scenario, each against its own comparator, formed within each replication before it is summarised. Prices are read "
    "in the two weeks in which the median of their ratio to the comparator's is highest and lowest."
)
HUBS: Final = (("world", "outside China"), ("china", "in China"))
ENDS: Final = ("highest", "lowest")
SHORT: Final = 1.0  # % of demand, beyond the comparator: a week is short
SHORT_WEEKS: Final = 4  # in a row


def section(c: Comparison) -> Section:
    """Two or more compared scenarios; with fewer the first paragraph says it all."""
    if len(c.pairs) < 2:
        return Section("overview", "Overview", "", hidden=True)
    rows = _price_rows(c)
    plates = (_plate(c, rows),) if rows else ()
    tables = tuple(_prices(c, rows, hub, name) for hub, name in HUBS) if rows else ()
    return Section("overview", "Overview", INTRO, plates, (_supply(c), *tables))


def summary(c: Comparison) -> str:
    """Which scenario does most to prices, to supply and to defence: the first paragraph of a page of many scenarios."""
    if not c.pairs:
        return ""
    said: list[str] = []
    rows = _price_rows(c)
    for hub, name in HUBS:
        top = max((r for r in rows if r["place"] == hub), key=_moves, default=None)
        if top is not None:
            what = next(product(k) for k in c.commodities if slug(k) == top["panel"])
            said.append(
                f"prices {name} move most in {top['row']} ({what}, {_of(top).text('times')} the comparator's)"
            )
    gone = max(((_unserved(p), plain(p.scenario.scenario)) for p in c.pairs), key=lambda x: (x[0].mid, x[1]))
    said.append(f"most demand goes unserved in {gone[1]} ({gone[0].text('t')} of element beyond the comparator's over the run)"
                if gone[0].mid > 0 else "nowhere does more demand go unserved than in the comparator")  # fmt: skip
    late = [(e.mid, e, b, p) for p in c.pairs for b in p.scenario.series.values_of("place", "units_planned")
            if (e := later(p, b)) is not None]  # fmt: skip
    if late:
        _, e, bloc, pair = max(late, key=lambda x: (x[0], x[2], x[3].scenario.scenario))
        said.append(
            f"deliveries to defence are late most in {plain(pair.scenario.scenario)} ({c.where(bloc)}, {e.text('weeks of plan')} "
            "beyond the comparator's)" if e.mid > 0 else "no bloc's defence programmes are later than in the comparator"
        )  # fmt: skip
    return f"Of {len(c.pairs)} scenarios, each against its comparator: {'; '.join(said)}."


def extremes(pair: Pair, hub: str, commodity: str) -> dict[str, Estimate]:
    """Ratio of the hub's price to the comparator's in the weeks in which its median is highest and lowest."""
    a, b = (r.series.one("price_spot", place=hub, commodity=commodity) for r in (pair.scenario, pair.base))
    if a is None or b is None:
        return {}
    ratio = over(a, b)
    median = quantiles(ratio.values)[2]
    if not median.size or not np.isfinite(median).any():
        return {}
    weeks = {"highest": int(np.nanargmax(median)), "lowest": int(np.nanargmin(median))}
    return {end: estimate(ratio.values[:, week]) for end, week in weeks.items()}


def _price_rows(c: Comparison) -> list[dict[str, Any]]:
    return [
        {"panel": slug(k), "row": plain(pair.scenario.scenario), "scenario": pair.scenario.scenario, "place": hub,
         "place_name": name, "end": end, "low": e.low, "median": e.mid, "high": e.high, "n": e.n, "unit": "ratio"}
        for k in c.commodities for pair in c.pairs for hub, name in HUBS for end, e in extremes(pair, hub, k).items()
    ]  # fmt: skip


def _of(row: dict[str, Any]) -> Estimate:
    return Estimate(row["median"], row["low"], row["high"], row["n"])


def _moves(row: dict[str, Any]) -> float:
    """How far a ratio is from 1, up or down alike."""
    return float(abs(np.log(row["median"]))) if row["median"] > 0 else 0.0


def _plate(c: Comparison, rows: list[dict[str, Any]]) -> Plate:
    names = {slug(k): product(k) for k in c.commodities}
    panels = tuple(
        Panel(k, name, "times the comparator's price")
        for k, name in names.items()
        if any(r["panel"] == k for r in rows)
    )
    top = max(rows, key=_moves)
    return Plate(
        id="overview", kind="ranges", panels=panels, table=pa.Table.from_pylist(rows), columns=3,
        title=f"{names[top['panel']]} {top['place_name']} moves most: {number(top['median'])} times the comparator's"
        f"{named(top['scenario'], c.pairs)}",
        subtitle="Price outside China and in China over the comparator's: filled in the highest week of the median, hollow in the "
        f"lowest, bar: {range_name(c)}; logarithmic scales; {c.n}, paired",
        facts=(("Product", "Scenario", "Where", "Week", f"Times the comparator's price ({range_name(c)})"),
               *((names[r["panel"]], r["row"], r["place_name"], r["end"], _of(r).text()) for r in rows)),
    )  # fmt: skip


def range_name(c: Comparison) -> str:
    """What a range over replications is called."""
    return "90 % range" if all(r.ok >= ENOUGH for r in c.shown) else "lowest to highest replication"


def _prices(c: Comparison, rows: list[dict[str, Any]], hub: str, name: str) -> Table:
    cells = {(r["scenario"], r["panel"], r["end"]): _of(r).text() for r in rows if r["place"] == hub}
    told = [("Scenario", *(f"{product(k)}, {end}" for k in c.commodities for end in ENDS))]
    for pair in c.pairs:
        scenario = pair.scenario.scenario
        told.append(
            (
                plain(scenario),
                *(cells.get((scenario, slug(k), end), "–") for k in c.commodities for end in ENDS),
            )
        )
    title = f"Price {name}, times the comparator's, in the highest and the lowest week of the median ({range_name(c)})"
    return Table(title, tuple(told))


def _supply(c: Comparison) -> Table:
    """Unserved, first short week, late units by bloc and the first late programme, against the comparator."""
    blocs = sorted({b for p in c.pairs for b in p.scenario.series.values_of("place", "units_planned")},
                   key=lambda b: (b != "us_nato", b))  # fmt: skip
    head = ("Scenario", "Compared with", "Unserved outside China, t of element",
            "First short week: product, month, share of replications",
            *(f"Late deliveries, {c.where(b)}, weeks of plan" for b in blocs), "First late programme")  # fmt: skip
    rows = [head]
    for pair in c.pairs:
        late = [later(pair, b) for b in blocs]
        rows.append((
            plain(pair.scenario.scenario), plain(pair.base.scenario), _unserved(pair).text(sign=True), _first_short(pair),
            *("–" if e is None else e.text(sign=True) for e in late), _first_programme(c, pair),
        ))  # fmt: skip
    note = (
        "All differences from the comparator, paired. Unserved: demand of final users outside China over the run, in contained "
        "element, so that products can be added. Short: at least four weeks in a row in which more than 1 % of demand goes "
        "unserved beyond the comparator's. Late: more than 30 days behind plan; weeks of plan count each programme in units of its "
        "own weekly plan. A programme counts as the first if it is late in most replications and was not by then in the comparator."
    )
    return Table("Supply and defence against the comparator", tuple(rows), note)


def _unserved(pair: Pair) -> Estimate:
    """t of contained element that final users outside China went without, beyond the comparator."""
    a, b = (kilograms(r) for r in (pair.scenario, pair.base))
    shared = [i for i in a if i in b]
    return estimate(np.array([(a[i] - b[i]) / 1000 for i in shared]))


def kilograms(result: Results) -> dict[int, float]:
    """kg unserved outside China over the run by replication."""
    found = {int(r): 0.0 for r in result.series.replications}
    table = result.attribution
    if not {"replication", "place", "gap_kg"} <= set(table.column_names):
        return found
    table = table.filter(pc.not_equal(table.column("place").cast(pa.string()), "china"))
    sums = table.select(["replication", "gap_kg"]).group_by("replication").aggregate([("gap_kg", "sum")])
    for r, kg in zip(
        sums.column("replication").to_pylist(), sums.column("gap_kg_sum").to_pylist(), strict=True
    ):
        if r in found:
            found[r] = kg
    return found


def _first_short(pair: Pair) -> str:
    """The product that is short first in most replications, its month and the share of replications."""
    best: tuple[np.datetime64, str, float] | None = None
    for k in shortage.commodities(pair.scenario):
        s, b = shortage.share(pair.scenario, [k]), shortage.share(pair.base, [k])
        if s is None or b is None or s.values.shape != b.values.shape:
            continue
        day, part = middle(_first_of(s.values - b.values > SHORT, s.dates))
        if day is not None and part > 0.5 and (best is None or (day, k) < best[:2]):
            best = (day, k, part)
    return "none" if best is None else f"{product(best[1])}, {when(best[0], best[2])}"


def _first_of(short: Floats | Any, dates: Any) -> Days:
    """The first week of at least ``SHORT_WEEKS`` in a row, by replication."""
    run = np.zeros(short.shape, dtype=bool)
    if short.shape[1] >= SHORT_WEEKS:
        sums = np.lib.stride_tricks.sliding_window_view(short, SHORT_WEEKS, axis=1).all(axis=2)
        run[:, : sums.shape[1]] = sums
    days = dates[run.argmax(axis=1)].astype("datetime64[D]")
    days[~run.any(axis=1)] = np.datetime64("NaT")
    return np.asarray(days)


def _first_programme(c: Comparison, pair: Pair) -> str:
    best: tuple[np.datetime64, str, str, float] | None = None
    for key in pair.scenario.series.keys("units_planned", scope="bloc"):
        if key.party in ("all", ""):
            continue
        day, part = middle(first_days(pair.scenario, key.place, key.party))
        before, often = middle(first_days(pair.base, key.place, key.party))
        if day is None or part <= 0.5 or (often > 0.5 and before is not None and before <= day):
            continue
        if best is None or (day, key.party) < best[:2]:
            best = (day, key.party, key.place, part)
    return "none" if best is None else f"{c.name(best[1])} ({place(best[2])}), {when(best[0], best[3])}"
