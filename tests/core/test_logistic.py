"""The shares of the weekly call are those of the formula."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.market.logistic import STEEP, shares


@given(st.lists(st.floats(-600.0, 80.0), min_size=1, max_size=40))
def test_shares_are_those_of_the_logistic_function_to_the_last_places(gaps: list[float]) -> None:
    found = np.array([*gaps, 0.25])
    shares(found, np.empty(len(found), np.int64), len(gaps))
    exact = 1.0 / (1.0 + np.exp(np.minimum(gaps, STEEP)))
    assert (np.abs(found[:-1] / exact - 1.0) <= 2.0 * np.finfo(float).eps).all()
    assert found[-1] == 0.25  # behind the first n nothing is touched
