"""What owners of plants decide: to build, to mothball, to restart; and what states guarantee or give them.

``Invest`` stands in the chain as an organ and is asked once a week, after the call. Policies speak to it.
"""

from __future__ import annotations

from sim.invest.guarantees import Guarantee
from sim.invest.organ import Grant, Invest

__all__ = ["Grant", "Guarantee", "Invest"]
