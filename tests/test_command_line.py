"""The programs by their names: one dispatcher, quick help, flags in any order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import fakes
import sim
from floors import ROOT
from sim import cli
from sim.__main__ import main
from sim.library import choices


def test_help(capsys: pytest.CaptureFixture[str], workplace: Path) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for group in ("world", "scenario", "shock", "behaviour"):
        assert all(name in told for name in choices(group))
    assert list(workplace.iterdir()) == []


def test_help_loads_nothing_slow() -> None:
    """A newcomer's first command. Modules that take long to load are not loaded for it."""
    program = "import sys; from sim.__main__ import main; main(['--help']); print(*sys.modules, sep=chr(10))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines())
    assert not loaded & {"numpy", "pyarrow", "scipy", "matplotlib", "hydra", "omegaconf", "simpy", "rich"}


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"coercivity {sim.__version__}\n" * 2


def test_flags_and_overrides_in_any_order(workplace: Path) -> None:
    args = ["--jobs", "1", "scenario=standstill", "hydra.run.dir='a b'", "--again", "seed=3"]
    assert main(args, simulate=fakes.simulate) == 0
    assert (workplace / "a b" / "manifest.json").exists()


def test_the_dispatcher_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    told = capsys.readouterr().out
    assert "python -m sim\n" in told
    assert "python -m sim.world\n" in told


def test_the_dispatcher_runs(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.argv
    assert cli.main(["run", "--version"]) == 0
    assert capsys.readouterr().out == f"coercivity {sim.__version__}\n"
    assert cli.main(["run", "yeers=1"]) == 2
    assert "did you mean 'years'" in capsys.readouterr().err
    assert sys.argv == before


@pytest.mark.parametrize(
    ("name", "words"),
    [("wrld", "did you mean 'world'"), ("sweeep", "coercivity --help lists them"), ("../x", "is not one of")],
)
def test_an_unknown_command(name: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


def test_as_a_program(workplace: Path) -> None:
    """Through ``python -m``, from another folder, with the exit code that shells see."""
    program = f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); sys.argv = ['x', 'scenario=nothing'];"
    program += "runpy.run_module('sim', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: scenario 'nothing' is not one of")
