"""Material is neither made nor lost: rows, pipes, and the balance that every run is held to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.chains import still
from core.parcels import mixed, popped
from sim.elements import ELEMENTS
from sim.simulate import build
from sim.stock import CHINA, LICENSED, WIDTH, Array, BalanceError, E, Pipe, Stock, mass_of
from sim.trade.shipments import Shipments

ROWS = 4
nothing_or = st.sampled_from([0.0]) | st.floats(1e-6, 1e6)
amounts = arrays(np.float64, (ROWS, E), elements=nothing_or)
asked = arrays(np.float64, ROWS, elements=nothing_or.map(lambda kg: 20.0 * kg))
chosen = st.sampled_from([slice(0, ROWS), np.array([2, 0]), np.array([3])])


def goods(elements: Array, marked: float = 0.25) -> Array:
    """Rows of goods, the same share of each marked as Chinese and as licensed."""
    out = np.zeros((len(elements), WIDTH))
    out[:, :E] = elements
    out[:, CHINA] = out[:, LICENSED] = marked * mass_of(out)
    return out


def stock_of(elements: Array) -> Stock:
    stock = Stock()
    block = stock.add("oxide", ["a", "b", "c", "d"], "separator", [0, 0, 1, 1], [0, 1, 0, 1])
    stock.put(block.rows, goods(elements))
    return stock


@given(amounts, asked, chosen)
def test_what_is_taken_is_gone_from_the_rows_and_nothing_else(
    held: Array, kg: Array, rows: slice | Array
) -> None:
    stock = stock_of(held)
    before = stock.kg.copy()
    wish = kg[rows]
    moved = stock.take(rows, wish).copy()
    assert stock.kg.min() >= -1e-9
    back = stock.kg.copy()
    back[rows] += moved
    assert back == pytest.approx(before, rel=1e-12, abs=1e-9)
    total = mass_of(before[rows])
    assert mass_of(moved) == pytest.approx(np.minimum(wish, total), rel=1e-9, abs=1e-6)
    untouched = np.setdiff1d(np.arange(ROWS), np.arange(ROWS)[rows])
    assert (stock.kg[untouched] == before[untouched]).all()


@given(amounts, asked)
def test_what_is_taken_is_like_what_was_there(held: Array, kg: Array) -> None:
    """Elements and marks leave in proportion."""
    stock = stock_of(held)
    total = mass_of(stock.kg)
    shares = stock.kg / np.where(total > 0.0, total, 1.0)[:, None]
    moved = stock.take(slice(0, ROWS), kg)
    assert moved == pytest.approx(shares * mass_of(moved)[:, None], rel=1e-9, abs=1e-6)


@given(amounts, amounts, asked)
def test_put_after_take_moves_and_does_not_make(held: Array, more: Array, kg: Array) -> None:
    stock = stock_of(held)
    stock.put(slice(0, ROWS), goods(more))
    whole = held.sum(axis=0) + more.sum(axis=0)
    moved = stock.take(slice(0, ROWS), kg)
    stock.put(slice(0, ROWS), moved[::-1].copy())
    assert stock.total() == pytest.approx(whole, rel=1e-12, abs=1e-6)


# -- pipes -----------------------------------------------------------------------------------------------------------------


def parcel(lines: int, week: int) -> Array:
    """Goods that say when and where they were sent."""
    out = np.zeros((lines, WIDTH))
    out[:, 0] = 1000.0 * (week + 1) + np.arange(lines)
    return out


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=1, max_size=25),
)
def test_goods_arrive_exactly_when_they_are_due(lags: list[int], weeks: list[tuple[bool, int]]) -> None:
    """Against a table of what is due when, with delays that make the ring grow while it turns."""
    n = len(lags)
    pipe = Pipe(np.array(lags))
    due = np.zeros((len(weeks) + 64, n, WIDTH))
    for week, (send, extra) in enumerate(weeks):
        if week:
            assert (pipe.pop() == due[week]).all()
        if send:
            sent = parcel(n, week)
            pipe.push(sent, extra)
            for line, lag in enumerate(lags):
                due[week + lag + extra, line] += sent[line]
        assert pipe.total() == pytest.approx(due[week + 1 :, :, :E].sum(axis=(0, 1)))
        assert pipe.held == pytest.approx(due[week + 1 :, :, :E].sum(axis=(0, 2)))
    for week in range(len(weeks), len(weeks) + 20):
        assert (pipe.pop() == due[week]).all()
    assert not pipe.total().any()


def test_a_delay_may_differ_by_line() -> None:
    pipe = Pipe(np.array([2, 2]))
    pipe.push(parcel(2, 0), np.array([0, 3]))
    arrivals = [pipe.pop()[:, 0].copy() for _ in range(6)]
    assert [a[0] for a in arrivals] == [0, 1000.0, 0, 0, 0, 0]
    assert [a[1] for a in arrivals] == [0, 0, 0, 0, 1001.0, 0]


def test_a_full_pipe_delivers_its_flow_for_as_long_as_it_is() -> None:
    flow = np.zeros((2, WIDTH))
    flow[:, 3] = [5.0, 7.0]
    pipe = Pipe(np.array([1, 4]))
    pipe.fill(flow)
    assert pipe.held == pytest.approx([5.0, 28.0])
    got = np.array([pipe.pop()[:, 3].copy() for _ in range(6)])
    assert got[:, 0].tolist() == [5.0, 0, 0, 0, 0, 0]
    assert got[:, 1].tolist() == [7.0, 7.0, 7.0, 7.0, 0, 0]


# -- shipments: the same for goods bought, kept as kilograms and mixtures ---------------------------------------------------


@given(
    st.lists(st.integers(1, 5), min_size=3, max_size=3),
    st.lists(
        st.tuples(arrays(np.float64, 3, elements=nothing_or), st.integers(0, 9), st.integers(0, E - 1)),
        min_size=1,
        max_size=20,
    ),
)
def test_shipments_arrive_when_due_as_they_were_mixed(
    lags: list[int], weeks: list[tuple[Array, int, int]]
) -> None:
    """A trading house (held up at the border by some weeks), a civil user, a programme; the mixture changes every week."""
    lag = np.array(lags)
    civil = np.array([True, True, False])
    ship = Shipments(lag, np.array([0, 0, 0]), 1, np.array([0, 1, 1]), civil, 2, slice(0, 1))
    due = np.zeros((len(weeks) + 32, 3, WIDTH))
    for week, (kg, extra, element) in enumerate(weeks):
        if week:
            assert popped(ship) == pytest.approx(due[week], rel=1e-12, abs=1e-9)
        mixture = np.zeros((1, WIDTH))
        mixture[0, element], mixture[0, (element + 3) % E], mixture[0, CHINA] = 0.75, 0.25, 0.5
        ship.push(mixed(ship, mixture), kg, 0.5 * kg[:1], np.array([extra]))
        for line in range(3):
            there = due[week + lag[line] + (extra if line == 0 else 0), line]
            there += mixture[0] * kg[line]
            if line == 0:
                there[LICENSED] += 0.5 * kg[0]
        assert ship.total() == pytest.approx(due[week + 1 :, :, :E].sum(axis=(0, 1)), rel=1e-9, abs=1e-6)
        assert ship.held == pytest.approx(due[week + 1 :, :, :E].sum(axis=(0, 2)), rel=1e-9, abs=1e-6)


def test_shipments_open_in_a_steady_state() -> None:
    mixture = np.zeros((1, WIDTH))
    mixture[0, 3] = 1.0
    civil = np.array([True, True, False])
    ship = Shipments(np.array([1, 3, 2]), np.zeros(3, int), 1, np.array([0, 1, 1]), civil, 2, slice(0, 1))
    ship.fill(mixture, np.array([5.0, 7.0, 9.0]))
    assert ship.held == pytest.approx([5.0, 21.0, 18.0])
    assert ship.total()[3] == pytest.approx(44.0)
    got = []
    for _ in range(4):
        got.append(popped(ship)[:, 3].tolist())
        ship.push(mixed(ship, mixture), np.zeros(3), np.zeros(1))
    assert got == [[5.0, 7.0, 9.0], [0.0, 7.0, 9.0], [0.0, 7.0, 0.0], [0.0, 0.0, 0.0]]


# -- the balance -----------------------------------------------------------------------------------------------------------


def test_the_balance_closes_over_every_kind_of_movement_and_shows_a_kilogram() -> None:
    stock = stock_of(np.full((ROWS, E), 1000.0))
    stock.opening = stock.total()
    mined = goods(np.full((1, E), 50.0))
    stock.count_mined(mined)
    stock.put(np.array([0]), mined)
    taken = stock.take(slice(0, ROWS), np.array([900.0, 0.0, 300.0, 60.0])).copy()
    stock.count_lost(taken[:2])
    stock.count_consumed(taken[2:3])
    nothing = np.zeros(E)
    assert stock.close(taken[3, :E]).max() < 1e-14
    assert stock.close(nothing).min() > 1e-4  # what is under way counts too
    dy = ELEMENTS.index("Dy")
    stock.kg[1, dy] += 1.0
    error = stock.close(taken[3, :E])
    assert error[dy] == pytest.approx(1.0 / 4050.0)
    assert np.delete(error, dy).max() < 1e-14


@pytest.mark.parametrize(
    ("block", "element"), [("oxide", "Dy"), ("magnet_in", "Tb"), ("products", "Sm"), ("ledger", "Y")]
)
def test_a_run_into_which_a_kilogram_is_slipped_fails(block: str, element: str) -> None:
    chain = build(still(years=0.5))
    stock = chain.parts.stock

    def slip() -> None:
        stock.kg[stock.blocks[block].start, ELEMENTS.index(element)] += 1.0

    assert chain.on(60.0, slip)
    with pytest.raises(BalanceError, match="off by"):
        chain.run()


def test_a_run_from_which_a_kilogram_in_transit_is_lost_fails() -> None:
    chain = build(still(years=0.5))
    inbound, arrive = chain.parts.inbound, chain.parts.inbound.pop
    dy = ELEMENTS.index("Dy")

    def arrive_but_for_a_kilogram(into: Array) -> Array:
        kg = arrive(into)
        if chain.week == 10:
            into[int(into[:, dy].argmax()), dy] -= 1.0
        return kg

    inbound.pop = arrive_but_for_a_kilogram  # type: ignore[method-assign]
    with pytest.raises(BalanceError, match="off by"):
        chain.run()


def test_an_untouched_run_balances_every_element() -> None:
    chain = build(still(years=0.5))
    chain.run()
    assert chain.balance_error().max() < 1e-12
    assert (chain.parts.stock.kg > -1e-6).all()
