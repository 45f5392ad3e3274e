"""Weekly series of what is done to the chain, and of where an element goes: rents, stockpiles, money spent, flows by region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.elements import INDEX
from sim.grouping import columns_by
from sim.start import OTHER
from sim.stock import Array, Block

if TYPE_CHECKING:
    from sim.trajectories import Book

FOLLOWED = ("Nd", "Dy", "Tb", "Sm", "Y")  # elements whose flows are recorded by region


def write(book: Book) -> None:
    """Add the series to the book."""
    _rents(book)
    _stockpiles(book)
    _spending(book)
    _programmes(book)
    _regions(book)
    _old_products(book)
    for element in FOLLOWED:
        _flows(book, element)


def _rents(book: Book) -> None:
    for name, routes in book.chain.quota_routes.items():
        rent = book.r["rent"][:, routes].max(axis=1)
        book.add("rent", "USD/kg", rent, place="china", party=name)


def _stockpiles(book: Book) -> None:
    """Level, purchases, sales to the market and issues to programmes of each stockpile."""
    p, lay = book.p, book.lay
    block = p.reserves.block
    bought = book.r["bought"][:, p.buy.parts["state"]]
    sold = book.r["sold"][:, p.sell.parts["state"]] + book.r["issued"]
    mass = book.r["mass"][:, block.rows]
    for i, name in enumerate(block.owner):
        c = int(block.commodity[i])
        where = {
            "scope": "region", "place": lay.regions[block.region[i]], "stage": "state", "party": name,
            "commodity": lay.commodities[c],
        }  # fmt: skip
        book.add("inventory", book.unit(c, ""), mass[:, i] * book.tonnes[c], **where)
        book.add("purchases", book.unit(c), bought[:, i] * book.tonnes[c], **where)
        book.add("released", book.unit(c), sold[:, i] * book.tonnes[c], **where)


def _spending(book: Book) -> None:
    for name, usd in book.chain.spending.items():
        book.add("policy_cost", "million USD/week", usd / 1e6, party=name)


def _old_products(book: Book) -> None:
    """What leaves use at the end of its life by region, and how much of it recyclers take in."""
    for name in ("discarded", "collected"):
        for r, region in enumerate(book.lay.regions):
            book.add(
                name, "t contained element/week", book.r[name][:, r] / 1000.0, scope="region", place=region
            )


def _programmes(book: Book) -> None:
    """Cover of each programme: days of need in stock of the item of which least is there; and what it got over what it needed."""
    d, r = book.p.defence, book.r
    mass, need = r["mass"][:, d.kits.rows], d.per_unit * d.plan[d.programme]
    days = 7.0 * mass / need
    bought = r["bought"][:, book.p.buy.parts["kits"]] + r["issued_kits"]
    blocs: dict[str, list[Array]] = {}
    for i, name in enumerate(d.names):
        if name.startswith(OTHER):
            continue
        mine = d.programme == i
        cover = days[:, mine].min(axis=1)
        where = {"scope": "bloc", "place": d.bloc[i], "party": name}
        book.add("cover", "days", cover, **where)
        book.add("supplied", "1", (bought[:, mine] / need[mine]).mean(axis=1), **where)
        blocs.setdefault(d.bloc[i], []).append(cover)
    for bloc, covers in blocs.items():  # each programme one vote, as in deliveries
        book.add("cover", "days", np.mean(covers, axis=0), scope="bloc", place=bloc, party="defence")


def _regions(book: Book) -> None:
    """Demand and shortage by region: of those goods whose trade is recorded by region."""
    lay, p, r = book.lay, book.p, book.r
    kits = p.defence.kits
    met = np.minimum(r["kit_used"], r["kit_wanted"])
    parts = {
        "demand": (r["demand"], r["kit_wanted"]),
        "priced_out": (r["demand"] - r["wanted"], np.zeros_like(met)),
        "unserved": (r["wanted"] - r["consumed"], np.minimum(r["kit_short"], r["kit_wanted"] - met)),
    }
    for variable, (civil, military) in parts.items():
        kg = columns_by(civil, p.civil.block.region * lay.C + p.civil.block.commodity, lay.R * lay.C)
        kg = kg + columns_by(military, kits.region * lay.C + kits.commodity, lay.R * lay.C)
        for region in range(lay.R):
            for c in book.shipped:
                book.add(
                    variable, book.unit(c), kg[:, region * lay.C + c] * book.tonnes[c], scope="region",
                    place=lay.regions[region], commodity=lay.commodities[c],
                )  # fmt: skip


def _flows(book: Book, element: str) -> None:
    """Tonnes of an element by region that pass a stage each week; NdPr is split as the world supplies it."""
    p, lay, o = book.p, book.lay, book.p.opening
    e = INDEX[element]
    mined = columns_by(book.r["mined"] * p.mines.potential[:, e], p.mines.plants.region, lay.R)

    def of(block: Block, values: Array) -> Array:
        return columns_by(values * o.mix[block.commodity, e], block.region, lay.R)

    stages = {
        "mine": mined,
        "separator": of(p.separators.oxide, book.r["oxide_made"])
        + of(p.recyclers.oxide, book.r["recycled_made"]),
        "metal": of(p.metal.outputs, book.r["metal_made"]),
        "magnet": of(p.magnet.outputs, book.r["magnet_made"]),
        "user": of(p.civil.block, book.r["consumed"]) + of(p.defence.kits, book.r["kit_used"]),
    }
    for stage, kg in stages.items():
        for r in np.flatnonzero(kg.any(axis=0)):
            book.add(
                "element_flow", "t element/week", kg[:, r] / 1000.0, scope="region", place=lay.regions[r], stage=stage,
                commodity=element.lower(),
            )  # fmt: skip
