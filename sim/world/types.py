"""The rows of a world: what exists on its first day, one dataclass a table of ``conf/world/<name>/``.

A field's name is its column's name and carries the unit (``capacity_t_reo_per_year``). ``t_reo`` is tonnes of rare-earth
oxide contained, ``t_product`` tonnes of the commodity as traded (oxide, metal, finished magnet). Vectors over the fifteen
elements stand in fifteen columns ``La_<suffix> ... Y_<suffix>``; the suffix is in the field's metadata. Every row names its
``source`` and a ``confidence`` letter: A read in the source, B official figure from memory, C estimate.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Vector = tuple[float, ...]  # fifteen numbers in the order of sim.elements.ELEMENTS


def per_element(suffix: str) -> Vector:
    """A field read from fifteen columns ``<element>_<suffix>``."""
    value: Vector = field(metadata={"per_element": suffix})
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What all rows share."""

    id: str
    source: str
    confidence: str  # A, B or C


@dataclass(frozen=True, kw_only=True, slots=True)
class Region(Row):
    name: str
    hub: str  # china, world or sco
    bloc: str  # us_nato, china, russia or other: whose defence programmes and whose controls
    zone: str  # origin zone of what is mined or made here: china, russia or allied


@dataclass(frozen=True, kw_only=True, slots=True)
class Commodity(Row):
    """Something with a price. Prices are those of the first day, China ex VAT, real USD/kg of product."""

    name: str
    stage: str  # oxide, metal or magnet
    family: str  # '' or NdFeB or SmCo
    elements: str  # space-separated elements it holds, e.g. "Nd Pr"
    usd_per_kg: float
    strip_cost_usd_per_kg: (
        float  # floor of an oxide: stripping, precipitation, packing; 0 for metals and magnets
    )
    user_stop_usd_per_kg: (
        float  # price at which the median industrial user of it stops (world, China ex VAT basis)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Grade(Row):
    """Composition of a finished magnet grade: kg of element per 100 kg of magnet."""

    commodity: str
    family: str
    wt_pct: Vector = per_element("wt_pct")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mine(Row):
    name: str
    country: str
    region: str
    deposit: str  # bastnaesite, monazite, clay, loparite, xenotime, eudialyte, mixed
    owner: str
    status: str  # operating, project or candidate (not announced: it comes by a decision or not at all)
    output_t_reo_per_year: float  # concentrate REO leaving the mine at the start (0 for a project)
    capacity_t_reo_per_year: float
    by_product: bool  # runs whatever rare earths fetch (iron ore, mineral sands)
    quota_bound: bool  # output set by China's mining quota
    legal: bool
    supply_elasticity: float  # of output to basket value, both ways, within capacity
    growth_pct_per_year: float  # of capacity (quota growth, announced expansion)
    start_date: str  # ISO date, projects only
    probability: float  # that the project starts at all within the horizon; 1 for operating
    delay_months_typical: float  # beyond the announced date
    ramp_months: float
    basket_source: str
    basket_confidence: str
    basket_pct: Vector = per_element("pct_reo")


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed(Row):
    """Where a mine's concentrate goes: a contract, not a market."""

    mine: str
    separator: str
    share: float  # of the mine's output; shares of a mine sum to at most 1, the rest is stocked unseparated
    days: float  # door to door
    freight_usd_per_kg_reo: float
    chokepoints: str  # ids of places it passes, space-separated


@dataclass(frozen=True, kw_only=True, slots=True)
class Separator(Row):
    name: str
    country: str
    region: str
    status: str  # operating or project
    light: bool
    heavy: bool
    capacity_t_reo_per_year: float  # REO contained in feed
    hold_up_days: float
    feed_cover_days: float
    cost_usd_per_kg_reo: float  # crack, leach and separation per kg REO fed
    start_date: str
    probability: float
    delay_months_typical: float
    ramp_months: float
    # of each element in the feed: share separated as oxide, and share left unseparated; the rest is lost
    separated: Vector = per_element("separated")
    unseparated: Vector = per_element("unseparated")


@dataclass(frozen=True, kw_only=True, slots=True)
class MetalMaker(Row):
    name: str
    country: str
    region: str
    status: str
    capacity_t_metal_per_year: float
    lead_days: float
    conversion_usd_per_kg_metal: float
    start_date: str
    probability: float
    delay_months_typical: float
    ramp_months: float


@dataclass(frozen=True, kw_only=True, slots=True)
class MetalOutput(Row):
    """What a metal maker makes of each metal at the start. ``residual`` rows take what the others leave of world need."""

    maker: str
    commodity: str
    output_t_product_per_year: float
    residual: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MagnetMaker(Row):
    name: str
    country: str
    region: str
    family: str  # NdFeB or SmCo
    status: str
    capacity_t_magnet_per_year: float  # finished
    lead_days: float
    conversion_usd_per_kg_magnet: float
    start_date: str
    probability: float
    delay_months_typical: float
    ramp_months: float


@dataclass(frozen=True, kw_only=True, slots=True)
class MagnetOutput(Row):
    maker: str
    commodity: str
    output_t_product_per_year: (
        float  # finished magnets at the start; for projects the share it will make (t at full rate)
    )
    residual: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate(Row):
    """What could be built at a site and is not decided on the first day: one row a site."""

    site_stage: str  # mine, separator, metal or magnet
    site: str  # id in that stage's table: a project (what of it does not come), a plant that operates, or a candidate
    t_per_year: float  # REO, metal or finished magnets; 0 for a project: its own capacity
    full_cost_ratio: (
        float  # full cost over what it would earn at opening prices; 0 for a project: its odds tell
    )
    capital_usd_per_t_year: float  # of metal and magnet makers, per t a year of capacity; 0 where unknown
    build_days: float  # from the final decision to the first feed
    build_days_low: float
    build_days_high: float
    ramp_months: float
    feed: str  # id of a row of feeds whose mine sends its concentrate here once it runs, or nothing
    feed_share: float  # of that mine's concentrate


@dataclass(frozen=True, kw_only=True, slots=True)
class Recycler(Row):
    name: str
    region: str
    swarf_collected: float  # share of the region's machining swarf and scrap that is fed to recyclers
    recovery: float  # scrap to oxide
    lead_days: float
    supply_elasticity: float  # of collection to the price of the scrap's basket
    eol_la_to_y_source: str
    end_of_life_t: Vector = per_element(
        "eol_t_reo_per_year"
    )  # recovered a year from products that leave use, t REO, at opening prices


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessYield(Row):
    """Mass yields of the magnet chain: id is ndpr_metal, heavy_metal (Dy Tb Gd Ho Sm ...), alloy, sintering, machining."""

    fraction: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Sector(Row):
    """A civil use. Prices are USD/kg of the finished magnet, or of the oxide product, as quoted outside China."""

    name: str
    form: str  # NdFeB, SmCo or oxide
    growth_pct_per_year: float
    elasticity: float  # short-run, of use to real price (positive number)
    elasticity_low: float
    elasticity_high: float
    switch_usd_per_kg: float  # substitution pays above this
    switch_months: float  # lag to half of the switching
    switch_max_per_year: float
    stop_usd_per_kg: float  # value in use
    stock_weeks: float
    stock_weeks_low: float
    stock_weeks_high: float
    switch_kept: float  # share of a switch that stays when prices fall
    dissipative: bool  # consumed for good (polish, catalyst) rather than resting in products


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifetime(Row):
    """How long goods stay in use; ids are those of the sectors whose goods rest in products, and ``defence``."""

    years: float  # mean, from use to scrap
    years_low: float
    years_high: float
    past_growth_pct_per_year: float  # of the sector's use over the life of what is in use today
    recoverable: bool  # rare earths are taken back from such goods somewhere


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand(Row):
    """Use of a commodity by a sector in a region at the start, t of product a year."""

    region: str
    sector: str
    commodity: str
    t_product_per_year: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme(Row):
    name: str
    country: str
    bloc: str
    region: str  # whose hub and lanes it buys through
    category: str
    units_per_year: float
    units_per_year_low: float
    units_per_year_high: float
    backlog_units: float
    build_days: float  # material in to unit out
    cover_weeks: float  # sum over the tiers
    cover_weeks_low: float
    cover_weeks_high: float
    units_source: str
    units_confidence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammeItem(Row):
    programme: str
    commodity: str
    kg_product_per_unit: float


@dataclass(frozen=True, kw_only=True, slots=True)
class DefenceTotal(Row):
    """A bloc's whole defence use of a commodity in the balance; what gross_up x the programmes leave is other_defence."""

    bloc: str
    region: str
    commodity: str
    t_product_per_year: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane(Row):
    origin: str  # region
    destination: str  # region
    mode: str
    days: float  # door to door
    days_low: float
    days_high: float
    freight_usd_per_kg: float
    share: float  # of the pair's goods that go this way at the start; the first lane of a pair gives its days and freight
    chokepoints: str  # ids of places it passes, space-separated


@dataclass(frozen=True, kw_only=True, slots=True)
class Stockpile(Row):
    name: str
    owner: str  # state body
    region: str
    commodity: str
    t_product: float
    reserved_for: str  # defence, industry or all
    buy_below: float  # buys while the slow price is below this multiple of the first day's; 0 never
    buy_t_per_year: float  # of product, in full force
    release_above: float  # sells while the slow price is above this multiple of the first day's; 0 never
    release_share_per_week: float  # of what is held, in full force
    issue_weeks: (
        float  # reserved for defence: programmes of the region are topped up to these weeks of need; 0 never
    )
    rule_source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover(Row):
    """Weeks of flow a kind of holder keeps: makers' inputs and outputs, separators, traders."""

    holder: str  # separator_oxide, metal_input, metal_output, magnet_input, magnet_output, trader, recycler
    region: str  # or all
    weeks: float
    weeks_low: float
    weeks_high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """A published start-of-run total that ``python -m sim.world`` prints beside ours."""

    id: str
    measure: str
    value: float
    value_high: float  # upper end when a range is published, else equal to value
    unit: str
    year: str
    explains: str  # why ours differs, if by more than 10 %
    source: str
    confidence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Everything on the first day. Tuples keep table order: ties at a call are broken by it."""

    name: str
    title: str
    start: str  # ISO date
    vat_pct: float  # of the origin hub, not refunded on rare-earth oxides and metals
    vat_magnets_pct: float  # effective VAT left in exported magnets after rebate
    duty_pct: float  # export duty at the start
    facts: tuple[Row, ...]
    regions: tuple[Region, ...]
    commodities: tuple[Commodity, ...]
    grades: tuple[Grade, ...]
    mines: tuple[Mine, ...]
    feeds: tuple[Feed, ...]
    separators: tuple[Separator, ...]
    metal_makers: tuple[MetalMaker, ...]
    metal_outputs: tuple[MetalOutput, ...]
    magnet_makers: tuple[MagnetMaker, ...]
    magnet_outputs: tuple[MagnetOutput, ...]
    candidates: tuple[Candidate, ...]
    recyclers: tuple[Recycler, ...]
    yields: tuple[ProcessYield, ...]
    sectors: tuple[Sector, ...]
    lifetimes: tuple[Lifetime, ...]
    demand: tuple[Demand, ...]
    programmes: tuple[Programme, ...]
    programme_items: tuple[ProgrammeItem, ...]
    defence_totals: tuple[DefenceTotal, ...]
    lanes: tuple[Lane, ...]
    stockpiles: tuple[Stockpile, ...]
    covers: tuple[Cover, ...]
    published: tuple[Published, ...]
