"""What the fields of an event are, as their authors wrote it beside them: the comment on the field's own lines.

One text for both readers: who opens the file reads the comment, and the schema carries it to editors and to ``coercivity new``.
The source is read when ``scenarios/schema.json`` is made, in a checkout; an installed program reads that file.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import tokenize
from typing import Final

# Fields that mean the same in every kind that has them; a comment beside a field says more and goes first.
COMMON: Final = {
    "kind": "what happens",
    "title": "one line that names the event in reports",
    "start": "first day",
    "end": "first day on which it is over",
    "announced": "day on which the news breaks",
    "origin": "region it comes from",
    "hubs": "price hubs",
    "hub": "price hub",
    "regions": "regions",
    "region": "region",
    "commodities": "products",
    "commodity": "product",
    "destinations": "regions it applies to, or all",
    "site": "id of a site of that stage",
    "severity": "how much of it: 0 nothing happens, 1 all of it",
    "share": "share, 0 to 1",
    "news_strength": "0 no news .. 1 the strongest scare",
    "news_half_life_days": "days in which half of the scare is forgotten",
    "half_life_days": "days in which half of it is forgotten",
    "sources": "where each field comes from: author, title, date, address; or 'assumed: ...' and why",
}
NOT_MEANT: Final = ("noqa", "type:", "fmt:")  # remarks for tools


def remarks(record: type) -> dict[str, str]:
    """What each field of the dataclass is, in one line; a field about which nothing is said is left out."""
    source = inspect.getsource(record)
    said = _comments(source)
    found: dict[str, str] = {}
    for node in _class(source).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            beside = " ".join(said[n] for n in lines if n in said)
            text = re.sub(r"\bNone\b", "empty", beside)
            usual = COMMON.get(node.target.id, "")
            if usual and (not text or text.startswith("empty:")):
                text = f"{usual}; {text}" if text else usual
            if text:
                found[node.target.id] = text
    return found


def about(text: str | None) -> str:
    """The first sentence or paragraph of a docstring, on one line."""
    return " ".join(inspect.cleandoc(text or "").split("\n\n")[0].split())


def _class(source: str) -> ast.ClassDef:
    node = ast.parse(source).body[0]
    if not isinstance(node, ast.ClassDef):
        raise TypeError("not the source of a class")
    return node


def _comments(source: str) -> dict[int, str]:
    """Comment by line, without its mark and without what is said to tools."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            parts = (part.strip() for part in token.string.split("#"))
            text = "; ".join(part for part in parts if part and not part.startswith(NOT_MEANT))
            if text:
                found[token.start[0]] = text
    return found
