"""Hands a multirun to Hydra itself, for who names a sweeper or a launcher of Hydra's: its jobs, its folders, our runs in them.

Slower than a study of ours (every job is composed three times) and without its store; a failed job is told at the end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from sim.compose import ConfigError, parsed
from sim.library import ROOT
from sim.sweep.words import checked_root
from sim.wording import one_line

FLAGS: Final = ("-m", "--multirun")
OURS: Final = ("hydra/sweeper", "hydra/launcher")
ALLOWED: Final = (*OURS, "hydra.sweeper.", "hydra.launcher.", "hydra.sweep.dir", "hydra.sweep.subdir")
FOLDER: Final = (
    "hydra.sweep.dir=outputs/multirun/${now:%Y-%m-%d_%H-%M-%S}"  # ours, not a user's: hence the interpolation
)
NAME: Final = "hydra.job.name=coercivity"  # else that of whichever module Hydra finds
FULL_ERROR: Final = "HYDRA_FULL_ERROR"  # set: Hydra raises what it would print in a dozen lines


class JobFailed(RuntimeError):
    """A job of a multirun ended with another exit code than 0."""


def wants_hydra(argv: Sequence[str]) -> bool:
    """Whether a command line with ``-m`` names a sweeper or a launcher of Hydra's."""
    return any(_key(word).startswith(ALLOWED[:4]) for word in argv)


def hand_over(argv: Sequence[str], run: Callable[[list[str]], int]) -> int:
    """Let Hydra do the multirun that ``argv`` (without the program's name) asks for; returns the exit code.

    ``run`` is the program of a single run: it is given a job's overrides and a run folder inside the job's folder, and composes
    and reads them as strictly as ever. 0: all jobs did; 3: one did not. Raises ConfigError for what cannot be meant.
    """
    lines = [word for word in argv if word not in FLAGS]
    for word in lines:
        _check(word)
    if not any(_key(word) == "hydra.sweep.dir" for word in lines):
        lines.append(FOLDER)
    lines.append(NAME)

    def job(_config: Any) -> None:
        state = HydraConfig.get()
        folder = Path(state.runtime.output_dir) / "run"
        code = run([*state.overrides.task, f"hydra.run.dir={folder}"])
        if code:
            raise JobFailed(code)

    with _command_line(["-m", *lines]):  # the flag first: between overrides Hydra's parser does not find it
        try:
            hydra.main(version_base="1.3", config_path=str(ROOT / "conf"), config_name="config")(job)()
        except JobFailed:
            return 3
        except (HydraException, OmegaConfBaseException) as e:
            raise ConfigError(f"Hydra: {one_line(str(e), 300)}") from None
        except SystemExit as e:
            return 0 if e.code in (0, None) else 2
    return 0


def _key(word: str) -> str:
    return word.partition("=")[0].lstrip("+~")


def _check(word: str) -> None:
    """Ours as strictly as in a sweep; of Hydra's only where the jobs run and what sweeps, and nothing that names code to call."""
    key = _key(word)
    if word.startswith("-"):
        raise ConfigError(
            f"flag {one_line(word, 60)!r} cannot be handed to Hydra; with its launchers only overrides can"
        )
    if not key.startswith("hydra"):
        checked_root(word)
        parsed(word)
        return
    if "${" in word or not key.startswith(ALLOWED) or key.rpartition(".")[2].startswith("_"):
        raise ConfigError(
            f"override {one_line(word, 80)!r}: of Hydra only hydra/sweeper, hydra/launcher, their settings "
            "and hydra.sweep.dir can be set"
        )


@contextmanager
def _command_line(arguments: list[str]) -> Iterator[None]:
    """Hydra reads the process's own command line, and prints its errors unless it is told to raise them."""
    before, told = sys.argv, os.environ.get(FULL_ERROR)
    sys.argv, os.environ[FULL_ERROR] = [before[0], *arguments], "1"
    try:
        yield
    finally:
        sys.argv = before
        if told is None:
            del os.environ[FULL_ERROR]
        else:
            os.environ[FULL_ERROR] = told
