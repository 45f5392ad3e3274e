"""Retaliation waits for its trigger, comes or not as chance has it, does what it says, and ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.chains import still
from core.world_events import BEGIN, answer, closure, number, ran, same, whats
from sim.chain import Chain
from sim.simulate import build

ORE = {"feeds": ("mountain_pass__sichuan",), "feed_share": 1.0}


@pytest.fixture(scope="module")
def provoked_only() -> Chain:
    return ran(closure(mines=("laos_clays",)))


def test_without_its_trigger_nothing_happens() -> None:
    assert same(ran(answer(**ORE)), ran())


def test_feeds_stop_so_many_days_after_the_trigger_begins(provoked_only: Chain) -> None:
    chain = ran(closure(mines=("laos_clays",)), answer(lasts_days=28.0, **ORE))
    site = number(chain, "mine", "mountain_pass")
    share = chain.recorder["mined"][:, site] / provoked_only.recorder["mined"][:, site]
    home = share[BEGIN + 2]
    assert home == pytest.approx(1.0 - chain.parts.mines.share[
        [f.id for f in chain.world.feeds].index("mountain_pass__sichuan")
    ], abs=0.01)  # fmt: skip
    course = [1.0] * (BEGIN + 2) + [home] * 4 + [1.0] * (chain.weeks - BEGIN - 6)
    assert share == pytest.approx(course, abs=0.01)
    assert whats(chain, "answer") == ["retaliation", "retaliation over"]


def test_nobody_answers_before_the_policy_begins_or_after_it_ends(provoked_only: Chain) -> None:
    late = ran(closure(mines=("laos_clays",)), answer(start=date(2025, 6, 2), **ORE))
    assert [h.day for h in late.happenings if h.what == "retaliation"] == [21 * 7.0]
    never = ran(closure(mines=("laos_clays",)), answer(end=date(2025, 3, 10), **ORE))
    assert same(never, provoked_only)


def test_news_of_the_trigger_is_not_its_beginning() -> None:
    chain = build(still())
    found: list[float] = []
    chain.when("ban", lambda: found.append(float(chain.env.now)))
    chain.note("news", "world", "ban")
    assert found == []
    chain.note("ban begins", "china", "ban")
    chain.note("ban lifted", "china", "ban")
    assert found == [0.0]


def test_a_duty_is_laid_on_the_routes_named_and_lifted() -> None:
    goods = ("ndfeb_n_m", "ndfeb_h_sh")
    event = answer(commodities=goods, destinations=("north_america",), duty_pct=25.0, lasts_days=28.0)
    chain = build(replace(still(), events=(closure(mines=("laos_clays",)), event)))
    routes = chain.routes("china", goods, ["north_america"])
    chain.env.process(chain._weekly())
    chain.env.run(until=7.0 * (BEGIN + 2) + 0.5)
    duty = chain.parts.border.duty
    assert duty[routes] == pytest.approx(1.25)
    assert np.delete(duty, routes) == pytest.approx(1.0)
    chain.env.run(until=7.0 * (BEGIN + 6) + 0.5)
    assert chain.parts.border.duty == pytest.approx(1.0)


def test_an_answer_at_sea_delays_goods_and_ends() -> None:
    event = answer(chokepoints=("suez",), days_added=12.0, lasts_days=28.0)
    chain = build(replace(still(), events=(closure(mines=("laos_clays",)), event)))
    chain.env.process(chain._weekly())
    chain.env.run(until=7.0 * (BEGIN + 2) + 0.5)
    assert chain.parts.inbound.detours
    chain.env.run(until=7.0 * (BEGIN + 6) + 0.5)
    assert not chain.parts.inbound.detours


@pytest.mark.parametrize(("probability", "comes"), [(0.49, False), (0.5, True)])
def test_with_chance_off_it_comes_if_it_is_likely(probability: float, comes: bool) -> None:
    chain = build(replace(still(), events=(answer(probability=probability, **ORE),)))
    assert ("shut" in chain.answers) == comes


def test_with_chance_on_it_comes_as_often_as_it_says() -> None:
    case = replace(still(chance=True), events=(answer(probability=0.3, **ORE),))
    came = sum("shut" in build(case, seed=1, replication=r).answers for r in range(60))
    assert 8 <= came <= 29  # 18 expected, three standard deviations either way
    again = sum("shut" in build(case, seed=1, replication=r).answers for r in range(5))
    assert again == sum("shut" in build(case, seed=1, replication=r).answers for r in range(5))
