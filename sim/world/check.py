"""What a cell, a row and a whole world must satisfy. Every complaint is one line that says what would have been right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from sim.world.types import Published, Row, World


class WorldError(ValueError):
    """A mistake in the tables of a world, in one line: file, row, column, value, what is allowed."""


STAGES: Final = ("oxide", "metal", "magnet")
FAMILIES: Final = ("NdFeB", "SmCo")
LETTERS: Final = ("A", "B", "C")
BLOCS: Final = ("us_nato", "china", "russia", "other")
CHOKEPOINTS: Final = (  # straits, seas, canals and border crossings that lanes and feeds pass; a shock may close them
    "malacca", "sunda_lombok", "south_china_sea", "east_china_sea", "luzon", "bab_el_mandeb", "suez", "hormuz", "panama",
    "baltic", "caspian", "aktau_kuryk", "baku", "poti", "tengchong", "boten", "zabaikalsk_manzhouli", "dostyk_khorgos",
    "brest_malaszewicze", "airspace",
)  # fmt: skip
# column -> what it may say, in whatever table it stands
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "confidence": LETTERS,
    "basket_confidence": LETTERS,
    "units_confidence": LETTERS,
    "hub": ("china", "world", "sco"),
    "bloc": BLOCS,
    "zone": ("china", "russia", "allied"),
    "stage": STAGES,
    "form": ("NdFeB", "SmCo", "oxide"),
    "deposit": ("bastnaesite", "monazite", "clay", "loparite", "xenotime", "eudialyte", "mixed"),
    "status": ("operating", "project", "candidate"),
    "site_stage": ("mine", "separator", "metal", "magnet"),
    "reserved_for": ("defence", "industry", "all"),
    "holder": (
        "separator_oxide",
        "metal_input",
        "metal_output",
        "magnet_input",
        "magnet_output",
        "trader",
        "recycler",
    ),
}
# (table, column) -> the table whose ids it names
REFERENCES: Final[dict[tuple[str, str], str]] = {
    ("grades", "commodity"): "commodities",
    ("mines", "region"): "regions",
    ("feeds", "mine"): "mines",
    ("feeds", "separator"): "separators",
    ("separators", "region"): "regions",
    ("metal_makers", "region"): "regions",
    ("metal_outputs", "maker"): "metal_makers",
    ("metal_outputs", "commodity"): "commodities",
    ("magnet_makers", "region"): "regions",
    ("magnet_outputs", "maker"): "magnet_makers",
    ("magnet_outputs", "commodity"): "commodities",
    ("recyclers", "region"): "regions",
    ("demand", "region"): "regions",
    ("demand", "sector"): "sectors",
    ("demand", "commodity"): "commodities",
    ("programmes", "region"): "regions",
    ("programme_items", "programme"): "programmes",
    ("programme_items", "commodity"): "commodities",
    ("defence_totals", "region"): "regions",
    ("defence_totals", "commodity"): "commodities",
    ("lanes", "origin"): "regions",
    ("lanes", "destination"): "regions",
    ("stockpiles", "region"): "regions",
    ("stockpiles", "commodity"): "commodities",
    ("covers", "region"): "regions",
}
ALSO_ALL: Final = {("covers", "region")}  # may say "all" instead of an id
MAY_BE_EMPTY: Final = {"family", "start_date", "chokepoints", "explains", "feed"}
SHARES: Final = {
    "share",
    "feed_share",
    "probability",
    "swarf_collected",
    "recovery",
    "switch_max_per_year",
    "switch_kept",
    "fraction",
    "low",
    "high",
}
LOWEST: Final = {
    "growth_pct_per_year": -20.0,
    "past_growth_pct_per_year": -20.0,
}  # all other numbers: zero or more
HIGHEST: Final = {
    "growth_pct_per_year": 30.0,
    "past_growth_pct_per_year": 100.0,
    "supply_elasticity": 3.0,
    "elasticity": 3.0,
    "delay_months_typical": 240.0,
    "ramp_months": 240.0,
    "vat_pct": 50.0,
    "vat_magnets_pct": 50.0,
    "duty_pct": 100.0,
    "hold_up_days": 730.0,
    "lead_days": 730.0,
}
HIGHEST_VECTOR: Final = {"wt_pct": 100.0, "pct_reo": 100.0, "separated": 1.0, "unseparated": 1.0}


def nearest(word: str, allowed: Iterable[str]) -> str:
    """``; did you mean 'x'?`` when something allowed is spelt nearly like ``word``, else nothing."""
    close = difflib.get_close_matches(word, list(allowed), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def one_of(allowed: Sequence[str]) -> str:
    """The allowed words, shortened so that the message stays one readable line."""
    shown = ", ".join(allowed[:16])
    return shown if len(allowed) <= 16 else f"{shown} ... ({len(allowed)} in all)"


def limits(column: str, vector: str | None = None) -> tuple[float, float]:
    """Lowest and highest number a column may hold; ``vector`` is the suffix of a per-element column."""
    if vector is not None:
        return 0.0, HIGHEST_VECTOR.get(vector, 1e9)
    if column in SHARES:
        return 0.0, 1.0
    return LOWEST.get(column, 0.0), HIGHEST.get(column, 1e9)


def fail(table: str, row: Row | Published | str, column: str, value: object, allowed: str) -> WorldError:
    """The one line of a mistake."""
    name = row if isinstance(row, str) else row.id
    return WorldError(f"{table}.csv: row '{name}', column '{column}': '{value}' is not allowed; {allowed}")


def iso_date(text: str) -> date | None:
    """The date, or None where the text is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def check_references(world: World) -> None:
    """Every id that a row names exists."""
    ids = {target: [row.id for row in getattr(world, target)] for target in set(REFERENCES.values())}
    for (table, column), target in REFERENCES.items():
        allowed = ids[target] + (["all"] if (table, column) in ALSO_ALL else [])
        known = set(allowed)
        for row in getattr(world, table):
            value = getattr(row, column)
            if value not in known:
                rule = f"allowed: an id of {target}.csv ({one_of(allowed)}){nearest(value, allowed)}"
                raise fail(table, row, column, value, rule)
