"""Run folders made up for the tests of the report: the right files, columns and variables, invented numbers.

Nothing in them is a result of the model: a smooth bump after 4 April 2025, some noise shared by scenarios through the
replication number. The report must cope with whatever a run writes; the model's own tests are elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from report.synthetic_world import NAMES, add_world, happenings, outcomes

START = date(2025, 1, 6)
SHOCK_WEEK = 13
PRICES = {"ndpr_oxide": 55.0, "dy_oxide": 200.0, "tb_oxide": 700.0, "y_oxide": 5.0, "sm_oxide": 2.0, "la_oxide": 0.5,
          "ce_oxide": 0.9, "dy_metal": 260.0, "ndpr_metal": 68.0, "ndfeb_n_m": 25.0, "ndfeb_h_sh": 38.0,
          "ndfeb_uh_ah": 70.0, "smco_1_5": 45.0, "smco_2_17": 55.0}  # fmt: skip
HIT = {"dy_oxide": 2.2, "tb_oxide": 1.8, "y_oxide": 4.0, "sm_oxide": 3.0, "dy_metal": 2.0, "ndfeb_h_sh": 0.6,
       "ndfeb_uh_ah": 1.0, "smco_1_5": 0.8, "smco_2_17": 0.9}  # fmt: skip
PROGRAMMES = {"us_nato": ("f_35", "virginia_class", "small_drones", "patriot_pac3", "amraam"), "china": ("j_20",),
              "russia": ("iskander",)}  # fmt: skip
CAUSES = ("licence", "refusal", "metal", "separator", "price", "hoarding", "stock policy")


class Rows:
    """Collects series and turns them into the table of the contract."""

    def __init__(self, replications: int, weeks: int) -> None:
        self.shape = (replications, weeks)
        self.labels: list[tuple[str, ...]] = []
        self.values: list[np.ndarray] = []

    def add(
        self,
        variable: str,
        unit: str,
        values: Any,
        *,
        scope: str = "hub",
        place: str = "world",
        stage: str = "all",
        party: str = "all",
        commodity: str = "all",
    ) -> None:
        values = np.broadcast_to(np.asarray(values, float), self.shape)
        if values.any():  # a series that is zero throughout is left out
            self.labels.append((variable, scope, place, stage, party, commodity, unit))
            self.values.append(values)

    def table(self) -> pa.Table:
        n, weeks = self.shape
        per = n * weeks
        names = ("variable", "scope", "place", "stage", "party", "commodity", "unit")
        days = [START + timedelta(weeks=w + 1) for w in range(weeks)]
        columns: dict[str, Any] = {
            "replication": pa.array(np.tile(np.repeat(np.arange(n), weeks), len(self.labels)), pa.int16()),
            "date": pa.array(days, pa.date32()).take(
                pa.array(np.tile(np.arange(weeks), n * len(self.labels)))
            ),
        }
        for i, name in enumerate(names):
            words = sorted({row[i] for row in self.labels})
            codes = np.repeat([words.index(row[i]) for row in self.labels], per).astype(np.int32)
            columns[name] = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(words))
        columns["value"] = pa.array(np.concatenate([v.reshape(-1) for v in self.values]))
        order = ("replication", "date", *names, "value")
        return pa.table({k: columns[k] for k in order})


def trajectories(
    kind: str, replications: int, weeks: int, seed: int = 1, commodities: int = 99, world: bool = True
) -> pa.Table:
    """``kind``: baseline, controls or standstill."""
    rows = Rows(replications, weeks)
    t = np.arange(weeks)
    bump = np.where(t >= SHOCK_WEEK, (t - SHOCK_WEEK) / 20.0 * np.exp(1 - (t - SHOCK_WEEK) / 20.0), 0.0)
    shocked, alive = kind == "controls", kind != "standstill"
    for i, (commodity, p0) in enumerate(list(PRICES.items())[:commodities]):
        chance = np.random.default_rng([seed, i]).normal(0, 0.01, (replications, weeks)).cumsum(axis=1) * 0.5
        level = p0 * np.exp(chance + 0.0004 * t) if alive else p0 * (1 + 0.001 * np.sin(t / 50))
        level = np.broadcast_to(level, (replications, weeks))
        spread = np.random.default_rng([seed, i, 7]).uniform(0.7, 1.3, (replications, 1))
        hit = HIT.get(commodity, 0.0) * bump * spread if shocked else np.zeros((replications, weeks))
        what = commodity.rpartition("_")[2] if commodity.endswith(("oxide", "metal")) else "magnet"
        usd = f"USD/kg {what}"
        inside = level * (1 - 0.1 * np.minimum(hit, 1))
        for name, values, place in (("price_spot", inside, "china"), ("price_paid", inside, "china"),
                                    ("price_spot", level * 1.15 * (1 + hit), "world"),
                                    ("price_paid", level * 1.15 * (1 + 0.5 * np.roll(hit, 4, axis=1)), "world"),
                                    ("price_net", level * (1 + hit), "world")):  # fmt: skip
            rows.add(name, usd, values, place=place, commodity=commodity)
        demand = 20.0 + 10 * i
        short = np.clip(0.25 * hit - 0.1, 0, 0.6) * demand
        for party, share in (
            ("all", 1.0),
            ("civil", 0.98),
            ("defence", 0.02),
            ("ev_traction", 0.5),
            ("wind", 0.3),
        ):
            rows.add(
                "demand",
                f"t {what}/week",
                demand * share,
                scope="outside",
                place="outside",
                party=party,
                commodity=commodity,
            )
            rows.add(
                "unserved",
                f"t {what}/week",
                short * share,
                scope="outside",
                place="outside",
                party=party,
                commodity=commodity,
            )
        rows.add("cover", "days", 60 / (1 + hit), commodity=commodity)
        rows.add("inventory", "t", demand * 8 / (1 + hit), commodity=commodity)
    if shocked:
        queue = np.random.default_rng([seed, 99]).poisson(np.maximum(bump * 900, 0), (replications, weeks))
        for desk, share in (("magnets", 0.6), ("materials", 0.3), ("test", 0.1), ("all", 1.0)):
            rows.add("licences_pending", "applications", np.round(queue * share), place="china", party=desk)
            rows.add(
                "licence_wait",
                "days",
                np.where(t >= SHOCK_WEEK, 50 + 60 * bump * share, 0),
                place="china",
                party=desk,
            )
            rows.add(
                "licences_refused",
                "applications/week",
                np.round(queue * share * 0.05),
                place="china",
                party=desk,
            )
    defence(rows, shocked, alive, bump, seed)
    if world and alive:
        add_world(rows, shocked, bump)
    return rows.table()


def defence(rows: Rows, shocked: bool, alive: bool, bump: np.ndarray, seed: int) -> None:
    replications, _ = rows.shape
    for bloc, programmes in PROGRAMMES.items():
        total_p, total_d = np.zeros(rows.shape), np.zeros(rows.shape)
        for j, name in enumerate(programmes):
            rate = (3.0, 0.03, 90000.0, 12.0, 25.0)[j]
            planned = np.full(rows.shape, rate)
            rng = np.random.default_rng([seed, 500 + j])
            late = (
                np.roll(bump, 30)
                * (0.4 if shocked and bloc == "us_nato" else 0.0)
                * rng.uniform(0.5, 1.5, (replications, 1))
            )
            noise = rng.uniform(0.95, 1.0, rows.shape) if alive else 1.0
            delivered = planned * np.clip(1 - late, 0, 1) * noise
            rows.add("units_planned", "units/week", planned, scope="bloc", place=bloc, party=name)
            rows.add("units_delivered", "units/week", delivered, scope="bloc", place=bloc, party=name)
            rows.add("cover", "days", 100 + 0 * planned, scope="bloc", place=bloc, party=name)
            rows.add(
                "delay", "days", 200 * np.cumsum(late, axis=1) / 20, scope="bloc", place=bloc, party=name
            )
            total_p, total_d = total_p + planned, total_d + delivered
        rows.add("units_planned", "units/week", total_p, scope="bloc", place=bloc)
        rows.add("units_delivered", "units/week", total_d, scope="bloc", place=bloc)


def attribution(kind: str, replications: int, weeks: int) -> pa.Table:
    rows: dict[str, list[Any]] = {
        k: [] for k in ("replication", "date", "place", "commodity", "cause", "gap_kg")
    }
    for r in range(replications if kind == "controls" else 0):
        for w in range(SHOCK_WEEK, weeks, 4):
            size = 5000 * np.exp(-(((w - 40) / 30) ** 2))
            for j, cause in enumerate(CAUSES):
                for key, value in zip(rows, (r, START + timedelta(weeks=w + 1), "world", "dy_metal", cause,
                                             size * (1 + j % 3) / (1 + j)), strict=True):  # fmt: skip
                    rows[key].append(value)
    types = (pa.int16(), pa.date32(), pa.string(), pa.string(), pa.string(), pa.float64())
    return pa.table({k: pa.array(v, t) for (k, v), t in zip(rows.items(), types, strict=True)})


def write(
    folder: Path,
    kind: str,
    *,
    name: str = "",
    replications: int = 20,
    weeks: int = 260,
    seed: int = 1,
    commodities: int = 99,
    world: bool = True,
    **manifest: Any,
) -> Path:
    """A run folder at ``folder``; ``manifest`` replaces keys of its manifest. Without ``world`` it is one of an older model."""
    name = name or {"controls": "controls_2025"}.get(kind, kind)
    folder.mkdir(parents=True)
    tables = {
        "trajectories": trajectories(kind, replications, weeks, seed, commodities, world),
        "outcomes": outcomes(kind, replications, PROGRAMMES) if world else pa.table(
            {"replication": pa.array(range(replications), pa.int16()), "parameter_set": [0] * replications}),
        "events": happenings(kind, replications, START) if world else pa.table(
            {"replication": pa.array([0], pa.int16()), "date": pa.array([START], pa.date32())}),
        "attribution": attribution(kind, replications, weeks),
        "balance": pa.table({"replication": pa.array(range(replications), pa.int16()), "element": ["Dy"] * replications,
                             "relative_error": [1e-12] * replications}),
    }  # fmt: skip
    for key, table in tables.items():
        pq.write_table(table, folder / f"{key}.parquet")
    event = {"name": "licences", "kind": "export_licensing", "title": "China licenses exports of seven rare earths (April 2025)",
             "start": "2025-04-04", "end": ""}  # fmt: skip
    content = {
        "schema_version": 1, "digest": "0123456789abcdef" * 4, "model": "0.1.0+01234567", "world_tables": {},
        "scenario": {"name": name, "title": f"The {name.replace('_', ' ')} story", "question": "What do the licences do?",
                     "against": "baseline" if kind == "controls" else "", "limits": "Invented numbers.",
                     "sources": ["Ministry, Announcement 18, 2025-04-04, https://example.org/18"]},
        "world": {"name": "w2025", "title": "The world on 1 January 2025"}, "events": [event] if kind == "controls" else [],
        "names": NAMES if world else {}, "start": "2025-01-06", "years": round(weeks / 52.18, 1),
        "record": "report", "parameters": "central", "seed": seed,
        "overrides": [], "versions": {"python": "3.11.7"}, "wall": {"seconds": 12.3, "jobs": 2},
        "replications": {"asked": replications, "ok": replications, "failed": 0}, "failed": [], "zero_series": [],
        "not_reached": [],
        "files": {f"{key}.parquet": {"sha256": hashlib.sha256((folder / f"{key}.parquet").read_bytes()).hexdigest()}
                  for key in tables},
    }  # fmt: skip
    content["scenario"] |= manifest.pop("scenario", {})
    (folder / "manifest.json").write_text(json.dumps(content | manifest), encoding="utf-8")
    return folder
