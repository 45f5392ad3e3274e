"""Coercivity: how much coercion the rare-earth supply chain takes before it fails.

>>> from sim import load, simulate
>>> run = simulate(load("scenario=controls_2025"), seed=1)

The two names are loaded when they are asked for: ``python -m sim --help`` should not pay for them.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.config import load as load
    from sim.simulate import simulate as simulate

__version__ = "0.1.0"
__all__ = ["__version__", "load", "simulate"]


class _Contents(ModuleType):
    """The package's own type. ``sim.simulate`` is both a module and the function in it: from here it is the function."""

    @property
    def load(self) -> Any:
        from sim.config import load

        return load

    @property
    def simulate(self) -> Any:
        from sim.simulate import simulate

        return simulate

    @simulate.setter
    def simulate(self, module: ModuleType) -> None:
        """The import system binds a submodule to its package; the function keeps the name instead."""


sys.modules[__name__].__class__ = _Contents
