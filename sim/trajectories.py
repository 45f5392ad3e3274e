"""From what was recorded, row by row of the stock, to the named weekly series of a run.

A row dated D covers [D-7, D) for flows and stands for D for states. Quantities are tonnes of product a week (magnets finished,
oxides and metals as traded) unless the unit says otherwise. ``docs/outputs.md`` lists the variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sim import lever_series
from sim.chain import Chain
from sim.demand.defence import SMALL_SERIES
from sim.elements import OXIDE_PER_KG
from sim.grouping import columns_by, ratio
from sim.layout import HUBS, SCO_HUB, WORLD_HUB
from sim.stock import Array
from sim.trade.licences import DESKS

if TYPE_CHECKING:
    import pyarrow as pa

FOCUS = ("la_oxide", "ce_oxide", "ndpr_oxide", "sm_oxide", "gd_oxide", "tb_oxide", "dy_oxide", "y_oxide", "ndpr_metal",
         "sm_metal", "tb_metal", "dy_metal", "ndfeb_n_m", "ndfeb_h_sh", "ndfeb_uh_ah", "smco_1_5", "smco_2_17")  # fmt: skip
KEY = ("ndpr_oxide", "sm_oxide", "tb_oxide", "dy_oxide", "y_oxide", "sm_metal", "dy_metal", "ndfeb_n_m", "ndfeb_h_sh",
       "ndfeb_uh_ah", "smco_1_5", "smco_2_17")  # fmt: skip
EXPORTED = (
    "ndpr_oxide",
    "dy_oxide",
    "y_oxide",
    "ndpr_metal",
    "ndfeb_n_m",
    "ndfeb_h_sh",
    "ndfeb_uh_ah",
    "smco_2_17",
)
STAGE_OF_BLOCK = {"oxide": "separator", "recycled": "maker", "metal_in": "maker", "metal_out": "maker", "magnet_in": "maker",
                  "magnet_out": "maker", "trader": "trader", "civil": "user", "kits": "user", "state": "state"}  # fmt: skip
BASIS = {"oxide": "oxide", "metal": "metal", "magnet": "magnet"}
ALL = "all"


@dataclass(slots=True)
class Series:
    """One named series: labels, unit and a value a week."""

    variable: str
    scope: str
    place: str
    stage: str
    party: str
    commodity: str
    unit: str
    values: Array


class Book:
    """Collects series of one chain; ``record`` is report, full or outcomes."""

    def __init__(self, chain: Chain, record: str) -> None:
        self.chain, self.full = chain, record == "full"
        self.lay, self.p, self.r = chain.layout, chain.parts, chain.recorder
        self.series: list[Series] = []
        self.focus = [c for c in range(self.lay.C) if self.full or self.lay.commodities[c] in FOCUS]
        self.shipped = [c for c in range(self.lay.C) if self.full or self.lay.commodities[c] in EXPORTED]
        self.key = [c for c in range(self.lay.C) if self.full or self.lay.commodities[c] in KEY]
        self.tonnes = self.lay.factor / 1000.0  # t of product per kg of element
        self.hub_of_row = {name: self.lay.hub[b.region] for name, b in self.p.stock.blocks.items()}

    def add(self, variable: str, unit: str, values: Array, *, scope: str = "hub", place: str = "world", stage: str = ALL,
            party: str = ALL, commodity: str = ALL) -> None:  # fmt: skip
        self.series.append(Series(variable, scope, place, stage, party, commodity, unit, values))

    def unit(self, commodity: int, per: str = "/week") -> str:
        return f"t {BASIS[self.lay.stage[commodity]]}{per}"

    def write(self) -> list[Series]:
        self._prices()
        self._makers()
        self._users()
        self._stocks()
        self._border()
        self._defence()
        self._producers()
        lever_series.write(self)
        return self.series

    def _prices(self) -> None:
        lay = self.lay
        spot = np.exp(self.r["log_price"])
        net = self.r["net"]
        for c, name in enumerate(lay.commodities):
            unit = f"USD/kg {BASIS[lay.stage[c]]}"
            world = spot[:, lay.C + c]
            self.add("price_spot", unit, spot[:, c], place="china", commodity=name)
            self.add("price_spot", unit, world, place="world", commodity=name)
            self.add("price_paid", unit, self.r["paid"][:, lay.C + c], place="world", commodity=name)
            self.add("price_net", unit, net[:, c], place="world", commodity=name)
            if c in self.focus:
                self.add("price_contract", unit, self.r["contract"][:, c], place="world", commodity=name)
                self.add("thinness", "1", self.r["thin"][:, c], place="world", commodity=name)
                if self.full or c in self.key:
                    self.add("price_spot", unit, spot[:, SCO_HUB * lay.C + c], place="sco", commodity=name)
                self.add("price_paid", unit, self.r["paid"][:, c], place="china", commodity=name)
                self.add("news", "1", self.r["news"][:, lay.C + c], place="world", commodity=name)

    def _makers(self) -> None:
        lay, p = self.lay, self.p
        sources = (
            ("separator", "oxide_made", p.separators.oxide),
            ("recycler", "recycled_made", p.recyclers.oxide),
            ("metal", "metal_made", p.metal.outputs),
            ("magnet", "magnet_made", p.magnet.outputs),
        )
        for stage, name, block in sources:
            made = columns_by(self.r[name], block.region * lay.C + block.commodity, lay.R * lay.C)
            for r in range(lay.R):
                for c in self.shipped:
                    values = made[:, r * lay.C + c] * self.tonnes[c]
                    self.add("production", self.unit(c), values, scope="region", place=lay.regions[r], stage=stage,
                             commodity=lay.commodities[c])  # fmt: skip
        reo = p.mines.potential @ np.array(OXIDE_PER_KG) / 1000.0
        for stage, plants, flow, able, scale, unit in (
            ("mine", p.mines.plants, "mined", "mine_able", reo, "t REO/week"),
            (
                "separator",
                p.separators.plants,
                "throughput",
                "separator_able",
                1e-3,
                "t contained element/week",
            ),
        ):
            made = columns_by(self.r[flow] * scale, plants.region, lay.R)
            can = columns_by(self.r[able] * scale, plants.region, lay.R)
            for r in range(lay.R):
                where = {"scope": "region", "place": lay.regions[r], "stage": stage}
                if stage == "mine":
                    self.add("production", unit, made[:, r], **where)
                self.add("capacity", unit, can[:, r], **where)
                self.add("utilisation", "1", ratio(made[:, r], can[:, r]), **where)
        for stage, plants, plant_of, name, able in (
            ("metal", p.metal.plants, p.metal.plant_of, "metal_made", "metal_able"),
            ("magnet", p.magnet.plants, p.magnet.plant_of, "magnet_made", "magnet_able"),
        ):
            made = columns_by(self.r[name] / 1000.0, plants.region[plant_of], lay.R)
            can = columns_by(self.r[able] / 1000.0, plants.region, lay.R)
            for r in range(lay.R):
                where = {"scope": "region", "place": lay.regions[r], "stage": stage}
                self.add("capacity", "t contained element/week", can[:, r], **where)
                self.add("utilisation", "1", ratio(made[:, r], can[:, r]), **where)

    def _users(self) -> None:
        lay, p = self.lay, self.p
        civil, kits = p.civil, p.defence.kits
        civil_pool, kit_pool = civil.pool, self.chain.pool_of(kits)
        pooled = self.chain.pooled
        scale = np.tile(self.tonnes, len(HUBS))
        demand = pooled(self.r["demand"], civil_pool) * scale
        wanted = pooled(self.r["wanted"], civil_pool) * scale
        eaten = pooled(self.r["consumed"], civil_pool) * scale
        switched = pooled(self.r["substituted"], civil_pool) * scale
        need = pooled(self.r["kit_wanted"], kit_pool) * scale
        met = np.minimum(
            self.r["kit_used"], self.r["kit_wanted"]
        )  # catching up uses more than the week's need
        used = pooled(met, kit_pool) * scale
        lacking = np.minimum(self.r["kit_short"], self.r["kit_wanted"] - met)
        short = pooled(lacking, kit_pool) * scale
        bought = self.r["bought"]
        parts = p.buy.parts
        civil_bought = pooled(bought[:, parts["civil"]], civil_pool) * scale
        kit_bought = pooled(bought[:, parts["kits"]], kit_pool) * scale
        rows: dict[str, dict[str, Array]] = {
            "civil": {"demand": demand, "consumption": eaten, "unserved": wanted - eaten, "priced_out": demand - wanted,
                      "substituted": switched, "purchases": civil_bought},
            "defence": {"demand": need, "consumption": used, "unserved": short, "waiting": need - used - short,
                        "purchases": kit_bought},
        }  # fmt: skip
        for variable in rows["civil"]:
            both = rows["civil"][variable] + rows["defence"].get(variable, 0.0)
            for c in self.focus if variable in ("demand", "unserved") else self.key:
                unit, name = self.unit(c), lay.commodities[c]
                for hub, place in enumerate(HUBS):
                    self.add(variable, unit, both[:, hub * lay.C + c], place=place, commodity=name)
                if variable in ("demand", "unserved") or self.full:
                    self.add(
                        variable,
                        unit,
                        self._outside(both, c),
                        scope="outside",
                        place="outside",
                        commodity=name,
                    )
                for party in ("civil", "defence"):
                    if variable in rows[party] and (
                        variable in ("demand", "unserved", "purchases") or self.full
                    ):
                        self.add(variable, unit, self._outside(rows[party][variable], c), scope="outside", place="outside",
                                 party=party, commodity=name)  # fmt: skip
        for c in self.key:
            waiting = self._outside(rows["defence"]["waiting"], c)
            self.add("waiting", self.unit(c), waiting, scope="outside", place="outside", party="defence",
                     commodity=lay.commodities[c])  # fmt: skip
        self._sectors()
        self._blocs()

    def _outside(self, by_pool: Array, commodity: int) -> Array:
        """Outside China: the world and, once it is aligned, the zone."""
        c, count = commodity, self.lay.C
        outside: Array = by_pool[:, WORLD_HUB * count + c] + by_pool[:, SCO_HUB * count + c]
        return outside

    def _sectors(self) -> None:
        """Demand and shortage outside China by sector and commodity."""
        lay, civil = self.lay, self.p.civil
        sectors = [s.id for s in self.chain.world.sectors]
        outside = self.hub_of_row["civil"] > 0
        group = civil.sector * lay.C + civil.block.commodity
        n = len(sectors) * lay.C
        short = (self.r["wanted"] - self.r["consumed"])[:, outside]
        demand = columns_by(self.r["demand"][:, outside], group[outside], n)
        unserved = columns_by(short, group[outside], n)
        for s, sector in enumerate(sectors):
            for c in self.shipped:
                g = s * lay.C + c
                where = {
                    "scope": "outside",
                    "place": "outside",
                    "party": sector,
                    "commodity": lay.commodities[c],
                }
                self.add("demand", self.unit(c), demand[:, g] * self.tonnes[c], **where)
                self.add("unserved", self.unit(c), unserved[:, g] * self.tonnes[c], **where)

    def _blocs(self) -> None:
        """Defence use and shortage by bloc and commodity."""
        lay, d = self.lay, self.p.defence
        blocs = sorted(set(d.bloc))
        bloc = np.array([blocs.index(d.bloc[i]) for i in d.programme])
        group = bloc * lay.C + d.kits.commodity
        need = columns_by(self.r["kit_wanted"], group, len(blocs) * lay.C)
        met = np.minimum(self.r["kit_used"], self.r["kit_wanted"])
        lacking = columns_by(
            np.minimum(self.r["kit_short"], self.r["kit_wanted"] - met), group, len(blocs) * lay.C
        )
        for b, name in enumerate(blocs):
            for c in self.key:
                where = {"scope": "bloc", "place": name, "party": "defence", "commodity": lay.commodities[c]}
                g = b * lay.C + c
                self.add("demand", self.unit(c), need[:, g] * self.tonnes[c], **where)
                self.add("unserved", self.unit(c), lacking[:, g] * self.tonnes[c], **where)

    def _stocks(self) -> None:
        lay, p = self.lay, self.p
        mass = self.r["mass"]
        total: dict[str, Array] = {}
        for name, stage in STAGE_OF_BLOCK.items():
            block = p.stock.blocks[name]
            kg = self.chain.pooled(mass[:, block.rows], self.chain.pool_of(block))
            total[stage] = total.get(stage, 0.0) + kg
        transit = self.chain.pooled(self.r["inbound"], p.buy.pool)
        traded = np.sum([kg for stage, kg in total.items() if stage != "state"], axis=0) + transit
        use = self.chain.pooled(self.r["wanted"], p.civil.pool)
        users = self.chain.pooled(mass[:, p.civil.block.rows], p.civil.pool)
        # all that is drawn from a pool on the first day
        opening = p.opening.use.reshape(lay.K, lay.R).sum(axis=1)
        orders = np.tile(opening, (self.r.weeks, 1))
        if self.chain.zone_week is not None:
            zone = self.chain.hub_now == SCO_HUB
            moved = p.opening.use.reshape(lay.K, lay.R)[WORLD_HUB * lay.C : SCO_HUB * lay.C, zone].sum(axis=1)
            orders[self.chain.zone_week :, WORLD_HUB * lay.C : SCO_HUB * lay.C] -= moved
            orders[self.chain.zone_week :, SCO_HUB * lay.C :] = moved
        for hub, place in enumerate(HUBS):
            for c in self.focus:
                k = hub * lay.C + c
                name, unit = lay.commodities[c], self.unit(c, "")
                self.add("inventory", unit, traded[:, k] * self.tonnes[c], place=place, commodity=name)
                for stage, kg in total.items():
                    if not self.full and (
                        c not in self.key or stage not in ("user", "trader") or place != "world"
                    ):
                        continue
                    self.add(
                        "inventory", unit, kg[:, k] * self.tonnes[c], place=place, stage=stage, commodity=name
                    )
                if not self.full and (c not in self.key or place == "china"):
                    continue
                self.add(
                    "cover",
                    "days",
                    7.0 * ratio(users[:, k], use[:, k]),
                    place=place,
                    stage="user",
                    commodity=name,
                )
                self.add(
                    "cover", "days", 7.0 * ratio(traded[:, k], orders[:, k]), place=place, commodity=name
                )

    def _border(self) -> None:
        lay, t = self.lay, self.p.traders
        exports = t.to_world
        bought = self.r["bought"][:, self.p.buy.parts["trader"]][:, exports]
        arrived = self.r["arrived"][:, exports]
        region, commodity = t.block.region[exports], t.block.commodity[exports]
        group = region * lay.C + commodity
        out = columns_by(bought, group, lay.R * lay.C)
        into = columns_by(arrived, group, lay.R * lay.C)
        leaked = columns_by(self.r["leaked"][:, exports], commodity, lay.C)
        for c in range(lay.C):
            name, unit = lay.commodities[c], self.unit(c)
            if c not in self.focus:
                continue
            self.add("smuggled", unit, leaked[:, c] * self.tonnes[c], place="china", commodity=name)
            self.add(
                "exports",
                unit,
                out[:, c :: lay.C].sum(axis=1) * self.tonnes[c],
                place="china",
                commodity=name,
            )
            self.add("imports", unit, into[:, c :: lay.C].sum(axis=1) * self.tonnes[c], scope="outside", place="outside",
                     commodity=name)  # fmt: skip
            if self.full or name in EXPORTED:
                for r in range(lay.R):
                    g = r * lay.C + c
                    where = {"scope": "region", "place": lay.regions[r], "commodity": name}
                    self.add("exports", unit, out[:, g] * self.tonnes[c], **where)
                    if self.full:
                        self.add("imports", unit, into[:, g] * self.tonnes[c], **where)
        self._licences()

    def _licences(self) -> None:
        pending, decided, waited, refused = np.split(self.r["licences"], 4, axis=1)
        for i, desk in enumerate((*DESKS, ALL)):
            pick = slice(i, i + 1) if desk != ALL else slice(None)
            n = decided[:, pick].sum(axis=1)
            where = {"place": "china", "party": desk}
            self.add("licences_pending", "applications", pending[:, pick].sum(axis=1), **where)
            self.add("licence_wait", "days", ratio(waited[:, pick].sum(axis=1), n), **where)
            self.add("licences_refused", "applications/week", refused[:, pick].sum(axis=1), **where)

    def _defence(self) -> None:
        d = self.p.defence
        planned, delivered, delay = self.r["planned"], self.r["delivered"], self.r["delay"]
        blocs = sorted(set(d.bloc))
        # units below one a week are planned whole, as they are delivered
        whole = np.diff(np.floor(np.cumsum(planned, axis=0) + 1e-9), axis=0, prepend=0.0)
        planned_units = np.where(d.plan < SMALL_SERIES, whole, planned)
        for i, name in enumerate(d.names):
            where = {"scope": "bloc", "place": d.bloc[i], "party": name}
            if not name.startswith("other_defence"):
                self.add("units_planned", "units/week", planned_units[:, i], **where)
                self.add("units_delivered", "units/week", delivered[:, i], **where)
            self.add("delay", "days", delay[:, i], **where)
        listed = np.array([not n.startswith("other_defence") for n in d.names])
        weeks = np.arange(self.r.weeks)[:, None]
        done = d.starts[d.longest + weeks - d.build[None, :], np.arange(len(d.names))]
        for bloc in (
            blocs
        ):  # each programme one vote: in units of its own weekly plan, for drones are counted by the million
            mine = np.array([b == bloc for b in d.bloc]) & listed
            where = {"scope": "bloc", "place": bloc}
            self.add(
                "units_planned",
                "weekly plans/week",
                ratio(planned[:, mine], d.plan[mine]).sum(axis=1),
                **where,
            )
            self.add(
                "units_delivered",
                "weekly plans/week",
                ratio(done[:, mine], d.plan[mine]).sum(axis=1),
                **where,
            )
            self.add("delay", "days", delay[:, mine].mean(axis=1), **where)

    def _producers(self) -> None:
        """Margin of mining and separation by hub, and how concentrated the supply of goods outside China is."""
        lay, p = self.lay, self.p
        block = p.separators.oxide
        pool = lay.hub[block.region] * lay.C + block.commodity
        made = columns_by(self.r["oxide_made"], pool, lay.K) * np.tile(lay.factor, len(HUBS))
        value = made * np.exp(self.r["log_price"])
        plant_hub = lay.hub[p.separators.plants.region]
        fed = columns_by(self.r["throughput"], plant_hub, len(HUBS))
        for hub, place in enumerate(HUBS[:SCO_HUB]):  # plants of sco, few and small, stand with the world's
            k = slice(hub * lay.C, (hub + 1) * lay.C)
            per_kg = ratio(value[:, k].sum(axis=1), fed[:, hub])
            margin = 1.0 - self.chain.behaviour.running_cost_share * ratio(
                np.full_like(per_kg, per_kg[0]), per_kg
            )
            self.add("producer_margin", "1", margin, place=place)
        sell = p.sell
        region = np.concatenate(
            [
                b.region
                for b in (
                    p.separators.oxide,
                    p.recyclers.oxide,
                    p.metal.outputs,
                    p.magnet.outputs,
                    p.reserves.block,
                )
            ]
        )
        trader = sell.parts["trader"]
        origin = np.concatenate([region, np.full(trader.stop - trader.start, lay.regions.index("china"))])
        sold = columns_by(self.r["sold"], sell.pool * lay.R + origin, lay.K * lay.R).reshape(
            self.r.weeks, lay.K, lay.R
        )
        for c in self.key:
            flow = sold[:, lay.C + c]
            share = ratio(flow, flow.sum(axis=1, keepdims=True))
            self.add("trade_concentration", "1", (share**2).sum(axis=1), scope="outside", place="outside",
                     commodity=lay.commodities[c])  # fmt: skip


def table(series: list[Series], start: date, replication: int) -> tuple[pa.Table, list[str]]:
    """The tidy table of the contract, and the names of series that are zero throughout and therefore left out."""
    import pyarrow as pa

    kept: list[Series] = []
    zero: list[Series] = []
    for s in series:
        s.values = np.where(np.abs(s.values) < 1e-12, 0.0, s.values)
        (kept if s.values.any() else zero).append(s)
    weeks = len(kept[0].values) if kept else 0
    days = [start + timedelta(days=7 * (w + 1)) for w in range(weeks)]
    columns: dict[str, object] = {
        "replication": pa.array(np.full(len(kept) * weeks, replication, np.int16)),
        "date": pa.array(days, pa.date32()).take(pa.array(np.tile(np.arange(weeks), len(kept)))),
    }
    for label in ("variable", "scope", "place", "stage", "party", "commodity", "unit"):
        words = sorted({getattr(s, label) for s in kept})
        number = {w: i for i, w in enumerate(words)}
        codes = np.repeat(np.array([number[getattr(s, label)] for s in kept], np.int32), weeks)
        columns[label] = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(words, pa.string()))
    columns["value"] = pa.array(np.concatenate([s.values for s in kept]) if kept else np.zeros(0))
    names = ["/".join((s.variable, s.scope, s.place, s.stage, s.party, s.commodity)) for s in zero]
    return pa.table(columns), names
