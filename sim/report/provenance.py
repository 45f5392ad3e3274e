"""Where the numbers come from and what they cannot say: read off the manifests, nothing from the machine that reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from sim.panel import ENOUGH
from sim.report.comparison import Comparison
from sim.report.folders import Results
from sim.report.words import clean, number, plain

MODEL_LIMITS: Final = (
    "No macro-economy and no exchange rates: prices are real US dollars. No scandium. No damage of war beyond the events given.",
    "How a price forms, how buyers hoard and who is served first are rules with parameters that one historical episode "
    "pins only in part.",
    "Bills of material of defence programmes and their build times are estimates unless their table says otherwise.",
    "No price or export observed after March 2025 is used, neither to set parameters nor to choose rules: what happened since is "
    "out of "
    "sample. Only how the controls were administered (dates, goods, destinations, review times) is taken as given.",
    "Scenarios are stories with dates, not forecasts. Nothing here is investment advice.",
)
NOT_STATED: Final = "not stated"


def rows(c: Comparison) -> tuple[tuple[str, ...], ...]:
    """One column a folder: scenario, comparator, version, digest, seed, replications, weeks, wall time, mass balance."""
    head = ("", *(plain(r.scenario) for r in c.results))
    made: list[tuple[str, ...]] = [head]
    for name, read in (
        ("Title", lambda r: r.title), ("Folder", lambda r: r.folder), ("Comparator", lambda r: plain(r.against) or "none"),
        ("Model", lambda r: _text(r.manifest, "model")), ("Digest of the run", lambda r: _text(r.manifest, "digest")),
        ("Digest of the trajectories", _trajectories), ("World", lambda r: _text(r.manifest, "world")),
        ("First day, years", lambda r: f"{_text(r.manifest, 'start')}, {_text(r.manifest, 'years')}"),
        ("Parameters", lambda r: _text(r.manifest, "parameters")), ("Overrides", lambda r: _text(r.manifest, "overrides")),
        ("Seed", lambda r: _text(r.manifest, "seed")),
        ("Replications", lambda r: f"{r.ok} whole, {len(r.failed)} failed"), ("Weeks", _weeks),
        ("Wall time", _wall), ("Largest error of the mass balance", _balance),
        ("Events that the run does not reach", lambda r: _text(r.manifest, "not_reached")),
        ("Python and libraries", _versions), ("Numbers that are estimates (letter C)", _letters),
    ):  # fmt: skip
        made.append((name, *(read(r) for r in c.results)))
    return tuple(made)


def limits(c: Comparison) -> list[tuple[str, str]]:
    """(scenario, what it leaves out) for each scenario that says so."""
    return [(plain(r.scenario), r.limits) for r in c.results if r.limits]


def sources(c: Comparison) -> list[tuple[str, tuple[str, ...]]]:
    """(scenario, its sources)."""
    return [(plain(r.scenario), r.sources) for r in c.results if r.sources]


def how_sure(c: Comparison) -> str:
    """What the bands mean, in words: how many replications, and whether chance or parameters differ between them."""
    ensemble = any(r.manifest.get("parameters") == "ensemble" for r in c.shown)
    what = (
        "chance and the parameters of behaviour"
        if ensemble
        else "chance alone (outages, start dates, licence decisions)"
    )
    bands = (
        "lines are medians, the darker shade holds the middle half, the lighter one the middle 90 % of replications"
        if all(r.ok >= ENOUGH for r in c.shown)
        else "with fewer than 20 replications each run is drawn as a thin line and the median as a thick one"
    )
    more = "" if ensemble else " How far other parameters would move the result is not shown here."
    return f"Between replications {what} differ; {bands}. One replication in ten lies outside the 90 % range.{more}"


def _text(manifest: Mapping[str, Any], name: str) -> str:
    value = manifest.get(name)
    if isinstance(value, Mapping):
        value = value.get("name")
    if isinstance(value, list):
        return clean(", ".join(str(v) for v in value), 300) or "none"
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        return NOT_STATED
    return clean(value, 200)


def _trajectories(result: Results) -> str:
    files = result.manifest.get("files")
    about = files.get("trajectories.parquet") if isinstance(files, Mapping) else None
    return clean(about.get("sha256", NOT_STATED), 80) if isinstance(about, Mapping) else NOT_STATED


def _versions(result: Results) -> str:
    found = result.manifest.get("versions")
    return (
        clean(", ".join(f"{k} {v}" for k, v in found.items()), 300)
        if isinstance(found, Mapping)
        else NOT_STATED
    )


def _weeks(result: Results) -> str:
    dates = result.series.dates
    return f"{len(dates)}, to {dates[-1]}"


def _wall(result: Results) -> str:
    wall = result.manifest.get("wall")
    if not isinstance(wall, Mapping) or not isinstance(wall.get("seconds"), int | float):
        return NOT_STATED
    jobs = wall.get("jobs")
    return f"{number(float(wall['seconds']))} s" + (f" in {jobs} processes" if isinstance(jobs, int) else "")


def _balance(result: Results) -> str:
    for name in ("relative_error", "relative", "error"):
        if name in result.balance.column_names:
            values = result.balance.column(name).to_numpy(zero_copy_only=False).astype(float)
            return f"{np.nanmax(np.abs(values)):.1e}" if values.size else NOT_STATED
    return NOT_STATED


def _letters(result: Results) -> str:
    for name in ("letter_c_share", "share_letter_c"):
        value = result.manifest.get(name)
        if isinstance(value, int | float):
            return f"{100 * value:.0f} %"
    return f"{NOT_STATED} in the folder; python -m sim.world prints it"
