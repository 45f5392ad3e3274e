"""The page's sections: each module gathers its tidy data from a comparison and says what it found.

``SECTIONS`` is the order of the page; a hidden section is left out. To add a section, write a module with
``section(c: Comparison) -> Section`` here and
name it below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim.report.comparison import Comparison
from sim.report.sections import (
    border,
    causes,
    costs,
    defence,
    flows,
    gap,
    overview,
    prices,
    projects,
    shortage,
    standstill,
    stockpiles,
    stocks,
)
from sim.report.sections.section import Section

SECTIONS: Final[tuple[Callable[[Comparison], Section], ...]] = (
    overview.section, prices.section, gap.section, shortage.section, border.section, defence.section, causes.section,
    stocks.section, stockpiles.section, projects.section, flows.section, costs.section, standstill.section,
)  # fmt: skip

__all__ = ["SECTIONS", "Section"]
