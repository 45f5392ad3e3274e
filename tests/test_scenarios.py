"""Every shipped scenario runs clean, and the command that checks this says so when one does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import fakes
from floors import ROOT
from sim.case import Case, Run
from sim.config import ConfigError, plan
from sim.events import GROUPS, read, references_of
from sim.library import choices, values
from sim.scenarios import check
from sim.scenarios.__main__ import main
from sim.world.tables import load_world

CHECKING = "sim.scenarios.checking.simulate"


def with_balance(case: Case, seed: int, replication: int = 0) -> Run:
    import pyarrow as pa

    run = fakes.simulate(case, seed, replication)
    return replace(
        run, balance=pa.table({"element": ["Dy", "Tb"], "relative_error": [1e-12, -3e-11]}), not_reached=["b"]
    )


def test_the_shipped_ones_run_clean(capsys: pytest.CaptureFixture[str]) -> None:
    """A few weeks of each; ``make check-all`` runs them whole."""
    assert main(["check", "--years", "0.3"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told[1:-1] if not line.startswith(" ")] == choices("scenario")
    assert told[-1] == f"checked: {len(choices('scenario'))}, failed: 0"


@pytest.mark.slow
def test_the_shipped_ones_run_clean_to_their_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0, capsys.readouterr().out


def test_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CHECKING, with_balance)
    monkeypatch.setattr("sim.scenarios.checking.prepared", lambda run: fakes_result(run))
    found = check(["controls_2025"], (), 1, 0)
    assert (found.events, found.late, found.balance, found.warnings) == (1, ("b",), 3e-11, 0)
    assert found.complaints == ()


def fakes_result(run: Run) -> Any:
    from sim.runs.tables import Result

    return Result(0, {"balance": run.balance}, (), tuple(run.not_reached))


def test_a_warning_is_a_complaint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def warns(case: Case, seed: int) -> Run:
        warnings.warn("divide by zero", RuntimeWarning, stacklevel=1)
        return with_balance(case, seed)

    monkeypatch.setattr(CHECKING, warns)
    monkeypatch.setattr("sim.scenarios.checking.prepared", lambda run: fakes_result(run))
    found = check(["baseline"], (), 1, 0)
    assert (found.warnings, found.complaints) == (1, ("RuntimeWarning: divide by zero",))
    assert main(["check", "baseline", "--jobs", "1"]) == 1
    told = capsys.readouterr()
    assert "FAILED: RuntimeWarning: divide by zero" in told.out
    assert told.out.endswith("checked: 1, failed: 1\n")


def test_a_scenario_that_fails_is_a_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CHECKING, fakes.fails)
    assert check(["baseline"], (), 1, 0).complaints == ("ValueError: no luck",)


def test_a_scenario_on_another_world_than_its_comparator(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.config import load

    def other(line: str, *overrides: str) -> Case:
        case = load(line, *overrides)
        return replace(case, years=3.0) if line == "scenario=baseline" else case

    monkeypatch.setattr("sim.scenarios.checking.load", other)
    monkeypatch.setattr(CHECKING, fakes.fails)
    assert check(["controls_2025"], (), 1, 0).complaints[0] == "years is not that of its comparator baseline"


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    told = capsys.readouterr().out
    assert [line for line in told.splitlines() if not line.startswith(" ")] == choices("scenario")
    assert "Growth, announced projects and chance; no controls" in told


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ([], "say what to do: list or check"),
        (["chek"], "'chek' is not one of list, check; did you mean 'check'?"),
        (["check", "basline"], "did you mean 'baseline'?"),
        (["check", "april_news"], "not a scenario but a shock"),
        (["check", "--years", "0"], "years 0 is out of range"),
        (["check", "--seed", "x"], "seed 'x' is not a number"),
        (["check", "--jobs", "0"], "--jobs '0' is not a whole number"),
        (["check", "--year", "1"], "flag '--year' is not one of"),
    ],
)
def test_mistakes(typed: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert words in told.err


CHILDREN = Path("/proc/self/task")


@pytest.mark.skipif(not CHILDREN.exists(), reason="waits for the workers by Linux's list of processes")
def test_ctrl_c_leaves_no_process_and_no_traceback() -> None:
    words = [sys.executable, "-m", "sim.scenarios", "check", "--years", "50", "--jobs", "2"]
    with subprocess.Popen(
        words, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None and len(children.read_text(encoding="utf-8").split()) < 3:
            time.sleep(0.05)  # two workers and multiprocessing's own helper
        time.sleep(0.5)
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)  # Ctrl-C reaches the workers too
        _, told = process.communicate(
            timeout=60
        )  # returns when nobody holds the pipe any more, no worker either
    assert (process.returncode, told) == (130, "interrupted\n")
    assert time.monotonic() - began < 5.0


# --- events that name each other -------------------------------------------------------


def test_an_event_names_another_event_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule holds for any kind: a field whose WORDS entry is "event"."""
    monkeypatch.setitem(GROUPS["shock"]["outage"].WORDS, "site", "event")
    both = ["shock=[heavy_separator_outage,april_news]"]
    line = "shock heavy_separator_outage: site 'ganzhou' is not one of april_news; it must name another event of this run"
    with pytest.raises(ConfigError, match=line):
        plan(both)
    with pytest.raises(ConfigError, match="site 'heavy_separator_outage' is not one of april_news"):
        plan([*both, "shock.heavy_separator_outage.site=heavy_separator_outage"])
    made = plan([*both, "shock.heavy_separator_outage.site=april_news"])
    outage = next(e for e in made.case.events if e.kind == "outage")
    assert references_of(outage, GROUPS["shock"]["outage"]) == [("site", "april_news")]


def test_the_names_are_found_in_records_too(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = GROUPS["shock"]["export_licensing"]
    monkeypatch.setitem(kind.WORDS, "destinations", "event")
    event = read("licences", values("shock", "china_licences_2025"), load_world("w2025"))
    found = references_of(event, kind)
    assert ("destinations", "all") in found
    assert ("general_licences: destinations", "all") in found
