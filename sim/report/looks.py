"""Colours and dashes, fixed per scenario id across all reports, and what Matplotlib must be told once.

Six colours, a light and a dark edition, chosen by search around Okabe and Ito's blue and vermilion ("Color Universal
Design", 2008) so that every pair differs by a CIE76 distance of 20 or more in normal vision and under deutan, protan and
tritan simulation (Machado et al. 2009), at 4.5:1 contrast or more (tests/report). Never colour alone: dashes differ too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

PAPER: Final = ("#ffffff", "#14171c")  # light, dark
INK: Final = ("#1b1b1b", "#e8e8e8")
GRID: Final = ("#dddddd", "#3a3f47")
MUTED: Final = ("#666666", "#a8a8a8")
COLOURS: Final = (
    ("#595959", "#b5b5b5"),  # grey, for comparators
    ("#b84500", "#ff8a4c"),  # vermilion
    ("#0072b2", "#56b4e9"),  # blue
    ("#8800ff", "#8866ff"),  # violet
    ("#660000", "#ff0066"),  # red
    ("#220066", "#aaff22"),  # indigo; lime on dark paper, where indigo cannot be seen
)
# Fills of stacked areas are read by their labels and white seams: Okabe and Ito's set, then grey for the rest. Its blue is one step
# off: the same number would be taken for the scenario colour and swapped on dark paper).
FILLS: Final = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0073B3", "#D55E00", "#F0E442")
REST_FILL: Final = "#999999"
Dash = tuple[float, ...]
DASHES: Final[tuple[Dash, ...]] = ((), (5.0, 1.6), (1.3, 1.3), (6.0, 1.4, 1.3, 1.4))
# (colour, dash) of the scenarios we ship; comparators are grey
PINNED: Final = {
    "baseline": (0, 1), "standstill": (0, 2), "controls_2025": (1, 0), "full_cutoff": (4, 0), "quota_2010": (2, 0),
    "as_it_happened": (2, 1), "rules_return_2026": (3, 0), "japan_2026": (5, 0), "myanmar_closure": (5, 1),
    "kuantan_outage": (3, 1), "mountain_pass_outage": (3, 2), "sino_russian_alignment": (4, 1), "catalysts_2025": (1, 1),
    "consolidation": (1, 2), "sco_corridor": (2, 2), "corridor_cut": (2, 3), "western_sanctions": (5, 2),
    "escalation": (4, 2), "defence_surge": (4, 3), "allied_build_out": (5, 3), "price_floor": (3, 3),
    "stockpile_build": (1, 3),
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How a scenario is drawn: ``colour`` on light paper (``dark`` on dark), ``dash`` in points on and off."""

    colour: str
    dark: str
    dash: Dash


def looks(scenarios: Iterable[str]) -> dict[str, Look]:
    """A look per scenario. The same id has the same look on every page; only if an unknown id falls on a
    place of the table that another on the page has does it move on to the next free one."""
    ids = sorted(set(scenarios))
    places = {s: PINNED[s] for s in ids if s in PINNED}
    for scenario in ids:
        if scenario not in places:
            places[scenario] = _place(scenario, set(places.values()))
    return {s: Look(*COLOURS[c], DASHES[d]) for s, (c, d) in places.items()}


def _place(scenario: str, taken: set[tuple[int, int]]) -> tuple[int, int]:
    table = [(c, d) for d in range(len(DASHES)) for c in range(1, len(COLOURS))]
    first = int.from_bytes(hashlib.sha256(scenario.encode("utf-8", "replace")).digest()[:4]) % len(table)
    order = table[first:] + table[:first]
    return next((place for place in order if place not in taken), order[0])


def css_names() -> dict[str, tuple[str, str]]:
    """CSS variable -> (light, dark): figures are drawn in the light edition and refer to these on the page."""
    names = {"grid": GRID, "muted": MUTED, "paper": PAPER}
    return names | {f"c{i}": pair for i, pair in enumerate(COLOURS)}


@contextmanager
def drawing(salt: str = "coercivity") -> Iterator[None]:
    """Matplotlib's settings for one figure: stable ids, real text, no mathematics in names, fonts it ships itself."""
    import warnings

    import matplotlib as mpl

    settings: dict[Any, Any] = {
        "svg.hashsalt": salt, "svg.fonttype": "none", "text.parse_math": False, "text.usetex": False,
        "font.family": ["DejaVu Sans"], "font.size": 8.5, "axes.unicode_minus": True, "path.simplify": False,
        "text.color": INK[0], "axes.edgecolor": INK[0], "axes.labelcolor": INK[0], "xtick.color": INK[0],
        "ytick.color": INK[0], "axes.linewidth": 0.6, "axes.spines.top": False, "axes.spines.right": False,
        "axes.spines.left": False, "axes.grid": True, "axes.grid.axis": "y", "grid.color": GRID[0], "grid.linewidth": 0.6,
        "axes.axisbelow": True, "lines.linewidth": 1.5, "lines.scale_dashes": False, "lines.dash_capstyle": "butt",
        "ytick.major.size": 0, "xtick.major.size": 3, "xtick.major.width": 0.6, "figure.facecolor": "none",
        "axes.facecolor": "none", "savefig.facecolor": "none", "axes.formatter.use_mathtext": False,
    }  # fmt: skip
    with mpl.rc_context(settings), warnings.catch_warnings():
        # A stranger's name may hold characters the measuring font lacks; the browser has its own fonts.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing")
        yield
