from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import floors
from floors import ROOT

SIM = ROOT / "sim"
Plant = Callable[[dict[str, str]], Path]

# Written in two halves, so that this file does not contain what it forbids.
BUILDS_FROM_DATA = ("_" + "target_", "instan" + "tiate(")
MACHINE_PATH = re.compile(
    r"(?<![\w.:/])/(?:" + "|".join(["home", "root", "work", "Users", "mnt", "tmp"]) + r")/\w"
)
WEB_ADDRESS = re.compile(r"https?" + r"://|--(?:extra-)?index-url|--find-links|file:")


# --- this project -----------------------------------------------------------------------


def test_imports_go_down_the_floors() -> None:
    assert floors.violations(SIM) == []


def test_only_config_and_entry_points_know_hydra() -> None:
    strangers = [
        f"{module.path.relative_to(ROOT)}:{item.line} imports {item.target}"
        for module, item in floors.foreign(SIM, floors.HYDRA)
        if not module.is_entry and module.unit not in floors.MAY_IMPORT_HYDRA
    ]
    assert strangers == []


def test_nothing_imports_pandas() -> None:
    """But for the programs of other models, which run in environments of their own."""
    users = [
        module.path.relative_to(ROOT).as_posix()
        for folder in ("sim", "benchmarks")
        for module, _ in floors.foreign(ROOT / folder, ("pandas",))
    ]
    assert [path for path in users if not path.startswith("benchmarks/peer/")] == []


def test_no_run_pays_for_heavy_modules() -> None:
    payers = [
        f"{module.path.relative_to(ROOT)}:{item.line} imports {item.target} when it is loaded"
        for module, item in floors.foreign(SIM, floors.HEAVY, at_load_only=True)
        if floors.in_run_path(module)
    ]
    assert payers == []


def test_what_a_run_loads_holds_no_heavy_module() -> None:
    """The same, as it turns out: neighbours and libraries may load what our own files do not name."""
    entrances = ("config", "simulate", "replicate", "runs", "cli")
    loads = [f"import sim.{name}" for name in entrances if (SIM / f"{name}.py").exists()]
    program = "\n".join([*loads, "import sys", f"print([m for m in {floors.HEAVY!r} if m in sys.modules])"])
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def _texts(*folders: str) -> list[Path]:
    suffixes = {"", ".py", ".yaml", ".csv", ".md", ".toml", ".j2", ".html", ".css", ".json", ".txt"}
    return [p for f in folders for p in sorted((ROOT / f).rglob("*")) if p.is_file() and p.suffix in suffixes]


def test_no_config_can_name_code_to_run() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in _texts("sim", "conf", "scenarios")
        for word in BUILDS_FROM_DATA
        if word in path.read_text(encoding="utf-8")
    ]
    assert offenders == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    top = [
        p for p in sorted(ROOT.iterdir()) if p.is_file() and p.suffix in {"", ".md", ".toml", ".cff", ".lock"}
    ]
    offenders = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in [*top, *_texts("sim", "conf", "scenarios", "tests", "docs", "benchmarks", ".ci")]
        if (found := MACHINE_PATH.search(path.read_text(encoding="utf-8")))
    ]
    assert offenders == []


def test_locks_name_no_package_index() -> None:
    locks = sorted(ROOT.glob("*.lock"))
    assert locks
    assert [p.name for p in locks if WEB_ADDRESS.search(p.read_text(encoding="utf-8"))] == []


def test_the_core_installs_at_most_25_distributions() -> None:
    pins = re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(pins) + 1 <= 25, pins  # and the project itself


# --- the checker itself, on trees planted for it ----------------------------------------


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """A package ``sim`` with the given files (path: text)."""

    def make(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / "sim" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "sim"

    return make


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"market/__init__.py": "from sim.stock import Stock"}, id="down"),
        pytest.param(
            {"market/clearing.py": "from .expectations import f", "market/expectations.py": ""},
            id="own package",
        ),
        pytest.param({"replicate.py": "from sim.simulate import simulate"}, id="a neighbour, one way"),
        pytest.param(
            {"behaviour.py": "from sim.world import tables", "world/tables.py": ""}, id="module to package"
        ),
        pytest.param({"world/__main__.py": "import hydra\nfrom sim.config import load"}, id="an entry point"),
        pytest.param({"__init__.py": "from sim.config import load"}, id="the table of contents"),
        pytest.param(
            {
                "stock.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sim.chain import Chain"
            },
            id="for type checkers only",
        ),
    ],
)
def test_checker_lets_pass(plant: Plant, files: dict[str, str]) -> None:
    assert floors.violations(plant(files)) == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param({"stock.py": "import sim.chain", "chain.py": ""}, "stock.py:1: floor 2", id="up"),
        pytest.param(
            {"stock.py": "from sim import chain", "chain.py": ""}, "floor 5", id="up, from the package"
        ),
        pytest.param(
            {"world/a.py": "\nfrom ..chain import Chain", "chain.py": ""}, "a.py:2", id="up, relative"
        ),
        pytest.param({"stock.py": "from sim import load"}, "floor 10", id="up, by the table of contents"),
        pytest.param(
            {"stock.py": "def f():\n    import sim.market.clearing"}, "stock.py:2", id="up, inside a function"
        ),
        pytest.param(
            {"chain.py": "try:\n    import sim.shocks\nexcept ImportError:\n    pass"},
            "floor 6",
            id="up, in try",
        ),
        pytest.param(
            {"stages/mines.py": "from sim.trade.lanes import Lane", "trade/lanes.py": ""},
            "two packages",
            id="sideways",
        ),
        pytest.param(
            {"panel.py": "import sim.runs", "runs.py": "import sim.panel"},
            "panel -> runs -> panel",
            id="circle",
        ),
        pytest.param({"world/a.py": "import sim.world.__main__"}, "floor 11", id="an entry point from below"),
        pytest.param({"novelty.py": ""}, "novelty.py: give it a floor", id="unknown module"),
        pytest.param(
            {"config.py": "import sim.novelty", "novelty.py": ""}, "give novelty a floor", id="unknown target"
        ),
        pytest.param(
            {
                "stock.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import sim.chain"
            },
            "floor 5",
            id="the other branch",
        ),
    ],
)
def test_checker_refuses(plant: Plant, files: dict[str, str], words: str) -> None:
    found = floors.violations(plant(files))
    assert any(words in sentence for sentence in found), found


def test_checker_sees_outside_modules(plant: Plant) -> None:
    package = plant(
        {"stock.py": "from scipy import stats\n\ndef f():\n    import matplotlib.pyplot as plt\n"}
    )
    every = [item.target for _, item in floors.foreign(package, floors.HEAVY)]
    at_load = [item.target for _, item in floors.foreign(package, floors.HEAVY, at_load_only=True)]
    assert (every, at_load) == (["scipy.stats", "matplotlib.pyplot"], ["scipy.stats"])


@pytest.mark.parametrize("text", ["see {}ann/x", '"{}main"', "({}ann)"])
@pytest.mark.parametrize("folder", ["home", "work", "Users"])
def test_machine_paths_are_recognised(text: str, folder: str) -> None:
    assert MACHINE_PATH.search(text.format(f"/{folder}/"))


@pytest.mark.parametrize("text", ["an address example.org{}page", "sim{}x", "{} or not"])
def test_other_paths_are_no_machine_paths(text: str) -> None:
    assert not MACHINE_PATH.search(text.format("/" + "home" + "/"))
