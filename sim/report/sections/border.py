"""The border: applications for licences that wait, how long the decided ones waited, how many were refused."""

from __future__ import annotations

from sim.report.comparison import Comparison
from sim.report.figures.plate import Line, Panel, Plate, line, tidy
from sim.report.findings import named, peak
from sim.report.sections.section import Section
from sim.report.words import number, plain, slug

INTRO = (
    "Applications to export from China, by the desk that decides: magnets, materials (oxides, metals and alloys), and goods "
    "under the same customs codes that need only a test. Waiting is the mean of what was decided in that week."
)
KINDS = (("licences_pending", "pending", "applications"), ("licence_wait", "wait", "days"),
         ("licences_refused", "refused", "applications a week"))  # fmt: skip


def section(c: Comparison) -> Section:
    """Pending, waiting and refused by desk, one plate."""
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
