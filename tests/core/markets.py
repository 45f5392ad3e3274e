"""Small markets made by hand, for tests of the weekly call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.market.allocation import Served, serve
from sim.market.clearing import GLUT, Bids, Flows, Offers, Seats, clear, flows
from sim.stock import Array

PAR = 0.5
REGIONS = 2


@dataclass(frozen=True)
class Buyer:
    """A buying line; prices are logarithms, quantities kg a week."""

    want: float
    bid: float = 0.0
    width: float = 0.25
    civil: bool = True
    region: int = 0
    pool: int = 0
    most: float = np.inf


@dataclass(frozen=True)
class Seller:
    """A selling line; ``licensed`` is a share, ``bound`` says whether that share is for its own region only."""

    offer: float
    ask: float = 0.0
    width: float = 0.25
    licensed: float = 0.0
    bound: bool = False
    region: int = 0
    pool: int = 0
    most: float = np.inf


@dataclass
class Market:
    """Lines turned into the arrays that ``clear`` takes."""

    buyers: Sequence[Buyer]
    sellers: Sequence[Seller]
    pools: int = 1

    @property
    def bids(self) -> Bids:
        b = self.buyers
        return Bids(
            pool=np.array([x.pool for x in b], int),
            cell=np.array([x.pool * REGIONS + x.region for x in b], int),
            civil=np.array([float(x.civil) for x in b]),
            want=np.array([x.want for x in b]),
            log_bid=np.array([x.bid for x in b]),
            width=np.array([x.width for x in b]),
            most=np.array([x.most for x in b]),
        )

    @property
    def offers(self) -> Offers:
        s = self.sellers
        return Offers(
            pool=np.array([x.pool for x in s], int),
            cell=np.array([x.pool * REGIONS + x.region for x in s], int),
            bound=np.array([float(x.bound) for x in s]),
            licensed=np.array([x.licensed for x in s]),
            offer=np.array([x.offer for x in s]),
            log_ask=np.array([x.ask for x in s]),
            width=np.array([x.width for x in s]),
            most=np.array([x.most for x in s]),
        )

    def price(self, guess: float = 0.0, floor: float = 0.0) -> Array:
        """Log prices at which the market clears, [pools]."""
        start, least = np.full(self.pools, guess), np.full(self.pools, floor)
        seats = Seats(self.bids.pool, self.offers.pool, self.pools)
        return clear(start, self.bids, self.offers, seats, PAR, self.pools * REGIONS, least)

    def flows(self, price: Array) -> tuple[Flows, Array]:
        """Flows and excess demand for open goods at log prices."""
        found = flows(price, self.bids, self.offers, PAR, self.pools * REGIONS)
        more = (found.civil - found.bound).reshape(self.pools, REGIONS)
        civil = np.where(more > 0.0, more, GLUT * more).sum(axis=1)
        return found, civil + np.minimum(found.military, found.free) - found.civil_only - found.free

    def served(self, price: Array, priority: bool = False) -> tuple[Flows, Served]:
        flows, _excess = self.flows(price)
        return flows, serve(flows, self.bids, self.offers, np.full(self.pools, priority))
