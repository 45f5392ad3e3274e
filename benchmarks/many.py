"""Large studies: 100,000 runs that cost nothing, a complete study again, and one series over 200 runs.

python benchmarks/many.py [--quick] [--only noop,again,series]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

from common import noop, points, say, scratch, sleepy, stored, study, timed, verdict
from common import notes as taking_notes

LOCAL = ("study.backend=local", "study.jobs=2")
AIM_SECONDS, AIM_MB, AIM_FILES = 60.0, 300.0, 200
AIM_FLAT = 1.15  # memory at the end over memory half-way
AIM_AGAIN = 2.0  # seconds
AIM_READ = 50.0  # ms
EVERY = 0.05  # seconds between two looks at the memory


class Watch(threading.Thread):
    """Looks at this process's memory while a study grows: (parts of outcomes in the folder, resident bytes) over time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.parts = folder / "outcomes"
        self.seen: list[tuple[int, float]] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(EVERY):
            found = sum(1 for _ in self.parts.glob("*.parquet")) if self.parts.is_dir() else 0
            self.seen.append((found, resident()))

    def at(self, share: float) -> float:
        """Resident bytes when this share of the parts was first there."""
        last = max(parts for parts, _ in self.seen)
        return next(size for parts, size in self.seen if parts >= share * last)

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self.join()


def resident() -> float:
    """Bytes of this process in memory; where /proc is missing, the most there ever were."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize()
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * (
        1 if sys.platform == "darwin" else 1024
    )


def noop_runs(folder: Path, quick: bool) -> None:
    """Seconds, memory on the way, files."""
    runs = 10_000 if quick else 100_000
    line = (points(1_000), f"replications={runs // 1_000}", "record=outcomes", *LOCAL)
    with Watch(folder / "noop") as watch:
        seconds = timed(lambda: study(line, folder / "noop", noop))
    say(
        f"{runs:,} no-op runs", f"{seconds:.1f} s", verdict(seconds < AIM_SECONDS, f"under {AIM_SECONDS:g} s")
    )
    sizes = [watch.at(share) / 2**20 for share in (0.1, 0.5, 1.0)]
    most = max(size for _, size in watch.seen) / 2**20
    flat = sizes[2] <= AIM_FLAT * sizes[1]
    say(
        "  parent's memory at 10, 50, 100 %",
        " ".join(f"{size:.0f}" for size in sizes) + " MB",
        verdict(most < AIM_MB and flat, f"under {AIM_MB:g} MB and flat") + f"; most {most:.0f}",
    )
    files = sum(1 for path in (folder / "noop").rglob("*") if path.is_file())
    say("  files", f"{files}", verdict(files <= AIM_FILES, f"at most {AIM_FILES}"))


def again(folder: Path, quick: bool) -> None:
    """A study that is complete is started once more."""
    runs = 1_000 if quick else 10_000
    line = (points(100), f"replications={runs // 100}", "record=outcomes", *LOCAL)
    study(line, folder / "again", noop)
    with taking_notes(folder / "notes") as noted:
        seconds = timed(lambda: study(line, folder / "again", sleepy))
        made = noted().count(b"\n")  # the model would have noted each run that it began
    say(
        f"{runs:,} runs, all there, again",
        f"{seconds:.2f} s",
        verdict(seconds <= AIM_AGAIN, f"at most {AIM_AGAIN:g} s"),
    )
    say("  runs simulated", f"{made}", verdict(made == 0, "none"))


def series(folder: Path, quick: bool) -> None:
    """One series over all runs of a study that recorded series."""
    runs, years = (20, 1) if quick else (200, 10)
    line = ("scenario=baseline", f"years={years}", f"replications={runs}", "record=report", *LOCAL)
    study(line, folder / "series")
    whole = stored(folder / "series")
    wanted = {"variable": "price_spot", "scope": "hub", "place": "world", "commodity": "dy_oxide"}
    times, rows = [], 0
    for _ in range(20):
        start = time.perf_counter()
        rows = whole.series(**wanted).num_rows
        times.append((time.perf_counter() - start) * 1e3)
    median = statistics.median(times)
    size = sum(path.stat().st_size for path in (folder / "series").rglob("*") if path.is_file()) / 2**20
    say(
        f"one series over {runs} runs of {years} years",
        f"{median:.1f} ms",
        verdict(median <= AIM_READ, f"at most {AIM_READ:g} ms")
        + f"; {rows:,} rows, the study has {size:.0f} MB",
    )


PARTS = {"noop": noop_runs, "again": again, "series": series}


def main() -> None:
    """Measure and print the parts asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    wanted = parser.parse_args()
    with scratch() as folder:
        for name in wanted.only.split(","):
            PARTS[name](folder, wanted.quick)


if __name__ == "__main__":
    main()
