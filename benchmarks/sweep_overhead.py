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
from collections.abc import Sequence
from pathlib import Path

from common import cpu, noop, notes, points, say, scratch, study, timed, verdict, watched

CORES = 2
LOCAL = ("study.backend=local", f"study.jobs={CORES}", "record=outcomes")
AIM_MS = 1.0  # of wall time a run, dispatch and store together
AIM_SHARE = 0.95  # of core time inside simulate
AIM_HYDRA = 20.0  # times less overhead than the basic launcher
WANTED_MS = (50.0, 100.0)  # that a short real run lasts
FEW = 2  # points: both workers have something to do
MORE = 20  # times as many points of ours, so that what a point adds rises above the noise of starting
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
    """The same no-op points by Hydra's basic launcher and as a study, each a program of its own.

    Start-up (interpreter, imports, workers) is what two points take; what the others add is the overhead of a point.
    """
    n = 20 if quick else 100

    def seconds(count: int, program: Sequence[str]) -> float:
        place = folder / f"{count}-{time.monotonic_ns()}"
        command = [sys.executable, *program, points(count), str(place)]
        return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))

    launcher, ours = [str(HYDRA_APP)], [str(Path(__file__)), "--noop"]
    rounds = 1 if quick else 3
    few, same, more = (
        statistics.median(seconds(count, ours) for _ in range(rounds)) for count in (FEW, n, MORE * n)
    )
    their_few, their_same = (
        statistics.median(seconds(count, launcher) for _ in range(rounds)) for count in (FEW, n)
    )
    theirs, each = (their_same - their_few) / (n - FEW), (more - few) / (MORE * n - FEW)
    say(
        f"Hydra's basic launcher, {n} no-op points",
        f"{their_same:.1f} s",
        f"{theirs * 1e3:.1f} ms for each further point",
    )
    say(
        "  a study of the same points",
        f"{same:.1f} s",
        f"{each * 1e3:.2f} ms for each further point, up to {MORE * n:,}",
    )
    if each <= 0.0:
        say("  overhead of a point, times ours", "no figure", "lost in the noise of a busy machine")
        return
    say(
        "  overhead of a point, times ours",
        f"{theirs / each:,.0f}",
        verdict(theirs / each >= AIM_HYDRA, f"at least {AIM_HYDRA:g}"),
    )


PARTS = {"noop": noop_runs, "real": real_runs, "hydra": hydra}


def main() -> None:
    """Measure and print the parts asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument(
        "--noop", nargs=2, help=argparse.SUPPRESS
    )  # points, folder: the study that Hydra is compared with
    wanted = parser.parse_args()
    if wanted.noop:
        study((wanted.noop[0], *LOCAL), Path(wanted.noop[1]), noop)
        return
    with scratch() as folder:
        for name in wanted.only.split(","):
            PARTS[name](folder, wanted.quick)


if __name__ == "__main__":
    main()
