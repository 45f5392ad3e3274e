"""What a study costs beside its runs: with a model that costs nothing, with short real runs, and beside Hydra's basic launcher.

python benchmarks/sweep_overhead.py [--quick] [--only noop,real,hydra]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from common import cpu, noop, notes, points, say, scratch, study, timed, verdict, watched

CORES = 2
LOCAL = ("study.backend=local", f"study.jobs={CORES}", "record=outcomes")
AIM_MS = 1.0  # of wall time a run, dispatch and store together
AIM_SHARE = 0.95  # of core time inside simulate
AIM_HYDRA = 20.0  # times less overhead than the basic launcher
WANTED_MS = (50.0, 100.0)  # that a short real run lasts
HYDRA_APP = Path(__file__).parent / "peer" / "hydra_app.py"


def noop_runs(folder: Path, quick: bool) -> None:
    """Wall time a run, and what each further run adds: the difference leaves out starting workers and composing."""
    few, many = (200, 1_000) if quick else (2_000, 10_000)
    seconds = {}
    for runs in (few, many):
        line = (points(100), f"replications={runs // 100}", *LOCAL)
        seconds[runs] = timed(lambda line=line, runs=runs: study(line, folder / f"noop-{runs}", noop))
        each = seconds[runs] / runs * 1e3
        say(
            f"no-op, {runs:,} runs",
            f"{each:.3f} ms/run",
            verdict(each <= AIM_MS, f"at most {AIM_MS:g} ms, start included"),
        )
    further = (seconds[many] - seconds[few]) / (many - few) * 1e3
    say(
        "  each further run",
        f"{further:.3f} ms",
        f"so starting takes {seconds[few] - few * further / 1e3:.2f} s",
    )


def short_years() -> float:
    """Years of the baseline that take between 50 and 100 ms of CPU time here, or the shortest that was tried."""
    from sim import load, simulate

    years = 0.5
    for _ in range(6):
        case = load("scenario=baseline", f"years={years}", "record=outcomes")
        simulate(case, seed=1)
        ms = statistics.median(cpu(lambda case=case: simulate(case, seed=1)) for _ in range(7)) * 1e3
        if WANTED_MS[0] <= ms <= WANTED_MS[1]:
            break
        years = round(max(0.02, min(10.0, years * statistics.mean(WANTED_MS) / ms)), 2)
    return years


def real_runs(folder: Path, quick: bool) -> None:
    """Share of two cores' time that is spent inside the model."""
    runs = 100 if quick else 2_000
    years = short_years()
    with notes(folder / "notes") as noted:
        before = _cpu()
        wall = timed(
            lambda: study(
                ("scenario=baseline", f"years={years}", f"replications={runs}", *LOCAL),
                folder / "real",
                watched,
            )
        )
        used = _cpu() - before
        inside = list(struct.iter_unpack("dd", noted()))
    clock, busy = (sum(column) for column in zip(*inside, strict=True))
    share = clock / (CORES * wall)
    say(
        f"real, {len(inside):,} runs of {years:g} years",
        f"{statistics.median(x for x, _ in inside) * 1e3:.0f} ms/run",
        f"{wall:.1f} s, {wall / len(inside) * 1e3:.1f} ms of wall a run",
    )
    say(
        f"  of {CORES} cores' time inside simulate",
        f"{share:.1%}",
        verdict(share >= AIM_SHARE, f"at least {AIM_SHARE:.0%}"),
    )
    say(
        "  of the CPU time used, inside simulate",
        f"{busy / used:.1%}",
        "parent and workers; does not mind a busy machine",
    )


def _cpu() -> float:
    """CPU seconds of this process and of its children that are gone."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def hydra(folder: Path, quick: bool) -> None:
    """Overhead of the same points with Hydra's basic launcher over ours. Of each the cost of one point is taken off: start-up."""
    n = 20 if quick else 100

    def ours(count: int) -> float:
        return timed(
            lambda: study((points(count), *LOCAL), folder / f"ours-{count}-{time.monotonic_ns()}", noop)
        )

    def theirs(count: int) -> float:
        words = [points(count), f"hydra.sweep.dir={folder / f'hydra-{count}-{time.monotonic_ns()}'}"]
        return timed(
            lambda: subprocess.run(
                [sys.executable, str(HYDRA_APP), "-m", *words], check=True, stdout=subprocess.DEVNULL
            )
        )

    each = {name: _each(call, n) for name, call in (("ours", ours), ("theirs", theirs))}
    ratio = each["theirs"] / each["ours"]
    say(
        f"Hydra's basic launcher, {n} no-op points",
        f"{each['theirs'] * 1e3:.1f} ms/point",
        "beside one point alone",
    )
    say("  a study of the same points", f"{each['ours'] * 1e3:.2f} ms/point", "beside one point alone")
    say("  ratio", f"{ratio:,.0f}", verdict(ratio >= AIM_HYDRA, f"at least {AIM_HYDRA:g}"))


def _each(call: Callable[[int], float], n: int) -> float:
    """Seconds that each further point adds; medians of three."""
    one, all_of_them = (statistics.median(call(count) for _ in range(3)) for count in (1, n))
    return (all_of_them - one) / (n - 1)


PARTS = {"noop": noop_runs, "real": real_runs, "hydra": hydra}


def main() -> None:
    """Measure and print the parts asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    wanted = parser.parse_args()
    with scratch() as folder:
        for name in wanted.only.split(","):
            PARTS[name](folder, wanted.quick)


if __name__ == "__main__":
    main()
