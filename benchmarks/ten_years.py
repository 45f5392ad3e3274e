"""What ten years of the baseline cost, as a multiple of a bare SimPy timeout measured beside it.

Seconds depend on the machine, ratios hardly: the unit (BT) is one ``yield env.timeout(1)`` among 100 processes,
timed in the same process, in turns with the model, medians of both, CPU time. Not a test: it prints, and fails only if the
model does.

    python benchmarks/ten_years.py [--rounds 5] [--top 10] [--quick]
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from common import AIM_BT, BASELINE, WEEKS, bare_timeout, cpu, in_new_process, say, sites, timed, verdict

if TYPE_CHECKING:
    from sim.case import Case


def import_seconds(rounds: int) -> float:
    """Seconds that ``import`` of what a run needs adds to a bare interpreter; median."""

    def start_up(program: str) -> float:
        return statistics.median(timed(lambda: in_new_process(program)) for _ in range(rounds))

    return start_up("import sim.config, sim.simulate") - start_up("pass")


def fresh_run() -> tuple[float, float]:
    """Seconds and peak resident megabytes of a process that loads the case and simulates it once.

    To be called before this process has grown: a child's peak starts from its parent's size on Linux.
    """
    program = (
        "import resource, sys, time; start = time.perf_counter(); from sim import load, simulate; "
        f"simulate(load(*{BASELINE!r}), seed=1); "
        "unit = 1 if sys.platform == 'darwin' else 1024; "
        "print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)"
    )
    seconds, size = in_new_process(program).split()
    return float(seconds), int(size) / 2**20


def top(case: Case, simulate: Callable[..., Any], rows: int) -> str:
    """The functions in which a run spends most time of their own."""
    profile = cProfile.Profile()
    profile.runcall(simulate, case, seed=1)
    text = io.StringIO()
    pstats.Stats(profile, stream=text).strip_dirs().sort_stats("tottime").print_stats(rows)
    return text.getvalue().strip()


def main() -> None:
    """Measure, then print: what, figure, remark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="runs, each beside a bare one (default 5)")
    parser.add_argument("--top", type=int, default=10, help="lines of the profile (default 10)")
    parser.add_argument("--quick", action="store_true", help="two rounds, no profile")
    wanted = parser.parse_args()
    rounds = 2 if wanted.quick else wanted.rounds

    fresh_seconds, megabytes = fresh_run()
    from sim import load, simulate

    case = load(*BASELINE)
    simulate(case, seed=1)  # warms caches; the standing start is solved once and then kept
    bare, model = [], []
    for _ in range(rounds):
        bare.append(bare_timeout())
        model.append(cpu(lambda: simulate(case, seed=1)))
    unit, seconds, plants = statistics.median(bare), statistics.median(model), sites(case)

    say(
        "ten years of the baseline",
        f"{seconds / unit:,.0f} BT",
        verdict(seconds / unit <= AIM_BT, f"at most {AIM_BT:,}"),
    )
    say(
        "  from, to",
        f"{min(model) / max(bare):,.0f} BT",
        f"{max(model) / min(bare):,.0f} in {rounds} rounds",
    )
    say("one run", f"{seconds:.3f} s", f"{fresh_seconds:.3f} s in a fresh process, loading included")
    say("one bare timeout (1 BT)", f"{unit * 1e6:.3f} us")
    say("per site-week", f"{seconds / (plants * WEEKS) * 1e6:.2f} us", f"{plants} sites, {WEEKS} weeks")
    say("peak memory", f"{megabytes:.0f} MB")
    say("imports of a run", f"{import_seconds(rounds):.2f} s")
    if wanted.quick:
        return
    print(f"\nwhere a run spends its time, the first {wanted.top} by own time:\n")
    print(top(case, simulate, wanted.top))


if __name__ == "__main__":
    main()
