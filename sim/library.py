"""What is shipped in ``conf/`` and ``scenarios/``: where it lies, what can be chosen, and under which title."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from sim.wording import not_one_of

PACKAGE: Final = Path(__file__).resolve().parent
# An installed wheel carries the two folders in sim/_config; a checkout has them beside sim/.
ROOT: Final = PACKAGE / "_config" if (PACKAGE / "_config").exists() else PACKAGE.parent
FOLDERS: Final = {
    "world": ROOT / "conf" / "world",
    "scenario": ROOT / "scenarios" / "scenario",
    "shock": ROOT / "scenarios" / "shock",
    "policy": ROOT / "scenarios" / "policy",
    "behaviour": ROOT / "conf" / "behaviour",
    "sweep": ROOT / "scenarios" / "sweep",
}


def choices(group: str) -> list[str]:
    """Names that can be chosen in a group, sorted."""
    return sorted(path.stem for path in FOLDERS[group].glob("*.yaml"))


def unknown(group: str, name: str) -> str:
    """The line for a name that cannot be chosen in a group; one of another group is told where it belongs."""
    for other in ("scenario", "shock", "policy"):
        if name in choices(other) and other != group:
            use = f"scenario={name}" if other == "scenario" else f"'{other}=[{name}]'"
            use = f"scenario=baseline {use}" if group == "scenario" else use
            return f"{group} {name!r} is not a {group} but a {other}: {use}"
    return f"{group} {not_one_of(name, choices(group))}"


def name_of(group: str, values: object) -> str:
    """The choice that holds just these values, or ``edited``: for the record, nothing reads it back."""
    return next((name for name in choices(group) if _read(group, name)[1] == values), "edited")


def values(group: str, name: str) -> dict[str, Any]:
    """What a shipped file says, as plain data."""
    loaded = _read(group, name)[1]
    return loaded if isinstance(loaded, dict) else {}


def title(group: str, name: str) -> str:
    """The title a file gives itself: its key ``title``, else its first line of comment (``# title: ...``)."""
    text, loaded = _read(group, name)
    if isinstance(loaded, dict):
        inner = loaded.get("scenario", loaded)
        if isinstance(inner, dict) and isinstance(inner.get("title"), str):
            return str(inner["title"])
    remarks = (
        line.lstrip("# ").strip()
        for line in text.splitlines()
        if line.startswith("#") and "@package" not in line
    )
    return next(remarks, "").removeprefix("title:").strip()


def _read(group: str, name: str) -> tuple[str, Any]:
    text = (FOLDERS[group] / f"{name}.yaml").read_text(encoding="utf-8")
    return text, yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)


def catalogue() -> str:
    """What can be chosen, with titles, for ``--help``."""
    blocks = []
    for group, heading in (
        ("world", "worlds"),
        ("scenario", "scenarios"),
        ("shock", "shocks"),
        ("policy", "policies"),
        ("behaviour", "behaviours"),
        ("sweep", "sweeps, with -m"),
    ):
        names = choices(group)
        width = max((len(name) for name in names), default=0)
        lines = "\n".join(f"  {name:<{width}}  {title(group, name)}" for name in names)
        blocks.append(f"{heading} ({group}={'[...]' if group in ('shock', 'policy') else '...'}):\n{lines}")
    return "\n\n".join(blocks)
