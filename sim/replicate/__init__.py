"""Many runs in several processes: the same results whatever their number, and none that a dying process takes along."""

from __future__ import annotations

from sim.replicate.calm import THREADS
from sim.replicate.ordered import replicate
from sim.replicate.pool import Pool, processors
from sim.replicate.progress import Progress
from sim.replicate.tasks import Batch, Tasks, next_size

__all__ = ["THREADS", "Batch", "Pool", "Progress", "Tasks", "next_size", "processors", "replicate"]
