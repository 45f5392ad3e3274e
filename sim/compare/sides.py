"""What is compared: a run folder, or one point of a study, ``STUDY:12`` or ``STUDY:KEY=VALUE,KEY=VALUE``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from sim.compare.points import choose
from sim.runs import RunError, read_run
from sim.wording import one_line

if TYPE_CHECKING:
    from sim.store import StoredStudy

ABOUT_A_STUDY: Final = "study.json"


@dataclass(frozen=True)
class Side:
    """One of two runs: a row of ``outcomes`` for each replication that succeeded; ``trajectories`` if it recorded any."""

    name: str
    outcomes: pa.Table
    trajectories: pa.Table | None
    seed: int | None  # None: of several seeds, or not known
    years: float | None = None  # it covers; None: not known


def side(text: str) -> Side:
    """Read what the command line names. Raises RunError with one line."""
    folder, point = _parted(text)
    if (folder / ABOUT_A_STUDY).exists():
        return _of_study(text, folder, point)
    if point:
        raise RunError(f"{one_line(folder, 200)} is not the folder of a study: it has no points")
    run = read_run(folder)
    trajectories = run.trajectories if run.trajectories.num_rows else None
    return Side(text, run.outcomes, trajectories, run.manifest.get("seed"), run.manifest.get("years"))


def same_years(a: Side, b: Side) -> None:
    """Raises RunError if the two cover other numbers of years: a peak of ten years less one of two means nothing."""
    if a.years is not None and b.years is not None and a.years != b.years:
        raise RunError(
            f"outcomes are of a whole run, and {a.name} covers {a.years:g} years, {b.name} {b.years:g}: take runs of one length"
        )


def _parted(text: str) -> tuple[Path, str]:
    """Folder and point. A path may hold colons itself: the longest beginning that is a folder is the folder."""
    colons = [len(text), *(m.start() for m in reversed(list(re.finditer(":", text))))]
    for i in colons:
        if text[:i] and Path(text[:i]).is_dir():
            return Path(text[:i]), text[i + 1 :]
    return Path(text), ""


def _of_study(text: str, folder: Path, point: str) -> Side:
    study = _read(folder)
    chosen = choose(study.design, study.about.bases, point, folder)
    rows = study.outcomes()
    ok = pc.and_(pc.equal(rows["point"], chosen), pc.equal(rows["status"], "ok"))
    rows = rows.filter(ok)
    if not rows.num_rows:
        raise RunError(f"{folder}: point {chosen} has no replication that succeeded")
    return Side(text, rows, None, _seed(rows, study), _years(study, chosen))


def _years(study: StoredStudy, point: int) -> float | None:
    row = study.design.slice(point, 1).to_pylist()[0]
    years = row.get("years")
    if years is None:
        years = study.about.bases[row["base"]].get("years") if "base" in row else None
    return None if years is None else float(years)


def _read(folder: Path) -> StoredStudy:
    """The study in this folder: the one place that knows how a study is stored."""
    from sim.store import StoreError, read_study

    try:
        return read_study(folder)
    except StoreError as e:
        raise RunError(one_line(e, 1000)) from None


def _seed(rows: pa.Table, study: Any) -> int | None:
    if "seed" not in rows.column_names:
        return int(study.about.seed)
    seeds = pc.unique(rows["seed"]).to_pylist()
    return int(seeds[0]) if len(seeds) == 1 else None
