"""Plain words for ids, numbers and dates: what a reader who has never seen the tables understands."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

import numpy as np

# element asked for -> the oxide it trades as; Nd and Pr trade as one product
ELEMENT_OXIDE: Final = {
    "NdPr": "ndpr_oxide", "Nd": "ndpr_oxide", "Pr": "ndpr_oxide", "La": "la_oxide", "Ce": "ce_oxide", "Sm": "sm_oxide",
    "Eu": "eu_oxide", "Gd": "gd_oxide", "Tb": "tb_oxide", "Dy": "dy_oxide", "Ho": "ho_oxide", "Er": "er_oxide",
    "Tm": "tm_oxide", "Yb": "yb_oxide", "Lu": "lu_oxide", "Y": "y_oxide",
}  # fmt: skip
DEFAULT_ELEMENTS: Final = ("NdPr", "Dy", "Tb", "Y", "Sm")
PLACES: Final = {
    "china": "China", "world": "outside China", "outside": "outside China", "sco": "Russia and Central Asia",
    "us_nato": "US and NATO", "russia": "Russia", "other": "other blocs", "all": "all",
}  # fmt: skip
MAGNETS: Final = {
    "ndfeb_n_m": "NdFeB magnets N–M", "ndfeb_h_sh": "NdFeB magnets H–SH", "ndfeb_uh_ah": "NdFeB magnets UH–AH",
    "smco_1_5": "SmCo magnets 1:5", "smco_2_17": "SmCo magnets 2:17",
}  # fmt: skip
CAUSES: Final = {
    "licence": "waiting for licences", "refusal": "refused licences", "ban": "export bans", "quota": "quotas",
    "mine": "mines", "separator": "separators", "metal": "metal makers", "magnet": "magnet makers",
    "recycling": "recyclers", "demand": "growth of demand", "lane": "lanes", "duty": "duties", "sanction": "sanctions",
}  # fmt: skip
SITES: Final = {
    "mine": "Mines", "separator": "Separators", "metal": "Metal makers", "magnet": "Magnet makers", "recycler": "Recyclers",
    "user": "Users",
}  # fmt: skip
STAGES: Final = {"oxide": "oxides", "metal": "metals", "magnet": "magnets"}


def clean(text: object, limit: int = 2000) -> str:
    """``text`` without control and direction-changing characters (they can disguise a name), at most ``limit`` long."""
    kept = "".join(
        "\ufffd" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") and c not in "\n\t" else c
        for c in str(text)
    )
    kept = re.sub(r"\s+", " ", kept).strip()
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def slug(text: str) -> str:
    """Letters, digits and underscores only: safe as a file name and as an id."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60] or "x"


def product(commodity: str) -> str:
    """``"dy_oxide"`` -> ``"Dy oxide"``; magnets by grade family; an unknown id is shown as it is."""
    if commodity in MAGNETS:
        return MAGNETS[commodity]
    element, _, kind = commodity.rpartition("_")
    if kind in ("oxide", "metal") and element:
        return f"{'NdPr' if element == 'ndpr' else element.capitalize()} {kind}"
    return clean(commodity)


def stage_of(commodity: str) -> str:
    """oxide, metal or magnet, read off the id."""
    kind = commodity.rpartition("_")[2]
    return kind if kind in ("oxide", "metal") else "magnet"


def place(name: str) -> str:
    """The hub ``world`` is everything outside China, and is never called anything else on the page."""
    return PLACES.get(name, clean(name).replace("_", " "))


def programme(name: str) -> str:
    """A programme's id as it is written: short words and those with digits in capitals (``f_35`` -> ``F-35``)."""
    words = clean(name).split("_")
    shown = [w.upper() if len(w) <= 3 or any(c.isdigit() for c in w) else w.capitalize() for w in words]
    text = " ".join(shown)
    return re.sub(r"^([A-Z]{1,3}) (\d)", r"\1-\2", text)


def cause(name: str) -> str:
    """What a cause of the attribution is called on the page."""
    return CAUSES.get(name, plain(name))


def plain(name: str) -> str:
    """An id in words: underscores become spaces."""
    return clean(name).replace("_", " ")


def decimals(value: float) -> int:
    """Decimals that leave three significant digits; whole numbers below 10,000 keep all theirs (negative: rounded off)."""
    size = int(np.floor(np.log10(abs(value)))) if abs(value) >= 5e-4 else 2
    return max(0, 2 - size) if size < 4 else 2 - size


def fixed(value: float, digits: int) -> str:
    """``value`` with ``digits`` decimals (negative: rounded to tens, hundreds ...), thousands separators, a true minus."""
    text = f"{round(value, digits) + 0.0:,.{max(0, digits)}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def number(value: float) -> str:
    """Three significant digits with thousands separators, no exponent: ``1,230``, ``45.6``, ``0.012``."""
    if not np.isfinite(value):
        return "–"
    text = fixed(value, decimals(value))
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: float) -> str:
    """:func:`number` with its sign always shown."""
    text = number(value)
    return text if text in ("–", "0") or text.startswith("−") else f"+{text}"


def month(day: date | np.datetime64) -> str:
    """``August 2025``."""
    day = as_date(day)
    return f"{MONTHS[day.month - 1]} {day.year}"


MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                 "November", "December")  # fmt: skip


def short_month(day: date | np.datetime64) -> str:
    """``Aug 2025``: for cells of tables."""
    name, _, year = month(day).partition(" ")
    return f"{name[:3]} {year}"


def as_date(day: date | np.datetime64) -> date:
    """A calendar day from either kind of date."""
    return day if isinstance(day, date) else date.fromisoformat(str(day.astype("datetime64[D]")))
