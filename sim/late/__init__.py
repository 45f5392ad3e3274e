"""Which programmes are late under a shock, from when, for want of what, and what covered the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.panel import Panel
from sim.runs import RunError

LATE_DAYS = 30.0  # delivered this many days after the plan: late
YEAR = 52


@dataclass(frozen=True)
class Programme:
    """One programme in one run folder; medians over replications unless said otherwise."""

    name: str
    bloc: str
    cover: float  # days of need in stock of the scarcest item, at the shock
    least: float  # lowest of it in the two years after
    supplied: float  # what it got over what it needed in the year after the shock
    share_held: float  # of replications in which units could not be begun for want of an item after the shock
    held: date | None  # median of the days on which that first happened
    item: str  # that it most often waited for first
    share_late: float  # of replications in which a delivery was late after the shock
    late: date | None  # median of the first days with a delay above LATE_DAYS


def programmes(trajectories: pa.Table, events: pa.Table, shock: date) -> list[Programme]:
    """One entry a listed programme, in the order of its bloc and name. Raises ``RunError`` without programmes."""
    panel = Panel.of(trajectories)
    begin = next((i for i, day in enumerate(panel.days) if day >= shock), -1)
    if begin < 0:
        raise RunError(f"the shock, {shock}, lies after the last week of the run, {panel.days[-1]}")
    rows = panel.rows("cover")
    rows = rows.filter(pc.equal(rows["scope"], "bloc"))
    names = sorted({(b, p) for b, p in zip(rows["place"].to_pylist(), rows["party"].to_pylist(), strict=True)
                    if p != "defence"})  # fmt: skip
    if not names:
        raise RunError("the run records no cover of programmes (record=report does)")
    held = _held(events, shock)
    return [_one(panel, begin, bloc, name, held.get(name, {})) for bloc, name in names]


def _held(events: pa.Table, shock: date) -> dict[str, dict[int, tuple[date, str]]]:
    """programme -> replication -> (day, item) of the first time from the shock on that it waited for an item; who waited
    already and had not caught up counts from the day of the shock."""
    found: dict[str, dict[int, tuple[date, str]]] = {}
    columns = [events[c].to_pylist() for c in ("event", "place", "replication", "date", "cause")]
    waiting: dict[tuple[str, int], str] = {}
    for what, name, r, day, item in sorted(zip(*columns, strict=True), key=lambda row: row[3]):
        if day >= shock and what == "held back":
            found.setdefault(name, {}).setdefault(r, (day, item))
        elif day < shock and what == "held back":
            waiting.setdefault((name, r), item)
        elif day < shock and what == "caught up":
            waiting.pop((name, r), None)
    for (name, r), item in waiting.items():
        found.setdefault(name, {})[r] = (shock, item)
    return found


def _one(panel: Panel, begin: int, bloc: str, name: str, held: dict[int, tuple[date, str]]) -> Programme:
    n = len(panel.replications)
    where = {"scope": "bloc", "place": bloc, "party": name}
    cover, supplied, delay = (panel.series(v, **where) for v in ("cover", "supplied", "delay"))
    nil = np.zeros((n, len(panel.days)))
    cover = nil if cover is None else cover
    supplied = nil if supplied is None else supplied
    delay = nil if delay is None else delay
    after = delay[:, begin:] > LATE_DAYS
    late = [panel.days[begin + int(row.argmax())] for row in after if row.any()]
    items = Counter(item for _day, item in held.values())
    return Programme(
        name=name,
        bloc=bloc,
        cover=float(np.median(cover[:, begin])),
        least=float(np.median(cover[:, begin : begin + 2 * YEAR].min(axis=1))),
        supplied=float(np.median(supplied[:, begin : begin + YEAR].mean(axis=1))),
        share_held=len(held) / n,
        held=_middle([day for day, _item in held.values()]),
        item=items.most_common(1)[0][0] if items else "",
        share_late=len(late) / n,
        late=_middle(late),
    )


def _middle(days: list[date]) -> date | None:
    if not days:
        return None
    first = min(days)
    return first + timedelta(days=float(np.median([(day - first).days for day in days])))
