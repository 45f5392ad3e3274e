"""One program for all: ``coercivity run ...`` is ``python -m sim ...``, ``coercivity X ...`` is ``python -m sim.X ...``.

Every ``__main__`` has ``main(arguments)`` that returns its exit code.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NoReturn

from sim import __version__
from sim.wording import nearest, not_one_of, one_line

PACKAGE: Final = Path(__file__).resolve().parent
FLAGS: Final = ("--help", "--version", "--multirun", "--scenario-file", "--sweep-file", "--jobs", "--again")
WITH_VALUE: Final = ("--scenario-file", "--sweep-file", "--jobs")
MOST_JOBS: Final = 1024


class UsageError(ValueError):
    """A command line that cannot be meant; the message is one line."""


class Parser(argparse.ArgumentParser):
    """The command line of a program: what is wrong with it is a UsageError of one line, and flags are never shortened."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(prog=f"coercivity {name}", description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise UsageError(one_line(message, 300))

    def read(self, arguments: Sequence[str] | None) -> argparse.Namespace:
        """``arguments`` (None: those of the process). Raises UsageError; ``--help`` prints and leaves with code 0."""
        chosen, unread = self.parse_known_intermixed_args(
            list(sys.argv[1:] if arguments is None else arguments)
        )
        if unread:
            flags = sorted(flag for action in self._actions for flag in action.option_strings)
            word = one_line(unread[0].partition("=")[0], 60)
            raise UsageError(
                f"flag {not_one_of(word, flags)}" if word.startswith("-") else f"{word!r} is too much"
            )
        return chosen


def day(text: str) -> date:
    """A date of the command line, for ``add_argument(type=day)``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{one_line(text, 40)!r} is not a date written YYYY-MM-DD") from None


def guarded(program: Callable[[], int]) -> int:
    """Exit code of ``program``; for what is wrong with a request 2 and one line, for Ctrl-C 130."""
    try:
        return program()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except (ValueError, OSError) as e:
        from sim.compose import ConfigError  # loads Hydra; a program that went well may not have needed it
        from sim.runs import RunError

        if not isinstance(e, UsageError | ConfigError | RunError | OSError):
            raise
        print(f"error: {one_line(e, 1500)}", file=sys.stderr)
        return 2


@dataclass(frozen=True)
class Options:
    """What the command line of a run says."""

    overrides: tuple[str, ...]
    folder: Path | None
    scenario_file: Path | None
    jobs: int | None  # None: as many as there are processors
    again: bool
    help: bool
    version: bool
    sweep_file: Path | None = None
    multirun: bool = False  # -m: a study of many runs; ``folder`` is then the study's


def options(argv: Sequence[str]) -> Options:
    """Read flags and overrides, in any order. Raises UsageError."""
    overrides: list[str] = []
    found: dict[str, str] = {}
    words = list(argv)
    while words:
        word = words.pop(0)
        flag, equals, value = word.partition("=")
        flag = {"-h": "--help", "-m": "--multirun"}.get(flag, flag)
        if not word.startswith("-"):
            if flag in ("hydra.run.dir", "hydra.sweep.dir"):
                found[flag] = value
            else:
                overrides.append(word)
            continue
        if flag not in FLAGS:
            raise UsageError(f"flag {not_one_of(one_line(flag, 60), FLAGS)}")
        if flag in WITH_VALUE:
            if not equals and not words:
                raise UsageError(f"{flag} needs a value")
            found[flag] = value if equals else words.pop(0)
        elif equals:
            raise UsageError(f"{flag} takes no value")
        else:
            found[flag] = ""
    many = "--multirun" in found
    wanted, other = ("hydra.sweep.dir", "hydra.run.dir") if many else ("hydra.run.dir", "hydra.sweep.dir")
    if other in found:
        raise UsageError(
            f"{other} is for {'a single run' if many else 'a study (-m)'}; write {wanted}={found[other]}"
        )
    if "--sweep-file" in found and not many:
        raise UsageError("--sweep-file needs -m")
    if "--again" in found and many:
        raise UsageError(
            "--again: a study only does what is missing; remove its folder, or name another with hydra.sweep.dir="
        )
    return Options(
        overrides=tuple(overrides),
        folder=_folder(wanted, found.get(wanted)),
        scenario_file=Path(found["--scenario-file"]) if "--scenario-file" in found else None,
        jobs=_jobs(found.get("--jobs")),
        again="--again" in found,
        help="--help" in found,
        version="--version" in found,
        sweep_file=Path(found["--sweep-file"]) if "--sweep-file" in found else None,
        multirun=many,
    )


def _folder(key: str, text: str | None) -> Path | None:
    """The folder of ``hydra.run.dir=...`` or ``hydra.sweep.dir=...``: a plain path, in quotes or not."""
    if text is None:
        return None
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    if "${" in text:
        raise UsageError(f"{key}={one_line(text, 80)}: interpolation (${{...}}) is not allowed")
    if not text.strip() or "\0" in text or Path(text).resolve().name == "":
        raise UsageError(f"{key}={one_line(text, 80)!r} is not the name of a folder")
    return Path(text)


def _jobs(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_JOBS):
        raise UsageError(f"--jobs {one_line(text, 40)!r} is not a whole number from 1 to {MOST_JOBS}")
    return int(text)


def commands() -> dict[str, str]:
    """Names of the programs, and the module that runs for each."""
    found = {p.parent.name: f"sim.{p.parent.name}" for p in sorted(PACKAGE.glob("*/__main__.py"))}
    return {"run": "sim"} | found


def main(argv: Sequence[str] | None = None) -> int:
    """Hand over to the program named first; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    known = commands()
    if not words or words[0] in ("-h", "--help"):
        print("usage: coercivity COMMAND ...   (coercivity COMMAND --help says more)\n")
        for name, module in known.items():
            print(f"  {name:<10} the same as python -m {module}")
        return 0
    if words[0] == "--version":
        print(f"coercivity {__version__}")
        return 0
    name = words[0]
    if name not in known:
        hint = "" if nearest(name, known) else "; coercivity --help lists them"
        print(f"error: command {not_one_of(one_line(name, 60), known)}{hint}", file=sys.stderr)
        return 2
    program = importlib.import_module(f"{known[name]}.__main__")
    code: int = program.main(words[1:])
    return code
