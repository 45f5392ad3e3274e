"""Compiled kernels: plain loops over arrays that Numba turns into machine code, where a chain of small NumPy calls costs more.

A kernel is a function of arrays and numbers that could run as it stands, only slowly. It keeps the order of additions it is
written in (no reordering for speed), so that the same library versions on the same kind of processor give the same bits.
The machine code is kept beside the source, or in the user's cache where that is read-only, and made again when the source
changes, or that of a kernel it calls, or a constant it names; ``NUMBA_DISABLE_JIT=1`` runs the plain functions, for a debugger, and
``NUMBA_BOUNDSCHECK=1`` looks at every index.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """``function`` compiled on its first call for the types of that call; division by zero gives inf or nan as in NumPy."""
    try:
        made = numba.njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # no folder for machine code can be written: compile in every process
        made = numba.njit(error_model="numpy")(function)
    else:
        _stamp(made, function)
    return cast(F, made)


def _stamp(made: Any, function: Callable[..., object]) -> None:
    """Let kept machine code be made again when a kernel or a constant of another file changes: Numba looks at one file only."""
    file = _kept(made)
    if file is None:
        return  # NUMBA_DISABLE_JIT: a plain function
    named = {name: function.__globals__.get(name) for name in function.__code__.co_names}
    constants = {n: v for n, v in named.items() if isinstance(v, bool | int | float | str | tuple)}
    kernels = {n: _kept(v)._source_stamp for n, v in named.items() if _kept(v) is not None}
    file._source_stamp = (file._source_stamp, constants, kernels, getattr(numba.config, "BOUNDSCHECK", None))


def _kept(made: Any) -> Any:
    """Where Numba keeps a kernel's machine code; None of what is no kernel, or not kept."""
    return getattr(getattr(made, "_cache", None), "_cache_file", None)
