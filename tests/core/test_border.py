"""The border alone: desks as queues, what is granted and to whom, and permits that are used up or lapse."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom

from core.borders import MATERIALS, border, regime
from sim.chance import Chance
from sim.stock import Array
from sim.trade.licences import Desk, binomial

# -- desks as queues -----------------------------------------------------------------------------------------------------


def erlang_c(load_offered: float, servers: int) -> float:
    """Probability that an arrival waits in an M/M/c queue."""
    busy = load_offered**servers / math.factorial(servers) * servers / (servers - load_offered)
    return busy / (sum(load_offered**k / math.factorial(k) for k in range(servers)) + busy)


def waits(
    servers: int, usage: float, seed: int, draw: Callable[[np.random.Generator, int], Array], count: int
) -> Array:
    """Days that each of ``count`` applications waits for a reviewer; service has a mean of one day."""
    rng = np.random.default_rng(seed)
    arrivals = np.cumsum(rng.exponential(1.0 / (usage * servers), count))
    service = draw(rng, count)
    desk = Desk(servers, 1.0)
    done = np.array([desk.take_up(float(a), float(s)) for a, s in zip(arrivals, service, strict=True)])
    return done - service - arrivals


@pytest.mark.parametrize(("servers", "usage"), [(1, 0.6), (1, 0.8), (3, 0.8)])
def test_a_desk_waits_as_erlang_says(servers: int, usage: float) -> None:
    """Poisson arrivals, exponential service: the mean wait lies within three standard errors of Erlang's C (batch means)."""
    found = waits(servers, usage, 7, lambda rng, n: rng.exponential(1.0, n), 240_000)[20_000:]
    theory = erlang_c(usage * servers, servers) / (servers * (1.0 - usage))
    batches = found.reshape(40, -1).mean(axis=1)
    error = batches.std(ddof=1) / math.sqrt(len(batches))
    assert error < 0.05 * theory
    assert abs(batches.mean() - theory) < 3.0 * error
    share = (found > 1e-12).mean()
    assert share == pytest.approx(erlang_c(usage * servers, servers), rel=0.05)


def test_cohorts_of_one_wait_as_a_queue_with_fixed_service_does() -> None:
    """The border filing one application at a time, against the wait of an M/D/1 queue: usage / (2 (1 - usage)) services."""
    usage, count, service = 0.7, 20_000, 0.5
    b = border(regime(1, days=service), 1)
    rng = np.random.default_rng(11)
    days = np.cumsum(rng.exponential(service / usage, count))
    waited = np.zeros(count)
    for i, day in enumerate(days):
        b.file(np.array([10.0]), float(day), int(day // 7))
        a = b.applications
        assert (a.count, a.kg[0], a.number[0]) == (1, 10.0, 1.0)
        waited[i] = a.days[0] - service
        a.count = 0
    batches = waited[2_000:].reshape(30, -1).mean(axis=1)
    error = batches.std(ddof=1) / math.sqrt(len(batches))
    assert abs(batches.mean() - usage / (2.0 * (1.0 - usage)) * service) < 3.0 * error


def test_first_come_first_served_within_and_between_cohorts() -> None:
    b = border(regime())
    assert b.file(np.array([30.0, 20.0]), 0.0, 0) == [1, 2, 3, 4, 5]
    assert b.file(np.array([10.0, 0.0]), 7.0, 1) == [6]
    granted = []
    for week in range(1, 8):
        b.decide(week)
        granted.append(b.granted.tolist())
    assert granted == [[10, 0], [20, 0], [30, 0], [30, 10], [30, 20], [40, 20], [40, 20]]
    assert b.pending == pytest.approx(0.0)
    assert b.decided[MATERIALS] == pytest.approx(6.0)
    assert b.waited[MATERIALS] == pytest.approx(7 + 14 + 21 + 28 + 35 + 35)


def test_two_reviewers_work_side_by_side_and_review_adds_its_days() -> None:
    b = border(regime(reviewers=2, province_days=3.0, statutory_days=4.0))
    assert b.file(np.array([40.0, 0.0]), 0.0, 0) == [2, 3]  # done on days 10 and 17, decided four days later


def test_a_small_application_takes_a_reviewer_by_its_size() -> None:
    b = border(regime())
    b.file(np.array([5.0, 0.0]), 0.0, 0)
    b.file(np.array([0.0, 5.0]), 0.0, 0)
    b.decide(1)
    assert b.granted == pytest.approx([5.0, 5.0])


def test_without_a_queue_everything_is_decided_on_the_day() -> None:
    b = border(regime(province_days=20.0, statutory_days=63.0), queue=False)
    assert b.file(np.array([500.0, 70.0]), 21.0, 3) == [3]
    b.decide(3)
    assert b.permits == pytest.approx([500.0, 70.0])
    assert b.waited[MATERIALS] == 0.0


# -- odds and refusals -----------------------------------------------------------------------------------------------------


@given(st.floats(0.001, 0.999), st.integers(1, 300), st.floats(0.02, 0.98))
def test_the_number_of_successes_is_the_inverse_of_the_binomial_distribution(
    luck: float, trials: int, odds: float
) -> None:
    assume((1.0 - odds) ** trials > 1e-290)  # beyond: the next test
    found = binomial(luck, trials, odds)
    assert binom.cdf(found, trials, odds) >= luck - 1e-9
    assert binom.cdf(found - 1, trials, odds) <= luck + 1e-9


# A REAL BUG when this was written: (1 - odds) ** trials underflows to zero from about 390 applications at odds of 0.85 (the
# shipped odds of magnets), the running sum never grows, and every single application is granted.
@pytest.mark.parametrize(("trials", "odds"), [(400, 0.85), (1000, 0.85), (1000, 0.6), (5000, 0.5)])
def test_odds_hold_for_very_many_applications(trials: int, odds: float) -> None:
    assert binomial(0.5, trials, odds) == pytest.approx(trials * odds, abs=1.0)


def test_no_odds_no_licence_and_certain_odds_all() -> None:
    assert binomial(0.999, 50, 0.0) == 0
    assert binomial(0.001, 50, 1.0) == 50


def test_granted_shares_follow_the_odds() -> None:
    odds, weeks, count = 0.6, 400, 20
    b = border(regime(1, odds=odds, days=0.001), 1, queue=False, chance=Chance(3, 0, on=True))
    for week in range(weeks):
        b.file(
            np.array([count * 10.0 * odds]), 7.0 * week, week
        )  # more is applied for than wanted, by the odds
        b.decide(week)
    applied = weeks * count * 10.0
    error = math.sqrt(odds * (1.0 - odds) / (weeks * count))
    assert abs(b.granted[0] / applied - odds) < 3.0 * error
    assert b.refused_kg[0] + b.granted[0] == pytest.approx(applied)


def test_with_chance_off_the_odds_are_a_share() -> None:
    b = border(regime(odds=0.6), queue=False)
    b.file(np.array([60.0, 6.0]), 0.0, 0)
    b.decide(0)
    assert b.granted == pytest.approx([60.0, 6.0])  # 100 and 10 applied for
    assert b.refused_kg == pytest.approx([40.0, 4.0])
    assert b.refused[MATERIALS] == pytest.approx(0.4 * 11.0)


def test_the_military_share_is_refused() -> None:
    b = border(regime(military_refused=True), military=0.3, queue=False)
    b.file(np.array([70.0, 0.0]), 0.0, 0)  # 100 kg applied for
    b.decide(0)
    assert b.granted[0] == pytest.approx(70.0)
    assert b.refused_kg[0] == pytest.approx(30.0)
    everybody = border(regime(military_refused=False), military=0.3, queue=False)
    everybody.file(np.array([70.0, 0.0]), 0.0, 0)
    everybody.decide(0)
    assert everybody.refused_kg[0] == 0.0
    assert everybody.granted[0] == pytest.approx(70.0)


def test_nobody_applies_for_more_than_five_times_what_it_wants() -> None:
    b = border(regime(odds=0.01), queue=False)
    b.file(np.array([10.0, 0.0]), 0.0, 0)
    b.decide(0)
    assert b.granted[0] + b.refused_kg[0] == pytest.approx(50.0)
