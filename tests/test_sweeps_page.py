"""docs/sweeps.md: every example is what it says it is."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from floors import ROOT
from sim.compose import parsed
from sim.library import choices
from sim.sweep import Settings, design
from sim.sweep.hydra import wants_hydra
from sim.sweep.words import values_of

PAGE = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
LINES = [
    line for language, text in BLOCKS if language == "sh" for line in text.replace("\\\n", " ").splitlines()
]


@pytest.fixture
def files(workplace: Path) -> Path:
    """The page's own files, as it names them."""
    for language, text in BLOCKS:
        if language in ("yaml", "csv"):
            name, _, rest = text.removeprefix("# ").partition("\n")
            (workplace / name).write_text(rest, encoding="utf-8")
    return workplace


@pytest.mark.parametrize("line", LINES)
def test_every_command_makes_a_design(line: str, files: Path) -> None:
    words = shlex.split(line)
    assert words[:4] == ["python", "-m", "sim", "-m"]
    words = words[4:]
    if wants_hydra(words):
        return  # test_sweep_hydra.py runs this one
    path = None
    if "--sweep-file" in words:
        at = words.index("--sweep-file")
        path = Path(words[at + 1])
        words = words[:at] + words[at + 2 :]
    assert design(words, sweep_file=path).design.points > 1


def test_the_numbers_the_page_gives(files: Path) -> None:
    assert design(shlex.split(LINES[0])[4:]).design.points == 4
    made = design([], sweep_file=Path("my_sweep.yaml"))
    assert made.design.points == 3 * 6 + 3 + 2 + 16 * 2
    days = made.design.columns["shock.china_licences_2025.statutory_days"][:6]
    assert days == [21, 42, 63, 84, 105, 126]


def test_every_word_of_the_table_is_read() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE.partition("| written |")[2].partition("\n\n")[0], re.MULTILINE)
    words = [shlex.split(word)[0] for row in rows for word in re.findall(r"`([^`]+)`", row) if "=" in word]
    assert len(words) >= 9
    for word in words:
        if "TABLE" not in word and not word.startswith("exclude"):
            assert values_of(parsed(word), 0)


def test_the_python_of_the_page_runs() -> None:
    (program,) = (text for language, text in BLOCKS if language == "python")
    (told,) = (text for language, text in BLOCKS if language == "text")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "sweeps.md", "exec"), {})  # noqa: S102 (the page's own example)
    assert out.getvalue() == told


def test_the_page_names_every_setting_and_every_shipped_sweep() -> None:
    table = PAGE.partition("## How it is run")[2].partition("\n## ")[0]
    first_cells = "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE))
    assert {f.name for f in fields(Settings)} == set(re.findall(r"`(\w+)`", first_cells))
    assert [name for name in choices("sweep") if name not in PAGE] == []
