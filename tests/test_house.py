"""Promises of the files around the model: what is said twice is said alike."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from floors import ROOT


def _project() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project: dict[str, object] = tomllib.load(file)["project"]
    return project


def test_one_version_everywhere() -> None:
    version = _project()["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == version
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_project_is_the_author() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["authors"] == [{"name": "Coercivity developers"}]
    assert not {"doi", "identifiers", "repository-code", "url"} & citation.keys()


def test_every_lock_holds_the_core_at_the_same_versions() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", text, re.MULTILINE))

    core = pins("requirements.lock")
    for name in ("requirements-dev.lock", "requirements-all.lock"):
        assert core.items() <= pins(name).items()


def test_every_locked_distribution_has_a_hash() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        blocks = re.split(r"^(?=[a-z0-9])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        assert [b.split()[0] for b in blocks if "--hash=sha256:" not in b] == []


def test_every_link_in_the_documents_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def _readme(language: str) -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found
    return found.group(1)


def test_the_readme_s_own_scenario_can_be_typed(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its first two lines; the rest is what the tutorial does, which is run as a whole."""
    from sim.cli import main

    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## A scenario of your own")[2]
    typed = re.findall(r"^\.venv/bin/coercivity ([^#\n]*)", section.partition("\n## ")[0], re.MULTILINE)
    assert [line.split()[0] for line in typed] == ["new", "show", "run", "report"]
    for line in typed[:2]:
        assert main(line.split()) == 0
    assert "Only in my_outage" in capsys.readouterr().out
    assert "docs/tutorial.md" in section


def test_the_readme_s_three_lines_of_python_run(workplace: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-c", _readme("python")]
    done = subprocess.run(program, cwd=workplace, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "value: double" in done.stdout
    assert list(workplace.iterdir()) == []  # a run from Python writes nothing


def test_make_without_a_fitting_python_says_so_in_one_line(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements-build.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    for python in ("", "no-such-python"):
        done = subprocess.run(
            ["make", "--no-print-directory", "install", f"PYTHON={python}"],
            cwd=tmp_path,
            env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert sum("3.11, 3.12 or 3.13" in line for line in done.stderr.splitlines()) == 1, done.stderr
        assert "Traceback" not in done.stderr
