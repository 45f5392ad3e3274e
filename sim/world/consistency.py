"""What rows of a world must satisfy together: shares, baskets, dates, residuals, units of demand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from sim.elements import ELEMENTS
from sim.world.check import CHOKEPOINTS, FAMILIES, check_references, fail, iso_date, nearest, one_of
from sim.world.types import Row, World

TOLERANCE: Final = 1e-6
YIELDS: Final = ("ndpr_metal", "heavy_metal", "alloy", "sintering", "machining")
SPREADS: Final = (  # table, middle, low, high
    ("yields", "fraction", "low", "high"),
    ("sectors", "elasticity", "elasticity_low", "elasticity_high"),
    ("sectors", "stock_weeks", "stock_weeks_low", "stock_weeks_high"),
    ("lifetimes", "years", "years_low", "years_high"),
    ("programmes", "units_per_year", "units_per_year_low", "units_per_year_high"),
    ("programmes", "cover_weeks", "cover_weeks_low", "cover_weeks_high"),
    ("lanes", "days", "days_low", "days_high"),
    ("covers", "weeks", "weeks_low", "weeks_high"),
    ("candidates", "build_days", "build_days_low", "build_days_high"),
)
KEYS: Final = (  # columns that together may occur once
    ("feeds", ("mine", "separator")),
    ("metal_outputs", ("maker", "commodity")),
    ("magnet_outputs", ("maker", "commodity")),
    ("demand", ("region", "sector", "commodity")),
    ("programme_items", ("programme", "commodity")),
    ("defence_totals", ("bloc", "region", "commodity")),
    ("lanes", ("origin", "destination", "mode")),
    ("covers", ("holder", "region")),
    ("recyclers", ("region",)),
    ("candidates", ("site_stage", "site")),
    ("grades", ("commodity",)),
)
POSITIVE: Final = (
    ("commodities", "usd_per_kg"),
    ("mines", "capacity_t_reo_per_year"),
    ("separators", "capacity_t_reo_per_year"),
    ("metal_makers", "capacity_t_metal_per_year"),
    ("magnet_makers", "capacity_t_magnet_per_year"),
    ("yields", "fraction"),
    ("lifetimes", "years"),
    ("programmes", "units_per_year"),
    ("programmes", "build_days"),
    ("lanes", "days"),
)


def check_world(world: World) -> None:
    """Raise ``WorldError`` at the first thing in ``world`` that cannot be."""
    check_references(world)
    _keys_and_spreads(world)
    _projects(world)
    _mines_and_separators(world)
    _candidates(world)
    _makers(world)
    _magnets_and_yields(world)
    _uses(world)
    _lifetimes(world)
    _defence(world)
    _lanes_and_covers(world)


def _keys_and_spreads(world: World) -> None:
    for table, columns in KEYS:
        seen: set[tuple[object, ...]] = set()
        for row in getattr(world, table):
            key = tuple(getattr(row, column) for column in columns)
            if key in seen:
                raise fail(table, row, columns[-1], key[-1], f"allowed: each {' + '.join(columns)} once")
            seen.add(key)
    for table, middle, low, high in SPREADS:
        for row in getattr(world, table):
            value, bottom, top = getattr(row, middle), getattr(row, low), getattr(row, high)
            if not bottom - TOLERANCE <= value <= top + TOLERANCE:
                raise fail(table, row, middle, value, f"allowed: {bottom:g} ({low}) to {top:g} ({high})")
    for table, column in POSITIVE:
        for row in getattr(world, table):
            if getattr(row, column) <= 0.0:
                raise fail(table, row, column, getattr(row, column), "allowed: more than 0")


def _projects(world: World) -> None:
    """Projects have a date from the first day on; what operates has none and runs for certain, a candidate has neither."""
    first = iso_date(world.start)
    for table in ("mines", "separators", "metal_makers", "magnet_makers"):
        for row in getattr(world, table):
            day = iso_date(row.start_date)
            if row.status == "project":
                if day is None or first is None or day < first or day.year > first.year + 50:
                    rule = f"allowed: an ISO date from {world.start} on, within 50 years"
                    raise fail(table, row, "start_date", row.start_date, rule)
            elif row.start_date or row.probability != float(row.status == "operating"):
                column = "start_date" if row.start_date else "probability"
                rule = (
                    "allowed: no start_date, and a probability of 1 for what operates, of 0 for a candidate"
                )
                raise fail(table, row, column, getattr(row, column), rule)


def _mines_and_separators(world: World) -> None:
    for mine in world.mines:
        total = sum(mine.basket_pct)
        if not 99.0 <= total <= 101.0:
            raise fail("mines", mine, "<element>_pct_reo", f"{total:.3f}", "allowed: a sum of 99 to 101")
        output, capacity = mine.output_t_reo_per_year, mine.capacity_t_reo_per_year
        if output > capacity + TOLERANCE:
            raise fail(
                "mines", mine, "output_t_reo_per_year", output, f"allowed: at most the capacity {capacity:g}"
            )
        if (output > 0.0) != (mine.status == "operating"):
            raise fail(
                "mines", mine, "output_t_reo_per_year", output, "allowed: 0 for a project, more for the rest"
            )
    shares: dict[str, float] = defaultdict(float)
    for feed in world.feeds:
        shares[feed.mine] += feed.share
        if shares[feed.mine] > 1.0 + TOLERANCE:
            rule = f"allowed: shares of mine {feed.mine} that sum to at most 1"
            raise fail("feeds", feed, "share", feed.share, rule)
    for mine in world.mines:
        if mine.id not in shares:
            raise fail("mines", mine, "id", mine.id, "allowed: a mine with at least one row in feeds.csv")
    for plant in world.separators:
        for element, out, left in zip(ELEMENTS, plant.separated, plant.unseparated, strict=True):
            if out + left > 1.0 + TOLERANCE:
                rule = f"allowed: with {element}_unseparated {left:g} at most {1.0 - left:g}"
                raise fail("separators", plant, f"{element}_separated", out, rule)


def _candidates(world: World) -> None:
    """Sites and feed contracts exist; tonnes and cost stand where the site's own row does not say them."""
    tables = {"mine": "mines", "separator": "separators", "metal": "metal_makers", "magnet": "magnet_makers"}
    contracts = {feed.id: feed for feed in world.feeds}
    listed: set[tuple[str, str]] = set()
    for row in world.candidates:
        plants = {plant.id: plant for plant in getattr(world, tables[row.site_stage])}
        if row.site not in plants:
            rule = f"allowed: an id of {tables[row.site_stage]}.csv{nearest(row.site, plants)}"
            raise fail("candidates", row, "site", row.site, rule)
        project = plants[row.site].status == "project"
        for column in ("t_per_year", "full_cost_ratio"):
            if (getattr(row, column) > 0.0) == project:
                rule = (
                    f"allowed: 0 for a project, more for the rest ({row.site} is {plants[row.site].status})"
                )
                raise fail("candidates", row, column, getattr(row, column), rule)
        if row.feed and (row.feed not in contracts or contracts[row.feed].separator != row.site):
            raise fail(
                "candidates", row, "feed", row.feed, f"allowed: an id of feeds.csv that ends at {row.site}"
            )
        listed.add((tables[row.site_stage], row.site))
    for table in tables.values():
        for plant in getattr(world, table):
            if plant.status == "candidate" and (table, plant.id) not in listed:
                raise fail(table, plant, "status", "candidate", "allowed: with a row in candidates.csv")


def _makers(world: World) -> None:
    """Outputs fit their maker, and each metal and magnet has exactly one maker that takes the residual."""
    commodity = {c.id: c for c in world.commodities}
    for table, makers, column, stage in (
        ("metal_outputs", world.metal_makers, "capacity_t_metal_per_year", "metal"),
        ("magnet_outputs", world.magnet_makers, "capacity_t_magnet_per_year", "magnet"),
    ):
        plants = {m.id: m for m in makers}
        made: dict[str, float] = defaultdict(float)
        residual: Counter[str] = Counter()
        for row in getattr(world, table):
            product, plant = commodity[row.commodity], plants[row.maker]
            if product.stage != stage or getattr(plant, "family", product.family) != product.family:
                raise fail(
                    table, row, "commodity", row.commodity, f"allowed: a {stage} that {row.maker} can make"
                )
            if row.residual and plant.status != "operating":
                raise fail(table, row, "residual", "true", "allowed: only for a maker that operates")
            made[row.maker] += row.output_t_product_per_year
            residual[row.commodity] += row.residual
            if made[row.maker] > getattr(plant, column) * (1.0 + TOLERANCE):
                rule = f"allowed: outputs of {row.maker} within its capacity of {getattr(plant, column):g} t"
                raise fail(table, row, "output_t_product_per_year", row.output_t_product_per_year, rule)
        for product in world.commodities:
            if product.stage == stage and residual[product.id] != 1:
                raise fail(
                    table, product, "residual", residual[product.id], "allowed: exactly one residual row"
                )


def _magnets_and_yields(world: World) -> None:
    known = {y.id for y in world.yields}
    for needed in YIELDS:
        if needed not in known:
            raise fail("yields", needed, "id", "missing", f"allowed: rows {', '.join(YIELDS)}")
    grades = {g.commodity: g for g in world.grades}
    for product in world.commodities:
        if product.strip_cost_usd_per_kg > product.usd_per_kg:
            rule = f"allowed: at most the price {product.usd_per_kg:g}"
            raise fail("commodities", product, "strip_cost_usd_per_kg", product.strip_cost_usd_per_kg, rule)
        words = product.elements.split()
        for word in words:
            if word not in ELEMENTS:
                raise fail("commodities", product, "elements", word, f"allowed: {' '.join(ELEMENTS)}")
        if (product.family in FAMILIES) != (product.stage == "magnet"):
            raise fail(
                "commodities", product, "family", product.family, "allowed: NdFeB or SmCo for magnets only"
            )
        if product.stage != "magnet":
            continue
        grade = grades.get(product.id)
        if grade is None or grade.family != product.family or not 0.0 < sum(grade.wt_pct) < 45.0:
            raise fail(
                "grades",
                product,
                "family",
                product.family,
                "allowed: one row a magnet, same family, < 45 wt%",
            )
        held = [e for e, weight in zip(ELEMENTS, grade.wt_pct, strict=True) if weight > 0.0]
        if held != words:
            raise fail(
                "commodities",
                product,
                "elements",
                product.elements,
                f"allowed: as in grades: {' '.join(held)}",
            )


def _uses(world: World) -> None:
    sectors = {s.id: s for s in world.sectors}
    commodity = {c.id: c for c in world.commodities}
    for row in world.demand:
        form, product = sectors[row.sector].form, commodity[row.commodity]
        if form != (product.family or product.stage):
            rule = f"allowed: sector {row.sector} uses {form}"
            raise fail("demand", row, "commodity", row.commodity, rule)
    used = {row.sector for row in world.demand}
    for sector in world.sectors:
        if sector.switch_usd_per_kg > sector.stop_usd_per_kg:
            rule = f"allowed: at most stop_usd_per_kg {sector.stop_usd_per_kg:g}"
            raise fail("sectors", sector, "switch_usd_per_kg", sector.switch_usd_per_kg, rule)
        if sector.id not in used:
            raise fail("sectors", sector, "id", sector.id, "allowed: a sector with rows in demand.csv")


def _lifetimes(world: World) -> None:
    """Goods that rest in products have a lifetime, those of defence too; what is consumed for good has none."""
    resting = [s.id for s in world.sectors if not s.dissipative] + ["defence"]
    known = {row.id for row in world.lifetimes}
    for name in resting:
        if name not in known:
            raise fail(
                "lifetimes",
                name,
                "id",
                "",
                "allowed: a row for each sector that is not dissipative, and defence",
            )
    for row in world.lifetimes:
        if row.id not in resting:
            rule = f"allowed: {one_of(resting)}{nearest(row.id, resting)}"
            raise fail("lifetimes", row, "id", row.id, rule)


def _defence(world: World) -> None:
    bloc = {r.id: r.bloc for r in world.regions}
    tables: tuple[tuple[str, Iterable[Row]], ...] = (
        ("programmes", world.programmes),
        ("defence_totals", world.defence_totals),
    )
    for table, rows in tables:
        for row in rows:
            region, own = getattr(row, "region"), getattr(row, "bloc")  # noqa: B009 - two row types, one rule
            if own == "other" or bloc[region] != own:
                raise fail(
                    table, row, "bloc", own, f"allowed: the bloc of {region}, {bloc[region]}, and not other"
                )
    listed = {item.programme for item in world.programme_items}
    for programme in world.programmes:
        if programme.id not in listed:
            raise fail(
                "programmes", programme, "id", programme.id, "allowed: a programme with programme_items rows"
            )


def _ways(world: World) -> None:
    """The lanes of a pair carry all its goods between them, and what lanes and feeds pass is a known chokepoint."""
    carried: dict[tuple[str, str], float] = defaultdict(float)
    for lane in world.lanes:
        carried[lane.origin, lane.destination] += lane.share
    for lane in world.lanes:
        total = carried[lane.origin, lane.destination]
        if abs(total - 1.0) > TOLERANCE:
            raise fail(
                "lanes", lane, "share", lane.share, f"allowed: shares of a pair that sum to 1, not {total:g}"
            )
    for table in ("lanes", "feeds"):
        for row in getattr(world, table):
            for word in row.chokepoints.split():
                if word not in CHOKEPOINTS:
                    rule = f"allowed: {', '.join(CHOKEPOINTS)}{nearest(word, CHOKEPOINTS)}"
                    raise fail(table, row, "chokepoints", word, rule)


def _lanes_and_covers(world: World) -> None:
    pairs = {(lane.origin, lane.destination) for lane in world.lanes}
    for origin in world.regions:
        for destination in world.regions:
            if (origin.id, destination.id) not in pairs:
                raise fail(
                    "lanes", f"{origin.id} to {destination.id}", "origin", "missing", "allowed: a lane a pair"
                )
    _ways(world)
    everywhere = {cover.holder for cover in world.covers if cover.region == "all"}
    for cover in world.covers:
        if cover.holder not in everywhere:
            raise fail(
                "covers", cover, "holder", cover.holder, "allowed: a holder that also has a row for all"
            )
    for row in world.published:
        if row.value_high < row.value:
            raise fail(
                "published", row, "value_high", row.value_high, f"allowed: at least value {row.value:g}"
            )
