"""A world: what exists on its first day. ``load_world`` reads and checks the tables of ``conf/world/<name>/``."""

from sim.world.check import WorldError
from sim.world.tables import Fact, load_world, world_names
from sim.world.types import World

__all__ = ["Fact", "World", "WorldError", "load_world", "world_names"]
