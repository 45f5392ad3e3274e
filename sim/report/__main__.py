"""``python -m sim.report FOLDER... [--out FILE] [--against NAME] [--elements Dy,Tb]``: a page from run folders."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from typing import NoReturn

from sim.report import ReportError, make
from sim.wording import nearest, one_line

NEEDED = ("jinja2", "matplotlib")  # the extra ``report``: runs and studies do without
FLAGS = ("--out", "--against", "--elements", "--help")


class _Parser(argparse.ArgumentParser):
    """One line and exit code 2, without the usage block."""

    def error(self, message: str) -> NoReturn:
        raise ReportError(message)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = _Parser(
        prog="python -m sim.report", allow_abbrev=False,
        description="Write one self-contained HTML page from the folders that runs have left. Nothing is run.",
    )  # fmt: skip
    made.add_argument("folders", nargs="*", metavar="FOLDER", help="a run folder, one per scenario")
    made.add_argument(
        "--out", default="outputs/report.html", help="the page; its data go beside it (default: %(default)s)"
    )
    made.add_argument(
        "--against", default="", metavar="SCENARIO", help="comparator for all; default: each scenario's own"
    )
    made.add_argument(
        "--elements", default="", metavar="A,B", help="elements shown by price (default: NdPr,Dy,Tb,Y,Sm)"
    )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 after one line on standard error with nothing written."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        chosen, unknown = parser().parse_known_args(words)
        if unknown:
            flag = unknown[0].partition("=")[0]
            raise ReportError(f"{flag}: no such option{nearest(flag, FLAGS)}")
        if not chosen.folders:
            raise ReportError("no run folder named; for example: python -m sim.report outputs/*/")
        missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise ReportError(
                f"a report needs {' and '.join(missing)}, which are an extra: pip install 'coercivity[report]'"
            )
        make(chosen.folders, chosen.out, chosen.against, chosen.elements)
    except ReportError as error:
        print(f"error: {one_line(error, 1500)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130
    print(chosen.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
