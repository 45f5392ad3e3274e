"""The border: applications for licences that wait, how long the decided ones waited, how many were refused."""

from __future__ import annotations

from dataclasses import replace

from sim.report.comparison import Comparison
from sim.report.figures.plate import Line, Panel, Plate, line, tidy
from sim.report.findings import named, peak
from sim.report.sections.facets import COLUMNS, facets
from sim.report.sections.section import Section
from sim.report.words import number, plain, slug

INTRO = (
    "Applications to export from China, by the desk that decides: magnets, materials (oxides, metals and alloys), and goods "
    "under the same customs codes that need only a test. Waiting is the mean of what was decided in that week."
)
KINDS = (("licences_pending", "pending", "applications"), ("licence_wait", "wait", "days"),
         ("licences_refused", "refused", "applications a week"))  # fmt: skip


def section(c: Comparison) -> Section:
    """Licences; below them what a permit costs where exports are rationed by weight."""
    made = _licences(c)
    rents = _rents(c)
    if rents is None:
        return made
    return replace(made, plates=(*made.plates, rents), nothing="")


def _licences(c: Comparison) -> Section:
    """Pending, waiting and refused by desk, one plate."""
    if c.many:
        return _by_scenario(c)
    lines: list[Line] = []
    panels: list[Panel] = []
    for variable, heading, unit in KINDS:
        for desk in desks_of(c) or ["all"]:
            key = slug(f"{variable}_{desk}")
            here = [
                line(key, r.scenario, s)
                for r in c.shown
                if (s := r.series.one(variable, place="china", party=desk)) is not None
            ]
            if here:
                lines += here
                panels.append(Panel(key, f"{plain(desk).capitalize()}: {heading}", unit, group=variable))
    if not lines:
        return Section("border", "Licences", INTRO, nothing="No scenario shown here has export licences.")
    plate = Plate(
        id="licences", kind="lines", title=_title(c), panels=tuple(panels), table=tidy(lines), marks=c.marks,
        columns=2 if len(desks_of(c)) == 2 else 3,
        subtitle=f"Export licences at China's border, pending applications, days waited, refusals; {c.n}",
    )  # fmt: skip
    return Section("border", "Licences", INTRO, (plate,))


def _by_scenario(c: Comparison) -> Section:
    """A panel for each scenario that has licences: what waits, by desk; and how long, in a second plate."""
    plates = []
    for variable, heading, unit in KINDS[:2]:
        panels, lines, scale = facets(
            c, unit, lambda r, v=variable: [(plain(d), r.series.one(v, place="china", party=d)) for d in desks_of(c)],  # type: ignore[misc]
        )  # fmt: skip
        if panels:
            plates.append(Plate(
                id=variable, kind="lines", title=_title(c) if variable == KINDS[0][0] else _longest(c), panels=tuple(panels),
                table=tidy(lines), marks=c.marks, columns=COLUMNS,
                subtitle=f"Export licences at China's border by desk: {heading}, {unit}; {scale}{c.n}",
            ))  # fmt: skip
    why = "" if plates else "No scenario shown here has export licences."
    return Section("border", "Licences", INTRO, tuple(plates), nothing=why)


def _longest(c: Comparison) -> str:
    """The longest mean wait of any desk, as a title."""
    tops = [
        (p, r, d) for r in c.shown for d in desks_of(c)
        if (p := peak(r.series.one("licence_wait", place="china", party=d))) is not None
    ]  # fmt: skip
    if not tops:
        return "Export licences: days waited"
    top, r, desk = max(tops, key=lambda x: x[0].value.mid)
    return f"Licences for {plain(desk)} take {number(top.value.mid)} days at the worst, {top.month}{named(r.scenario, c.shown)}"


def _rents(c: Comparison) -> Plate | None:
    """What the permit for a kilogram is worth under a quota by weight; nothing where no folder records one."""
    parties = sorted({k.party for r in c.shown for k in r.series.keys("rent", place="china")})
    found = [(r, p, s) for p in parties for r in c.shown
             if (s := r.series.one("rent", place="china", party=p)) is not None and s.values.any()]  # fmt: skip
    if not found:
        return None
    unit = found[0][2].unit
    if c.many:
        names = {p: _party(c, p) if len(parties) > 1 else "permit" for p in parties}
        panels, lines, scale = facets(
            c, unit, lambda r: [(names[p], s) for o, p, s in found if o.scenario == r.scenario]
        )
    else:
        keys = {p: slug(f"rent_{i}") for i, p in enumerate(parties)}
        panels = [
            Panel(keys[p], _party(c, p), unit, group="rent")
            for p in parties
            if any(p == q for _, q, _ in found)
        ]
        lines, scale = [line(keys[p], r.scenario, s) for r, p, s in found], ""
    top, r = max(((p, r) for r, _, s in found if (p := peak(s)) is not None), key=lambda x: x[0].value.mid)
    return Plate(
        id="rent", kind="lines", panels=tuple(panels), table=tidy(lines), marks=c.marks, columns=COLUMNS if c.many else 3,
        title=f"A permit to export is worth {number(top.value.mid)} USD/kg at the most, {top.month}{named(r.scenario, c.shown)}",
        subtitle=f"Price of a permit under an export quota by weight, {unit}, one price for all products; {scale}{c.n}",
    )  # fmt: skip


def _party(c: Comparison, event: str) -> str:
    return "All quotas" if event in ("all", "") else c.event(event)


def desks_of(c: Comparison) -> list[str]:
    """Desks that have anything on record."""
    return sorted(
        {d for r in c.shown for v, _, _ in KINDS for d in r.series.values_of("party", v)} - {"all", ""}
    )


def _title(c: Comparison) -> str:
    tops = []
    for r in c.shown:
        top = peak(r.series.one("licences_pending", place="china", party="all"))
        if top is None:
            tops += [(p, r) for d in ("magnets", "materials")
                     if (p := peak(r.series.one("licences_pending", place="china", party=d))) is not None]  # fmt: skip
        else:
            tops.append((top, r))
    if not tops:
        return "Export licences: waiting and refusals"
    top, r = max(tops, key=lambda x: x[0].value.mid)
    return f"{number(top.value.mid)} licence applications wait at the worst, {top.month}{named(r.scenario, c.shown)}"
