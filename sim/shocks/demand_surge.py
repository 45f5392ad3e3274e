"""A surge of demand: civil sectors use more than their trend, or programmes mean to build more than planned.

Use (or a programme's plan) is multiplied by a factor that rises over a ramp and fades after the end. A factor below one is a slump.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.chain import Chain
from sim.stock import Array, Index
from sim.units import WEEK


@dataclass(frozen=True, kw_only=True)
class DemandSurge:
    """What is known of the surge. Civil users are those named by sector, region and commodity together."""

    name: str
    kind: str
    title: str
    start: date
    end: date | None  # None: to the end of the run
    sectors: tuple[str, ...]  # ids or "all"; empty: no civil use
    regions: tuple[str, ...]  # ids or "all"
    commodities: tuple[str, ...]  # ids or "all"
    use_factor: float  # civil use over its trend, when the surge is whole
    programmes: tuple[str, ...]  # ids of programmes
    blocs: tuple[str, ...]  # every programme of a bloc, and what its total has beside the listed ones
    plan_factor: float  # units planned over the table's, when the surge is whole
    severity: float  # share of the surge that comes
    ramp_days: float  # from the start until the surge is whole
    decay_days: float  # from the end until nothing is left of it
    sources: tuple[str, ...]


EVENT: Final = DemandSurge
RANGES: Final[dict[str, tuple[float, float]]] = {
    "use_factor": (0.0, 10.0),
    "plan_factor": (0.0, 20.0),
    "severity": (0.0, 1.0),
    "ramp_days": (0.0, 7300.0),
    "decay_days": (0.0, 7300.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "sectors": "sector or all",
    "regions": "region or all",
    "commodities": "commodity or all",
    "programmes": "programme",
    "blocs": "bloc",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: DemandSurge) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if not event.sectors and not event.programmes and not event.blocs:
        return "sectors, programmes and blocs are all empty; nobody would want more"
    for field in ("regions", "commodities"):
        if event.sectors and not getattr(event, field):
            return f"{field} is empty; no civil use would surge"
    return ""


def apply(event: DemandSurge, chain: Chain) -> None:
    """Weekly steps up from the first day, and down after the last."""
    if event.severity == 0.0:
        return
    civil, defence = _covered(event, chain)
    where = ", ".join((*event.sectors, *event.programmes, *event.blocs))

    def reach(level: float) -> None:
        part = event.severity * level
        chain.surge(event.name, 1.0 + part * (event.use_factor - 1.0) * civil,
                    1.0 + part * (event.plan_factor - 1.0) * defence)  # fmt: skip

    for day, level in course(event, chain):
        chain.on(day, partial(reach, level))
    chain.on(chain.day_of(event.start), lambda: chain.note("surge begins", where, event.name, event.severity))
    if event.end is not None:
        chain.on(chain.day_of(event.end), lambda: chain.note("surge over", where, event.name))


def course(event: DemandSurge, chain: Chain) -> list[tuple[float, float]]:
    """(day, share of the surge that is there from that day on), in order of days."""
    first = chain.day_of(event.start)
    last = math.inf if event.end is None else chain.day_of(event.end)
    steps = max(1, math.ceil(event.ramp_days / WEEK))
    found = [(first + event.ramp_days * i / steps, i / steps) for i in range(1, steps + 1)]
    found = [(day, level) for day, level in found if day < last]
    if event.end is not None:
        top = found[-1][1] if found else 0.0
        steps = max(1, math.ceil(event.decay_days / WEEK))
        found += [(last + event.decay_days * i / steps, top * (1.0 - i / steps)) for i in range(1, steps + 1)]
    return found


def _covered(event: DemandSurge, chain: Chain) -> tuple[Array, Array]:
    """1 for civil rows and for programmes that are in it."""
    lay, p = chain.layout, chain.parts
    sectors = [s.id for s in chain.world.sectors]

    def named(numbers: Index, names: Sequence[str], wanted: tuple[str, ...]) -> NDArray[np.bool_]:
        return np.array(["all" in wanted or names[int(i)] in wanted for i in numbers])

    civil = named(p.civil.sector, sectors, event.sectors) & named(
        p.civil.block.region, lay.regions, event.regions
    )
    civil &= named(p.civil.block.commodity, lay.commodities, event.commodities)
    defence = np.array([n in event.programmes or b in event.blocs
                        for n, b in zip(p.defence.names, p.defence.bloc, strict=True)])  # fmt: skip
    return civil.astype(float), defence.astype(float)
