"""The standing start: flows of the first day that close for every product, solved for from the tables.

1. Use is summed down the chain: magnets to metals to oxides, with the yields of the process table; makers marked
   ``residual`` take what the others leave.
2. Supply is mines x baskets x what the plants separate, plus swarf and end-of-life scrap.
3. Where supply and use of an oxide are within ``TIGHT`` of each other they must be equal: mine output, scrap and the activity
   of sectors are moved by as little as their letters allow (A 3 %, B 10 %, C 30 %; sectors 7 %; weighted least squares).
   Where supply exceeds use by more, the rest is left unseparated in a ledger outside the trade.
4. What a hub lacks is imported from the other; importers stand in the regions whose own makers do not fill their use.

Adjustments over 10 % are listed by ``python -m sim.world``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.behaviour import Behaviour
from sim.elements import ELEMENTS, OXIDE_PER_KG
from sim.layout import CHINA_HUB, HUBS, SCO_HUB, WORLD_HUB, Layout
from sim.stock import Array, E, Index
from sim.units import per_week, weeks_in
from sim.world.types import World

TIGHT = 0.08  # an oxide whose supply exceeds its use by less than this share is made to balance
SIGMA = {"A": 0.03, "B": 0.10, "C": 0.30}  # standard deviation of a number by its letter
ACTIVITY = 0.07  # of a sector's whole use: sector totals are read, their split by element and region is not
DEFAULT_LANE_DAYS = 45.0  # where the lane table has no row: unsourced estimate, letter C
DEFAULT_FREIGHT = 0.2  # USD/kg: unsourced estimate, letter C
OPERATING = "operating"
OTHER = "other_defence"  # pseudo-programmes: what the balance knows of and no listed programme uses
OTHER_BUILD_WEEKS = 26  # unsourced estimate


@dataclass(slots=True)
class Opening:
    """Flows of the first day, kg of element a week; row orders are those of the tables named."""

    civil_region: Index
    civil_sector: Index
    civil_commodity: Index
    civil_use: Array
    kit_programme: Index
    kit_commodity: Index
    kit_region: Index
    kit_per_unit: Array  # kg of element a unit, gross_up included
    kit_use: Array
    plan: Array  # [programmes] units a week; the last ones are other_defence, in kg
    programme: tuple[str, ...]
    programme_bloc: tuple[str, ...]
    programme_region: Index
    build_weeks: Index
    cover_weeks: Array  # [programmes, 3] typical, low and high sum over the tiers
    mine: Array  # [mines, 15]
    separated: Array  # [separators, 15] could be sold
    tailings: Array  # [separators, 15] left unseparated for good
    lost: Array  # [separators, 15]
    oxide: Array  # [separators, C] sold
    recycled: Array  # [recyclers, C] sold
    scrap: Array  # [recyclers, 15] swarf taken in
    end_of_life: Array  # [recyclers, 15] out of products
    metal: Array  # [metal_outputs] made
    magnet: Array  # [magnet_outputs] made, finished
    magnet_input: Array  # [magnet makers, C] metals bought
    route_source: Index  # traders: pool bought in, pool sold in, region they stand in
    route_target: Index
    route_region: Index
    route_commodity: Index
    route_flow: Array
    route_lag: Index
    lag: Index  # [cells] weeks from a purchase to its arrival
    use: Array  # [cells] all use, kg a week
    china_share: Array  # [K] share of a pool's goods that is of Chinese origin
    mix: Array  # [C, 15] shares of the elements in a commodity's rare earths
    ratio: Array  # [C] supply over use before balancing
    adjustments: tuple[tuple[str, float], ...]  # (name, factor) of every table number that was moved


def lane_days(world: World, origin: str, destination: str) -> float:
    """Door-to-door days of the main lane, which stands first in the table; 7 inside a region."""
    if origin == destination:
        return 7.0
    rows = [
        r.days
        for r in world.lanes
        if r.origin == origin and r.destination == destination and r.mode != "licence"
    ]
    return rows[0] if rows else DEFAULT_LANE_DAYS


def lane_freight(world: World, origin: str, destination: str) -> float:
    """USD/kg of the same lane."""
    rows = [
        r for r in world.lanes if r.origin == origin and r.destination == destination and r.mode != "licence"
    ]
    return rows[0].freight_usd_per_kg if rows else DEFAULT_FREIGHT


Mask = NDArray[np.bool_]


class Solver:
    """Holds the factors being moved and computes every flow from them."""

    def __init__(self, world: World, layout: Layout, behaviour: Behaviour) -> None:
        self.world, self.layout, self.behaviour = world, layout, behaviour
        self.yields = {y.id: y.fraction for y in world.yields}
        self.chain_yield = self.yields["alloy"] * self.yields["sintering"] * self.yields["machining"]
        self.sectors = [s.id for s in world.sectors]
        self.mine_factor = np.ones(len(world.mines))
        self.scrap_factor = np.ones((len(world.recyclers), E))
        self.sector_factor = np.ones(len(world.sectors))
        oxides = [c for c in range(layout.C) if layout.stage[c] == "oxide"]
        self.oxides = np.array(oxides)
        self.to_oxide = layout.mask[oxides]  # [oxides, 15]
        self._read_use()
        self._read_supply()

    # -- what is used -------------------------------------------------------------------------------------------------
    def _read_use(self) -> None:
        world, lay = self.world, self.layout
        rows = [d for d in world.demand if d.t_product_per_year > 0.0]
        self.civil_region = np.array([lay.region_of[d.region] for d in rows])
        self.civil_sector = np.array([self.sectors.index(d.sector) for d in rows])
        self.civil_commodity = np.array([lay.commodity_of[d.commodity] for d in rows])
        self.civil_table = (
            np.array([per_week(d.t_product_per_year) for d in rows]) / lay.factor[self.civil_commodity]
        )
        self._read_defence()

    def _read_defence(self) -> None:
        """Listed programmes x gross_up, and one pseudo-programme a region and commodity for what the balance's total leaves:
        other uses are many and small, and do not wait for each other's materials."""
        world, lay, g = self.world, self.layout, self.behaviour.gross_up
        names = [p.id for p in world.programmes]
        plan = [p.units_per_year / 365.25 * 7.0 for p in world.programmes]
        bloc = [p.bloc for p in world.programmes]
        region = [lay.region_of[p.region] for p in world.programmes]
        kits: list[tuple[int, int, float]] = []
        listed: dict[tuple[str, str], float] = {}
        for item in world.programme_items:
            p = names.index(item.programme)
            c = lay.commodity_of[item.commodity]
            if item.kg_product_per_unit * plan[p] <= 0.0:
                continue
            kits.append((p, c, g * item.kg_product_per_unit / lay.factor[c]))
            key = (bloc[p], item.commodity)
            listed[key] = listed.get(key, 0.0) + g * item.kg_product_per_unit * plan[p]
        totals: dict[tuple[str, str], float] = {}
        for t in world.defence_totals:
            key = (t.bloc, t.commodity)
            totals[key] = totals.get(key, 0.0) + per_week(t.t_product_per_year)
        build = [weeks_in(p.build_days) for p in world.programmes]
        cover = [(p.cover_weeks, p.cover_weeks_low, p.cover_weeks_high) for p in world.programmes]
        for total in world.defence_totals:
            key = (total.bloc, total.commodity)
            left = (
                max(0.0, totals[key] - listed.get(key, 0.0))
                * per_week(total.t_product_per_year)
                / totals[key]
            )
            if left <= 0.0:
                continue
            c = lay.commodity_of[total.commodity]
            kits.append((len(names), c, left / lay.factor[c]))
            names.append(f"{OTHER}_{total.region}_{total.commodity}")
            plan.append(1.0)  # one unit a week holds a week's need
            bloc.append(total.bloc)
            region.append(lay.region_of[total.region])
            build.append(OTHER_BUILD_WEEKS)
            cover.append(tuple(np.median(np.array(cover[: len(world.programmes)]), axis=0)))
        self.plan, self.programme, self.bloc = np.array(plan), tuple(names), tuple(bloc)
        self.programme_region, self.build = np.array(region), np.array(build)
        self.cover = np.array(cover)  # [programmes, (typical, low, high)]
        self.kit_programme = np.array([k[0] for k in kits])
        self.kit_commodity = np.array([k[1] for k in kits])
        self.kit_per_unit = np.array([k[2] for k in kits])

    # -- what is supplied ---------------------------------------------------------------------------------------------
    def _read_supply(self) -> None:
        world = self.world
        number = {s.id: i for i, s in enumerate(world.separators)}
        mines = {m.id: i for i, m in enumerate(world.mines)}
        per_oxide = np.array(OXIDE_PER_KG)
        basket = np.array([m.basket_pct for m in world.mines])
        basket = basket / basket.sum(axis=1, keepdims=True)
        tonnes = np.array([per_week(m.output_t_reo_per_year) * (m.status == OPERATING) for m in world.mines])
        self.mine_table = tonnes[:, None] * basket / per_oxide
        self.routes = [(mines[f.mine], number[f.separator], f.share) for f in world.feeds]
        self.separated_share = np.array([s.separated for s in world.separators])
        self.tailing_share = np.array([s.unseparated for s in world.separators])
        self.eol_table = (
            np.array([[per_week(x) for x in r.end_of_life_t] for r in world.recyclers]) / per_oxide
        )

    def flows(self) -> dict[str, Array]:
        """Every flow at the present factors."""
        lay, world = self.layout, self.world
        out: dict[str, Array] = {}
        use = np.zeros((lay.R, lay.C))
        civil = self.civil_table * self.sector_factor[self.civil_sector]
        np.add.at(use, (self.civil_region, self.civil_commodity), civil)
        kit_region = self.programme_region[self.kit_programme]
        kit = self.kit_per_unit * self.plan[self.kit_programme]
        np.add.at(use, (kit_region, self.kit_commodity), kit)
        make = np.zeros((lay.R, lay.C))
        magnet = self._outputs([(o.commodity, o.output_t_product_per_year, o.residual, self._magnet_runs(o.maker))
                                for o in world.magnet_outputs], use)  # fmt: skip
        makers = [m.id for m in world.magnet_makers]
        maker_region = np.array([lay.region_of[m.region] for m in world.magnet_makers])
        magnet_input = np.zeros((len(makers), lay.C))
        scrap = np.zeros((lay.R, E))
        for o, kg in zip(world.magnet_outputs, magnet, strict=True):
            m, c = makers.index(o.maker), lay.commodity_of[o.commodity]
            make[maker_region[m], c] += kg
            raw = kg * lay.grade[c] / self.chain_yield
            magnet_input[m] += self._as_metals(raw)
            scrap[maker_region[m]] += raw * (1.0 - self.chain_yield)
        np.add.at(use, maker_region, magnet_input)
        metal = self._outputs([(o.commodity, o.output_t_product_per_year, o.residual, self._metal_runs(o.maker))
                               for o in world.metal_outputs], use)  # fmt: skip
        metal_region = {m.id: lay.region_of[m.region] for m in world.metal_makers}
        for row, kg in zip(world.metal_outputs, metal, strict=True):
            c = lay.commodity_of[row.commodity]
            make[metal_region[row.maker], c] += kg
            use[metal_region[row.maker], lay.oxide_for[c]] += kg / self.metal_yield(c)
        mine = self.mine_table * self.mine_factor[:, None]
        feed = np.zeros((len(world.separators), E))
        for m, s, share in self.routes:
            feed[s] += mine[m] * share
        taken = np.array(
            [scrap[lay.region_of[r.region]] * r.swarf_collected for r in world.recyclers]
        ).reshape(-1, E)
        eol = self.eol_table * self.scrap_factor
        recycled = taken * np.array([r.recovery for r in world.recyclers])[:, None] + eol
        out.update(use=use, make=make, civil=civil, kit=kit, kit_region=kit_region, magnet=magnet, metal=metal,
                   magnet_input=magnet_input, mine=mine, feed=feed, separated=feed * self.separated_share,
                   tailings=feed * self.tailing_share, scrap=taken, eol=eol, recycled=recycled)  # fmt: skip
        return out

    def metal_yield(self, commodity: int) -> float:
        light = self.layout.commodities[commodity] in ("la_metal", "ce_metal", "ndpr_metal")
        return self.yields["ndpr_metal" if light else "heavy_metal"]

    def _magnet_runs(self, maker: str) -> bool:
        return next(m.status for m in self.world.magnet_makers if m.id == maker) == OPERATING

    def _metal_runs(self, maker: str) -> bool:
        return next(m.status for m in self.world.metal_makers if m.id == maker) == OPERATING

    def _outputs(self, rows: list[tuple[str, float, bool, bool]], use: Array) -> Array:
        """Start output of each (maker, commodity): the table's, the residual rows what is left of the world's use."""
        lay = self.layout
        c = np.array([lay.commodity_of[r[0]] for r in rows])
        table = np.array([per_week(r[1]) * r[3] for r in rows]) / lay.factor[c]
        residual = np.array([r[2] and r[3] for r in rows])
        table = np.where(residual, 0.0, table)
        world_use = use.sum(axis=0)
        given = np.bincount(c, table, lay.C)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(given > world_use, world_use / given, 1.0)  # never more than is used
        table = table * scale[c]
        left = np.maximum(world_use - np.bincount(c, table, lay.C), 0.0)
        count = np.bincount(c, residual.astype(float), lay.C)
        if np.any((left > 1e-6 * np.maximum(world_use, 1e-12)) & (count == 0) & np.isin(np.arange(lay.C), c)):
            name = lay.commodities[int(np.argmax((left > 0) & (count == 0) & np.isin(np.arange(lay.C), c)))]
            raise ValueError(f"world {self.world.name}: no residual maker for {name}")
        output: Array = np.where(residual, left[c] / np.maximum(count[c], 1.0), table)
        return output

    def _as_metals(self, elements: Array) -> Array:
        """Kilograms of each element to kilograms of the metals that hold them, [C]."""
        lay = self.layout
        out = np.zeros(lay.C)
        for c in range(lay.C):
            if lay.stage[c] == "metal":
                out[c] = (elements * lay.mask[c]).sum()
        return out

    # -- balancing ----------------------------------------------------------------------------------------------------
    def imbalance(self, flows: dict[str, Array]) -> tuple[Array, Array]:
        """Supply and use of each oxide over the world, kg a week, [oxides] each."""
        supply = self.to_oxide @ (flows["separated"].sum(axis=0) + flows["recycled"].sum(axis=0))
        use: Array = flows["use"].sum(axis=0)[self.oxides]
        return supply, use

    def balance(self) -> tuple[Array, Mask]:
        """Move the factors until tight oxides close to 1e-12; returns supply over use before, and which are tight."""
        flows = self.flows()
        supply, use = self.imbalance(flows)
        before = supply / np.maximum(use, 1e-12)
        tight = before < 1.0 + TIGHT
        for _ in range(40):
            supply, use = self.imbalance(flows)
            gap = (supply - use)[tight]
            if np.all(np.abs(gap) <= 1e-12 * use[tight]):
                break
            self._move(flows, tight, gap)
            flows = self.flows()
        return before, tight

    def _move(self, flows: dict[str, Array], tight: Mask, gap: Array) -> None:
        """One least-squares step: smallest sum of squared (change / sigma) that removes ``gap`` to first order."""
        world = self.world
        per_mine = np.zeros((len(world.mines), E))
        for m, s, share in self.routes:
            per_mine[m] += flows["mine"][m] * share * self.separated_share[s]
        rows_mine = self.to_oxide[tight] @ per_mine.T
        eol = flows["eol"].ravel()
        rows_scrap = np.tile(self.to_oxide[tight], len(world.recyclers)) * eol
        sector = np.zeros((len(world.sectors), self.layout.C))
        np.add.at(sector, (self.civil_sector, self.civil_commodity), flows["civil"])
        returned = flows["recycled"].sum(axis=0) - flows["eol"].sum(axis=0)
        used = flows["magnet_input"].sum()
        net = 1.0 - returned.sum() / max(used, 1e-12)
        rows_sector = -(self._oxide_need(sector, net)[:, self.oxides[tight]]).T
        jacobian = np.hstack([rows_mine, rows_scrap, rows_sector])
        sigma = np.concatenate([
            [SIGMA[m.confidence] for m in world.mines],
            [SIGMA[r.confidence] for r in world.recyclers for _ in range(E)],
            [ACTIVITY for _ in world.sectors],
        ])  # fmt: skip
        weighted = jacobian * sigma**2
        step = weighted.T @ np.linalg.solve(weighted @ jacobian.T, -gap)
        n, k = len(world.mines), len(eol)
        self.mine_factor = self.mine_factor * (1.0 + step[:n])
        self.scrap_factor = self.scrap_factor * (1.0 + step[n : n + k].reshape(-1, E))
        self.sector_factor = self.sector_factor * (1.0 + step[n + k :])

    def _oxide_need(self, sector: Array, net: float) -> Array:
        """Oxide drawn by each sector, [sectors, C], with magnets counted net of returned swarf."""
        lay = self.layout
        need = sector.copy()
        for c in range(lay.C):
            if lay.stage[c] == "magnet":
                raw = np.outer(sector[:, c], lay.grade[c]) / self.chain_yield * net
                for metal in range(lay.C):
                    if lay.stage[metal] == "metal":
                        need[:, lay.oxide_for[metal]] += (raw @ lay.mask[metal]) / self.metal_yield(metal)
        return need


def solve(world: World, layout: Layout, behaviour: Behaviour) -> Opening:
    """The flows of the first day. Raises ``ValueError`` if the tables cannot be made to close."""
    solver = Solver(world, layout, behaviour)
    before, tight = solver.balance()
    flows = solver.flows()
    ratio = np.ones(layout.C)
    ratio[solver.oxides] = before
    factors = [
        *((f"mines.{m.id}", f) for m, f in zip(world.mines, solver.mine_factor, strict=True)),
        *((f"recyclers.{r.id}.eol_{e}", f) for r, row in zip(world.recyclers, solver.scrap_factor, strict=True)
          for e, f in zip(ELEMENTS, row, strict=True)),
        *((f"sectors.{s.id}", f) for s, f in zip(world.sectors, solver.sector_factor, strict=True)),
    ]  # fmt: skip
    trade = _trade(world, layout, solver, flows, tight)
    return Opening(
        civil_region=solver.civil_region, civil_sector=solver.civil_sector, civil_commodity=solver.civil_commodity,
        civil_use=flows["civil"], kit_programme=solver.kit_programme, kit_commodity=solver.kit_commodity,
        kit_region=solver.programme_region[solver.kit_programme], kit_per_unit=solver.kit_per_unit, kit_use=flows["kit"],
        plan=solver.plan, programme=solver.programme, programme_bloc=solver.bloc,
        programme_region=solver.programme_region, build_weeks=solver.build, cover_weeks=solver.cover,
        mine=flows["mine"], separated=flows["separated"], tailings=flows["tailings"],
        lost=flows["feed"] - flows["separated"] - flows["tailings"], scrap=flows["scrap"], end_of_life=flows["eol"],
        metal=flows["metal"], magnet=flows["magnet"], magnet_input=flows["magnet_input"], ratio=ratio,
        adjustments=tuple((name, float(f)) for name, f in factors if abs(f - 1.0) > 1e-9), **trade,
    )  # fmt: skip


def _trade(world: World, lay: Layout, solver: Solver, flows: dict[str, Array], tight: Mask) -> dict[str, Any]:
    """Who imports what, what separators can sell of what they could separate, lead times, origin shares."""
    use, make = flows["use"], flows["make"]
    china = lay.hub == CHINA_HUB
    sep_region = np.array([lay.region_of[s.region] for s in world.separators])
    rec_region = np.array([lay.region_of[r.region] for r in world.recyclers])
    could = np.zeros((len(world.separators), lay.C))
    could[:, solver.oxides] = flows["separated"] @ solver.to_oxide.T
    recycled = np.zeros((len(world.recyclers), lay.C))
    recycled[:, solver.oxides] = flows["recycled"] @ solver.to_oxide.T
    is_tight = np.zeros(lay.C, bool)
    is_tight[solver.oxides] = tight
    sold = could.copy()
    in_china = china[sep_region]
    for c in (
        solver.oxides
    ):  # a surplus is left unseparated: abroad first what abroad does not need, then in China
        if is_tight[c]:
            continue
        abroad = use[~china, c].sum() - recycled[~china[rec_region], c].sum()
        sold[~in_china, c] *= min(1.0, max(abroad, 0.0) / max(could[~in_china, c].sum(), 1e-12))
        rest = use[:, c].sum() - recycled[:, c].sum() - sold[~in_china, c].sum()
        sold[in_china, c] *= min(1.0, max(rest, 0.0) / max(could[in_china, c].sum(), 1e-12))
    supply = make.copy()
    np.add.at(supply, sep_region, sold)
    np.add.at(supply, rec_region, recycled)
    routes: list[tuple[int, int, int, int, float, int]] = []
    lag = np.ones((len(HUBS), lay.C, lay.R), int)
    days = np.array([[lane_days(world, a, b) for b in lay.regions] for a in lay.regions])
    home = lay.regions.index("china")
    for c in range(lay.C):
        lack = np.where(china, 0.0, np.maximum(use[:, c] - supply[:, c], 0.0))
        imports = use[~china, c].sum() - supply[~china, c].sum()
        if imports > 1e-9 * max(use[:, c].sum(), 1e-12):
            imported = imports * lack / lack.sum()
        else:
            imported = np.zeros(lay.R)
        away = np.where(china, 0.0, np.maximum(supply[:, c] - use[:, c], 0.0))
        homeward = max(-imports, 0.0) if imports < -1e-9 * max(use[:, c].sum(), 1e-12) else 0.0
        weight = away if away.sum() > 0.0 else np.where(china, 0.0, use[:, c])
        if (
            use[~china, c].sum() > 0.0
        ):  # every region that uses it may come to import it, and China to buy it back
            there = np.flatnonzero(~china & (use[:, c] > 0.0))
            routes += [(c, lay.C + c, int(r), c, float(imported[r]), weeks_in(days[home, r])) for r in there]
            mean = float((weight * days[:, home]).sum() / weight.sum())
            routes.append((lay.C + c, c, home, c, homeward, weeks_in(mean)))
        own = supply[:, c] + imported
        lag[WORLD_HUB, c] = _lead(use[:, c], own, days, ~china)
        lag[SCO_HUB, c] = np.where(lay.sco, weeks_in(7.0), 1)
    routes += _homeward(lay, use, days)
    cells = np.zeros((len(HUBS), lay.C, lay.R))
    cells[CHINA_HUB] = np.where(china, use.T, 0.0)
    cells[WORLD_HUB] = np.where(~china, use.T, 0.0)
    for source, _target, region, c, flow, _lag in routes:
        if (
            source >= lay.C and flow > 0.0
        ):  # goods that go to China are bought abroad where they are made: booked on the buyer's region
            cells[WORLD_HUB, c, region] += flow
    columns = list(zip(*routes, strict=True)) if routes else [(), (), (), (), (), ()]
    return {
        "oxide": sold, "recycled": recycled,
        "route_source": np.array(columns[0], int), "route_target": np.array(columns[1], int),
        "route_region": np.array(columns[2], int), "route_commodity": np.array(columns[3], int),
        "route_flow": np.array(columns[4], float), "route_lag": np.array(columns[5], int),
        "lag": lag.ravel(), "use": cells.ravel(),
        "china_share": _origin(lay, use, routes, china), "mix": _mix(lay, flows),
    }  # fmt: skip


def _homeward(lay: Layout, use: Array, days: Array) -> list[tuple[int, int, int, int, float, int]]:
    """Routes from the sco hub to China, unused until it is aligned: for what its regions use, and may one day make."""
    home = lay.regions.index("china")
    russia = int(np.flatnonzero(lay.sco)[0]) if lay.sco.any() else home
    lead = weeks_in(days[russia, home])
    used = use[lay.sco].sum(axis=0) > 0.0
    return [(SCO_HUB * lay.C + int(c), int(c), home, int(c), 0.0, lead) for c in np.flatnonzero(used)]


def _lead(use: Array, own: Array, days: Array, hub: Mask) -> Index:
    """Weeks from purchase to arrival in each region: own goods first, the rest from regions with goods to spare."""
    spare = np.where(hub, np.maximum(own - use, 0.0), 0.0)
    short = np.where(hub, np.maximum(use - own, 0.0), 0.0)
    away = (spare @ days) / max(spare.sum(), 1e-12) if spare.sum() > 0.0 else np.full(len(use), 7.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(use > 0.0, short / use, 0.0)
    mean = (1.0 - share) * 7.0 + share * away
    return np.array([weeks_in(float(m)) for m in mean])


def _origin(
    lay: Layout, use: Array, routes: list[tuple[int, int, int, int, float, int]], china: Mask
) -> Array:
    """Chinese share of each pool's goods on the first day: imports, and what is made abroad of Chinese inputs."""
    share = np.concatenate([np.ones(lay.C), np.zeros(lay.C), np.zeros(lay.C)])
    imported = np.zeros(lay.C)
    for _source, target, _region, c, flow, _lag in routes:
        if target >= lay.C:
            imported[c] += flow
    abroad = use[~china].sum(axis=0)
    for stage in ("oxide", "metal", "magnet"):
        for c in range(lay.C):
            if lay.stage[c] != stage:
                continue
            inputs = 0.0
            if stage == "metal":
                inputs = share[lay.C + lay.oxide_for[c]]
            elif stage == "magnet":
                metals = [m for m in range(lay.C) if lay.stage[m] == "metal"]
                weight = np.array([(lay.grade[c] * lay.mask[m]).sum() for m in metals])
                inputs = float((weight * share[[lay.C + m for m in metals]]).sum() / max(weight.sum(), 1e-12))
            part = imported[c] / abroad[c] if abroad[c] > 0.0 else 0.0
            share[lay.C + c] = min(1.0, part + (1.0 - part) * inputs)
    share[2 * lay.C :] = share[lay.C : 2 * lay.C]  # one market with the world's until it is aligned
    return share


def _mix(lay: Layout, flows: dict[str, Array]) -> Array:
    """Element shares of each commodity; Nd and Pr stand in the ratio in which the world supplies them."""
    supply = flows["separated"].sum(axis=0) + flows["recycled"].sum(axis=0)
    mix = np.zeros((lay.C, E))
    for c in range(lay.C):
        weight = lay.mask[c] * (lay.grade[c] if lay.stage[c] == "magnet" else supply)
        if weight.sum() <= 0.0:
            weight = lay.mask[c]
        mix[c] = weight / weight.sum()
    return mix
