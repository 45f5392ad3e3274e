"""The chain in one SimPy environment: a weekly call, and the events between the calls.

Order at a call: deliver, decide, clear, produce, consume, record. What happens on days of its own (an outage begins, a plant
starts up, a licence is decided, news breaks, a ship is handed over) is a SimPy event of its own. The chain knows its organs;
of shocks and policies it has never heard: they call the methods of ``Levers``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from datetime import date

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.behaviour import Behaviour
from sim.build import Builder, Parts, element_values
from sim.chance import Chance
from sim.grouping import GroupSum, blend, total_by
from sim.invest import Invest
from sim.layout import HUBS, Layout
from sim.levers import Happening, Levers
from sim.market import bidding, clearing, offering
from sim.market.allocation import Served, serve
from sim.market.clearing import Bids, Offers
from sim.recorder import Recorder
from sim.rows import ROWS
from sim.stages.magnet_makers import MagnetMakers
from sim.stages.metal_makers import MetalMakers
from sim.stages.redesign import Redesign
from sim.start import Opening
from sim.stock import WIDTH, Array, BalanceError, Index, mass_of
from sim.trade.mixing import mix
from sim.trade.origin import OriginRule
from sim.trade.traders import landed, net_back
from sim.units import WEEK
from sim.ways import Ways
from sim.world.types import World

BALANCE_TOLERANCE = 1e-9
MADE_WEEKS = 8.0  # over which separators and recyclers average what they make: it is what they expect to sell
HELD = 0.1  # weekly plans: smaller arrears are made up within days and are not noted
THRIFT_DEAD_BAND = 1.1  # prices within 10 % of the opening ones make nobody thrift: unsourced estimate
THRIFT_FLOOR = (
    0.4  # least Dy and Tb a grade can do with: grain-boundary diffusion saves 50-70 % (Trout, Magnetics 2018)
)
BASE_METALS = (
    "ndpr_metal",
    "sm_metal",
)  # a magnet is made of these; the others in its recipe give way to price


class Chain(Levers):
    """One replication. ``run()`` to the end; then read ``recorder``, ``happenings`` and the stock's counters."""

    def __init__(
        self,
        world: World,
        layout: Layout,
        opening: Opening,
        behaviour: Behaviour,
        chance: Chance,
        start: date,
        weeks: int,
    ) -> None:
        self.world, self.layout, self.behaviour, self.chance = world, layout, behaviour, chance
        self.start, self.weeks = start, weeks
        builder = Builder(world, layout, opening, behaviour, chance, weeks)
        self.parts: Parts = builder.build()
        self.env = simpy.Environment()
        self.recorder: Recorder[Chain] = Recorder(weeks, ROWS)
        self.happenings: list[Happening] = []
        self.losses: dict[
            tuple[str, int], dict[str, float]
        ] = {}  # (stage, site) -> cause -> share of capacity lost
        self.spending: dict[str, Array] = {}  # policy -> USD by week
        self.ways = Ways(world, layout, self.parts)
        self.shut = np.zeros(len(self.parts.buy.row))  # share of each buyer's goods whose way is closed
        self.surges: dict[
            str, tuple[Array, Array]
        ] = {}  # cause -> factors on civil use and on programmes' plans
        self.answers: dict[str, list[Callable[[], None]]] = {}  # event -> what its beginning sets off
        self.week = 0
        lay, p = layout, self.parts
        self.cells = lay.K * lay.R
        self.scrap_to_region = GroupSum(p.magnet.plants.region[p.magnet.plant_of], lay.R)
        self._takes_scrap = np.unique(p.recyclers.plants.region, return_index=True)[
            1
        ]  # a region's first recycler
        self.thrift = np.ones((len(HUBS), 2))  # [hub, (Dy, Tb)] kilograms per kilogram in the opening recipe
        self.redesign = Redesign(len(p.magnet.link_out))
        self._thrift_metals = [lay.commodity_of["dy_metal"], lay.commodity_of["tb_metal"]]
        self._thrift_pools = np.arange(len(HUBS))[:, None] * lay.C + np.array(self._thrift_metals)
        self._civil = p.buy.civil.copy()
        self.listed: dict[str, Index] = {}  # event -> buying lines refused certified goods
        self.denied: dict[
            str, tuple[Index, float]
        ] = {}  # event -> buying lines, and the share of the hub's goods denied to them
        self.renewals: dict[
            str, Callable[[], None]
        ] = {}  # event -> what it works out anew when a zone is aligned
        self.origin: OriginRule | None = None
        self._state_of_access: tuple[bool, object] = (False, None)  # certificates in force, and for whom
        self.held_back: set[tuple[int, int]] = set()  # (programme, commodity) of arrears not made up yet
        self.quota_routes: dict[str, Index] = {}  # export quota -> its routes
        self.unions: dict[
            str, tuple[Index, float]
        ] = {}  # joint purchase -> members' buying lines, and their discipline
        self.hub_now = lay.hub.copy()  # [R] where a region trades now
        self.zone_week: int | None = None  # in which a zone was aligned
        self.readdress()
        self._flexible = np.isin(
            self._link_pool % lay.C, [lay.commodity_of[n] for n in BASE_METALS], invert=True
        )
        strip = [max(c.strip_cost_usd_per_kg, 1e-6) for c in world.commodities]
        self._floor = np.log(np.tile(strip, len(HUBS)))
        self._opening_log = np.log(p.prices.opening)
        self._packed_floor = np.minimum(self._floor, self._opening_log)[
            p.sell.pool[: p.sell.parts["recycled"].stop]
        ]
        self._sell_opening = self._opening_log[p.sell.pool]
        self._flat = p.sell.flat > 0.0
        self._lag_before = (
            p.buy.lag.astype(float) - 1.0
        )  # weeks on the way that a stock must bridge beyond the first
        self._home = p.traders.block.commodity  # China's pool of what a route carries: China is the first hub
        self._first_freight = p.prices.freight.copy()
        self._freight = p.prices.freight[self._home]
        self._wedge = p.prices.wedge[self._home]
        self._heard = np.ones(len(p.buy.row))  # share of news that a line answers to when it buys alone
        self._finished = np.full(len(p.magnet.outputs), p.magnet.finished)
        self.made_expected = np.concatenate([p.separators.made, p.recyclers.made])
        self._growth = np.array([m.growth_pct_per_year for m in world.mines]) / 100.0
        self._chinese_mine = (p.mines.plants.zone == 0).astype(float)
        self._chinese_growth = self._chinese_mine * self._growth
        self._grow_alike = [
            (plants, (plants.zone != 0).astype(int))
            for plants in (p.separators.plants, p.metal.plants, p.magnet.plants)
        ]
        self.metal_expected, self.magnet_expected = p.opening.metal.copy(), p.opening.magnet.copy()
        self.offered = p.expectations.orders.reshape(lay.K, -1).sum(axis=1)  # kg a week by pool, smoothed
        self.bought = np.zeros(len(p.buy.row))
        self.wants = np.zeros(len(p.buy.row))
        self.most = np.full(len(p.buy.row), np.inf)
        self.sold = np.zeros(len(p.sell.row))
        self.leaked = np.zeros(len(p.traders.block))
        first = {"behaviour"} if behaviour.allocation == "priority" else set()
        self.ratings = [set(first) for _hub in HUBS]  # by hub: what puts defence first there
        self._rated_hubs: tuple[tuple[bool, ...], NDArray[np.bool_]] = (), np.zeros(lay.K, bool)
        self._thin_share = np.zeros(lay.K)  # of a pool's orders that an assessor counts on: abroad only
        self._thin_share[p.prices.world] = behaviour.thin_share
        self._noise()
        self.invest = Invest(world, self.parts, behaviour, chance, self, element_values(p.prices))

    def readdress(self) -> None:
        """Work out anew what follows from the pools in which everybody buys and sells: at the start, and when a zone changes."""
        lay, p = self.layout, self.parts
        self.active = np.bincount(p.buy.pool, minlength=lay.K) > 0
        self.seats = clearing.Seats(p.buy.pool, p.sell.pool, lay.K)
        self._link_pool, self._link_thrift = self._thrift_index()
        self.ceiling = self._ceiling()

    def _thrift_index(self) -> tuple[Index, Index]:
        """By link from metal to magnet: the metal's pool, and its place in ``thrift`` (-1: not thrifted)."""
        p, lay = self.parts, self.layout
        metal = p.magnet.inputs.commodity[p.magnet.link_in]
        hub = p.buy.pool[p.buy.parts["magnet"]][p.magnet.link_in] // lay.C
        dy, tb = self._thrift_metals
        return hub * lay.C + metal, np.where(metal == dy, 2 * hub, np.where(metal == tb, 2 * hub + 1, -1))

    def _noise(self) -> None:
        b, p, c = self.behaviour, self.parts, self.chance
        sectors = [s.id for s in self.world.sectors]
        self.demand_noise = c.noise(
            [f"demand.{s}" for s in sectors], self.weeks, b.demand_noise, b.noise_weeks
        )
        mines = [f"mine.{m}" for m in p.mines.plants.ids]
        self.mine_noise = c.noise(mines, self.weeks, b.mine_noise, b.noise_weeks)
        self.mine_stops = c.stops(
            [f"stop.{m}" for m in mines], self.weeks, b.outages_per_year, b.outage_weeks
        )
        plants = [f"stop.separator.{s}" for s in p.separators.plants.ids]
        self.separator_stops = c.stops(plants, self.weeks, b.outages_per_year, b.outage_weeks)
        self.mine_working = np.ones(len(mines))  # set by outage events; chance comes on top
        self.separator_working = np.ones(len(plants))

    # -- the clock ----------------------------------------------------------------------------------------------------
    def run(self) -> None:
        """Run to the end. Raises ``BalanceError`` if an element does not balance within 1e-9."""
        self.env.process(self._weekly())
        self.env.run(until=self.weeks * WEEK)
        worst = float(self.balance_error().max())
        if not worst <= BALANCE_TOLERANCE:
            name = int(self.balance_error().argmax())
            raise BalanceError(
                f"mass balance of element {name} is off by {worst:.3g} of what came in (allowed 1e-9)"
            )

    def balance_error(self) -> Array:
        return self.parts.stock.close(Builder.in_pipes(self.parts))

    def _weekly(self) -> Generator[simpy.Event, object, None]:
        yield self.env.timeout(0.0)  # events of the first day come before its call
        for week in range(self.weeks):
            self.week = week
            self.call()
            yield self.env.timeout(WEEK)

    def call(self) -> None:
        """One Monday."""
        self._access()
        self._deliver()
        bids, offers = self._decide()
        self._clear(bids, offers)
        usd = element_values(self.parts.prices)
        self.invest.week(self.week, usd, self.sold, self.orders)
        self._produce(usd)
        self._consume()
        self._record()

    # -- deliver ------------------------------------------------------------------------------------------------------
    def _deliver(self) -> None:
        p, week = self.parts, self.week
        self.arrived = p.inbound.pop(p.stock.kg[p.buy.rows])[p.buy.parts["trader"]]
        self.feed_arrived = p.separators.groups(p.mines.feed.pop())
        p.civil.noise = self.demand_noise[week][p.civil.sector]
        p.mines.noise = self.mine_noise[week]
        p.mines.plants.working = self.mine_working * self.mine_stops[week]
        p.separators.plants.working = self.separator_working * self.separator_stops[week]
        if self.behaviour.growth:
            self._grow()

    def _grow(self) -> None:
        """Announced growth of mine capacity; Chinese plants grow with the mines that feed them."""
        p = self.parts
        years = self.week / 52.18
        p.mines.plants.growth = (1.0 + self._growth) ** years
        rate = (p.mines.output @ self._chinese_growth) / max(p.mines.output @ self._chinese_mine, 1e-12)
        factors = np.array([(1.0 + rate) ** years, 1.0])
        for plants, abroad in self._grow_alike:
            plants.growth = factors[abroad]

    # -- decide -------------------------------------------------------------------------------------------------------
    def _decide(self) -> tuple[Bids, Offers]:
        p, b = self.parts, self.behaviour
        mass = mass_of(p.stock.kg)
        self.mass = mass
        p.civil.decide(p.expectations.paid, self.week / 52.18, b.growth, b.substitution)
        if b.substitution:
            self._thrift_week()
        self.orders = orders = p.expectations.orders.reshape(self.layout.K, -1).sum(axis=1)
        self.caution = p.expectations.precaution()
        self._plan(mass, orders)
        slow = p.expectations.cost  # new trades answer to a gap that lasts, not to one week's quote
        p.traders.expect(
            p.expectations.orders,
            self.offered,
            self._net_back(slow),
            slow,
            p.border.free_share(),
        )
        return self._bids(mass), self._offers(mass, orders)

    def _thrift_week(self) -> None:
        b = self.behaviour
        self.redesign.week()
        low, mid = math.log(THRIFT_DEAD_BAND), math.log(b.thrift_pays_at)
        offering.thrift(
            self.thrift, self._thrift_pools, self.parts.expectations.maker, self._opening_log,
            b.thrift_per_year / 52.18, low, mid, THRIFT_FLOOR,
        )  # fmt: skip

    def _content(self) -> Array:
        """Metal per kilogram of magnet relative to the opening recipe, by link: what is thrifted for good, and what the
        recipe gives way to price at once (Dy against Tb, Gd and Ho, Ce and La in place of Nd and Pr), both ways."""
        thrifted, answer = offering.contents(
            self.thrift, self._link_thrift, self._link_pool, self._flexible, self.parts.expectations.cost,
            self._opening_log, self.behaviour.content_elasticity,
        )  # fmt: skip
        content: Array = self.redesign.limit(thrifted) * answer
        return content

    def _plan(self, mass: Array, orders: Array) -> None:
        """What metal and magnet makers mean to make: expected sales, and what stock and work in progress lack."""
        p = self.parts
        self.metal_expected, self.metal_plan = self._plans(
            "metal", p.metal, p.metal.yields, p.metal_share, p.project_metal, p.metal_mix, mass, orders
        )
        self.magnet_expected, self.magnet_plan = self._plans(
            "magnet", p.magnet, self._finished, p.magnet_share, p.project_magnet, p.magnet_mix, mass, orders
        )

    def _plans(
        self, part: str, stage: MetalMakers | MagnetMakers, yields: Array, share: Array, full: Array, mix: Array, mass: Array,
        orders: Array,
    ) -> Array:  # fmt: skip
        sell, plants, lines = self.parts.sell, stage.plants, self.parts.sell.parts[part]
        return offering.plans(
            share, orders, sell.pool[lines], full, mix, stage.plant_of, plants.started, plants.added, plants.running,
            plants.willing, sell.cover[lines], stage.work.lag, sell.gap[lines], mass[stage.outputs.rows], stage.work.held,
            yields,
        )  # fmt: skip

    def _bids(self, mass: Array) -> Bids:
        p, b, buy = self.parts, self.behaviour, self.parts.buy
        self.content = content = self._content()
        use = np.concatenate([
            np.zeros(len(p.reserves)), p.traders.expected, self.metal_plan / p.metal.yields,
            p.magnet.need(self.magnet_plan, content), p.civil.wanted, p.defence.wanted,
        ])  # fmt: skip
        caution, heard = self.caution, self._heard
        if self.unions:
            heard = heard.copy()
            for lines, discipline in self.unions.values():
                heard[lines] *= 1.0 - discipline
        trader, held, coming = buy.parts["trader"], mass[buy.rows], p.inbound.held
        by_line, self.lane_short = bidding.wants(
            use, held, coming, buy.pool, buy.cover, buy.gap, self._lag_before, caution, heard, self.shut
        )
        want, self.hoarding, most, target, lack = by_line
        for lines, discipline in self.unions.values():
            lack[lines] += discipline * (self._common(lines, held + coming, target) - lack[lines])
        bid = bidding.bids(
            lack, buy.pool, buy.value, buy.memory, p.expectations.user, p.expectations.maker, b.stress_power
        )
        want[trader] = p.traders.want(
            held[trader],
            coming[trader],
            p.border.waiting(),
            p.border.wait_weeks(),
            caution,
            b.trader_gap_weeks,
        )
        most[trader] = self._licences(want[trader])
        if p.border.quotas:
            most[trader] = np.minimum(most[trader], self._quotas(want[trader], most[trader]))
        bid[trader] = self._net_back(p.prices.log)
        self._reserve(want, bid, mass)
        if self.denied:
            self._deny(want, most)
        self.wants, self.most = want, most
        return Bids(buy.pool, buy.cell, buy.civil, want, bid, buy.width, most)

    def _common(self, lines: Index, position: Array, target: Array) -> Array:
        """What members of a joint purchase lack together, pool by pool, as a share of their targets, by line."""
        pool = self.parts.buy.pool[lines]
        have, mean = (total_by(pool, x[lines], self.layout.K) for x in (position, target))
        lack: Array = np.maximum(1.0 - np.divide(have, mean, out=np.ones_like(mean), where=mean > 0.0), -1.0)[
            pool
        ]
        return lack

    def _quotas(self, want: Array, most: Array) -> Array:
        """Caps of export quotas, kg by route; their rents come off what exporters can pay."""
        p, b = self.parts, self.behaviour
        border, price = p.border, p.prices.log[p.traders.source]
        width = p.buy.width[p.buy.parts["trader"]]
        border.rent[:] = 0.0

        def taken_at(rent: float) -> Array:
            border.rent[:] = rent
            gap = np.clip((self._net_back(p.prices.log) - price) / width, -50.0, 50.0)
            taken: Array = np.minimum(want / b.fill_at_par / (1.0 + np.exp(-gap)), most)
            return taken

        caps = border.ration(taken_at, p.traders.normal)
        self.levels()
        return caps

    def _deny(self, want: Array, most: Array) -> None:
        """Who is denied a share of the hub's goods gets no more than the rest of what it needs: asking for more does not help."""
        p = self.parts
        base = np.concatenate([
            want[p.buy.parts["state"]], p.traders.expected, self.metal_expected / p.metal.yields,
            p.magnet.need(self.magnet_expected, self.content), p.civil.wanted, p.defence.wanted,
        ])  # fmt: skip
        share = np.ones(len(want))
        for lines, denied in self.denied.values():
            share[lines] *= 1.0 - denied
        cut = share < 1.0
        most[cut] = np.minimum(most[cut], base[cut] * share[cut])

    def _reserve(self, want: Array, bid: Array, mass: Array) -> None:
        """What states mean to buy and to sell this week."""
        p, state = self.parts, self.parts.buy.parts["state"]
        p.reserves.decide(
            p.prices.log,
            p.expectations.cost,
            self._opening_log,
            mass[p.reserves.block.rows],
            p.inbound.held[state],
        )
        want[state], bid[state] = p.reserves.wanted, p.reserves.bid

    def _net_back(self, log_price: Array) -> Array:
        """What a trader can pay: the price where it sells net of freight, VAT and duty, relative to the first day's."""
        t, border = self.parts.traders, self.parts.border
        return net_back(
            log_price, t.source, t.target, self._home, self.parts.prices.opening, self._freight, self._wedge, border.duty,
            border.rent, t.to_world,
        )  # fmt: skip

    def _licences(self, want: Array) -> Array:
        """File this week's applications; decide those that are due at once; what may be shipped, kg by route."""
        border = self.parts.border
        for week in border.file(want, float(self.env.now), self.week, self.behaviour.fill_at_par):
            if week <= self.week:
                self.decide_licences(week)
            else:
                self.on(week * WEEK, lambda w=week: self.decide_licences(w))  # type: ignore[misc]
        return border.most(self.parts.traders.normal)

    def decide_licences(self, week: int) -> None:
        """Grant or refuse the applications that are due; what is granted lapses after its term."""
        border = self.parts.border
        for granted, term in border.decide(week):
            self.on(float(self.env.now) + term * WEEK, lambda g=granted: border.expire(g))  # type: ignore[misc]

    def _offers(self, mass: Array, orders: Array) -> Offers:
        p, sell = self.parts, self.parts.sell
        made = np.concatenate([p.separators.made, p.recyclers.made])
        blend(self.made_expected, made, MADE_WEEKS)
        expected = np.concatenate([
            self.made_expected, self.metal_expected, self.magnet_expected, np.zeros(len(p.reserves)), p.traders.expected,
        ])  # fmt: skip
        held, costs, expect = mass[sell.rows], p.cost_of, p.expectations
        cost = offering.cost_change(
            expect.cost, self._opening_log, costs.out, costs.pool, costs.weight, costs.rest
        )
        offer, ask = offering.offers(
            expected, held, sell.pool, sell.cover, sell.gap, sell.response, self._flat, sell.share, orders,
            self.caution, expect.seller, self._sell_opening, sell.parts["metal"].start, cost,
            sell.parts["trader"].start, self._landed(), self._packed_floor,
        )  # fmt: skip
        self.oxide_asked = expected[sell.parts["oxide"]]
        state = sell.parts["state"]
        if self.origin is not None:
            offer *= self.origin.passing(p.stock.kg[sell.rows], held, float(self.env.now))
        offer[state], ask[state] = p.reserves.offered, p.prices.log[p.reserves.pool]
        able = held.copy()
        able[state] = p.reserves.offered  # a state sells what it means to, however dear
        return Offers(sell.pool, sell.cell, sell.bound, self._licensed(held), offer, ask, sell.width, able)

    def _licensed(self, held: Array) -> Array:
        """Share of each seller's goods that came under a licence for civil users."""
        if self.origin is not None:
            self.origin.mark(self.parts.stock.kg[self.parts.sell.rows], held)
        return offering.licensed_share(self.parts.stock.kg[self.parts.sell.rows], held)

    def _landed(self) -> Array:
        """A trader's replacement cost: slow price where it buys, with freight, VAT and duty."""
        t, border = self.parts.traders, self.parts.border
        return landed(
            self.parts.expectations.cost, t.source, self._home, self.parts.prices.opening, self._freight, self._wedge,
            border.duty, border.rent, t.to_world,
        )  # fmt: skip

    # -- clear --------------------------------------------------------------------------------------------------------
    def _clear(self, bids: Bids, offers: Offers) -> None:
        p, lay, b = self.parts, self.layout, self.behaviour
        use, par = self.orders, b.fill_at_par
        floor = self._thin_share * use
        cleared = clearing.clear(p.prices.log, bids, offers, self.seats, par, self.cells, floor)
        p.prices.quote(np.where(self.active, np.minimum(cleared, self.ceiling), p.prices.log))
        flows = clearing.flows(p.prices.log, bids, offers, par, self.cells)
        served = serve(flows, bids, offers, self._rated())
        self.bought, self.sold = served.bought, served.sold
        self._ship(served)
        sold = total_by(offers.pool, served.sold, lay.K)
        blend(self.offered, total_by(offers.pool, offers.offer, lay.K), b.signal_weeks)
        p.prices.settle(sold, use)
        self._pay_reserves()
        p.expectations.update(
            p.prices.log, p.prices.paid, total_by(bids.cell, self._final_use(bids), self.cells)
        )

    def _rated(self) -> NDArray[np.bool_]:
        """Pools in which rated defence orders come first, [K]."""
        hubs = tuple(bool(names) for names in self.ratings)
        if hubs != self._rated_hubs[0]:
            self._rated_hubs = hubs, np.repeat(hubs, self.layout.C)
        return self._rated_hubs[1]

    def _pay_reserves(self) -> None:
        """What policies that build or release stockpiles have spent this week, at prices paid; sales count against it."""
        p, lay = self.parts, self.layout
        if not p.reserves.orders:
            return
        usd = lay.factor[p.reserves.block.commodity] * p.prices.paid[p.reserves.pool]
        moved = p.reserves.moved(self.bought[p.buy.parts["state"]], self.sold[p.sell.parts["state"]])
        for key, kg in moved.items():
            if kg != 0.0:
                self.spend(key.partition(".")[0], kg * float(usd[p.reserves.orders[key].row]))

    def _ceiling(self) -> Array:
        """Log of the highest civil value in use by pool: no quote stands above what somebody can pay and stay in business."""
        buy = self.parts.buy
        users = np.arange(len(buy.pool))
        users = users[(self._civil > 0.0) & (users >= buy.parts["trader"].stop)]
        top = np.full(self.layout.K, -np.inf)
        np.maximum.at(top, buy.pool[users], buy.value[users])
        return np.where(np.isfinite(top), top, np.inf)

    def _final_use(self, bids: Bids) -> Array:
        """Orders that sellers plan on: use passed down the chain, without anybody's corrections of stock.

        Passing the corrections on as well would have every stage amplify the next one's, and the chain would swing.
        """
        p = self.parts
        return np.concatenate([
            p.reserves.wanted, np.minimum(p.traders.expected, bids.most[p.buy.parts["trader"]]),
            self.metal_expected / p.metal.yields, p.magnet.need(self.magnet_expected, self.content), p.civil.wanted,
            p.defence.wanted,
        ])  # fmt: skip

    def _ship(self, served: Served) -> None:
        """Take the goods sold out of sellers' stocks, mix them by pool and access, send them to the buyers."""
        p, sell, lay = self.parts, self.parts.sell, self.layout
        line = p.buy.parts["trader"]
        licensed, self.leaked = p.border.ship(served.bought[line], p.traders.normal)
        table = p.inbound.mixtures()
        alike = mix(
            table, p.inbound.cells, lay.R, p.stock.kg[sell.rows], self.mass[sell.rows], served.sold, served.sold_licensed,
            sell.pool, sell.cell, sell.bound, served.from_bound, served.from_civil_only,
        )  # fmt: skip
        p.inbound.push(table, served.bought, licensed, p.border.tests(), alike)

    # -- produce, consume ---------------------------------------------------------------------------------------------
    def _produce(self, usd: Array) -> None:
        """Everybody makes what was planned; ``usd`` [hubs, 15] is what a kilogram of each element fetches."""
        p = self.parts
        oxide = p.sell.parts["oxide"]
        p.separators.run(p.stock, self.feed_arrived, self.oxide_asked, p.sell.cover[oxide] * self.oxide_asked)
        p.metal.run(p.stock, self.metal_plan)
        scrap = p.magnet.run(p.stock, self.magnet_plan, self.content)
        saved = self.redesign.spent(p.magnet)
        by_region = self.scrap_to_region(scrap)
        recyclers = p.recyclers.plants
        mine = np.zeros((len(recyclers.ids), WIDTH))
        mine[self._takes_scrap] = by_region[recyclers.region[self._takes_scrap]]
        by_region[recyclers.region] = 0.0
        p.stock.count_lost(by_region)
        p.recyclers.run(p.stock, mine, usd[self.hub_now[recyclers.region]])
        p.mines.takers = p.separators.plants.able
        p.mines.run(p.stock, usd)
        for spent in (p.recyclers.collection.spent, saved, p.civil.subsidies.spent):
            for name, dollars in spent.items():
                self.spend(name, dollars)

    def _consume(self) -> None:
        p = self.parts
        p.civil.consume(p.stock, self.mass[p.civil.block.rows])
        self.issued = p.reserves.issue(p.stock, p.defence.kits, p.defence.wanted)
        p.defence.build_week(p.stock, self.week)
        self._note_held()
        for programme, number, fraction in p.defence.finished_units:
            self.on(self.env.now + fraction * WEEK, lambda i=programme, n=number: self._hand_over(i, n))  # type: ignore[misc]

    def _note_held(self) -> None:
        """Say when a programme cannot begin its units for want of an item, and when it has made up its arrears."""
        d = self.parts.defence
        held_back = (d.scarce >= 0) & (d.late_starts > HELD * d.plan)
        if not self.held_back and not held_back.any():
            return
        caught_up = {pair for pair in self.held_back if d.late_starts[pair[0]] <= HELD * d.plan[pair[0]]}
        for programme in sorted({pair[0] for pair in caught_up}):
            self.note("caught up", d.names[programme], "arrears made up")
        self.held_back -= caught_up
        for i in np.flatnonzero(held_back):
            item = int(d.kits.commodity[d.scarce[i]])
            if (int(i), item) not in self.held_back:
                self.held_back.add((int(i), item))
                self.note("held back", d.names[i], self.layout.commodities[item], float(d.late_starts[i]))

    def _hand_over(self, programme: int, number: int) -> None:
        defence = self.parts.defence
        self.note("unit delivered", defence.names[programme], "build completed", float(number))

    # -- record -------------------------------------------------------------------------------------------------------
    def _record(self) -> None:
        """Write the week down: the rows of ``sim.rows``."""
        self.recorder.write(self.week, self)
        self.parts.border.new_week()  # decisions made before the next call belong to the next row
