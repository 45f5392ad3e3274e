"""A shock of severity 0, and a policy that asks for nothing, leave every table of a run as it is, to the byte."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.chains import outage, still
from core.levers import START, ban, duty, listing, origin, quota, release, sanction, together
from core.run_digest import digests
from sim import load
from sim.simulate import simulate

LICENCES = replace(
    load("scenario=controls_2025").events[0], start=START, announced=START, severity=0.0, general_licences=()
)
CASE = replace(load("scenario=baseline"), years=0.5)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, str]:
    return digests(simulate(CASE, seed=3))


@pytest.mark.parametrize(
    "event",
    [
        quota(severity=0.0, news_strength=1.0), duty(severity=0.0), duty(rate=0.0), listing(severity=0.0),
        origin(severity=0.0, news_strength=1.0), sanction(severity=0.0), ban(severity=0.0, news_strength=1.0),
        outage("ganzhou", 0.0), LICENCES, together(discipline=0.0), release(share=0.0),
    ],
    ids=lambda event: event.kind,
)  # fmt: skip
def test_nothing_happens(event: Any, undisturbed: dict[str, str]) -> None:
    assert digests(simulate(replace(CASE, events=(event,)), seed=3)) == undisturbed


def test_something_happens_at_one() -> None:
    """The comparison above sees a difference where there is one."""
    case = replace(still(years=0.5), events=(duty(rate=0.1),))
    assert digests(simulate(case)) != digests(simulate(still(years=0.5)))
