"""``python -m sim.scenarios list`` and ``python -m sim.scenarios check [NAME ...] [--years N]``.

Exit codes of ``check``: 0 every scenario ran with its balance closed and no warning, 1 some did not, 2 something in the request
is wrong, 130 interrupted.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from sim.cli import Parser, UsageError, guarded
from sim.wording import not_one_of

if TYPE_CHECKING:
    from sim.scenarios.checking import Checked

VERBS = ("list", "check")
MOST_WIDE = 110


def parser() -> Parser:
    """The command line."""
    made = Parser("scenarios", "List the shipped scenarios, or run each once and say what is wrong with it.")
    made.add_argument("verb", nargs="?", default="", metavar="list|check", help="what to do")
    made.add_argument("names", nargs="*", metavar="NAME", help="scenarios (default: all that are shipped)")
    made.add_argument("--years", metavar="N", help="check: length of the runs (default: as shipped)")
    made.add_argument("--seed", default="1", metavar="N", help="check: seed of chance (default: 1)")
    made.add_argument("--jobs", metavar="N", help="check: processes (default: one a processor)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    return guarded(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    from sim.library import choices, unknown

    chosen = parser().read(arguments)
    if chosen.verb not in VERBS:
        raise UsageError(
            f"{not_one_of(chosen.verb, VERBS)}" if chosen.verb else "say what to do: list or check"
        )
    names = list(dict.fromkeys(chosen.names)) or choices("scenario")
    for name in names:
        if name not in choices("scenario"):
            raise UsageError(unknown("scenario", name))
    if chosen.verb == "list":
        _list(names)
        return 0
    years = [] if chosen.years is None else [f"years={chosen.years}"]
    return _check(names, tuple(years), chosen.seed, _jobs(chosen.jobs))


def _jobs(text: str | None) -> int:
    from sim.cli import options
    from sim.replicate import processors

    asked = None if text is None else options(["--jobs", text]).jobs
    return asked or processors()


def _list(names: Sequence[str]) -> None:
    from sim.library import values
    from sim.wording import one_line

    width = min(shutil.get_terminal_size((100, 24)).columns, MOST_WIDE)
    for name in names:
        story = values("scenario", name)["scenario"]
        print(name)
        for key in ("title", "question"):
            text = one_line(story[key], 5000)
            print(textwrap.fill(text, width, initial_indent="    ", subsequent_indent="    "))


def _check(names: Sequence[str], overrides: tuple[str, ...], seed: str, jobs: int) -> int:
    from sim.config import plan
    from sim.replicate import Progress, replicate
    from sim.scenarios import check, lost

    made = plan(
        [f"scenario={names[0]}", f"seed={seed}", *overrides]
    )  # what is wrong with the request is said at once
    one = partial(check, names, overrides, made.seed)
    found: list[Checked] = []
    with Progress("check", len(names), noun="scenarios") as progress:

        def done(result: Checked) -> None:
            progress.step(f"{result.name}: {result.complaints[0]}" if result.complaints else "")

        found += replicate(one, len(names), jobs, done, partial(lost, names))
    print("\n".join(_table(found)))
    return 1 if any(result.complaints for result in found) else 0


def _table(found: Sequence[Checked]) -> list[str]:
    """One line a scenario; below those with a complaint, the complaints."""
    wide = max(len("scenario"), *(len(r.name) for r in found)) + 2
    lines = [
        f"{'scenario':<{wide}}{'events reached':>15}{'balance error':>15}{'warnings':>10}{'seconds':>9}  title"
    ]
    for r in found:
        reached = f"{r.events - len(r.late)} of {r.events}"
        lines.append(
            f"{r.name:<{wide}}{reached:>15}{r.balance:>15.1e}{r.warnings:>10}{r.seconds:>9.1f}  {r.title}"
        )
        lines += [f"    after the end of the run: {', '.join(r.late)}"] if r.late else []
        lines += [f"    FAILED: {complaint}" for complaint in r.complaints]
    bad = sum(bool(r.complaints) for r in found)
    return [*lines, f"checked: {len(found)}, failed: {bad}"]


if __name__ == "__main__":
    sys.exit(main())
