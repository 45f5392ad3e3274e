"""All shipped scenarios: what they ask, and whether each runs with its balance closed and without a warning."""

from __future__ import annotations

from sim.scenarios.checking import Checked, check, lost

__all__ = ["Checked", "check", "lost"]
