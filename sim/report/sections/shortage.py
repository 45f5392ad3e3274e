"""Unserved demand: what users outside China would pay for and do not get, by stage, by product, by user."""

from __future__ import annotations

import numpy as np

from sim.report.comparison import Comparison
from sim.report.figures.plate import Line, Panel, Plate, line, tidy
from sim.report.findings import named, peak
from sim.report.folders import Results
from sim.report.sections.facets import COLUMNS, facets, own
from sim.report.sections.section import Section, Table
from sim.report.series import Series
from sim.report.stats import estimate
from sim.report.words import STAGES, number, plain, product, slug, stage_of

INTRO = (
    "Unserved is demand that would pay the price and is not supplied; who gives up because of the price is not counted. Stages "
    "are counted apart, in tonnes of their own product: a missing magnet and the oxide missing in it are two rows, not a sum."
)
MOST_PRODUCTS, MOST_USERS = 6, 12


def section(c: Comparison) -> Section:
    """By stage in t/week and % of demand; the products hit most; the users hit most."""
    plates = tuple(p for p in (_by_stage(c), None if c.many else _by_product(c)) if p is not None)
    if not plates:
        return Section(
            "shortage",
            "Unserved demand",
            INTRO,
            nothing="No demand outside China is recorded in these folders.",
        )
    tables = ((_products(c),) if c.many else ()) + (_users(c),)
    return Section("shortage", "Unserved demand", INTRO, plates, tuple(t for t in tables if len(t.rows) > 1))


def commodities(result: Results) -> list[str]:
    """Products for which demand is recorded as a row of its own."""
    return [k for k in result.series.values_of("commodity", "demand") if k not in ("all", "")]


def unserved(result: Results, products: list[str], **labels: str) -> tuple[Series, Series] | None:
    """(unserved, demand) summed over ``products`` outside China; a series of zeros is left out of the files."""
    labels = {"scope": "outside"} | labels
    demand = result.series.total("demand", products, **labels)
    if demand is None:
        return None
    short = result.series.total("unserved", products, **labels)
    return short if short is not None else demand.with_values(
        np.zeros_like(demand.values), demand.unit
    ), demand


def share(result: Results, products: list[str], **labels: str) -> Series | None:
    """Unserved in % of demand outside China."""
    found = unserved(result, products, **labels)
    if found is None:
        return None
    short, demand = found
    positive = demand.values > 0
    percent = np.divide(100 * short.values, demand.values, out=np.zeros_like(demand.values), where=positive)
    return demand.with_values(percent, "%")


def _by_stage(c: Comparison) -> Plate | None:
    tonnes: list[Panel] = []
    percents: list[Panel] = []
    lines: list[Line] = []
    worst: list[tuple[float, str]] = []
    for stage, name in STAGES.items():
        for result in c.shown:
            products = [k for k in commodities(result) if stage_of(k) == stage]
            found, percent = unserved(result, products), share(result, products)
            if found is None or percent is None:
                continue
            lines += [
                line(f"{stage}_t", result.scenario, found[0]),
                line(f"{stage}_pct", result.scenario, percent),
            ]
            top = peak(percent)
            if top is not None:
                text = (
                    f"Unserved {name} outside China peak at {number(top.value.mid)} % of demand, {top.month}"
                )
                worst.append(
                    (top.value.mid, text + named(result.scenario, c.shown) if top.value.mid > 0 else "")
                )
        if any(one.panel == f"{stage}_t" for one in lines):
            tonnes.append(Panel(f"{stage}_t", f"{name.capitalize()}, tonnes", f"t of {stage} a week"))
            percents.append(Panel(f"{stage}_pct", f"{name.capitalize()}, share", "% of demand", group="pct"))
    if not lines:
        return None
    title = max(worst)[1] or "No demand outside China goes unserved"
    if c.many:
        return _stages_by_scenario(c, title)
    return Plate(
        id="unserved_stage", kind="lines", title=title, panels=(*tonnes, *percents), table=tidy(lines), marks=c.marks,
        columns=2 if len(tonnes) == 2 else 3,
        subtitle=f"Unserved demand outside China by stage, tonnes of product a week and % of demand; {c.n}",
    )  # fmt: skip


def _stages_by_scenario(c: Comparison, title: str) -> Plate:
    """A panel for each scenario, a line for each stage."""

    def read(result: Results) -> list[tuple[str, Series | None]]:
        products = commodities(result)
        stages = STAGES if result.series.keys("demand") else {}
        return [
            (name, share(result, [k for k in products if stage_of(k) == stage]))
            for stage, name in stages.items()
        ]

    panels, lines, scale = facets(c, "% of demand", read, least=1.0)
    return Plate(
        id="unserved_stage", kind="lines", title=title, panels=tuple(panels), table=tidy(lines), marks=c.marks, columns=COLUMNS,
        subtitle=f"Unserved demand outside China by stage, % of demand; {scale}{c.n}",
    )  # fmt: skip


def _products(c: Comparison) -> Table:
    """Products by scenario: the share of their demand that goes unserved over the whole run."""
    scenarios = own(c)
    rows: list[tuple[float, tuple[str, ...]]] = []
    for k in sorted({k for r in scenarios for k in commodities(r)}):
        lost = []
        for result in scenarios:
            found = unserved(result, [k])
            lost.append(np.zeros(1) if found is None else
                        100 * found[0].values.sum(axis=1) / np.maximum(found[1].values.sum(axis=1), 1e-12))  # fmt: skip
        told = [estimate(values) for values in lost]
        most = max(e.mid for e in told)
        if most >= 0.01:
            rows.append((most, (product(k), *("–" if e.mid < 0.005 else e.text("%") for e in told))))
    rows.sort(key=lambda row: (-row[0], row[1]))
    head = ("Product", *(plain(r.scenario) for r in scenarios))
    note = "Unserved demand outside China over the whole run in % of demand (90 % range); – is less than 0.005 %."
    return Table("Which products run short", (head, *(cells for _, cells in rows)), note)


def _by_product(c: Comparison) -> Plate | None:
    found = [(r, k, s) for r in c.shown for k in commodities(r) if (s := share(r, [k])) is not None]
    loss: dict[str, float] = {}
    for _, k, s in found:
        loss[k] = max(loss.get(k, 0.0), float(np.median(s.values.mean(axis=1))))
    chosen = sorted((k for k in loss if loss[k] > 0), key=lambda k: (-loss[k], k))[:MOST_PRODUCTS]
    if not chosen:
        return None
    lines = [line(slug(k), r.scenario, s) for want in chosen for r, k, s in found if k == want]
    return Plate(
        id="unserved_product", kind="lines",
        title=f"{product(chosen[0])} runs shortest: {number(loss[chosen[0]])} % of demand unserved over the whole run",
        panels=tuple(Panel(slug(k), product(k), "% of demand", group="pct") for k in chosen), table=tidy(lines), marks=c.marks,
        subtitle=f"Unserved demand outside China, products with the largest mean share, % of demand; {c.n}",
    )  # fmt: skip


def _users(c: Comparison) -> Table:
    """Users by what they go without over the whole run, as a share of their demand."""
    rows: list[tuple[float, tuple[str, ...]]] = []
    for result in c.shown:
        parties = [p for p in result.series.values_of("party", "unserved") if p not in ("all", "civil", "")]
        for party in parties:
            for k in commodities(result):
                found = unserved(result, [k], party=party)
                if found is None or not found[0].values.any():
                    continue
                short, demand = (s.values.sum(axis=1) for s in found)
                lost = estimate(100 * short / np.maximum(demand, 1e-12))
                if lost.mid < 0.01:
                    continue
                tonnes = estimate(short)
                cells = (plain(party), product(k), plain(result.scenario), lost.text("%"), tonnes.text("t"))
                rows.append((lost.mid, cells))
    rows.sort(key=lambda row: (-row[0], row[1]))
    head = (
        "User",
        "Product",
        "Scenario",
        "Unserved, share of its demand (90 % range)",
        "Unserved over the run (90 % range)",
    )
    return Table("Who goes short most", (head, *(cells for _, cells in rows[:MOST_USERS])),
                 f"The {MOST_USERS} rows with the largest share, over the whole run, outside China.")  # fmt: skip
