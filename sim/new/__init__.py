"""A scenario file of one's own to begin with: a shipped scenario written out in full, or one example of each kind asked for.

Every field has a remark on what it is and what may stand in it, taken from the schema; sources are kept.
"""

from __future__ import annotations

from sim.new.content import from_scenario, skeleton, with_kinds
from sim.new.text import page
from sim.new.writing import write

__all__ = ["from_scenario", "page", "skeleton", "with_kinds", "write"]
