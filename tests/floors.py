"""The checker behind ``test_floors.py``: which module stands on which floor, and what it imports.

A module may import what stands below it. On its own floor it may import within its own package, and a plain
module (one file) may import a neighbour as long as no circle comes of it; two packages on one floor never import
each other. Imports inside functions count; imports for type checkers only (``if TYPE_CHECKING:``) do not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLOORS: dict[str, int] = {
    "elements": 0,
    "units": 0,
    "wording": 0,
    "compiled": 0,
    "disk": 0,
    "world": 1,
    "behaviour": 1,
    "recorder": 1,
    "case": 2,
    "stock": 2,
    "in_use": 2,
    "goods": 2,
    "layout": 2,
    "grouping": 2,
    "dates": 3,
    "chance": 2,
    "stages": 3,
    "demand": 3,
    "trade": 3,
    "market": 4,
    "invest": 4,
    "levers": 5,
    "chain": 5,
    "rows": 5,
    "tally": 5,
    "start": 4,
    "build": 5,
    "lanes": 5,
    "ways": 5,
    "shocks": 6,
    "policies": 6,
    "projects": 6,
    "events": 7,
    "attribution": 7,
    "readings": 7,
    "outcomes": 7,
    "trajectories": 7,
    "lever_series": 7,
    "simulate": 7,
    "replicate": 7,
    "standing": 8,
    "runs": 8,
    "panel": 8,
    "compare": 9,
    "late": 11,
    "milder": 9,
    "gap": 9,
    "report": 9,
    "store": 8,
    "sweep": 10,
    "study": 11,
    "library": 10,
    "scenario_file": 10,
    "compose": 10,
    "config": 10,
    "schema": 10,
    "new": 11,
    "show": 11,
    "scenarios": 11,
    "cli": 11,
}
ENTRY_FLOOR = 11  # every __main__
CONTENTS_FLOOR = 10  # what `from sim import name` reaches: the table of contents, which may lead up to config
MAY_IMPORT_HYDRA = ("compose", "config", "sweep", "cli")  # and every __main__
HYDRA = ("hydra", "omegaconf")
HEAVY = ("pandas", "scipy.stats", "matplotlib.pyplot")  # 0.4 to 0.8 s each, which no run should pay for
RUN_PATH_BELOW = 9  # reports and studies may load heavy modules when they are loaded; runs may not


@dataclass(frozen=True)
class Import:
    """One import of ``target`` (a dotted name) at ``line`` of a module."""

    target: str
    line: int
    at_load: bool  # False inside a function: paid for only when it is called


@dataclass(frozen=True)
class Module:
    """A file under the package: ``parts`` is its path inside the package, without suffix (``('world', 'tables')``)."""

    path: Path
    parts: tuple[str, ...]

    @property
    def unit(self) -> str:
        """The first name below the package: what has a floor."""
        return self.parts[0]

    @property
    def is_entry(self) -> bool:
        return self.parts[-1] == "__main__"


def modules(package: Path) -> list[Module]:
    """Every Python file of ``package`` in name order."""
    return [Module(p, p.relative_to(package).with_suffix("").parts) for p in sorted(package.rglob("*.py"))]


def imports(module: Module, package: Path) -> list[Import]:
    """What ``module`` imports, with relative imports resolved; ``from a import b`` names ``a.b``."""
    tree = ast.parse(module.path.read_text(encoding="utf-8"), filename=str(module.path))
    here = (package.name, *module.parts[:-1])  # the package that the file stands in
    return list(_walk(tree, here, at_load=True))


def _walk(node: ast.AST, here: tuple[str, ...], at_load: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and _for_type_checkers(child.test):
            for other in child.orelse:
                yield from _walk(ast.Module([other], []), here, at_load)
        elif isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, at_load)
        elif isinstance(child, ast.ImportFrom):
            base = here[: len(here) - child.level + 1] if child.level else ()
            stem = ".".join((*base, *(child.module or "").split("."))).strip(".")
            for alias in child.names:
                yield Import(f"{stem}.{alias.name}", child.lineno, at_load)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _walk(child, here, at_load and not inside)


def _for_type_checkers(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _is_package(package: Path, unit: str) -> bool:
    return (package / unit).is_dir()


def _floor(package: Path, target: str) -> tuple[str, int] | None:
    """Unit and floor that an import of ``target`` reaches; None if it is not ours, KeyError if it has no floor."""
    first, _, rest = target.partition(".")
    if first != package.name:
        return None
    unit, _, deeper = rest.partition(".")
    if not unit:
        return "", CONTENTS_FLOOR
    if unit == "__main__" or deeper.split(".")[0] == "__main__":
        return unit, ENTRY_FLOOR
    if unit in FLOORS:
        return unit, FLOORS[unit]
    if (package / f"{unit}.py").exists() or _is_package(package, unit):
        raise KeyError(unit)
    return "", CONTENTS_FLOOR


def violations(package: Path) -> list[str]:
    """One sentence for each import that goes up, sideways or in a circle, and for each module without a floor."""
    found: list[str] = []
    sideways: dict[str, set[str]] = {}
    for module in modules(package):
        if module.parts == ("__init__",):
            continue  # the table of contents: it names what others make, and loads it only when asked
        if not module.is_entry and module.unit not in FLOORS:
            found.append(
                f"{module.path.relative_to(package.parent)}: give it a floor (FLOORS in tests/floors.py)"
            )
            continue
        for item in imports(module, package):
            sentence = _judge(module, item, package, sideways)
            if sentence:
                found.append(f"{module.path.relative_to(package.parent)}:{item.line}: {sentence}")
    return found + [f"imports in a circle: {' -> '.join(c)}" for c in _circles(sideways)]


def _judge(module: Module, item: Import, package: Path, sideways: dict[str, set[str]]) -> str:
    try:
        reached = _floor(package, item.target)
    except KeyError as unknown:
        return f"{item.target}: give {unknown.args[0]} a floor (FLOORS in tests/floors.py)"
    if reached is None:
        return ""
    unit, floor = reached
    own = ENTRY_FLOOR if module.is_entry else FLOORS[module.unit]
    if floor > own:
        return f"floor {own} imports {item.target}, which stands on floor {floor}"
    if floor < own or unit == module.unit or module.is_entry:
        return ""
    if unit and _is_package(package, unit) and _is_package(package, module.unit):
        return f"two packages on floor {own}: {module.unit} imports {item.target}"
    sideways.setdefault(module.unit, set()).add(unit)
    return ""


def _circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Circles among neighbours on a floor, each once, beginning with its first name."""
    found: list[list[str]] = []

    def follow(path: list[str]) -> None:
        for following in sorted(edges.get(path[-1], ())):
            if following == path[0]:
                found.append([*path, following])
            elif following not in path and following > path[0]:
                follow([*path, following])

    for first in sorted(edges):
        follow([first])
    return found


def foreign(package: Path, names: tuple[str, ...], at_load_only: bool = False) -> list[tuple[Module, Import]]:
    """Imports of any of the outside modules ``names`` (or of what lies in them)."""
    return [
        (module, item)
        for module in modules(package)
        for item in imports(module, package)
        if any(item.target == name or item.target.startswith(name + ".") for name in names)
        and (item.at_load or not at_load_only)
    ]


def in_run_path(module: Module) -> bool:
    """Whether a run loads the module: everything but reports, studies and the programs of single packages."""
    if module.is_entry:
        return module.parts == ("__main__",)
    return FLOORS.get(module.unit, 0) != RUN_PATH_BELOW
