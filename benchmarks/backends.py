"""The same small study in this process, in local processes and on a local Ray cluster of two nodes: equal digests, seconds each.

python benchmarks/backends.py [--quick]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import digest, say, scratch, study, timed, verdict

LINE = ("scenario=baseline,controls_2025", "behaviour.precaution=true,false", "record=outcomes")


@contextmanager
def two_nodes() -> Iterator[str]:
    """Address of a Ray cluster of two nodes with a processor each, on this machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    here = str(Path(__file__).resolve().parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join(x for x in (here, os.environ.get("PYTHONPATH", "")) if x)
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()
        yield cluster.address
    finally:
        cluster.shutdown()


def main() -> None:
    """Run the study three times and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="shorter runs, and fewer")
    wanted = parser.parse_args()
    years, replications = (0.25, 2) if wanted.quick else (1, 10)
    line = (*LINE, f"years={years}", f"replications={replications}")
    found: dict[str, str] = {}

    def one(name: str, folder: Path, *words: str) -> None:
        seconds = timed(lambda: study((*line, *words), folder / name))
        found[name] = digest(folder / name)
        say(
            f"{name}, {4 * replications} runs of {years:g} years",
            f"{seconds:.1f} s",
            f"outcomes {found[name][:16]}",
        )

    with scratch() as folder:
        one("inline", folder, "study.backend=inline")
        one("local", folder, "study.backend=local", "study.jobs=2")
        if importlib.util.find_spec("ray") is None:
            say("ray", "no figure", "not installed: pip install 'coercivity[ray]'")
        else:
            with two_nodes() as address:
                one("ray", folder, "study.backend=ray", f"study.address={address}")
    same = len(set(found.values())) == 1
    say("digests", "equal" if same else "DIFFERENT", verdict(same and len(found) == 3, "all three equal"))


if __name__ == "__main__":
    main()
