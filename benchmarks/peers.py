"""One ten-year baseline beside SupplyNetPy and BoARIO, each on 80 nodes over 780 weeks: CPU microseconds per node and week.

Each peer gets an environment of its own, with the versions below, made once under a cache folder; a peer that cannot be
installed or run is told so and has no figure. Rounds are interleaved (a bare timeout, our run, each peer), medians are
printed, and everything is timed on one thread without loading and building. What differs between the three stands in README.md:
this is no contest of equal tasks.

    python benchmarks/peers.py [--rounds 5] [--quick] [--cache DIR]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from common import AIM_BT, BASELINE, WEEKS, bare_timeout, cpu, say, sites, verdict

NETWORKS = Path(__file__).parent / "peer"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# BoARIO names no dependencies; those it imports are pinned beside it.
PEERS = {
    "SupplyNetPy": ("supplynetpy_network.py", ("supplynetpy==0.5.1", "simpy==4.1.2")),
    "BoARIO": (
        "boario_economy.py",
        ("boario==0.7.2", "pymrio==0.7.0", "pandas==3.1.1", "numpy==2.4.6", "progressbar2==4.6.0"),
    ),
}


class NoFigureError(Exception):
    """Why a peer has none, in one line."""


def interpreter(cache: Path, pins: tuple[str, ...]) -> Path:
    """The Python of an environment that holds just these versions, made if it is not there. Raises NoFigureError."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    home = cache / hashlib.sha256(" ".join((version, *pins)).encode()).hexdigest()[:12]
    python, whole = home / "bin" / "python", home / "whole"
    if not whole.exists():
        _run([sys.executable, "-m", "venv", "--clear", str(home)], "no environment")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        _run([*pip, *pins], "not installed")
        whole.touch()
    return python


def _run(command: list[str], what: str) -> str:
    """What the command prints. Raises NoFigureError with its last words."""
    try:
        made = subprocess.run(
            command, capture_output=True, text=True, check=True, env={**os.environ, **ONE_THREAD}
        )
    except subprocess.CalledProcessError as e:
        raise NoFigureError(
            f"{what}: {(e.stderr.strip().splitlines() or ['no reason given'])[-1][:200]}"
        ) from e
    except OSError as e:
        raise NoFigureError(f"{what}: {e}") from e
    return made.stdout


def peer(name: str, cache: Path, weeks: int) -> dict[str, Any]:
    """One run of a peer: version, seconds, nodes, weeks, and what shows that it did its work. Raises NoFigureError."""
    program, pins = PEERS[name]
    python = interpreter(cache, pins)
    told: dict[str, Any] = json.loads(
        _run([str(python), str(NETWORKS / program), "--weeks", str(weeks)], "failed")
    )
    return told


def main() -> None:
    """Measure in turns, then print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="two rounds of 156 weeks, ours of two years")
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "coercivity" / "peers"
    parser.add_argument("--cache", type=Path, default=default, help="where the environments are kept")
    wanted = parser.parse_args()
    rounds, weeks = (2, 156) if wanted.quick else (wanted.rounds, 780)
    overrides, ours_weeks = ((*BASELINE, "years=2"), 105) if wanted.quick else (BASELINE, WEEKS)

    os.environ.update(ONE_THREAD)
    from sim import load, simulate

    case = load(*overrides)
    simulate(case, seed=1)  # warms caches; the standing start is solved once and then kept
    bare: list[float] = []
    ours: list[float] = []
    theirs: dict[str, list[dict[str, Any]]] = {name: [] for name in PEERS}
    missing: dict[str, str] = {}
    for _ in range(rounds):
        bare.append(bare_timeout())
        ours.append(cpu(lambda: simulate(case, seed=1)))
        for name in theirs:
            if name not in missing:
                try:
                    theirs[name].append(peer(name, wanted.cache, weeks))
                except NoFigureError as e:
                    missing[name] = str(e)

    unit, seconds, plants = statistics.median(bare), statistics.median(ours), sites(case)
    mine = seconds / (plants * ours_weeks) * 1e6
    say(
        "one run",
        f"{seconds:.3f} s",
        f"{plants} sites, {ours_weeks} weeks, medians of {rounds} rounds, CPU time",
    )
    aim = "" if wanted.quick else verdict(seconds / unit <= AIM_BT, f"at most {AIM_BT:,}")
    say("  in bare timeouts", f"{seconds / unit:,.0f} BT", aim)
    say("  per site and week", f"{mine:.2f} us")
    for name, runs in theirs.items():
        if name in missing:
            say(f"{name}, per node and week", "no figure", missing[name])
            continue
        each = statistics.median(run["seconds"] / (run["nodes"] * run["weeks"]) * 1e6 for run in runs)
        last = runs[-1]
        told = f"{each / mine:.2f} times ours; {last['nodes']} nodes, {last['weeks']} weeks, {last['told']}"
        say(f"{name} {last['version']}, per node and week", f"{each:.2f} us", told)


if __name__ == "__main__":
    main()
