"""What a command line and a sweep file ask for together: what is the same for all points, the points themselves, the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.compose import MANY, ONE, ConfigError, parsed
from sim.sweep.blocks import (
    ONE_POINT,
    Block,
    column,
    crossed,
    grid,
    joined,
    named_keys,
    sampled_keys,
    side_by_side,
)
from sim.sweep.files import SweepFile, kind_of, place, read_sweep_file, shipped, told_of
from sim.sweep.sampling import METHODS, remark, sampled
from sim.sweep.settings import RANGES, Settings, settings_of
from sim.sweep.tables import read_points
from sim.sweep.values import Interval, interval_of, text_of
from sim.sweep.words import checked_key, checked_root, plain_of, values_of
from sim.wording import not_one_of, one_line

Whole = Callable[[Block, str], bool]  # whether a key takes whole numbers only, in the first point of a block
GROUPS: Final = ONE + MANY


@dataclass(frozen=True, kw_only=True)
class CommandLine:
    """The overrides of a command line, sorted out. ``same`` and ``varied`` by name of key."""

    same: Mapping[str, str]
    varied: Mapping[str, list[Any] | Interval]
    signs: Mapping[str, str]
    settings: Settings
    file: SweepFile | None


def read_command_line(overrides: Sequence[str], sweep_file: Path | None) -> CommandLine:
    """Sort out overrides, and read the sweep file that they or ``sweep_file`` name. Raises ConfigError."""
    study: dict[str, Any] = {}
    path = sweep_file
    lines: list[str] = []
    for text in overrides:
        if "=" in text:
            checked_root(text)
        word, _, value = text.partition("=")
        if word == "sweep":
            if path is not None:
                raise ConfigError(f"override {one_line(text, 80)!r}: one sweep is named already; give one")
            path = shipped(value)
        elif word.partition(".")[0] == "study":
            study |= _setting(text)
        elif word.lstrip("+~").startswith("hydra"):
            raise ConfigError(
                f"override {one_line(text, 80)!r}: in a sweep of ours only hydra.sweep.dir can be set; "
                "hydra/sweeper or hydra/launcher hands the whole of it to Hydra"
            )
        else:
            lines.append(text)
    file = None if path is None else read_sweep_file(path)
    with told_of(file.path.name if file else ""):
        settings_of(file.study if file else {})
    settings = settings_of({**(file.study if file else {}), **study})
    same, varied, signs = _sorted_out(lines, settings.seed)
    return CommandLine(same=same, varied=varied, signs=signs, settings=settings, file=file)


def _setting(text: str) -> dict[str, Any]:
    word, _, value = text.partition("=")
    root, dot, key = word.partition(".")
    if root != "study" or not dot or not value:
        raise ConfigError(f"override {one_line(text, 80)!r} cannot be read; write study.KEY=VALUE")
    try:
        override = parsed(f"start={value}")
    except ConfigError:
        raise ConfigError(
            f"override {one_line(text, 80)!r} cannot be read; put text with signs in quotes"
        ) from None
    if override.is_sweep_override():
        raise ConfigError(f"override {one_line(text, 80)!r}: settings of a study cannot be varied")
    return {key: plain_of(word, override._value)}


def _sorted_out(
    lines: Sequence[str], seed: int
) -> tuple[dict[str, str], dict[str, list[Any] | Interval], dict[str, str]]:
    same: dict[str, str] = {}
    varied: dict[str, list[Any] | Interval] = {}
    signs: dict[str, str] = {}
    for text in lines:
        override = parsed(text)
        name = override.key_or_group
        if name in same or name in varied:
            raise ConfigError(f"key {name!r} is set twice; set it once")
        if not override.is_sweep_override():
            same[name] = text
            continue
        if override.is_delete():
            raise ConfigError(f"override {one_line(text, 80)!r}: what is deleted cannot be varied")
        signs[name], _ = checked_key(text.partition("=")[0])
        varied[name] = values_of(override, seed)
    return same, varied, signs


def base_lines(line: CommandLine) -> dict[str, str]:
    """Overrides by name of key that hold for all points: the file's base, and over it what the command line sets. ConfigError."""
    found: dict[str, str] = {}
    if line.file is not None:
        with told_of(f"{line.file.path.name}: base"):
            for written, value in line.file.base.items():
                _, name = checked_key(written)
                if name in found:
                    raise ConfigError(f"key {name!r} stands twice, with and without a plus")
                with told_of(written):
                    found[name] = f"{written}={text_of(value)}"
    found |= line.same
    found.setdefault("record", "record=outcomes")
    # What stands deeper is set later: a whole event first, then a field of it, in whatever order they were typed.
    return dict(sorted(found.items(), key=lambda item: (item[0].count("."), item[0])))


def points_of(line: CommandLine, whole: Whole) -> tuple[Block, list[str]]:
    """All points, and remarks on them. Raises ConfigError."""
    remarks: list[str] = []
    block = ONE_POINT
    if line.file is not None:
        with told_of(line.file.path.name):
            block = joined(_blocks(line.file, whole, remarks, line.settings.seed))
        for name in sorted(block.columns.keys() & (line.same.keys() | line.varied.keys())):
            raise ConfigError(f"{name} is varied by {line.file.path.name} and cannot be set beside it")
    return crossed(block, _typed_block(line, whole, remarks)), remarks


def _typed_block(line: CommandLine, whole: Whole, remarks: list[str]) -> Block:
    """What the command line varies: lists as a grid, each point of it with each of the sample of its intervals."""
    lists = {name: values for name, values in line.varied.items() if isinstance(values, list)}
    over = {name: values for name, values in line.varied.items() if isinstance(values, Interval)}
    beside = grid(lists, line.signs)
    settings = line.settings
    if not over:
        if settings.design != "grid" and not (line.file and any("sample" in b for b in line.file.blocks)):
            raise ConfigError(
                f"study.design={settings.design}, but nothing is sampled; write key=interval(LOW,HIGH)"
            )
        return beside
    if settings.design == "grid" or settings.points is None:
        name = min(over)
        raise ConfigError(
            f"{name}: interval() is sampled, not listed: add study.design={'|'.join(METHODS)} and study.points=N"
        )
    return _sample(settings.design, over, line.signs, settings.points, settings.seed, beside, whole, remarks)


def _sample(
    method: str, over: Mapping[str, Any], signs: Mapping[str, str], points: int, seed: int, beside: Block, whole: Whole,
    remarks: list[str],
) -> Block:  # fmt: skip
    sampled_keys(over, GROUPS)
    known = {
        name: Interval(low=w.low, high=w.high, log=w.log, whole=True)
        if isinstance(w, Interval) and not w.whole and whole(beside, name)
        else w
        for name, w in over.items()
    }
    remarks += [told] if (told := remark(method, points)) else []
    drawn = sampled(method, known, points, seed)
    return crossed(beside, side_by_side(drawn, {name: signs[name] for name in drawn}))


def _blocks(file: SweepFile, whole: Whole, remarks: list[str], seed: int) -> list[Block]:
    found = []
    for i, given in enumerate(file.blocks):
        kind = kind_of(given)
        with told_of(f"{place(i, file.blocks)}: {kind}"):
            if kind == "table":
                found.append(read_points(file.path.parent, given["table"]))
            elif kind == "sample":
                found.append(_file_sample(given, whole, remarks, seed + i))  # two samples are not one
            else:
                columns, signs = _listed(given[kind])
                found.append(grid(columns, signs) if kind == "grid" else side_by_side(columns, signs))
    return found


def _listed(given: Mapping[str, Any]) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """Lists by key, each written as a list or in Hydra's words."""
    columns, signs = named_keys(given)
    for name, values in columns.items():
        if isinstance(values, str):
            values = columns[name] = _in_words(name, values)
        if isinstance(values, Interval):
            raise ConfigError(
                f"{name}: interval() is sampled, not listed; write it under over, beside sample"
            )
        if not isinstance(values, list):
            raise ConfigError(
                f"{name}: {one_line(repr(values), 60)} is one value; write a list, or put it under base"
            )
        column(name, values)
    return columns, signs


def _in_words(name: str, text: str) -> list[Any] | Interval:
    override = parsed(f"{name}={text}")
    if not override.is_sweep_override():
        raise ConfigError(f"{name}: {one_line(text, 60)!r} is one value; write a list, or put it under base")
    return values_of(override, 0)


def _file_sample(given: Mapping[str, Any], whole: Whole, remarks: list[str], seed: int) -> Block:
    method = given["sample"]
    if method not in METHODS:
        raise ConfigError(f"sample {not_one_of(method, METHODS)}")
    for word in ("points", "over"):
        if word not in given:
            raise ConfigError(f"key {word!r} is missing; a sample is sample, points, seed, over")
    points, seed = _number("points", given["points"]), _number("seed", given.get("seed", seed))
    written, signs = named_keys(given["over"])
    over: dict[str, Any] = {}
    for name, wanted in written.items():
        if isinstance(wanted, dict):
            over[name] = interval_of(name, wanted)
        else:
            over[name] = _in_words(name, wanted) if isinstance(wanted, str) else wanted
        if not isinstance(over[name], list | Interval):
            raise ConfigError(
                f"{name}: {one_line(repr(wanted), 60)} is neither an interval nor a list to choose from"
            )
    beside = grid(*_listed(given["grid"])) if "grid" in given else ONE_POINT
    return _sample(method, over, signs, points, seed, beside, whole, remarks)


def _number(word: str, value: Any) -> int:
    low, high = RANGES[word]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"{word} {one_line(repr(value), 40)} is not a whole number from {low} to {high}")
    return value
