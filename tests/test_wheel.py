"""What people install: the wheel, away from the checkout that it was built from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from floors import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built from a copy, so that a build leaves nothing in the checkout."""
    copy, out = tmp_path_factory.mktemp("source") / "coercivity", tmp_path_factory.mktemp("dist")
    copy.mkdir()
    for folder in ("sim", "conf", "scenarios"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    _run(
        *["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"],
        str(out),
        str(copy),
        cwd=out,
    )
    shutil.rmtree(copy)
    return next(out.glob("coercivity-*.whl"))


def _run(*words: str, cwd: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        [sys.executable, *words], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_wheel_carries_tables_and_scenarios(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    shipped = [
        f"sim/_config/{path.relative_to(ROOT).as_posix()}"
        for folder in ("conf", "scenarios")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert shipped
    assert sorted(set(shipped) - held) == []


def test_wheel_carries_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"sim", next(t for t in tops if t.endswith(".dist-info"))}


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel installed into a folder of its own."""
    site = tmp_path_factory.mktemp("installed") / "site"
    _run("-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel), cwd=site.parent)
    return site


def test_installed_wheel_runs_without_the_checkout(site: Path, tmp_path: Path) -> None:
    where = _run("-c", "import sim; print(sim.__file__)", cwd=tmp_path, path=str(site)).stdout
    assert Path(where.strip()).is_relative_to(site)
    assert "controls_2025" in _run("-m", "sim", "--help", cwd=tmp_path, path=str(site)).stdout
    case = "load('scenario=controls_2025', 'years=0.25')"
    program = f"from sim import load, simulate; print(simulate({case}, seed=1).trajectories.num_rows)"
    assert int(_run("-c", program, cwd=tmp_path, path=str(site)).stdout) > 0


def test_installed_commands_work_in_any_folder(site: Path, tmp_path: Path) -> None:
    """A file begun, read, checked by the schema that came along, and run: with a policy, from a folder with a space."""
    folder = tmp_path / "any folder"
    folder.mkdir()

    def coercivity(*words: str) -> str:
        return _run(str(site / "bin" / "coercivity"), *words, cwd=folder, path=str(site)).stdout

    assert "controls_2025" in coercivity("scenarios", "list")
    coercivity("new", "mine", "--from", "controls_2025", "--kind", "priority_rating")
    text = (folder / "mine.yaml").read_text(encoding="utf-8")
    schema = site / "sim" / "_config" / "scenarios" / "schema.json"
    assert text.startswith(f"# yaml-language-server: $schema={schema.as_uri()}\n")
    assert coercivity("schema") == schema.read_text(encoding="utf-8")
    told = coercivity("show", "mine.yaml", "--against", "controls_2025")
    assert "(policy us_priority_rating, priority rating)" in " ".join(told.split())
    coercivity("run", "--scenario-file", "mine.yaml", "years=0.25", "hydra.run.dir=run")
    coercivity("run", "scenario=baseline", "policy=[us_priority_rating]", "years=0.25", "hydra.run.dir=run2")
    for name in ("run", "run2"):
        events = json.loads((folder / name / "manifest.json").read_text(encoding="utf-8"))["events"]
        assert "us_priority_rating" in [e["name"] for e in events]
    assert "failed: 0" in coercivity("scenarios", "check", "--years", "0.1")
