"""``python -m sim.store FOLDER [list | verify | repair | export --to csv|iamc|netcdf --out FILE]``, ``... merge INTO FROM...``.

What a study holds; whether every byte is as it was written; its results in other formats; shards put together.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sim.cli import Parser, UsageError, guarded
from sim.store.checking import repair, verify
from sim.store.exporting import KINDS, export
from sim.store.merging import merge
from sim.store.reading import StoredStudy, read_study
from sim.store.types import StoreError
from sim.wording import not_one_of, one_line

COMMANDS = ("list", "verify", "repair", "export")
MOST_FAILURES = 50  # printed; the outcomes table holds them all
DAMAGED = 3  # exit code


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0; 2 and one line for a mistake, 3 if ``verify`` finds damage."""
    return guarded(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    parser = Parser("store", "What a study folder holds, checked, repaired, exported or merged.")
    parser.add_argument(
        "words",
        nargs="+",
        metavar="WORD",
        help="FOLDER [list|verify|repair|export], or merge INTO FROM... (a folder of that name: ./merge)",
    )
    parser.add_argument("--to", metavar="FORMAT", help=f"export: {', '.join(KINDS)}")
    parser.add_argument("--out", metavar="FILE", type=Path, help="export: where to")
    parser.add_argument(
        "--variable",
        metavar="NAME",
        action="append",
        default=[],
        help="export: these series only (repeatable)",
    )
    chosen = parser.read(arguments)
    try:
        return _run(chosen)
    except StoreError as e:
        raise UsageError(str(e)) from None


def _run(chosen: argparse.Namespace) -> int:
    words: list[str] = chosen.words
    if any("\0" in word for word in words):
        raise UsageError("a folder's name has no NUL in it")
    if words[0] == "merge":
        _no_export(chosen)
        if len(words) < 3:
            raise UsageError("merge needs a folder to merge into and at least one to take from")
        return _merge(Path(words[1]), [Path(word) for word in words[2:]])
    if len(words) > 2:
        raise UsageError(f"{one_line(words[2], 60)!r} is too much")
    folder, command = Path(words[0]), words[1] if len(words) > 1 else "list"
    if command not in COMMANDS:
        raise UsageError(f"command {not_one_of(one_line(command, 60), COMMANDS)}")
    if command == "export":
        return _export(folder, chosen)
    _no_export(chosen)
    return {"list": _list, "verify": _verify, "repair": _repair}[command](folder)


def _no_export(chosen: argparse.Namespace) -> None:
    if chosen.to or chosen.out or chosen.variable:
        raise UsageError("--to, --out and --variable belong to export")


def _list(folder: Path) -> int:
    study = read_study(folder)
    about, failed = study.about, int(study.failed.sum())
    done = int(study.done.sum())
    print(
        f"{one_line(about.name, 80)}  {about.digest[:8]}"
        + (f"  {one_line(about.title, 200)}" if about.title else "")
    )
    print(
        f"  {about.points} points x {about.replications} replications, seed {about.seed}, record {about.record}"
    )
    print(f"  {done} of {about.runs} runs done, {failed} of them failed, {study.size / 1e6:.1f} MB")
    for notice in study.notices:
        print(f"  {one_line(notice)}")
    for failure in study.failures()[:MOST_FAILURES] if failed else ():
        print(f"  run {failure.run} {failure.status}: {_told(study, failure.point, failure.replication)}")
        where = f"  [{failure.trace[-1]}]" if failure.trace else ""
        print("    " + one_line(f"{failure.kind}: {failure.message}{where}"))
    if failed > MOST_FAILURES:
        print(f"  ... and {failed - MOST_FAILURES} more")
    return 0


def _told(study: StoredStudy, point: int, replication: int) -> str:
    """A run in the words of its sweep."""
    varied = " ".join(f"{key}={value}" for key, value in study.varied(point).items()) or "nothing varied"
    return one_line(f"point {point} replication {replication}: {varied}", 300)


def _verify(folder: Path) -> int:
    found = verify(folder)
    for finding in found:
        place = finding.path.relative_to(folder) if finding.path.is_relative_to(folder) else finding.path
        print(f"{one_line(place, 120)}: {finding.reason}")
    damage = sum(f.damage for f in found)
    print(f"{damage} damaged" if damage else "every file of the study is as it was written")
    return DAMAGED if damage else 0


def _repair(folder: Path) -> int:
    removed = repair(folder)
    for path in removed:
        print(f"removed {one_line(path.relative_to(folder), 120)}")
    print("starting the same study again does the runs that are missing" if removed else "nothing to repair")
    return 0


def _export(folder: Path, chosen: argparse.Namespace) -> int:
    if chosen.to is None or chosen.out is None:
        raise UsageError(f"export needs --to ({', '.join(KINDS)}) and --out FILE")
    if "\0" in str(chosen.out):
        raise UsageError("a file's name has no NUL in it")
    if chosen.to not in KINDS:
        raise UsageError(f"--to {not_one_of(one_line(chosen.to, 40), KINDS)}")
    study = read_study(folder)
    rows = export(study, chosen.to, chosen.out, chosen.variable)
    for notice in study.notices:
        print(one_line(notice))
    missing = study.about.runs - int(study.done.sum())
    told = f"{rows} {'runs' if chosen.to == 'netcdf' else 'rows'}" + (
        f"; {missing} runs are missing" if missing else ""
    )
    print(f"wrote {chosen.out} ({told})")
    return 0


def _merge(into: Path, sources: list[Path]) -> int:
    found = merge(into, sources)
    print(f"{into}: took {found.taken} runs, {found.known} were there; {found.done} of {found.runs} are done")
    if found.differing:
        print(f"{found.differing} runs came out differently in the two folders; those of {into} are kept")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
