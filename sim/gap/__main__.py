"""``python -m sim.gap SCENARIO COMPARATOR [WITHOUT_NEWS]``: the gap between the hubs by product, from run folders.

With a third folder, the same scenario run without news, the share of the rise that remains is printed beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sim.gap import CLOSED, Gap, gap, same_end
from sim.panel import Panel
from sim.runs import RunError, read_run

PRODUCTS = ("ndpr_oxide", "dy_oxide", "tb_oxide", "y_oxide", "sm_oxide", "gd_oxide", "lu_oxide", "la_oxide", "ce_oxide",
            "dy_metal", "sm_metal", "ndfeb_n_m", "ndfeb_h_sh", "ndfeb_uh_ah", "smco_1_5", "smco_2_17")  # fmt: skip


def line(found: Gap, without: Gap | None) -> str:
    """One product: peak with its 90 % interval, when, when it is over, what remains without news."""
    low, mid, high, day = found.peak()
    over = found.closed()
    if mid < CLOSED:
        end = "never above it"
    else:
        end = over.strftime("%b %Y") if over else "not within the run"
    last = found.last_above()
    text = f"{found.commodity:<14}{mid:>9.2f}  ({low:.2f} to {high:.2f})".ljust(44)
    text += f"{day:%b %Y}   {end:<20}" + (f"{last:%b %Y}" if last else "-").ljust(10)
    if without is not None:
        rise = mid - 1.0
        text += f"{(without.peak()[1] - 1.0) / rise:>8.0%}" if rise > 0.02 else "       -"
    return text


def main(arguments: list[str] | None = None) -> int:
    """Print the table. Exit code 2 and one line for a mistake."""
    words = sys.argv[1:] if arguments is None else arguments
    if len(words) not in (2, 3) or any(w.startswith("-") for w in words):
        asked = words in (["--help"], ["-h"])
        print("usage: python -m sim.gap SCENARIO COMPARATOR [SCENARIO_WITHOUT_NEWS]   (run folders)",
              file=None if asked else sys.stderr)  # fmt: skip
        return 0 if asked else 2
    try:
        tables, said = same_end([read_run(Path(w)).trajectories for w in words])
        panels = [Panel.of(table) for table in tables]
        lines = [
            line(gap(panels[0], panels[1], c), gap(panels[2], panels[1], c) if len(panels) == 3 else None)
            for c in PRODUCTS
        ]
    except (RunError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if said:
        print(said)
    print(
        "R = (price outside China net of VAT, duty and freight / China's price) over the same in the comparator, paired"
    )
    print(
        "peak: median and 90 % range of each run's own; below: first month after it with the median below; last: last above"
    )
    print(f"{'product':<14}{'peak R':>9}  (90 % of runs)".ljust(44) + f"{'in':<11}{'below ' + str(CLOSED):<20}"
          + "last".ljust(10) + (" rise left without news" if len(words) == 3 else ""))  # fmt: skip
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
