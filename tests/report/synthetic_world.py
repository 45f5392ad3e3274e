"""More invented numbers: stockpiles, capacities, projects, flows of one element, policies that cost, a quota's rent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from report.synthetic import Rows

REGIONS = {"china": 0.7, "japan": 0.05, "north_america": 0.1, "australia": 0.06, "europe": 0.03, "korea": 0.01, "india": 0.01,
           "africa": 0.02, "south_america": 0.015, "russia": 0.005}  # fmt: skip
STOCKPILES = {"us_nds_y_oxide": ("north_america", "y_oxide", 25.0), "japan_dy_oxide": ("japan", "dy_oxide", 12.0),
              "china_la_oxide": ("china", "la_oxide", 9000.0)}  # fmt: skip
NAMES = {"us_nds_y_oxide": "US National Defense Stockpile, yttrium oxide", "f_35": "F-35", "amraam": "AMRAAM AIM-120",
         "north_america": "North America", "lynas_heavy": "Lynas Malaysia, heavy circuit", "china": "China"}  # fmt: skip
SITES = ("lynas_heavy", "serra_verde_ramp", "neo_narva")


def add_world(rows: Rows, shocked: bool, bump: np.ndarray) -> None:
    """Series of regions: the shock empties one stockpile, fills another and adds capacity outside China."""
    replications, weeks = rows.shape
    t = np.arange(weeks)
    spread = np.linspace(0.9, 1.1, replications)[:, None]
    for name, (region, commodity, level) in STOCKPILES.items():
        where: dict[str, Any] = {
            "scope": "region",
            "place": region,
            "stage": "state",
            "party": name,
            "commodity": commodity,
        }
        change = (
            {"us_nds_y_oxide": -0.01, "japan_dy_oxide": 0.005}.get(name, 0.0)
            * level
            * spread
            * bump
            * shocked
        )
        rows.add("inventory", "t oxide", np.maximum(level + change.cumsum(axis=1), 0), **where)
        rows.add("purchases", "t oxide/week", np.maximum(change, 0), **where)
        rows.add("released", "t oxide/week", np.maximum(-change, 0), **where)
    more = 1 + 0.3 * shocked * np.minimum(t / 200, 1)
    for region, share in REGIONS.items():
        for stage, unit in (
            ("mine", "t REO/week"),
            ("separator", "t contained element/week"),
            ("magnet", "t contained element/week"),
        ):
            rows.add(
                "capacity",
                unit,
                5000 * share * (1 if region == "china" else more),
                scope="region",
                place=region,
                stage=stage,
            )
        for element, flow in (("nd", 900.0), ("dy", 40.0), ("tb", 8.0), ("sm", 60.0), ("y", 200.0)):
            for stage, kept in (
                ("mine", 1.0),
                ("separator", 0.85),
                ("metal", 0.6),
                ("magnet", 0.5),
                ("user", 0.45),
            ):
                values = flow * share * kept * (1 + 0.0002 * t) * spread
                rows.add(
                    "element_flow",
                    "t element/week",
                    values,
                    scope="region",
                    place=region,
                    stage=stage,
                    commodity=element,
                )
    if shocked:
        rows.add(
            "policy_cost", "million USD/week", 2.5 * (t > 20) * spread, place="world", party="price_floor_us"
        )
        rows.add("rent", "USD/kg", 30 * bump * spread, place="china", party="quota_2025")


def happenings(kind: str, replications: int, start: date) -> pa.Table:
    """Projects that are decided, start up and stop, and units delivered, which are no business of the report."""
    found: dict[str, list[Any]] = {
        k: [] for k in ("replication", "date", "event", "place", "cause", "amount")
    }
    for r in range(replications):
        rows = [
            (60, "unit delivered", "f_35", "build completed", 1.0),
            (70, "start-up", "lynas_heavy", "announced separator", 1.0),
        ]
        if kind == "controls":
            rows += [
                (12, "held back", "amraam", "y_oxide", 1.0),
                (40, "held back", "amraam", "smco_2_17", 1.0),
            ]
            rows += [
                (30, "decision", SITES[r % 3], "basket value", 500.0),
                (90, "mothballed", "neo_narva", "price", 20.0),
            ]
        for week, event, site, cause, amount in rows:
            row = (r, start + timedelta(weeks=week), event, site, cause, amount)
            for key, value in zip(found, row, strict=True):
                found[key].append(value)
    types = (pa.int16(), pa.date32(), pa.string(), pa.string(), pa.string(), pa.float64())
    return pa.table({k: pa.array(v, t) for (k, v), t in zip(found.items(), types, strict=True)})


def outcomes(kind: str, replications: int, programmes: dict[str, tuple[str, ...]]) -> pa.Table:
    """Late and lost units of programmes and blocs."""
    columns: dict[str, Any] = {
        "replication": pa.array(range(replications), pa.int16()),
        "parameter_set": [0] * replications,
    }
    for bloc, names in programmes.items():
        hit = 10.0 if kind == "controls" and bloc == "us_nato" else 0.0
        columns[f"late_units_bloc_{bloc}"] = hit * len(names) + hit * np.linspace(0, 1, replications)
        for name in names:
            columns[f"late_units_programme_{name}"] = hit + hit * np.linspace(0, 1, replications)
            columns[f"lost_units_programme_{name}"] = np.full(replications, hit / 2)
    return pa.table(columns)
