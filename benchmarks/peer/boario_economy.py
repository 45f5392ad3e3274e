"""A BoARIO economy of 80 industries over 780 weeks; prints one line of JSON. Run by peers.py, in an environment of its own.

Eight regions of ten sectors, a made input-output table that balances, the ARIO model with its psi parameter, and one event that
takes a fifth of a region's capacity for half a year and gives it back over another. A step is a week. What BoARIO always
records is kept in memory; nothing is written.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import logging
import time
import warnings

import numpy as np
import pandas as pd
import pymrio
from boario import event
from boario.extended_models import ARIOPsiModel
from boario.simulation import Simulation

REGIONS, SECTORS = 8, 10
WEEKS_A_YEAR = 52


def table() -> pymrio.IOSystem:
    """Yearly flows in millions: half of what an industry makes is inputs of others, half final demand."""
    rng = np.random.default_rng(1)
    industries = pd.MultiIndex.from_product(
        [[f"r{i}" for i in range(REGIONS)], [f"s{i}" for i in range(SECTORS)]], names=["region", "sector"]
    )
    finals = pd.MultiIndex.from_product(
        [industries.levels[0], ["final demand"]], names=["region", "category"]
    )
    n = len(industries)
    inputs = rng.uniform(0.5, 1.5, (n, n))
    flows = pd.DataFrame(inputs * 500.0 / inputs.sum(axis=0), index=industries, columns=industries)
    bought = rng.uniform(0.5, 1.5, (n, REGIONS))
    final = pd.DataFrame(bought * 500.0 / bought.sum(axis=1, keepdims=True), index=industries, columns=finals)
    made = pymrio.IOSystem(Z=flows, Y=final)
    made.calc_all()
    return made


def main() -> None:
    """Build, run, print: CPU seconds of the steps alone, industries, weeks, and the least production of a week."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=780)
    weeks = parser.parse_args().weeks
    logging.getLogger("boario").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")  # it warns that a step is not a day
    model = ARIOPsiModel(
        table(),
        iotable_year_to_temporal_unit_factor=WEEKS_A_YEAR,
        alpha_tau=52,
        rebuild_tau=9,
        main_inv_dur=13,
        inventory_restoration_tau=9,
    )
    impact = pd.Series(
        0.2,
        index=pd.MultiIndex.from_product(
            [["r0"], [f"s{i}" for i in range(SECTORS)]], names=["region", "sector"]
        ),
    )
    shock = event.from_series(impact, event_type="arbitrary", occurrence=10, duration=26, recovery_tau=26)
    simulation = Simulation(model, n_temporal_units_to_sim=weeks)
    simulation.add_event(shock)  # not by events_list, which 0.7.2 reads before it knows the length of the run
    start = time.process_time()
    for _ in range(weeks):  # its own loop() ends early once nothing changes
        simulation.next_step()
    seconds = time.process_time() - start
    made = simulation.production_realised.sum(axis=1)
    least = float(made.min() / made.iloc[0])
    print(
        json.dumps(
            {
                "name": "BoARIO",
                "version": importlib.metadata.version("boario"),
                "seconds": seconds,
                "nodes": model.n_regions * model.n_sectors,
                "weeks": len(made),
                "told": f"production down to {least:.1%} of the first week's",
            }
        )
    )


if __name__ == "__main__":
    main()
