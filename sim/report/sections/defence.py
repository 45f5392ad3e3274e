"""Defence deliveries against plan, by bloc and by programme, and the days of delay."""

from __future__ import annotations

import numpy as np

from sim.report.comparison import Comparison
from sim.report.figures.plate import Line, Panel, Plate, line, tidy
from sim.report.findings import named
from sim.report.folders import Results
from sim.report.sections.facets import COLUMNS, facets
from sim.report.sections.programmes import tables
from sim.report.sections.section import Section
from sim.report.series import Series
from sim.report.stats import Floats, quantiles, rolling
from sim.report.words import month, number, place, slug

INTRO = (
    "Each programme counts alike, whatever its number of units: the mean over programmes of what was delivered in the last 52 "
    "weeks, in % of what was planned for them. Delay is the mean over programmes of the days by which deliveries are late."
)
KINDS = (
    ("delivered", "deliveries", "% of plan, last 52 weeks"),
    ("delay", "delay", "days, mean of programmes"),
)
WEEKS = 52


def section(c: Comparison) -> Section:
    """Deliveries and delay by bloc; the programmes furthest behind."""
    blocs = sorted(
        {b for r in c.shown for b in r.series.values_of("place", "units_planned")}, key=_bloc_order
    )
    lines: list[Line] = []
    panels: list[Panel] = []
    worst: list[tuple[float, str]] = []
    for kind, heading, unit in KINDS:
        for bloc in blocs:
            made = delivered if kind == "delivered" else delay
            found = [(r, s) for r in c.shown if (s := made(r, bloc)) is not None]
            if found:
                key = slug(f"{kind}_{bloc}")
                panels.append(Panel(key, f"{_upper(place(bloc))}: {heading}", unit, group=kind))
                lines += [line(key, r.scenario, s) for r, s in found]
                if kind == "delivered":
                    worst += [_lowest(c, r, bloc, s) for r, s in found]
    if not lines:
        return Section(
            "defence",
            "Defence deliveries",
            INTRO,
            nothing="No defence programme is recorded in these folders.",
        )
    low, title = min(worst, default=(100.0, ""))
    title = title if low < 99 else "Defence deliveries keep to plan within one percent"
    if c.many:
        return Section("defence", "Defence deliveries", INTRO, (_by_scenario(c, blocs, title),), tables(c))
    plate = Plate(
        id="defence", kind="lines", title=title,
        panels=tuple(panels), table=tidy(lines), marks=c.marks,
        subtitle=f"Units delivered over units planned by bloc, mean of programmes, and days of delay; {c.n}",
    )  # fmt: skip
    return Section("defence", "Defence deliveries", INTRO, (plate,), tables(c))


def _by_scenario(c: Comparison, blocs: list[str], title: str) -> Plate:
    """A panel for each scenario, a line for each bloc."""
    panels, lines, _ = facets(c, KINDS[0][2], lambda r: [(place(b), delivered(r, b)) for b in blocs])
    return Plate(
        id="defence", kind="lines", title=title, panels=tuple(panels), table=tidy(lines), marks=c.marks, columns=COLUMNS,
        subtitle=f"Units delivered over units planned by bloc, mean of programmes, last 52 weeks; {c.n}",
    )  # fmt: skip


def programmes(result: Results, bloc: str) -> list[str]:
    """Programme ids of ``bloc``; the total alone where programmes are not recorded one by one."""
    found = [k.party for k in result.series.keys("units_planned", place=bloc)]
    return [p for p in found if p not in ("all", "")] or found


def delivered(result: Results, bloc: str) -> Series | None:
    """Mean over programmes of deliveries in % of plan, both over the last 52 weeks; at most what the plan asks twice over."""
    shares: list[Floats] = []
    template: Series | None = None
    for party in programmes(result, bloc):
        plan = result.series.one("units_planned", place=bloc, party=party)
        if plan is None:
            continue
        done = result.series.one("units_delivered", place=bloc, party=party)
        made = np.zeros_like(plan.values) if done is None else done.values
        weeks = window(plan.values.shape[1])
        planned = rolling(plan.values, weeks)
        share = np.divide(rolling(made, weeks), planned, out=np.full_like(planned, np.nan), where=planned > 0)
        share[:, : weeks - 1] = np.nan  # the window is not full yet
        shares.append(np.minimum(100 * share, 200.0))
        template = plan
    return None if template is None else template.with_values(_mean(shares), "% of plan")


def window(weeks: int) -> int:
    """Weeks over which deliveries are summed: a year, or a quarter of a run shorter than two years."""
    return WEEKS if weeks >= 2 * WEEKS else max(1, weeks // 4)


def delay(result: Results, bloc: str) -> Series | None:
    """Mean over programmes of the days by which deliveries are late; zero where a programme was never late."""
    parties = programmes(result, bloc)
    plan = result.series.one("units_planned", place=bloc, party=parties[0]) if parties else None
    if plan is None:
        return None
    late = [s.values for p in parties if (s := result.series.one("delay", place=bloc, party=p)) is not None]
    return plan.with_values(np.sum([np.zeros_like(plan.values), *late], axis=0) / len(parties), "days")


def _mean(shares: list[Floats]) -> Floats:
    stack = np.array(shares)
    seen = np.isfinite(stack)
    count = seen.sum(axis=0)
    mean: Floats = np.divide(
        np.where(seen, stack, 0).sum(axis=0), count, out=np.full(count.shape, np.nan), where=count > 0
    )
    return mean


def _lowest(c: Comparison, result: Results, bloc: str, series: Series) -> tuple[float, str]:
    median = quantiles(series.values)[2]
    if not median.size or not np.isfinite(median).any():
        return 100.0, ""
    week = int(np.nanargmin(median))
    low = float(median[week])
    text = f"{_upper(place(bloc))} deliveries fall to {number(low)} % of plan by {month(series.dates[week])}"
    return low, text + named(result.scenario, c.shown)


def _bloc_order(bloc: str) -> tuple[int, str]:
    order = ("us_nato", "china", "russia")
    return (order.index(bloc) if bloc in order else len(order), bloc)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
