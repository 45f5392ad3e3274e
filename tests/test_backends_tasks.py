"""Whatever dies whenever: each run is accounted for once, and only one whose process died with nobody else about is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.replicate import Batch, Tasks, next_size
from sim.replicate.tasks import BYTES, GROWTH, MOST, SECONDS

SMALL = 1000  # bytes of a result


@given(st.integers(0, 40), st.lists(st.integers(0, 2**16), max_size=400))
def test_each_run_is_accounted_for_once(count: int, chances: list[int]) -> None:
    tasks = Tasks(range(count))
    out: list[Batch] = []
    done: list[int] = []
    lost: list[int] = []
    alone: dict[int, int] = {}  # how often the process of a run died while it was its only run
    for chance in chances:
        act, which = chance % 8, chance // 8
        if act < 4 and (batch := tasks.take(1 + which % 5)):
            out.append(batch)
        elif out and act < 5:
            done.extend(out.pop(which % len(out)))
            tasks.done()
        elif out and act < 7:
            batch = out.pop(which % len(out))
            if len(batch) == 1:
                alone[batch[0]] = alone.get(batch[0], 0) + 1
            others = list(out)
            run = tasks.died(batch)
            if run is not None:
                assert batch == (run,)
                assert alone[run] >= 2
                assert not others
                lost.append(run)
        elif out:
            tasks.put_back(out.pop(which % len(out)))
        assert tasks.out == len(out)
    while out or (batch := tasks.take(3)):
        done.extend(out.pop() if out else batch)
        tasks.done()
    assert sorted(done + lost) == list(range(count))


def test_a_last_chance_is_given_with_nothing_else_running() -> None:
    tasks = Tasks(range(10))
    assert (tasks.take(1), tasks.take(2)) == ((0,), (1, 2))
    assert tasks.died((0,)) is None
    assert tasks.take(1) == ()  # the other batch is still out
    tasks.done()
    assert tasks.take(5) == (0,)
    assert tasks.take(5) == ()
    tasks.done()
    assert tasks.take(5) == (3, 4, 5, 6, 7)


def test_new_runs_wait_until_they_may() -> None:
    tasks = Tasks(range(10), lambda begun: begun < 2)
    assert (tasks.take(1), tasks.take(1), tasks.take(1)) == ((0,), (1,), ())
    assert tasks.died((1,)) is None
    tasks.done()
    assert tasks.take(1) == (1,)  # a repetition may at once


@pytest.mark.parametrize(
    ("runs", "seconds", "size", "expected"),
    [
        (1, 10.0, SMALL, 1),
        (1, SECONDS / 3, SMALL, 3),
        (1, 1e-6, SMALL, GROWTH),
        (500, 1e-3, 500 * SMALL, MOST),
        (100, 0.0, 100 * SMALL, 100 * GROWTH),
        (10, 0.01, 10 * BYTES // 4, 4),
        (10, 0.01, 20 * BYTES, 1),
    ],
)
def test_batches_take_a_third_of_a_second_and_are_not_too_large(
    runs: int, seconds: float, size: int, expected: int
) -> None:
    assert next_size(runs, seconds, size) == expected
