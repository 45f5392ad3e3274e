"""Run folders of invented numbers, made once for all tests of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from report.synthetic import write
from sim.report.comparison import Comparison, compare
from sim.report.folders import read_folders
from sim.report.page import Page, build


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three scenarios, 20 replications, two years and a bit."""
    top = tmp_path_factory.mktemp("runs")
    return {kind: write(top / kind, kind, weeks=120) for kind in ("baseline", "controls", "standstill")}


@pytest.fixture(scope="session")
def comparison(folders: dict[str, Path]) -> Comparison:
    return compare(read_folders(list(folders.values())), "", ())


@pytest.fixture(scope="session")
def page(comparison: Comparison) -> Page:
    return build(comparison, "report_data")
