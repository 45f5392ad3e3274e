"""What workers are given in the tests of the pool and the backends: runs that are quick, slow, fail, or kill their process."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

Made = tuple[int, str]  # index, what became of it


def quick(indices: Sequence[int]) -> list[Made]:
    return [(i, "ok") for i in indices]


def some_milliseconds(indices: Sequence[int]) -> list[Made]:
    """Uneven, and in need of the processor."""
    for i in indices:
        until = time.perf_counter() + 0.001 * (1 + i % 7)
        while time.perf_counter() < until:
            pass
    return quick(indices)


def asleep(indices: Sequence[int]) -> list[Made]:
    time.sleep(60.0 * len(indices))
    return quick(indices)


def deadly(seldom: int, indices: Sequence[int]) -> list[Made]:
    """Each run whose index is one below a multiple of ``seldom`` kills its process."""
    for i in indices:
        if i % seldom == seldom - 1:
            os.kill(os.getpid(), signal.SIGKILL)
    return quick(indices)


def deadly_in_company(folder: Path, indices: Sequence[int]) -> list[Made]:
    """Index 3 kills its process while another run is under way, as if together they were too large."""
    mine = folder / f"{os.getpid()}"
    mine.touch()
    try:
        time.sleep(0.1)
        if 3 in indices and len(list(folder.iterdir())) > 1:
            mine.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
    finally:
        mine.unlink(missing_ok=True)
    return quick(indices)


def who(indices: Sequence[int]) -> list[tuple[int, int, int]]:
    """Index, process, and how many runs it was given at once; the sleep is that of a slow run."""
    time.sleep(0.35 * len(indices))
    return [(i, os.getpid(), len(indices)) for i in indices]


def raises(indices: Sequence[int]) -> list[Made]:
    raise LookupError(f"no such thing as {indices[0]}")


def one_short(indices: Sequence[int]) -> list[Made]:
    return quick(indices)[1:]


class Heavy:
    """Work that cannot be taken along: unpacking it in a worker raises, exits or kills."""

    def __init__(self, end: str) -> None:
        self.end = end

    def __setstate__(self, state: dict[str, str]) -> None:
        if state["end"] == "raise":
            raise ImportError("no module named rare_earths")
        if state["end"] == "exit":
            os._exit(4)
        os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, indices: Sequence[int]) -> list[Made]:
        return quick(indices)


def lost(index: int, why: str) -> Made:
    return index, why


def children(process: int | str = "self") -> list[int]:
    """Processes that ``process`` has started and that still run, but for the one that tidies up after multiprocessing."""
    found: list[int] = []
    for thread in Path(f"/proc/{process}/task").iterdir():
        for number in (thread / "children").read_text().split():
            try:
                command = Path(f"/proc/{number}/cmdline").read_bytes()
                state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if b"resource_tracker" not in command and state != "Z":
                found.append(int(number))
    return found


def listening(processes: Sequence[int]) -> list[str]:
    """Sockets on which any of ``processes`` accepts connections from the network."""
    sockets: set[str] = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        rows = [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []
        sockets |= {row[9] for row in rows if row[3] == "0A"}
    held: list[str] = []
    for process in processes:
        for entry in Path(f"/proc/{process}/fd").iterdir():
            try:
                target = str(entry.readlink())
            except OSError:
                continue
            if target.startswith("socket:[") and target[8:-1] in sockets:
                held.append(f"{process}: {target}")
    return held


def study(name: str, work: str, runs: int) -> int:
    """A program: make runs by a backend, print what came, and say 130 of an interrupt."""
    from sim.study.backends import backend

    seen = 0
    try:
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        for results in backend(name, 2).results(globals()[work], range(runs), lost):
            seen += len(results)
            sys.stdout.write("".join(f"{index} {what}\n" for index, what in results))
            sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    return 0 if seen == runs else 1


if __name__ == "__main__":
    import workloads  # under its own name, so that workers find it

    sys.exit(workloads.study(sys.argv[1], sys.argv[2], int(sys.argv[3])))
