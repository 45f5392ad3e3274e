"""Run folders in, :class:`Results` out: the only module of the report that knows what a run leaves behind.

Nothing is run and nothing is changed; a folder that is not whole is refused in one line. Texts of the manifest may come from
a stranger's scenario file and are cleaned here, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.report.errors import ReportError
from sim.report.series import LABELS, Store, codes
from sim.report.words import clean
from sim.runs import RunError, read_manifest, read_run, whole
from sim.wording import one_line

NEEDED: Final = ("replication", "date", *LABELS, "unit", "value")
VARIABLES: Final = (
    "price_spot", "price_paid", "price_net", "demand", "unserved", "cover", "inventory", "licences_pending", "licence_wait",
    "licences_refused", "units_planned", "units_delivered", "delay", "policy_cost", "rent",
)  # fmt: skip
BY_REGION: Final = (
    "inventory",
    "purchases",
    "released",
    "capacity",
    "element_flow",
)  # the others by region are not shown
HAPPENINGS: Final = ("decision", "final decision", "start-up waits for feed", "start-up waits for an outlet", "start-up",
                     "mothballed", "restart", "held back")  # fmt: skip
MOST_NAMES: Final = 5000


@dataclass(frozen=True)
class Mark:
    """Something done to the chain: drawn as a line at ``start``, shaded until ``end`` (None: it does not end)."""

    start: date
    end: date | None
    label: str


@dataclass(frozen=True)
class Results:
    """One run folder, read. ``scenario`` is unique on the page and decides colour and dash."""

    scenario: str
    folder: str  # its last part only: no machine's paths on the page
    title: str
    question: str
    against: str
    limits: str
    sources: tuple[str, ...]
    still: bool  # run with the behaviour under which nothing may move
    marks: tuple[Mark, ...]
    series: Store
    attribution: pa.Table
    balance: pa.Table
    happenings: pa.Table  # of events.parquet, what befell projects and what programmes waited for
    outcomes: pa.Table
    titles: Mapping[str, str]  # of events and policies by their names
    names: Mapping[str, str]  # of the world's ids: programmes, regions, sites, stockpiles
    manifest: Mapping[str, Any]
    ok: int
    failed: tuple[str, ...]


def read_folders(paths: Sequence[Path]) -> list[Results]:
    """Read each folder; order as given. Raises :class:`ReportError` for the first that cannot be used."""
    seen: set[Path] = set()
    results: list[Results] = []
    for path in paths:
        where = path.resolve()
        if where in seen:
            raise ReportError(f"{path}: named twice")
        seen.add(where)
        results.append(_read(path, {r.scenario for r in results}))
    return results


def _read(path: Path, taken: set[str]) -> Results:
    manifest = _manifest(path)
    series = Store(_needed(path))
    about = manifest.get("scenario")
    about = about if isinstance(about, Mapping) else {}
    name = clean(about.get("name") or "", 80) or clean(path.resolve().name, 80)
    scenario = _unique(name, clean(path.resolve().name, 80), taken)
    return Results(
        scenario=scenario,
        folder=clean(path.resolve().name, 120),
        title=clean(about.get("title") or scenario, 200),
        question=clean(about.get("question") or ""),
        against=clean(about.get("against") or "", 80),
        limits=clean(about.get("limits") or ""),
        sources=tuple(clean(s) for s in _as_list(about.get("sources"))),
        still=name == "standstill" or "behaviour=standstill" in _as_list(manifest.get("overrides")),
        marks=_marks(manifest),
        series=series,
        attribution=_table(path, "attribution"),
        balance=_table(path, "balance"),
        happenings=_happenings(path),
        outcomes=_table(path, "outcomes"),
        titles=_titles(manifest),
        names=_names(manifest.get("names")),
        manifest=manifest,
        ok=len(series.replications),
        failed=tuple(_failure(f) for f in _as_list(manifest.get("failed"))),
    )


def _manifest(path: Path) -> dict[str, Any]:
    """The manifest of a folder whose files are all there and unchanged."""
    try:
        manifest = read_manifest(path)
        if not whole(path, str(manifest.get("digest"))):
            read_run(path)  # says in one line what is wrong
            raise RunError(f"{path}: a file was changed while it was read")
        if not manifest["replications"]["ok"]:
            raise RunError(f"{path}: no replication succeeded; errors.jsonl says why")
        return manifest
    except RunError as error:
        raise ReportError(str(error)) from None


def _needed(path: Path) -> pa.Table:
    """The rows of the trajectories that the page shows, read piece by piece: all of them would be several times as many."""
    file = path / "trajectories.parquet"
    kept: list[pa.Table] = []
    try:
        with pq.ParquetFile(file) as parquet:
            for column in NEEDED:
                if column not in parquet.schema_arrow.names:
                    raise ReportError(f"{path}: trajectories.parquet has no column {column!r}")
            for batch in parquet.iter_batches(batch_size=500_000, columns=list(NEEDED)):
                code, words = codes(pa.chunked_array([batch.column("variable")]))
                scope, scopes = codes(pa.chunked_array([batch.column("scope")]))
                region = np.isin(scopes, ("region",))[scope]
                wanted = np.where(region, np.isin(words, BY_REGION)[code], np.isin(words, VARIABLES)[code])
                if wanted.any():
                    kept.append(pa.Table.from_batches([batch]).filter(pa.array(wanted)))
            rows = parquet.metadata.num_rows
    except (OSError, pa.ArrowException) as error:
        raise ReportError(f"{path}: trajectories.parquet cannot be read ({one_line(error, 120)})") from None
    if not rows:
        raise ReportError(f"{path}: no trajectories in it; run it again with record=report")
    if not kept:
        raise ReportError(f"{path}: none of the series that a report shows is recorded in it")
    return pa.concat_tables(kept).unify_dictionaries()


def _table(path: Path, name: str) -> pa.Table:
    try:
        return pq.read_table(path / f"{name}.parquet")
    except (OSError, pa.ArrowException) as error:
        raise ReportError(f"{path}: {name}.parquet cannot be read ({one_line(error, 120)})") from None


def _happenings(path: Path) -> pa.Table:
    """What befell projects and programmes: (replication, date, event, place, cause, amount); no rows if the columns are others."""
    table = _table(path, "events")
    if not {"replication", "date", "event", "place", "cause", "amount"} <= set(table.column_names):
        return pa.table({})
    code, words = codes(table.column("event"))
    return table.filter(pa.array(np.isin(words, HAPPENINGS)[code]))


def _titles(manifest: Mapping[str, Any]) -> dict[str, str]:
    rows = [row for row in _as_list(manifest.get("events")) if isinstance(row, Mapping)]
    return {str(row["name"]): clean(row.get("title") or row["name"], 120) for row in rows if row.get("name")}


def _names(given: Any) -> dict[str, str]:
    """Names of ids as the manifest gives them; an older folder gives none."""
    rows = list(given.items())[:MOST_NAMES] if isinstance(given, Mapping) else []
    return {str(k): clean(v, 80) for k, v in rows if isinstance(v, str) and v.strip()}


def _unique(name: str, folder: str, taken: set[str]) -> str:
    """The same scenario run with other overrides is told apart by its folder."""
    for candidate in (name, f"{name} ({folder})"):
        if candidate not in taken:
            return candidate
    return f"{name} ({folder}) {len(taken) + 1}"


def _failure(entry: Any) -> str:
    if isinstance(entry, Mapping):
        return clean(
            f"replication {entry.get('replication', '?')}: {entry.get('error', 'no reason stated')}", 300
        )
    return clean(entry, 300)


def _marks(manifest: Mapping[str, Any]) -> tuple[Mark, ...]:
    """What was done to the chain, by date."""
    rows: Iterable[Any] = _as_list(manifest.get("events"))
    marks = {m for row in rows if isinstance(row, Mapping) and (m := _mark(row)) is not None}
    return tuple(sorted(marks, key=lambda m: (m.start, m.label)))


def _mark(row: Mapping[str, Any]) -> Mark | None:
    try:
        start = date.fromisoformat(str(row.get("start")))
        end = date.fromisoformat(str(row["end"])) if row.get("end") else None
    except ValueError:
        return None
    return Mark(start, end, clean(row.get("title") or row.get("kind") or "event", 160))


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def same_chance(a: Results, b: Results) -> bool:
    """Whether replication r met the same chance in both: the seed is the same."""
    return bool(a.manifest.get("seed") == b.manifest.get("seed"))
