"""A capacity grant: public money (grant, loan or equity) adds capacity at a plant, a project or a candidate.

The money is entered on the day of the decision. ``of_project`` says that the tonnes are those of the announced project itself: then
only what of it would not have come is added. A separator may be given feed: shares of mines' concentrate that go to it from its
start, in place of where they went.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.chain import Chain
from sim.invest import Grant


@dataclass(frozen=True, kw_only=True)
class FeedContract:
    """``share`` of a mine's concentrate goes by the contract of that id in the world's table of feeds."""

    contract: str  # row of feeds.csv
    share: float


@dataclass(frozen=True, kw_only=True)
class CapacityGrant:
    """What is known of the grant."""

    name: str
    kind: str
    title: str
    start: date  # of the decision
    stage: str  # mine, separator, metal or magnet
    site: str
    t_per_year: float  # capacity added: REO, metal or finished magnets
    of_project: (
        bool  # the tonnes are those of the announced project: only what of it would not have come is added
    )
    lead_days: float  # from start to first feed
    ramp_months: float  # from first feed to full capacity
    probability: float  # that it is built
    cost_usd: float  # public money
    feeds: tuple[
        FeedContract, ...
    ]  # concentrate that goes to the site from its start, in place of where it went
    sources: tuple[str, ...]


EVENT: Final = CapacityGrant
RANGES: Final[dict[str, tuple[float, float]]] = {
    "t_per_year": (0.0, 1_000_000.0),
    "lead_days": (0.0, 7300.0),
    "ramp_months": (0.0, 240.0),
    "probability": (0.0, 1.0),
    "cost_usd": (0.0, 1e12),
    "share": (0.0, 1.0),
}
WORDS: Final[dict[str, str | tuple[str, ...]]] = {
    "stage": ("mine", "separator", "metal", "magnet"),
    "site": "site",
    "contract": "feed",
}
WHOLE: Final[tuple[str, ...]] = ()


def check(event: CapacityGrant) -> str:
    """What single fields cannot show to be wrong; '' if nothing is."""
    if event.feeds and event.stage != "separator":
        return f"feeds are given, but a {event.stage} takes no concentrate"
    for feed in event.feeds:
        if not feed.contract.endswith(f"__{event.site}"):
            return f"contract {feed.contract!r} does not end at {event.site!r}"
    return ""


def apply(event: CapacityGrant, chain: Chain) -> None:
    """Decide on the day; the capacity comes after the lead time, over the ramp. With chance off its expected share comes."""
    plants, _working = chain.plants_of(event.stage)
    site = plants.ids.index(event.site)
    number = {feed.id: i for i, feed in enumerate(chain.world.feeds)}
    feeds = tuple((number[feed.contract], feed.share) for feed in event.feeds)

    def decide() -> None:
        share = chain.invest.luck(f"grant.{event.name}", event.probability)
        chain.note("capacity grant", event.site, event.name, event.t_per_year * share)
        if share > 0.0:
            chain.spend(event.name, event.cost_usd * share)
            chain.invest.grant(Grant(event.name, event.stage, site, event.t_per_year, event.lead_days, event.ramp_months,
                                     share, event.of_project, feeds))  # fmt: skip

    chain.on(chain.day_of(event.start), decide)
