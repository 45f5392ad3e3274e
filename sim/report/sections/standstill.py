"""Does it stand still? Without events, growth, projects and chance nothing may drift: else it is unclear what a shock did."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from sim.report.comparison import Comparison
from sim.report.figures.plate import Panel, Plate
from sim.report.folders import Results
from sim.report.sections.section import Section
from sim.report.stats import Floats, rolling
from sim.report.words import number, place, plain, product

INTRO = (
    "A run without events, growth, projects and chance. Drift is the largest distance, at any time, of the mean over 13 weeks "
    "from that of the first 13 weeks."
)
WEEKS = 13
TIGHT = ("ndpr", "dy", "tb", "y", "sm", "la", "ce")  # within 2 %, the others within 5 %


def section(c: Comparison) -> Section:
    """A plate for each standstill run among the folders."""
    plates = tuple(p for i, r in enumerate(c.results) if r.still and (p := plate(r, i)) is not None)
    why = "" if plates else "No run with behaviour=standstill is among the folders."
    return Section("standstill", "Does the model stand still?", INTRO, plates, nothing=why)


def plate(result: Results, number_on_page: int) -> Plate | None:
    """Prices by hub and stocks outside China, each product's drift against its tolerance."""
    rows: list[dict[str, Any]] = []
    for panel, variable in (("price", "price_spot"), ("stock", "inventory")):
        for key in result.series.keys(variable, scope="hub"):
            if (
                key.stage not in ("all", "")
                or key.party not in ("all", "")
                or key.place not in ("china", "world")
            ):
                continue
            rows.append({
                "panel": panel, "row": product(key.commodity), "place": key.place, "place_name": place(key.place),
                "value": drift(result.series.read(key).values), "tolerance": tolerance(key.commodity), "unit": "%",
            })  # fmt: skip
    rows = [r for r in rows if np.isfinite(r["value"])]
    if not rows:
        return None
    largest = {r["row"]: max(x["value"] / x["tolerance"] for x in rows if x["row"] == r["row"]) for r in rows}
    rows.sort(key=lambda r: (r["panel"], -largest[r["row"]], r["row"], r["place"]))
    beyond = sum(r["value"] > r["tolerance"] for r in rows)
    worst = max(rows, key=lambda r: r["value"] / r["tolerance"])
    years = len(result.series.dates) * 7 / 365.25
    title = (
        f"Nothing drifts at all in {number(years)} years"
        if worst["value"] < 5e-4
        else f"Nothing drifts beyond its tolerance in {number(years)} years; most: {worst['row']}, {number(worst['value'])} %"
        if not beyond
        else f"{beyond} of {len(rows)} series drift beyond tolerance; most: {worst['row']}, {number(worst['value'])} %"
    )  # fmt: skip
    headings = {"price": "Prices by hub", "stock": "Stocks"}
    panels = tuple(
        Panel(k, headings[k], "largest drift, % of the first 13 weeks")
        for k in dict.fromkeys(r["panel"] for r in rows)
    )
    return Plate(
        id=f"standstill_{number_on_page}", kind="dots", title=title, panels=panels, columns=2, table=pa.Table.from_pylist(rows),
        subtitle=f"Largest drift of 13-week means in {plain(result.scenario)}, % by product and hub; n = {result.ok}",
        facts=(("Series", "Hub", "Product", "Drift", "Tolerance"),
               *((headings[r["panel"]], r["place_name"], r["row"], f"{number(r['value'])} %", f"{number(r['tolerance'])} %")
                 for r in rows)),
    )  # fmt: skip


def tolerance(commodity: str) -> float:
    """Percent by which the 13-week mean may drift."""
    return 2.0 if commodity.partition("_")[0] in TIGHT else 5.0


def drift(values: Floats) -> float:
    """Largest distance of any 13-week mean from the first, over weeks and replications, in percent."""
    if values.shape[1] <= WEEKS:
        return float("nan")
    means = rolling(values, WEEKS)[:, WEEKS - 1 :]
    first = means[:, :1]
    away = np.divide(np.abs(means - first), first, out=np.full_like(means, np.nan), where=first > 0)
    return float(np.nan if np.isnan(away).all() else 100 * np.nanmax(away))
