"""How a study is run: the keys ``study.*`` of a command line or a sweep file, typed and within their ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from sim.compose import ConfigError
from sim.sweep.words import MOST_POINTS
from sim.wording import not_one_of, one_line

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "backend": ("local", "inline", "ray", "slurm"),
    "on_error": ("collect", "stop"),
    "retry": ("none", "failed"),
    "design": ("grid", "lhs", "sobol", "halton"),
}
RANGES: Final[dict[str, tuple[int, int]]] = {
    "jobs": (1, 1024),
    "max_failures": (1, 100_000_000),
    "points": (1, MOST_POINTS),
    "seed": (0, 2**63 - 1),
    "shards": (1, 10_000),
    "minutes": (1, 100_000),
}
SHARD: Final = re.compile(r"([0-9]{1,5})/([0-9]{1,5})")
NAME: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9_.:/,-]{0,199}"
)  # of an address or a partition: no shell, no spaces


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a study is run. None: not asked for, whoever needs it decides."""

    backend: str = "local"
    jobs: int | None = None  # processes; None: one a processor
    on_error: str = "collect"  # a failed run is noted and the others go on; stop: the first ends the study
    max_failures: int | None = None  # end the study after so many failed runs
    retry: str = "none"  # failed: runs that failed in an earlier attempt are tried again
    design: str = "grid"  # how intervals of the command line are sampled
    points: int | None = None  # of that sample
    seed: int = 0  # of that sample and of shuffle(); the runs' own seed is ``seed``
    shard: tuple[int, int] = (
        0,
        1,
    )  # (k, n), written k/n: only the chunks whose index leaves k when divided by n
    address: str = ""  # of a Ray cluster that runs already
    shards: int | None = None  # jobs to hand to Slurm
    partition: str = ""  # of Slurm
    minutes: int | None = None  # time limit of a Slurm job


def settings_of(given: Mapping[str, Any]) -> Settings:
    """Checked settings from plain values by key (without ``study.``). Raises ConfigError with one line."""
    known = [f.name for f in fields(Settings)]
    for key in given:
        if key not in known:
            raise ConfigError(f"study: key {not_one_of(key, known)}")
    return Settings(**{key: _checked(key, value) for key, value in given.items()})


def _checked(key: str, value: Any) -> Any:
    where = (
        f"study.{key} {one_line(value, 60)!r}"
        if isinstance(value, str)
        else f"study.{key} {one_line(value, 60)}"
    )
    if key in WORDS:
        if value not in WORDS[key]:
            raise ConfigError(f"study.{key} {not_one_of(value, WORDS[key])}")
        return value
    if key in RANGES:
        low, high = RANGES[key]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ConfigError(f"{where} is not a whole number from {low} to {high}")
        return value
    if key == "shard":
        found = SHARD.fullmatch(value) if isinstance(value, str) else None
        if found is None or not int(found[1]) < int(found[2]):
            raise ConfigError(f"{where} is not k/n with k from 0 to n-1, such as 0/4")
        return int(found[1]), int(found[2])
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ConfigError(f"{where} is not a name (letters, digits and _ . : / , -)")
    return value
