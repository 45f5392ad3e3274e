"""The corner of the periodic table we need: fifteen elements, and the weights that turn them into traded products.

Atomic masses: IUPAC standard atomic weights 2021 (abridged), https://iupac.qmul.ac.uk/AtWt/. Oxide factors follow from the
oxide that trades (CeO2, Pr6O11, Tb4O7, else M2O3) with oxygen 15.999.
"""

from __future__ import annotations

from typing import Final

ELEMENTS: Final = ("La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Y")
INDEX: Final = {name: i for i, name in enumerate(ELEMENTS)}
OXYGEN: Final = 15.999
ATOMIC_MASS: Final = dict(
    zip(
        ELEMENTS,
        (138.905, 140.116, 140.908, 144.242, 150.36, 151.964, 157.25, 158.925, 162.500, 164.930, 167.259, 168.934,
         173.045, 174.967, 88.906),
        strict=True,
    )
)  # fmt: skip
OXYGEN_PER_ATOM: Final = {"Ce": 2.0, "Pr": 11.0 / 6.0, "Tb": 7.0 / 4.0}  # the rest are sesquioxides: 3/2


def oxide_per_kg(element: str) -> float:
    """Kilograms of the traded oxide that hold one kilogram of ``element`` (about 1.17 for Nd, 1.27 for Y)."""
    oxygen = OXYGEN_PER_ATOM.get(element, 1.5)
    return 1.0 + oxygen * OXYGEN / ATOMIC_MASS[element]


OXIDE_PER_KG: Final = tuple(oxide_per_kg(e) for e in ELEMENTS)
MAGNET_ELEMENTS: Final = ("Nd", "Pr", "Dy", "Tb")
