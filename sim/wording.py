"""How we say that something is wrong: one line, the allowed words, the nearest spelling."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: object, allowed: Iterable[str]) -> str:
    """``; did you mean 'x'?`` if something allowed is spelled much like ``word``, else ''."""
    found = get_close_matches(str(word), list(allowed), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


def not_one_of(word: object, allowed: Iterable[str], most: int = 24) -> str:
    """``'x' is not one of a, b, c; did you mean 'b'?`` A long list is cut, the nearest spelling is sought in all of it."""
    words = list(allowed)
    shown = ", ".join(words[:most]) + (f", ... ({len(words)} in all)" if len(words) > most else "")
    return f"{word!r} is not one of {shown or '(none)'}{nearest(word, words)}"


def one_line(text: object, most: int = 400) -> str:
    """Anything, on one line and not endless. Control characters are dropped: the text may come from a stranger's file."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return flat if len(flat) <= most else flat[: most - 3] + "..."
