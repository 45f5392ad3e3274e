"""The same case, seed and replication give the same bytes, whatever the process, its hash seed, or what it ran before."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.chains import outage, weekly
from core.run_digest import digests, of_table
from sim import load, simulate
from sim.case import Case
from sim.chance import Chance
from sim.shocks.news import News

CONTROLS = ("scenario=controls_2025", "years=1")


def small(scenario: str) -> Case:
    return load(f"scenario={scenario}", "years=1")


def elsewhere(root: Path, hash_seed: str) -> dict[str, str]:
    """Digests from a process of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, str(root / "tests" / "core" / "run_digest.py"), "1", *CONTROLS],
        env=environment, cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(line.split(" ") for line in done.stdout.splitlines())


def test_two_processes_with_different_hash_seeds_agree_to_the_bit(root: Path) -> None:
    first, second = elsewhere(root, "0"), elsewhere(root, "4711")
    assert len(first) == 4
    assert first == second
    here = digests(simulate(load(*CONTROLS), seed=1, replication=2))
    assert here == first


def test_another_seed_and_another_replication_differ() -> None:
    case = small("baseline")
    found = {
        of_table(simulate(case, seed, r).trajectories.drop_columns("replication"))
        for seed, r in ((1, 0), (2, 0), (1, 1))
    }
    assert len(found) == 3


def test_a_replication_is_the_same_alone_and_after_others() -> None:
    alone = digests(simulate(small("controls_2025"), seed=5, replication=3))
    case = small("controls_2025")
    for replication in (0, 1):
        simulate(case, seed=5, replication=replication)
    simulate(small("baseline"), seed=9, replication=3)
    assert digests(simulate(case, seed=5, replication=3)) == alone


def test_without_chance_all_seeds_are_one() -> None:
    case = small("standstill")
    first = digests(simulate(case, seed=1, replication=0))
    assert digests(simulate(case, seed=77, replication=0)) == first
    drawn = replace(case, behaviour=replace(case.behaviour, chance=True))
    assert digests(simulate(drawn, seed=1)) != digests(simulate(drawn, seed=77))


def silent_news() -> News:
    return News(
        name="whisper", kind="news", title="Nobody listens", start=date(2025, 2, 3), hubs=("world",), commodities=("all",),
        strength=0.0, half_life_days=90.0, sources=("assumed: for a test",),
    )  # fmt: skip


NOTHING = {
    "outage": (outage("ganzhou", 0.0),),
    "news": (silent_news(),),
    # with no share of the trade covered, no test either, and nothing heard
    "licences": load(
        "scenario=controls_2025", "shock.china_licences_2025.severity=0", "shock.china_licences_2025.news_strength=0",
        "shock.china_licences_2025.test_days=0", "shock.china_licences_2025.test_days_first=0",
    ).events,
    "ban": load(
        "shock=[cutoff_allies]", "shock.cutoff_allies.severity=0", "shock.cutoff_allies.news_strength=0",
        "shock.cutoff_allies.start=2025-03-03", "shock.cutoff_allies.announced=2025-03-03",
    ).events,
}  # fmt: skip


@pytest.mark.parametrize("kind", list(NOTHING))
def test_a_shock_of_no_strength_is_no_shock_to_the_bit(kind: str) -> None:
    """Scenarios share their chance: the baseline's draws are those of every other scenario."""
    case = small("baseline")
    run = simulate(replace(case, events=NOTHING[kind]), seed=3)
    without = simulate(case, seed=3)
    assert run.events.num_rows >= without.events.num_rows
    for variable in ("price_spot", "price_net", "price_paid", "unserved", "inventory"):
        for commodity in ("dy_oxide", "la_oxide", "ndfeb_h_sh", "ndfeb_n_m"):
            where = {
                "variable": variable,
                "scope": "hub",
                "place": "world",
                "commodity": commodity,
                "stage": "all",
            }
            assert (weekly(run.trajectories, **where) == weekly(without.trajectories, **where)).all()
    assert of_table(run.trajectories) == of_table(without.trajectories)


# -- draws by address --------------------------------------------------------------------------------------------------------


def test_a_draw_is_addressed_by_name_seed_replication_and_week() -> None:
    one = Chance(1, 0, on=True)
    assert (one.uniform("a", 3, 5) == Chance(1, 0, on=True).uniform("a", 3, 5)).all()
    others = [one.uniform("b", 3, 5), one.uniform("a", 3, 6), Chance(2, 0, True).uniform("a", 3, 5),
              Chance(1, 1, True).uniform("a", 3, 5)]  # fmt: skip
    assert all((one.uniform("a", 3, 5) != other).all() for other in others)
    assert (Chance(1, 0, on=False).uniform("a", 3, 5) == 0.5).all()


def test_one_source_more_does_not_shift_the_others() -> None:
    chance = Chance(4, 2, on=True)
    few, more = (chance.noise(names, 80, 0.1, 13.0) for names in (["a", "c"], ["a", "b", "c"]))
    assert (few == more[:, [0, 2]]).all()
    few, more = (chance.stops(names, 500, 2.0, 3.0) for names in (["a", "c"], ["a", "b", "c"]))
    assert (few == more[:, [0, 2]]).all()


def test_noise_has_its_spread_its_memory_and_no_bias() -> None:
    sigma, memory = 0.1, 13.0
    found = np.log(Chance(1, 0, on=True).noise([f"n{i}" for i in range(400)], 520, sigma, memory))
    assert found.std() == pytest.approx(sigma, rel=0.03)
    assert np.exp(found).mean() == pytest.approx(1.0, abs=0.005)
    level = found - found.mean()
    assert (level[1:] * level[:-1]).mean() / (level**2).mean() == pytest.approx(
        np.exp(-1.0 / memory), abs=0.01
    )


def test_unplanned_stops_are_as_frequent_and_as_long_as_said() -> None:
    found = Chance(1, 0, on=True).stops([f"s{i}" for i in range(400)], 2000, 0.5, 3.0)
    began = ((found[1:] == 0.0) & (found[:-1] == 1.0)).sum()
    assert began / (400 * 2000 / 52.18) == pytest.approx(0.5, rel=0.05)
    assert (found == 0.0).sum() / began == pytest.approx(3.0, rel=0.05)


def test_noise_of_a_shorter_run_is_the_beginning_of_a_longer_ones() -> None:
    chance = Chance(1, 0, on=True)
    assert (chance.noise(["a"], 52, 0.1, 13.0) == chance.noise(["a"], 104, 0.1, 13.0)[:52]).all()


# A REAL BUG when this was written: the lengths of stops are drawn behind ``weeks`` uniform numbers in the same stream, so
# that the same stop lasts longer or shorter when the run has another length. The draws must be addressed by week.
def test_stops_of_a_shorter_run_are_the_beginning_of_a_longer_ones() -> None:
    chance = Chance(1, 0, on=True)
    names = [f"s{i}" for i in range(50)]
    assert (chance.stops(names, 104, 2.0, 3.0) == chance.stops(names, 208, 2.0, 3.0)[:104]).all()
