"""Days inside, ISO dates outside; kilograms of element inside, tonnes of product outside."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

WEEK: Final = 7.0  # days
WEEKS_PER_YEAR: Final = 365.25 / 7.0
KG_PER_T: Final = 1000.0


def next_monday(day: date) -> date:
    """``day`` itself if it is a Monday, else the Monday after it: calls are held on Mondays."""
    return day + timedelta(days=(-day.weekday()) % 7)


def weeks_in(days: float) -> int:
    """Whole weeks until goods that take ``days`` can be used: rounded up, because goods are taken in at a call."""
    return max(1, int(-(-days // 7)))


def per_week(t_per_year: float) -> float:
    """Tonnes a year to kilograms a week."""
    return t_per_year * KG_PER_T / WEEKS_PER_YEAR


def per_year(kg_per_week: float) -> float:
    """Kilograms a week to tonnes a year."""
    return kg_per_week * WEEKS_PER_YEAR / KG_PER_T
