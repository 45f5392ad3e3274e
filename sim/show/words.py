"""Values and dates as one says them, and paragraphs that fit the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from sim.wording import one_line


@dataclass(frozen=True)
class Paragraph:
    """A text at a depth of indentation; a heading is followed at once by what stands below it."""

    text: str
    depth: int = 0
    before: bool = False  # an empty line goes before it


def wrapped(paragraphs: Iterable[Paragraph], width: int) -> str:
    """Paragraphs as lines of at most ``width`` characters, unless one word is longer."""
    lines: list[str] = []
    for paragraph in paragraphs:
        first, more = "  " * paragraph.depth, "  " * (paragraph.depth + 1)
        text = one_line(paragraph.text, 20_000)
        lines += [""] if paragraph.before and lines else []
        lines += textwrap.wrap(text, max(width, 40), initial_indent=first, subsequent_indent=more,
                               break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return "\n".join(lines)


def plain(name: str) -> str:
    """``news_half_life_days`` as it is read aloud."""
    return name.replace("_", " ")


def day(value: date) -> str:
    """``4 April 2025``."""
    return f"{value.day} {value:%B %Y}"


def value_of(value: Any) -> str:
    """Any value of a field."""
    if value is None or value == "" or value == () or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.10g}"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {value_of(inner)}" for key, inner in value.items())
    if is_dataclass(value):
        return (
            "("
            + ", ".join(f"{plain(f.name)} {value_of(getattr(value, f.name))}" for f in fields(value))
            + ")"
        )
    if isinstance(value, tuple | list):
        return ", ".join(map(value_of, value))
    return str(value)
