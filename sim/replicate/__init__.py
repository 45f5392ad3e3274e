"""Many replications of one case, in one process or several: the same results in the same order whatever the number."""

from __future__ import annotations

from sim.replicate.pool import THREADS, processors, replicate
from sim.replicate.progress import Progress

__all__ = ["THREADS", "Progress", "processors", "replicate"]
