"""Where the runs of a study are made: in this process, in processes beside it, or on a cluster. None changes a result."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Final, Protocol, TypeVar

from sim.cli import UsageError
from sim.wording import not_one_of

T = TypeVar("T")
NAMES: Final = ("local", "inline", "ray", "slurm")


class Backend(Protocol):
    """Makes many runs.

    ``work(indices)`` gives one result for each study index, in that order; it never raises but for KeyboardInterrupt, and is
    picklable (a ``functools.partial`` of a module's function), because it is sent to each worker once. ``lost(index, why)`` is
    the result of a run whose worker died twice. Lists of results come in any order; each index has a result exactly once.
    Ctrl-C comes out as KeyboardInterrupt, and no worker outlives the iterator, whether it is used up, closed or interrupted.
    """

    def results(
        self,
        work: Callable[[Sequence[int]], Sequence[T]],
        indices: Iterable[int],
        lost: Callable[[int, str], T],
    ) -> Generator[Sequence[T], None, None]: ...


def backend(name: str, jobs: int, address: str = "", say: Callable[[str], None] | None = None) -> Backend:
    """The backend of ``study.backend=name`` with ``jobs`` runs at a time; ``say`` takes a warning (else standard error).

    ``address`` is that of a Ray cluster that runs already. Of ``slurm`` each shard runs ``local``: see ``slurm.submit``.
    Raises UsageError of one line for another name, and for an extra that is not installed.
    """
    # Loaded where chosen: none pays for another.
    if name == "inline":
        from sim.study.backends.inline import Inline

        return Inline()
    if name == "local":
        from sim.study.backends.local import Local

        return Local(jobs)
    if name == "ray":
        from sim.study.backends.on_ray import OnRay

        return OnRay(jobs, address, say)
    if name == "slurm":
        raise UsageError("study.backend=slurm submits shards; inside a shard use study.backend=local")
    raise UsageError(f"study.backend={not_one_of(name, NAMES)}")
