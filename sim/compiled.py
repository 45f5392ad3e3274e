"""Compiled kernels: plain loops over arrays that Numba turns into machine code, where a chain of small NumPy calls costs more.

A kernel is a function of arrays and numbers that could run as it stands, only slowly. It keeps the order of additions it is
written in (no reordering for speed), so that the same library versions on the same kind of processor give the same bits.
The machine code is kept beside the source, or in the user's cache where that is read-only, and made again when the source
changes; ``NUMBA_DISABLE_JIT=1`` runs the plain functions, for a debugger.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """``function`` compiled on its first call for the types of that call; division by zero gives inf or nan as in NumPy."""
    try:
        made = numba.njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # no folder for machine code can be written: compile in every process
        made = numba.njit(error_model="numpy")(function)
    return cast(F, made)
