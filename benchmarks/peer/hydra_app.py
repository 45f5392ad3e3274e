"""A Hydra program of our configuration that does nothing: ``hydra_app.py years=1,2 FOLDER`` shows what Hydra's launcher costs."""

from __future__ import annotations

import sys
from pathlib import Path

import hydra
from omegaconf import DictConfig

ROOT = Path(__file__).resolve().parents[2]


@hydra.main(version_base="1.3", config_path=str(ROOT / "conf"), config_name="config")
def main(_: DictConfig) -> None:
    """One job."""


if __name__ == "__main__":
    points, folder = sys.argv[1:]
    scenarios = (ROOT / "scenarios").as_uri()  # the second root of our configuration
    sys.argv[1:] = ["-m", points, f"hydra.sweep.dir={folder}", f"hydra.searchpath=[{scenarios}]"]
    main()
