"""Prints the digest of every table of one replication: started by tests in processes of its own."""

from __future__ import annotations

import hashlib
import sys

import pyarrow as pa

from sim import load, simulate
from sim.case import Run


def of_table(table: pa.Table) -> str:
    """SHA-256 of a table's Arrow stream: every label, number and dictionary in it, to the bit."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def digests(run: Run) -> dict[str, str]:
    return {
        name: of_table(getattr(run, name)) for name in ("trajectories", "events", "attribution", "balance")
    }


if __name__ == "__main__":
    first, *overrides = sys.argv[1:]
    found = digests(simulate(load(*overrides), seed=int(first), replication=2))
    sys.stdout.write("\n".join(f"{name} {digest}" for name, digest in found.items()) + "\n")
