"""Defence deliveries against plan, by bloc and by programme, and the days of delay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.report.comparison import Comparison, minus
from sim.report.figures.plate import Line, Panel, Plate, line, tidy
from sim.report.findings import at, named
from sim.report.folders import Results
from sim.report.sections.section import Section, Table
from sim.report.series import Key, Series
from sim.report.stats import Estimate, Floats, estimate, quantiles, rolling
from sim.report.words import month, number, place, plain, programme, slug

INTRO = (
    "Each programme counts alike, whatever its number of units: the mean over programmes of what was delivered in the last 52 "
    "weeks, in % of what was planned for them. Delay is the mean over programmes of the days by which deliveries are late."
)
KINDS = (
    ("delivered", "deliveries", "% of plan, last 52 weeks"),
    ("delay", "delay", "days, mean of programmes"),
)
WORST = 10
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
    plate = Plate(
        id="defence", kind="lines", title=title if low < 99 else "Defence deliveries keep to plan within one percent",
        panels=tuple(panels), table=tidy(lines), marks=c.marks,
        subtitle=f"Units delivered over units planned by bloc, mean of programmes, and days of delay; {c.n}",
    )  # fmt: skip
    table = _programmes(c)
    return Section("defence", "Defence deliveries", INTRO, (plate,), (table,) if len(table.rows) > 1 else ())


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


@dataclass(frozen=True)
class Behind:
    """A programme's units missing at the end of the run."""

    programme: str
    bloc: str
    scenario: str
    planned: Estimate
    short: Estimate
    share: Estimate  # of plan
    days: Estimate  # most, over the run
    more: Estimate | None  # units short beyond the comparator, paired


def behind(c: Comparison) -> list[Behind]:
    """All programmes of the compared scenarios (of all, if none is compared), those furthest behind plan first."""
    rows = []
    bases = {pair.scenario.scenario: pair.base for pair in c.pairs}
    for result in [pair.scenario for pair in c.pairs] or c.shown:
        for key in result.series.keys("units_planned"):
            if key.party in ("all", ""):
                continue
            plan, gap = _short(result, key)
            late = result.series.one("delay", place=key.place, party=key.party)
            base = bases.get(result.scenario)
            more = None
            if base is not None and key in base.series.keys("units_planned"):
                extra = minus(gap, _short(base, key)[1])
                more = estimate(at(extra, extra.dates[-1])) if extra.values.size else None
            whole, short = plan.values[:, -1], gap.values[:, -1]
            rows.append(Behind(
                key.party, key.place, result.scenario, estimate(whole), estimate(short),
                estimate(100 * short / np.maximum(whole, 1e-12)),
                estimate(np.zeros(result.ok) if late is None else late.values.max(axis=1)), more,
            ))  # fmt: skip
    return sorted(rows, key=lambda b: (-b.share.mid, -b.days.mid, b.programme, b.scenario))


def _short(result: Results, planned_as: Key) -> tuple[Series, Series]:
    """(planned, planned - delivered), both summed from the start."""
    plan = result.series.read(planned_as)
    done = result.series.one("units_delivered", place=planned_as.place, party=planned_as.party)
    made = np.zeros_like(plan.values) if done is None else done.values
    planned = plan.values.cumsum(axis=1)
    return plan.with_values(planned, "units"), plan.with_values(planned - made.cumsum(axis=1), "units")


def _programmes(c: Comparison) -> Table:
    head = ("Programme", "Bloc", "Scenario", "Units planned", "Units short at the end (90 % range)", "Share of plan",
            "Most days late (90 % range)", "Units short beyond the comparator (90 % range, paired)")  # fmt: skip
    rows = [
        (programme(b.programme), place(b.bloc), plain(b.scenario), number(b.planned.mid), b.short.text(), b.share.text("%"),
         b.days.text(), "–" if b.more is None else b.more.text(sign=True))
        for b in behind(c)[:WORST] if b.short.mid > 0 or b.days.mid > 0
    ]  # fmt: skip
    note = f"At most {WORST}, by share of plan not delivered at the end of the run. Bills of material are estimates."
    return Table("Programmes furthest behind plan", (head, *rows), note)


def _bloc_order(bloc: str) -> tuple[int, str]:
    order = ("us_nato", "china", "russia")
    return (order.index(bloc) if bloc in order else len(order), bloc)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
