"""What all tests share: chance that repeats itself, and a folder of their own to write in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from floors import ROOT

# The same examples on every machine and in every run, so that a red test is red for everybody; no deadline, because a busy
# machine is not a defect. HYPOTHESIS_PROFILE=explore looks for new examples, a hundred times as many.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "explore", deadline=None, max_examples=10_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout's top folder."""
    return ROOT


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is also the working directory: what a test writes by a relative path lands in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
