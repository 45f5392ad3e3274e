"""A SupplyNetPy network of 80 sites over 780 weeks; prints one line of JSON. Run by peers.py, in an environment of its own.

Twenty chains of four: a supplier mines, a manufacturer makes a product of it, a distributor and a retailer pass it on, all by
(s, S) rules with lead times of one to three weeks; each retailer has a customer a week. A time unit is a week.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import logging
import random
import time
from itertools import pairwise
from typing import Any

import SupplyNetPy.Components as scm

CHAINS = 20
ORDER = 10.0  # units a customer buys on average


def network(seed: int) -> dict[str, Any]:
    """The chains and their customers."""
    draw = random.Random(seed)  # noqa: S311 (a simulation's chance)
    nodes: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    customers: list[dict[str, Any]] = []
    for c in range(CHAINS):
        ore = scm.RawMaterial(
            ID=f"ore{c}",
            name=f"ore{c}",
            extraction_quantity=2 * ORDER,
            extraction_time=1,
            mining_cost=1,
            cost=2,
        )
        product = scm.Product(
            ID=f"product{c}",
            name=f"product{c}",
            manufacturing_cost=1,
            manufacturing_time=1,
            sell_price=10,
            raw_materials=[(ore, 1)],
            batch_size=int(2 * ORDER),
        )
        rule = {
            "replenishment_policy": scm.SSReplenishment,
            "policy_param": {"s": 6 * ORDER, "S": 12 * ORDER},
        }
        goods = {"product_sell_price": 12, "product_buy_price": 10}
        chain = [
            {"node_type": "supplier", "raw_material": ore},
            {"node_type": "manufacturer", "product": product, "product_sell_price": 10, **rule},
            {"node_type": "distributor", **goods, **rule},
            {"node_type": "retailer", **goods, **rule},
        ]
        names = [f"{site['node_type']}{c}" for site in chain]
        stock = {"capacity": 20 * ORDER, "initial_level": 10 * ORDER, "inventory_holding_cost": 0.1}
        nodes += [
            {"ID": name, "name": name, **stock, **site} for name, site in zip(names, chain, strict=True)
        ]
        links += [
            {
                "ID": f"{source}-{sink}",
                "source": source,
                "sink": sink,
                "cost": 1,
                "lead_time": lambda: draw.choice((1, 2, 3)),
            }
            for source, sink in pairwise(names)
        ]
        customers.append(
            {
                "ID": f"customer{c}",
                "name": f"customer{c}",
                "demand_node": names[-1],
                "order_arrival_model": lambda: 1,
                "order_quantity_model": lambda: draw.uniform(0.5 * ORDER, 1.5 * ORDER),
            }
        )
    made: dict[str, Any] = scm.create_sc_net(nodes=nodes, links=links, demands=customers)
    return made


def main() -> None:
    """Build, run, print: CPU seconds of the loop alone, sites, weeks, and the share of demand that was served."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=780)
    weeks = parser.parse_args().weeks
    made = network(1)
    logging.disable(
        logging.CRITICAL
    )  # logging=False alone still makes a record of every step, a third of all time
    start = time.process_time()
    made = scm.simulate_sc_net(made, sim_time=weeks, logging=False)
    seconds = time.process_time() - start
    placed, served = (made[key][1] for key in ("demand_by_customers", "fulfillment_received_by_customers"))
    print(
        json.dumps(
            {
                "name": "SupplyNetPy",
                "version": importlib.metadata.version("supplynetpy"),
                "seconds": seconds,
                "nodes": len(made["nodes"]),
                "weeks": weeks,
                "told": f"{served / placed:.1%} of demand served",
            }
        )
    )


if __name__ == "__main__":
    main()
