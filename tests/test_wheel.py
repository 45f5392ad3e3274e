"""What people install: the wheel, away from the checkout that it was built from."""

from __future__ import annotations

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


def test_installed_wheel_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    _run("-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel), cwd=elsewhere)
    where = _run("-c", "import sim; print(sim.__file__)", cwd=elsewhere, path=str(site)).stdout
    assert Path(where.strip()).is_relative_to(site)
    assert "controls_2025" in _run("-m", "sim", "--help", cwd=elsewhere, path=str(site)).stdout
    case = "load('scenario=controls_2025', 'years=0.25')"
    program = f"from sim import load, simulate; print(simulate({case}, seed=1).trajectories.num_rows)"
    assert int(_run("-c", program, cwd=elsewhere, path=str(site)).stdout) > 0
