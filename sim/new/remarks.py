"""What is said of a field in the file: its description and, in words, what the schema allows in it."""

from __future__ import annotations

from typing import Any

from sim.wording import one_line

Node = dict[str, Any]
MOST_WORDS = 8  # a longer list of words is written out once a file


class Remarks:
    """Looks fields up in the schema; remembers which long lists of words the file holds already."""

    def __init__(self, schema: Node) -> None:
        self.definitions: Node = schema["definitions"]
        self.shown: set[tuple[str, ...]] = set()

    def flat(self, node: Node) -> Node:
        """``node`` with what it refers to taken in."""
        found = {k: v for k, v in node.items() if k not in ("$ref", "allOf", "if", "then")}
        parts = [p for p in node.get("allOf", ()) if "if" not in p]
        if "$ref" in node:
            parts.append(self.definitions[node["$ref"].rpartition("/")[2]])
        for part in parts:
            found = self.flat(part) | found
        return found

    def field(self, node: Node, key: str) -> Node:
        """The schema of a key of an object."""
        return self.flat(node.get("properties", {}).get(key) or _inner(node, "additionalProperties"))

    def item(self, node: Node) -> Node:
        """The schema of the items of a list."""
        return self.flat(_inner(node, "items"))

    def kind(self, event: Node) -> Node:
        """The schema of an event's kind; where one field decides what another may hold, as it stands in this event."""
        kept = self.definitions[f"kind_{event['kind']}"]
        fields = dict(kept["properties"])
        for rule in kept.get("allOf", ()):
            says = {key: node["const"] for key, node in rule["if"]["properties"].items()}
            if all(event.get(key) == word for key, word in says.items()):
                for key, node in rule["then"]["properties"].items():
                    fields[key] = self.flat(fields[key]) | node
        return self.flat(kept) | {"properties": fields}

    def say(self, node: Node) -> str:
        """One sentence: what it is; what may stand in it."""
        text = node.get("description", "")
        parts = [text, self._allowed(node, text)]
        return one_line("; ".join(part for part in parts if part), 5000)

    def _allowed(self, node: Node, said: str) -> str:
        if "minimum" in node:
            what = "whole number" if node["type"] == "integer" else "number"
            return f"{what} from {node['minimum']:,.10g} to {node['maximum']:,.10g}"
        if "enum" in node:
            return self._words("one of", node["enum"], said)
        kind = node.get("type")
        if kind == "boolean":
            return "true or false"
        if kind == "array":
            item = self.item(node)
            return self._words("a list of", item["enum"], said) if "enum" in item else ""
        if kind == "object" and "propertyNames" in node:
            return self._words("an entry for any of", node["propertyNames"].get("enum", ()), said)
        if "[0-9]{4}" in node.get("pattern", ""):
            return 'YYYY-MM-DD or ""' if kind == ["string", "null"] else "YYYY-MM-DD"
        return ""

    def _words(self, before: str, words: list[str], said: str) -> str:
        known = tuple(word for word in words if word)
        if all(word in said for word in known) or (known in self.shown and len(known) > MOST_WORDS):
            return ""
        self.shown.add(known)
        return f"{before} {', '.join(known)}"


def _inner(node: Node, key: str) -> Node:
    found = node.get(key)
    return found if isinstance(found, dict) else {}
