"""From a world and its opening flows to rows, plants, lines and full pipes: the chain on its first morning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.behaviour import Behaviour
from sim.chance import Chance
from sim.compiled import kernel
from sim.demand.civil import MONTHS_TO_WEEKS, Civil
from sim.demand.defence import Defence
from sim.demand.reserves import Reserves
from sim.elements import OXIDE_PER_KG
from sim.grouping import ratio, total_by
from sim.in_use import DEFENCE, STAGES, InUse, opened, through_stage, weekly_rate
from sim.layout import CHINA_HUB, HUBS, Layout
from sim.market.contracts import Prices
from sim.market.expectations import Expectations
from sim.stages.end_of_life import Collection, opening_shares
from sim.stages.first_fill import FirstFill
from sim.stages.magnet_makers import MagnetMakers
from sim.stages.metal_makers import MetalMakers
from sim.stages.mines import Mines
from sim.stages.plants import Plants
from sim.stages.recyclers import Recyclers
from sim.stages.separators import Separators
from sim.start import OPERATING, TIGHT, Opening, Solver, lane_freight
from sim.stock import CHINA, RUSSIA, WIDTH, Array, Block, E, Index, Stock, mass_of
from sim.trade.border import Border
from sim.trade.shipments import Shipments
from sim.trade.traders import Traders
from sim.units import per_week, weeks_in
from sim.world.types import World

DEFENCE_VALUE = 20_000.0  # USD/kg at which defence stops: nothing else works; unsourced estimate
ROWS = ("pile", "feed", "circuit", "ledger", "tailings", "products", "building",  # neither sold nor bought as they lie
        "oxide", "recycled", "metal_out", "magnet_out", "state", "trader",  # what is sold ...
        "metal_in", "magnet_in", "civil", "kits")  # ... and, with the states' and the trading houses', what is bought  # fmt: skip
LEAST_VALUE = (
    3.0  # a user of an oxide stops at no less than this multiple of its opening price: unsourced estimate
)


@dataclass(slots=True)
class BuyLines:
    """Everybody who buys: states, traders, metal makers, magnet makers, civil users, programmes' kits, in this order."""

    row: Index
    rows: slice  # the same: buyers' rows are one run
    pool: Index
    cell: Index
    civil: Array
    width: Array
    value: Array  # log of the price at which it stops
    memory: Index  # 0 user's, 1 maker's reference price
    cover: Array
    gap: Array
    lag: Index
    parts: dict[str, slice]


@dataclass(slots=True)
class SellLines:
    """Everybody who sells: separators, recyclers, metal makers, magnet makers, states, traders, in this order."""

    row: Index
    rows: slice  # the same: sellers' rows are one run
    pool: Index
    cell: Index
    bound: Array
    width: Array
    cover: Array
    gap: Array
    flat: Array  # 1: asks its opening price whatever the market does (surplus oxides)
    share: Array  # of the pool's orders that it expects to fill
    response: Array  # log price per unit of surplus stock
    parts: dict[str, slice]


@dataclass(slots=True)
class Parts:
    """The chain's organs, wired to one stock."""

    layout: Layout
    opening: Opening
    stock: Stock
    prices: Prices
    expectations: Expectations
    mines: Mines
    separators: Separators
    recyclers: Recyclers
    metal: MetalMakers
    magnet: MagnetMakers
    civil: Civil
    defence: Defence
    reserves: Reserves
    traders: Traders
    border: Border
    buy: BuyLines
    sell: SellLines
    inbound: Shipments
    metal_share: Array
    magnet_share: Array
    cost_of: CostChain
    project_metal: Array
    project_magnet: Array
    metal_mix: Array  # [rows] share of its plant's output
    magnet_mix: Array


@dataclass(slots=True)
class CostChain:
    """Unit cost of metals and magnets as a ratio to its opening value: weights of input pools, and the rest."""

    out: Index  # [links] seller row (metal rows first, then magnet rows)
    pool: Index  # [links] input pool
    weight: Array  # [links] share of the opening price
    rest: Array  # [rows] share that is conversion


def covers(world: World) -> dict[tuple[str, str], float]:
    """Weeks of stock by holder and region, at least one."""
    return {(c.holder, c.region): max(c.weeks, 1.0) for c in world.covers}


class Builder:
    """Builds ``Parts``; one method an organ, in the order in which material flows."""

    def __init__(
        self, world: World, lay: Layout, opening: Opening, b: Behaviour, chance: Chance, weeks: int
    ) -> None:
        self.world, self.lay, self.o, self.b, self.chance, self.weeks = world, lay, opening, b, chance, weeks
        self.stock = Stock()
        self.solver = Solver(world, lay, b)
        self.cover = covers(world)
        self.fills: list[tuple[Block, Array, Array]] = []  # block, kg a row, Chinese share a row

    def cover_of(self, holder: str, region: int) -> float:
        name = self.lay.regions[region]
        return self.cover.get((holder, name), self.cover[(holder, "all")])

    def goods(self, commodity: Index, kg: Array, china: Array) -> Array:
        """Opening goods of a commodity [n, WIDTH] with their mark of origin."""
        out = np.zeros((len(commodity), WIDTH))
        out[:, :E] = self.o.mix[commodity] * kg[:, None]
        out[:, CHINA] = kg * china
        return out

    def china_share(self, region: Index, commodity: Index) -> Array:
        share: Array = self.o.china_share[self.lay.hub[region] * self.lay.C + commodity]
        return share

    def build(self) -> Parts:
        lay, o, b = self.lay, self.o, self.b
        prices = self._prices()
        mines = self._mines(prices)
        separators = self._separators(mines)
        in_use = self._in_use()
        recyclers = self._recyclers(in_use, prices)
        metal = self._metal()
        magnet = self._magnet()
        traders, border = self._traders()
        civil = self._civil(in_use, prices)
        defence = self._defence(in_use)
        reserves = self._state()
        self.stock.arrange(ROWS)
        buy = self._buy(metal, magnet, civil, defence, reserves, traders, prices)
        sell = self._sell(separators, recyclers, metal, magnet, reserves, traders)
        inbound = self._inbound(buy)
        expectations = Expectations(prices.log, self._orders(), b)
        pool_orders = self._orders().reshape(lay.K, lay.R).sum(axis=1)
        parts = Parts(
            layout=lay, opening=o, stock=self.stock, prices=prices, expectations=expectations, mines=mines,
            separators=separators, recyclers=recyclers, metal=metal, magnet=magnet, civil=civil, defence=defence,
            reserves=reserves, traders=traders, border=border, buy=buy, sell=sell, inbound=inbound,
            metal_share=o.metal / np.maximum(pool_orders[sell.pool[sell.parts["metal"]]], 1e-12),
            magnet_share=o.magnet / np.maximum(pool_orders[sell.pool[sell.parts["magnet"]]], 1e-12),
            cost_of=self._costs(sell, prices),
            project_metal=self._pushed([(m.maker, m.commodity, m.output_t_product_per_year) for m in self.world.metal_outputs],
                                       {m.id: m.status for m in self.world.metal_makers}),
            project_magnet=self._pushed([(m.maker, m.commodity, m.output_t_product_per_year)
                                         for m in self.world.magnet_outputs],
                                        {m.id: m.status for m in self.world.magnet_makers}),
            metal_mix=np.zeros(0), magnet_mix=np.zeros(0),
        )  # fmt: skip
        parts.metal_mix = _share_of_plant(metal.plant_of, o.metal + parts.project_metal)
        parts.magnet_mix = _share_of_plant(magnet.plant_of, o.magnet + parts.project_magnet)
        self.stock.opening = self.stock.total() + self.in_pipes(parts)
        return parts

    def _pushed(self, rows: list[tuple[str, str, float]], status: dict[str, str]) -> Array:
        """Full-rate output of projects, kg a week, nil for what operates: a new plant sells what it makes."""
        return np.array([
            per_week(t) / self.lay.factor[self.lay.commodity_of[c]] * (status[maker] != OPERATING) for maker, c, t in rows
        ])  # fmt: skip

    @staticmethod
    def in_pipes(parts: Parts) -> Array:
        """Kilograms of each element in transit and in process, [15]."""
        pipes = (parts.inbound, parts.mines.feed, parts.separators.hold, parts.recyclers.work, parts.metal.work,
                 parts.magnet.work)  # fmt: skip
        total: Array = np.sum([p.total() for p in pipes], axis=0)
        return total

    # -- organs -------------------------------------------------------------------------------------------------------
    def _prices(self) -> Prices:
        world, lay, o = self.world, self.lay, self.o
        magnet = np.array([s == "magnet" for s in lay.stage])
        vat = np.where(magnet, world.vat_magnets_pct, world.vat_pct) / 100.0
        wedge = (1.0 + vat) * (1.0 + world.duty_pct / 100.0)
        freight = np.zeros(lay.C)
        rates = [lane_freight(world, "china", r) for r in lay.regions]
        outward = o.route_target > o.route_source
        for c in range(lay.C):
            here = outward & (o.route_commodity == c)
            flow = o.route_flow[here]
            regions = o.route_region[here]
            freight[c] = (
                (flow * np.array(rates)[regions]).sum() / flow.sum()
                if flow.sum() > 0.0
                else float(np.mean(rates))
            )
        return Prices(lay, wedge, freight, self.b)

    def _plants(self, rows: tuple[object, ...], capacity: Array) -> Plants:
        region = np.array([self.lay.region_of[r.region] for r in rows])  # type: ignore[attr-defined]
        plants = Plants(tuple(r.id for r in rows), region, self.lay.zone[region], capacity)  # type: ignore[attr-defined]
        plants.started = np.array([float(getattr(r, "status", OPERATING) == OPERATING) for r in rows])
        return plants

    def _mines(self, prices: Prices) -> Mines:
        world, lay, o = self.world, self.lay, self.o
        n = len(world.mines)
        basket = np.array([m.basket_pct for m in world.mines]) / np.array(OXIDE_PER_KG)
        element_per_reo = basket.sum(axis=1) / 100.0
        full = np.array([per_week(m.capacity_t_reo_per_year) for m in world.mines]) * element_per_reo
        running = o.mine.sum(axis=1)
        operating = np.array([m.status == OPERATING for m in world.mines])
        capacity = np.where(
            operating, running, full
        )  # what runs, runs at its opening rate; elasticity stretches it
        plants = self._plants(world.mines, capacity)
        pile = self.stock.add("pile", [m.id for m in world.mines], "mine", list(plants.region), [-1] * n)
        potential = basket / basket.sum(axis=1, keepdims=True)
        number = {m.id: i for i, m in enumerate(world.mines)}
        separators = {s.id: i for i, s in enumerate(world.separators)}
        routes = (np.array([number[f.mine] for f in world.feeds]), np.array([separators[f.separator] for f in world.feeds]),
                  np.array([f.share for f in world.feeds]))  # fmt: skip
        sep_hub = np.array([lay.hub[lay.region_of[s.region]] for s in world.separators])
        hub = np.array(
            [sep_hub[routes[1][routes[0] == m][0]] if (routes[0] == m).any() else CHINA_HUB for m in range(n)]
        )
        usd = element_values(prices)
        mines = Mines(
            plants, pile, o.mine, potential, routes, np.array([weeks_in(f.days) for f in world.feeds]),
            np.array([m.supply_elasticity for m in world.mines]), np.array([m.by_product or m.quota_bound for m in world.mines]),
            self.b.running_cost_share, (potential * usd[hub]).sum(axis=1), hub, self.b.basket_weeks,
        )  # fmt: skip
        mines.room = np.where(operating, np.maximum(full / np.maximum(running, 1e-12), 1.0), 1.0)
        return mines

    def _separators(self, mines: Mines) -> Separators:
        world, lay, o = self.world, self.lay, self.o
        n = len(world.separators)
        plants = self._plants(world.separators, np.zeros(n))
        opening_feed = np.zeros((n, WIDTH))
        for m, s, share in zip(mines.mine_of, mines.separator_of, mines.share, strict=True):
            opening_feed[s, :E] += o.mine[m] * share
            mass = o.mine[m].sum() * share
            opening_feed[s, CHINA] += mass * (mines.plants.zone[m] == 0)
            opening_feed[s, RUSSIA] += mass * (mines.plants.zone[m] == 1)
        per_reo = 1.0 / np.mean(
            OXIDE_PER_KG[:4]
        )  # REO of light feed holds 0.855 kg of element a kg; close for all baskets
        plants.capacity = np.maximum(
            np.array([per_week(s.capacity_t_reo_per_year) for s in world.separators]) * per_reo,
            mass_of(opening_feed) * 1.02,
        )
        ids, region = [s.id for s in world.separators], list(plants.region)
        feed = self.stock.add("feed", ids, "separator", region, [-1] * n)
        ledger = self.stock.add("ledger", ids, "separator", region, [-1] * n)
        tailings = self.stock.add("tailings", ids, "separator", region, [-1] * n)
        circuit = self.stock.add("circuit", ids, "separator", region, [-1] * n)
        pairs = [(s, c) for s in range(n) for c in range(lay.C) if lay.stage[c] == "oxide"
                 and (np.array(world.separators[s].separated) * lay.mask[c]).sum() > 0.0]  # fmt: skip
        plant_of = np.array([p[0] for p in pairs])
        commodity = np.array([p[1] for p in pairs])
        oxide = self.stock.add(
            "oxide", [ids[s] for s in plant_of], "separator", list(plants.region[plant_of]), list(commodity)
        )
        sold = o.oxide[plant_of, commodity]
        could = (o.separated[plant_of] * lay.mask[commodity]).sum(axis=1)
        surplus = self._surplus()[commodity]
        feed_weeks = np.array([s.feed_cover_days / 7.0 for s in world.separators])
        self.stock.put(feed.rows, opening_feed * np.maximum(feed_weeks - 1.0, 0.0)[:, None])
        cover = np.array([self.cover_of("separator_oxide", r) for r in plants.region[plant_of]])
        self.stock.put(
            oxide.rows,
            self.goods(commodity, sold * cover, self.china_share(plants.region[plant_of], commodity)),
        )
        ledger_flow = np.zeros((n, E))
        np.add.at(ledger_flow, plant_of, (could - sold)[:, None] * self.o.mix[commodity])
        start = np.zeros((n, WIDTH))
        start[:, :E] = (
            np.maximum(ledger_flow, 0.0) * 26.0
        )  # half a year of what nobody bought: unsourced estimate
        start[:, CHINA] = mass_of(start) * (plants.zone == 0)
        self.stock.put(ledger.rows, start)
        hold = np.array([weeks_in(s.hold_up_days) for s in world.separators])
        fill = FirstFill(plants, circuit, ledger, np.maximum(self.b.first_fill_weeks - hold, 0.0))
        return Separators(
            plants, feed, ledger, tailings, oxide, plant_of, lay.mask[commodity],
            np.array([s.separated for s in world.separators]), np.array([s.unseparated for s in world.separators]),
            feed_weeks, hold, opening_feed, sold, surplus,
            mines.to_separators(n), self.b.maker_gap_weeks, self.b.strip_weeks, fill,
        )  # fmt: skip

    def _surplus(self) -> Array:
        """1 for oxides whose supply exceeds use: made to order at their opening price."""
        surplus: Array = (self.o.ratio > 1.0 + TIGHT).astype(float)
        return surplus

    def _in_use(self) -> InUse:
        """Goods in use as past growth of use has left them; ``self.leaving`` [n, WIDTH] is what leaves use a week at first."""
        lay, o, world = self.lay, self.o, self.world
        sector = [world.sectors[s].id for s in o.civil_sector]
        rests = np.array([not world.sectors[s].dissipative for s in o.civil_sector])
        civil = [
            (lay.regions[r], s) if stays else ("", "")
            for r, s, stays in zip(o.civil_region, sector, rests, strict=True)
        ]
        defence = [(lay.regions[r], DEFENCE) for r in o.programme_region]
        pairs = sorted({*civil, *defence} - {("", "")})
        number = {pair: i for i, pair in enumerate(pairs)}
        self.civil_into = np.array([number.get(pair, -1) for pair in civil])
        self.defence_into = np.array([number[pair] for pair in defence])
        inflow = np.zeros((len(pairs), WIDTH))
        goods = self.goods(
            o.civil_commodity, o.civil_use, self.china_share(o.civil_region, o.civil_commodity)
        )
        np.add.at(inflow, self.civil_into[rests], goods[rests])
        kits = self.goods(o.kit_commodity, o.kit_use, self.china_share(o.kit_region, o.kit_commodity))
        np.add.at(inflow, self.defence_into[o.kit_programme], kits)
        self._lives = {row.id: row for row in world.lifetimes}
        mine = [self._lives[kind] for _region, kind in pairs]
        rate = weekly_rate(np.array([row.years for row in mine]))
        growth = np.array([row.past_growth_pct_per_year for row in mine]) / 100.0 * self.b.growth
        through = through_stage(rate, growth)
        region = np.array([lay.region_of[r] for r, _kind in pairs])
        block = self.stock.add("products", [kind for _region, kind in pairs] * STAGES, "user", list(region) * STAGES,
                               [-1] * len(pairs) * STAGES)  # fmt: skip
        self.stock.put(block.rows, opened(inflow, rate, through).reshape(-1, WIDTH))
        self.leaving = inflow * (through**STAGES)[:, None]
        return InUse(block, region, tuple(kind for _region, kind in pairs), rate)

    def _recyclers(self, in_use: InUse, prices: Prices) -> Recyclers:
        world, lay, o = self.world, self.lay, self.o
        plants = self._plants(world.recyclers, o.scrap.sum(axis=1) + 1e-9)
        old = self.leaving[
            [self._lives[kind].recoverable for kind in in_use.kind], :E
        ]  # what a mandate may ask for
        held = (o.scrap + o.end_of_life).sum(axis=0) + old.sum(axis=0) > 0.0
        pairs = [(r, c) for r in range(len(world.recyclers)) for c in range(lay.C)
                 if lay.stage[c] == "oxide" and (lay.mask[c] * held).any()]  # fmt: skip
        plant_of, commodity = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
        block = self.stock.add("recycled", [plants.ids[r] for r in plant_of], "recycler",
                               list(plants.region[plant_of]), list(commodity))  # fmt: skip
        sold = o.recycled[plant_of, commodity]
        cover = np.array([self.cover_of("recycler", r) for r in plants.region[plant_of]])
        self.stock.put(
            block.rows,
            self.goods(commodity, sold * cover, self.china_share(plants.region[plant_of], commodity)),
        )
        scrap = np.zeros((len(world.recyclers), WIDTH))
        scrap[:, :E] = o.scrap
        scrap[:, CHINA] = o.scrap.sum(axis=1) * (plants.zone == 0)
        usd = element_values(prices)[lay.hub[plants.region]]
        basket = ratio(o.scrap, o.scrap.sum(axis=1, keepdims=True) * np.ones(E))
        collection = self._collection(in_use, plants, usd)
        old = collection.collect(self.leaving.copy(), usd, np.ones(len(plants.ids)))
        recyclers = Recyclers(
            plants, in_use, collection, block, plant_of, lay.mask[commodity],
            np.array([r.swarf_collected for r in world.recyclers]), np.array([r.recovery for r in world.recyclers]),
            np.array([r.supply_elasticity for r in world.recyclers]),
            np.array([weeks_in(r.lead_days) for r in world.recyclers]), scrap, old, (basket * usd).sum(axis=1),
        )  # fmt: skip
        recyclers.made = sold.copy()
        return recyclers

    def _collection(self, in_use: InUse, plants: Plants, usd: Array) -> Collection:
        """Shares collected such that the opening's end-of-life tonnes come back of what leaves use on the first day."""
        world = self.world
        of_region = {region: i for i, region in enumerate(plants.region)}
        recycler = np.array([of_region.get(region, -1) for region in in_use.region])
        recoverable = np.array([self._lives[kind].recoverable for kind in in_use.kind])
        open_to = np.where(recoverable, recycler, -1)
        wanted = self.o.end_of_life / np.array([[r.recovery] for r in world.recyclers])
        left = np.array([self.leaving[open_to == r, :E].sum(axis=0) for r in range(len(plants.ids))]).reshape(
            -1, E
        )
        oxides = self.lay.mask[self.lay.is_oxide > 0.0]
        shares = opening_shares(wanted, left, oxides.T @ oxides, plants.ids)
        share = np.vstack([shares, np.zeros(E)])[open_to]
        elasticity = np.array([r.supply_elasticity for r in world.recyclers])
        return Collection(recycler, share, wanted, usd, elasticity)

    def _metal(self) -> MetalMakers:
        world, lay, o = self.world, self.lay, self.o
        number = {m.id: i for i, m in enumerate(world.metal_makers)}
        plants = self._plants(
            world.metal_makers, np.array([per_week(m.capacity_t_metal_per_year) for m in world.metal_makers])
        )
        plant_of = np.array([number[r.maker] for r in world.metal_outputs])
        commodity = np.array([lay.commodity_of[r.commodity] for r in world.metal_outputs])
        total = np.bincount(plant_of, o.metal, len(plants.ids))
        plants.capacity = np.maximum(plants.capacity, total * 1.02)
        yields = np.array([self.solver.metal_yield(c) for c in commodity])
        region = plants.region[plant_of]
        ids = [plants.ids[i] for i in plant_of]
        oxide = lay.oxide_for[commodity]
        inputs = self.stock.add("metal_in", ids, "metal maker", list(region), list(oxide))
        outputs = self.stock.add("metal_out", ids, "metal maker", list(region), list(commodity))
        cover_in = np.array([self.cover_of("metal_input", r) for r in region])
        cover_out = np.array([self.cover_of("metal_output", r) for r in region])
        flow_in = o.metal / yields
        china_in = self.china_share(region, oxide)
        self.stock.put(inputs.rows, self.goods(oxide, flow_in * (cover_in - 1.0), china_in))
        made_in_china = np.where(plants.zone[plant_of] == 0, 1.0, china_in)
        self.stock.put(outputs.rows, self.goods(commodity, o.metal * cover_out, made_in_china))
        lead = np.array([weeks_in(m.lead_days) for m in world.metal_makers])[plant_of]
        return MetalMakers(
            plants, plant_of, inputs, outputs, yields, lead, o.metal, self.goods(oxide, flow_in, china_in)
        )

    def _magnet(self) -> MagnetMakers:
        world, lay, o = self.world, self.lay, self.o
        number = {m.id: i for i, m in enumerate(world.magnet_makers)}
        plant_of = np.array([number[r.maker] for r in world.magnet_outputs])
        commodity = np.array([lay.commodity_of[r.commodity] for r in world.magnet_outputs])
        content = lay.content[commodity]
        tonnes = np.array([per_week(m.capacity_t_magnet_per_year) for m in world.magnet_makers])
        plants = self._plants(world.magnet_makers, tonnes * float(content.mean()))
        plants.capacity = np.maximum(plants.capacity, np.bincount(plant_of, o.magnet, len(plants.ids)) * 1.02)
        region = plants.region[plant_of]
        links: list[tuple[int, int, int, float]] = []  # output row, plant, metal, kg per kg finished
        for row, (p, c) in enumerate(zip(plant_of, commodity, strict=True)):
            for m in range(lay.C):
                need = float((lay.grade[c] * lay.mask[m]).sum()) / self.solver.chain_yield
                if lay.stage[m] == "metal" and need > 0.0:
                    links.append((row, int(p), m, need))
        pairs = sorted({(p, m) for _row, p, m, _need in links})
        where = {pair: i for i, pair in enumerate(pairs)}
        in_plant, in_metal = np.array([p for p, _ in pairs]), np.array([m for _, m in pairs])
        in_region = plants.region[in_plant]
        inputs = self.stock.add(
            "magnet_in", [plants.ids[p] for p in in_plant], "magnet maker", list(in_region), list(in_metal)
        )
        outputs = self.stock.add(
            "magnet_out", [plants.ids[p] for p in plant_of], "magnet maker", list(region), list(commodity)
        )
        link_out = np.array([link[0] for link in links])
        link_in = np.array([where[(link[1], link[2])] for link in links])
        recipe = np.array([link[3] for link in links])
        wanted = total_by(link_in, recipe * o.magnet[link_out], len(pairs))
        cover_in = np.array([self.cover_of("magnet_input", r) for r in in_region])
        cover_out = np.array([self.cover_of("magnet_output", r) for r in region])
        china_in = self.china_share(in_region, in_metal)
        self.stock.put(inputs.rows, self.goods(in_metal, wanted * (cover_in - 1.0), china_in))
        made = np.where(plants.zone[plant_of] == 0, 1.0, self.china_share(region, commodity))
        self.stock.put(outputs.rows, self.goods(commodity, o.magnet * cover_out, made))
        lead = np.array([weeks_in(m.lead_days) for m in world.magnet_makers])[plant_of]
        work = self.goods(commodity, o.magnet / self.solver.chain_yield, made)
        self.links = (link_out, link_in, recipe)
        return MagnetMakers(plants, plant_of, inputs, outputs, (link_out, link_in, recipe), self.solver.chain_yield,
                            lead, o.magnet, work)  # fmt: skip

    def _traders(self) -> tuple[Traders, Border]:
        lay, o = self.lay, self.o
        names = [f"trading_house_{lay.regions[r]}" for r in o.route_region]
        block = self.stock.add(
            "trader", names, "trading house", list(o.route_region), list(o.route_commodity)
        )
        cover = np.array([self.cover_of("trader", r) for r in o.route_region])
        origin = o.china_share[o.route_source]
        self.stock.put(block.rows, self.goods(o.route_commodity, o.route_flow * (cover - 1.0), origin))
        cell = o.route_target * lay.R + o.route_region
        orders = self._orders()
        share = np.divide(
            o.route_flow, orders[cell], out=np.zeros_like(o.route_flow), where=orders[cell] > 0.0
        )
        military = self._military_share()[cell]
        traders = Traders(
            block, o.route_source, o.route_target.copy(), o.route_flow, o.route_lag, share, cell, cover
        )
        return traders, Border(len(names), military, self.b.queue, self.chance)

    def _orders(self) -> Array:
        """Orders a week by cell on the first day: all use, and what traders buy in the other hub."""
        lay, o = self.lay, self.o
        orders = o.use.copy()
        home = lay.regions.index("china")
        exports = o.route_target > o.route_source
        np.add.at(orders, o.route_source[exports] * lay.R + home, o.route_flow[exports])
        return orders

    def _military_share(self) -> Array:
        lay, o = self.lay, self.o
        cell = (lay.hub[o.kit_region] * lay.C + o.kit_commodity) * lay.R + o.kit_region
        military = np.bincount(cell, o.kit_use, lay.K * lay.R)
        share: Array = np.divide(military, o.use, out=np.zeros_like(military), where=o.use > 0.0)
        return np.minimum(share, 1.0)

    def _civil(self, in_use: InUse, prices: Prices) -> Civil:
        world, lay, o = self.world, self.lay, self.o
        sectors = [world.sectors[s] for s in o.civil_sector]
        block = self.stock.add(
            "civil", [s.id for s in sectors], "user", list(o.civil_region), list(o.civil_commodity)
        )
        pool = lay.hub[o.civil_region] * lay.C + o.civil_commodity
        stocks = np.array([max(s.stock_weeks, 1.0) for s in sectors])
        self.stock.put(block.rows, self.goods(o.civil_commodity, o.civil_use * (stocks - 1.0),
                                              self.china_share(o.civil_region, o.civil_commodity)))  # fmt: skip
        self.civil_cover = stocks
        stop, switch = self._values(sectors, prices)
        self.civil_value = stop
        return Civil(
            block, o.civil_sector, pool, o.civil_use,
            np.array([s.elasticity for s in sectors]) * self.b.use_elasticity_factor, switch,
            np.array([s.switch_months for s in sectors]) * MONTHS_TO_WEEKS, np.array([s.switch_max_per_year for s in sectors]),
            np.array([s.switch_kept for s in sectors]), np.array([s.dissipative for s in sectors], float),
            np.array([s.growth_pct_per_year for s in sectors]) / 100.0, prices.opening, self.b.substitution_cap_per_year,
            in_use, self.civil_into,
        )  # fmt: skip

    def _values(self, sectors: list[object], prices: Prices) -> tuple[Array, Array]:
        """Log of the price at which each civil row stops, and the price at which switching pays, USD/kg, in its own hub.

        A sector's prices are those of finished magnets, or of its main oxide; for its other oxides they scale with the
        commodity's own stop price. Inside China the same user compares prices net of VAT and freight.
        """
        lay, o = self.lay, self.o
        stop, switch = np.zeros(len(sectors)), np.zeros(len(sectors))
        users = {c.id: c.user_stop_usd_per_kg for c in self.world.commodities}
        for i, (sector, c) in enumerate(zip(sectors, o.civil_commodity, strict=True)):
            high = float(sector.stop_usd_per_kg)  # type: ignore[attr-defined]
            turn = float(sector.switch_usd_per_kg)  # type: ignore[attr-defined]
            if lay.stage[c] == "oxide" and users[lay.commodities[c]] > 0.0:
                turn, high = turn / high * users[lay.commodities[c]], users[lay.commodities[c]]
            if lay.hub[o.civil_region[i]] == CHINA_HUB:
                high, turn = high / prices.wedge[c], turn / prices.wedge[c]
            pool = lay.hub[o.civil_region[i]] * lay.C + c
            stop[i] = max(high, LEAST_VALUE * prices.opening[pool])
            switch[i] = max(turn, 1.2 * prices.opening[pool])
        return np.log(stop), switch

    def _defence(self, in_use: InUse) -> Defence:
        o = self.o
        n = len(o.programme)
        kits = self.stock.add(
            "kits",
            [o.programme[p] for p in o.kit_programme],
            "user",
            list(o.kit_region),
            list(o.kit_commodity),
        )
        building = self.stock.add("building", list(o.programme), "user", list(o.programme_region), [-1] * n)
        share = self.china_share(o.kit_region, o.kit_commodity)
        self.kit_cover = np.maximum(self._programme_cover()[o.kit_programme], 1.0)
        self.stock.put(kits.rows, self.goods(o.kit_commodity, o.kit_use * (self.kit_cover - 1.0), share))
        inside = np.zeros((n, WIDTH))
        np.add.at(
            inside,
            o.kit_programme,
            self.goods(o.kit_commodity, o.kit_use * o.build_weeks[o.kit_programme], share),
        )
        self.stock.put(building.rows, inside)
        return Defence(
            o.programme, o.programme_bloc, o.plan, o.build_weeks, kits, building, o.kit_programme, o.kit_per_unit,
            in_use, self.defence_into, self.b.catch_up, self.weeks,
        )  # fmt: skip

    def _programme_cover(self) -> Array:
        """Weeks of stock a programme's tiers hold together: nobody publishes it, so it is drawn log-uniformly from its range,
        the same in every scenario; with chance off its typical value."""
        typical, low, high = self.o.cover_weeks.T
        if not self.chance.on:
            return np.asarray(typical)
        luck = np.array([self.chance.generator(f"cover.{name}").random() for name in self.o.programme])
        drawn: Array = low * (high / low) ** luck
        return drawn

    def _state(self) -> Reserves:
        """Stockpiles of states, those too that hold nothing yet: policies may fill them."""
        lay = self.lay
        rows = self.world.stockpiles
        block = self.stock.add("state", [s.id for s in rows], "state", [lay.region_of[s.region] for s in rows],
                               [lay.commodity_of[s.commodity] for s in rows])  # fmt: skip
        if rows:
            kg = np.array([s.t_product * 1000.0 for s in rows]) / lay.factor[block.commodity]
            self.stock.put(
                block.rows, self.goods(block.commodity, kg, self.china_share(block.region, block.commodity))
            )
        pool = lay.hub[block.region] * lay.C + block.commodity
        return Reserves(block, rows, pool, lay.factor[block.commodity])

    # -- lines --------------------------------------------------------------------------------------------------------
    def _buy(self, metal: MetalMakers, magnet: MagnetMakers, civil: Civil, defence: Defence, reserves: Reserves,
             traders: Traders, prices: Prices) -> BuyLines:  # fmt: skip
        lay, o, b = self.lay, self.o, self.b
        blocks = [reserves.block, traders.block, metal.inputs, magnet.inputs, civil.block, defence.kits]
        names = ("state", "trader", "metal", "magnet", "civil", "kits")
        edges = np.cumsum([0, *[len(x) for x in blocks]])
        parts = {k: slice(int(edges[i]), int(edges[i + 1])) for i, k in enumerate(names)}
        region = np.concatenate([x.region for x in blocks])
        region[parts["trader"]] = np.where(traders.to_world, lay.regions.index("china"), traders.block.region)
        commodity = np.concatenate([x.commodity for x in blocks])
        pool = lay.hub[region] * lay.C + commodity
        pool[parts["trader"]] = traders.source
        cell = pool * lay.R + region
        n = int(edges[-1])
        value = np.log(prices.opening[pool] * b.maker_value_multiple)
        value[parts["civil"]] = self.civil_value
        value[parts["kits"]] = np.log(DEFENCE_VALUE)
        cover = np.zeros(n)
        cover[parts["metal"]] = [self.cover_of("metal_input", r) for r in metal.inputs.region]
        cover[parts["magnet"]] = [self.cover_of("magnet_input", r) for r in magnet.inputs.region]
        cover[parts["civil"]] = self.civil_cover
        cover[parts["kits"]] = self.kit_cover
        gap = np.full(n, b.maker_gap_weeks)
        gap[parts["civil"]] = b.user_gap_weeks
        gap[parts["kits"]] = b.defence_gap_weeks
        gap[parts["trader"]] = b.trader_gap_weeks
        gap[parts["state"]] = 1.0
        lag = o.lag[cell]
        lag[parts["trader"]] = traders.lag
        memory = np.zeros(n, int)
        memory[parts["metal"]] = memory[parts["magnet"]] = 1
        width = np.full(n, b.bid_softness)
        width[parts["trader"]] = b.trade_softness
        military = np.ones(n)
        military[parts["kits"]] = 0.0
        military[parts["state"]] = [float(use != "defence") for use in reserves.reserved_for]
        row, rows = self._run(blocks)
        return BuyLines(row, rows, pool, cell, military, width, value, memory, cover, gap, lag, parts)

    def _sell(self, separators: Separators, recyclers: Recyclers, metal: MetalMakers, magnet: MagnetMakers,
              reserves: Reserves, traders: Traders) -> SellLines:  # fmt: skip
        lay, o, b = self.lay, self.o, self.b
        blocks = [
            separators.oxide,
            recyclers.oxide,
            metal.outputs,
            magnet.outputs,
            reserves.block,
            traders.block,
        ]
        names = ("oxide", "recycled", "metal", "magnet", "state", "trader")
        edges = np.cumsum([0, *[len(x) for x in blocks]])
        parts = {k: slice(int(edges[i]), int(edges[i + 1])) for i, k in enumerate(names)}
        region = np.concatenate([x.region for x in blocks])
        commodity = np.concatenate([x.commodity for x in blocks])
        pool = lay.hub[region] * lay.C + commodity
        pool[parts["trader"]] = traders.target
        n = int(edges[-1])
        cover = np.zeros(n)
        for holder, name in (("separator_oxide", "oxide"), ("recycler", "recycled"), ("metal_output", "metal"),
                             ("magnet_output", "magnet")):  # fmt: skip
            cover[parts[name]] = [self.cover_of(holder, r) for r in region[parts[name]]]
        cover[parts["trader"]] = traders.cover
        gap = np.full(n, b.maker_gap_weeks)
        gap[parts["trader"]] = b.trader_gap_weeks
        surplus = np.zeros(n)
        surplus[parts["oxide"]] = separators.surplus
        response = np.full(n, b.seller_stock_response)
        response[parts["trader"]] = b.trader_stock_response
        orders = self._orders().reshape(lay.K, lay.R).sum(axis=1)
        flow = np.concatenate(
            [separators.made, recyclers.made, o.metal, o.magnet, np.zeros(len(reserves)), o.route_flow]
        )
        share = np.divide(flow, orders[pool], out=np.zeros(n), where=orders[pool] > 0.0)
        bound = np.zeros(n)
        bound[parts["trader"]] = 1.0
        row, rows = self._run(blocks)
        return SellLines(row, rows, pool, pool * lay.R + region, bound, np.full(n, b.ask_softness), cover, gap, surplus, share,
                         response, parts)  # fmt: skip

    @staticmethod
    def _run(blocks: list[Block]) -> tuple[Index, slice]:
        """Row numbers of neighbouring blocks. Raises ``ValueError`` if they do not follow each other."""
        row = np.concatenate([np.arange(x.start, x.stop) for x in blocks])
        if (np.diff(row) != 1).any():
            raise ValueError(f"rows of {[x.kind for x in blocks]} are not one run; ROWS is out of order")
        return row, slice(int(row[0]), int(row[-1]) + 1)

    def _inbound(self, buy: BuyLines) -> Shipments:
        """Goods bought and on their way, one entry a buying line, opened with the flows of the first day."""
        o, lay = self.o, self.lay
        pool = np.arange(lay.K)
        shipments = Shipments(buy.lag, buy.pool, lay.K, buy.cell, buy.civil > 0.0, lay.R, buy.parts["trader"])
        link_out, link_in, recipe = self.links
        need = total_by(
            link_in, recipe * o.magnet[link_out], buy.parts["magnet"].stop - buy.parts["magnet"].start
        )
        state = np.zeros(buy.parts["state"].stop - buy.parts["state"].start)
        flow = np.concatenate([state, o.route_flow, self._metal_need, need, o.civil_use, o.kit_use])
        shipments.fill(self.goods(pool % lay.C, np.ones(lay.K), o.china_share), flow)
        return shipments

    @property
    def _metal_need(self) -> Array:
        commodity = [self.lay.commodity_of[r.commodity] for r in self.world.metal_outputs]
        need: Array = self.o.metal / np.array([self.solver.metal_yield(c) for c in commodity])
        return need

    def _costs(self, sell: SellLines, prices: Prices) -> CostChain:
        """Input costs of metals and magnets as shares of their opening prices; the rest is conversion and margin."""
        lay = self.lay
        out: list[int] = []
        pool: list[int] = []
        weight: list[float] = []
        metal, magnet = sell.parts["metal"], sell.parts["magnet"]
        n = magnet.stop - metal.start
        for i in range(n):
            k = int(sell.pool[metal.start + i])
            hub, c = divmod(k, lay.C)
            if lay.stage[c] == "metal":
                oxide = int(lay.oxide_for[c])
                inputs = [(oxide, lay.factor[oxide] / self.solver.metal_yield(c))]
            else:
                inputs = [(m, float((lay.grade[c] * lay.mask[m]).sum()) / self.solver.chain_yield * lay.content[c])
                          for m in range(lay.C) if lay.stage[m] == "metal" and (lay.grade[c] * lay.mask[m]).any()]  # fmt: skip
            shares = np.array([kg * prices.opening[hub * lay.C + m] / prices.opening[k] for m, kg in inputs])
            shares *= min(1.0, 0.97 / max(shares.sum(), 1e-12))
            for (m, _kg), share in zip(inputs, shares, strict=True):
                out.append(i)
                pool.append(hub * lay.C + m)
                weight.append(float(share))
        rest: Array = 1.0 - total_by(np.array(out), np.array(weight), n)
        return CostChain(np.array(out), np.array(pool), np.array(weight), rest)


def _share_of_plant(plant_of: Index, full: Array) -> Array:
    """Each row's share of its plant's output at full rate, [rows]."""
    share: Array = ratio(full, total_by(plant_of, full, int(plant_of.max()) + 1)[plant_of])
    return share


def element_values(prices: Prices) -> Array:
    """What a kilogram of each element fetches as oxide in each hub at prices paid, USD [2, 15]."""
    lay = prices.layout
    return _element_values(prices.paid.reshape(len(HUBS), lay.C), lay.factor, lay.is_oxide, lay.mask)


@kernel
def _element_values(paid: Array, factor: Array, is_oxide: Array, mask: Array) -> Array:
    out = np.zeros((len(paid), E))
    for hub in range(len(paid)):
        for c in range(len(factor)):
            if is_oxide[c] > 0.0:
                for e in range(E):
                    out[hub, e] += paid[hub, c] * factor[c] * mask[c, e]
    return out
