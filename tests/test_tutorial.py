"""The tutorial is run as it stands: each block of shell in turn, and what it is said to answer is looked for in the answer."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from floors import ROOT

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def shell(workplace: Path) -> dict[str, str]:
    """An environment whose ``coercivity`` is that of this checkout."""
    program = workplace / "bin" / "coercivity"
    program.parent.mkdir()
    call = "import sys; from sim.cli import main; sys.exit(main())"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{call}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "110"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="the page is written for a shell")
def test_every_command_of_the_tutorial(workplace: Path, shell: dict[str, str]) -> None:
    told = ""
    for language, text in BLOCKS:
        if language == "sh":
            done = subprocess.run(
                ["bash", "-euc", text], cwd=workplace, env=shell, capture_output=True, text=True, check=False
            )
            told = done.stdout + done.stderr
            assert done.returncode == 0, f"{text}\n{told}"
            assert "Traceback" not in told
        elif language == "text":
            assert [line for line in text.splitlines() if line not in told] == [], told
        elif language == "yaml":
            assert text in (workplace / "my_outage.yaml").read_text(encoding="utf-8")
    made = {p.name for p in workplace.iterdir()} - {"bin"}
    assert made == {"my_outage.yaml", "mild_controls.yaml", "runs"}
    page = (workplace / "runs" / "report.html").read_text(encoding="utf-8")
    assert "Half a year without the largest heavy separator" in page
    assert "differ in length" not in page


def test_the_tutorial_holds_what_it_is_for() -> None:
    told = "\n".join(text for language, text in BLOCKS if language == "sh")
    for word in ("new", "show", "scenarios list", "run", "report", "gap"):
        assert f"coercivity {word}" in told
    (settings,) = (json.loads(text) for language, text in BLOCKS if language == "json")
    for name, folders in settings["yaml.schemas"].items():
        assert (ROOT / name).is_file()
        assert all((ROOT / folder).parent.is_dir() for folder in folders)
