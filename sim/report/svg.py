"""A Matplotlib figure as inline SVG: same bytes every time, page colours, one accessible name, nothing that reaches out."""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING, Final

from sim.report.looks import INK, css_names
from sim.report.words import clean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GROUP_ID: Final = re.compile(r'(<g) id="[^"]*"')
_DECIMALS: Final = re.compile(r"(\d+\.\d)\d+")
_PATH: Final = re.compile(r' d="[^"]*"')
_COLOUR: Final = {
    light.lower(): f"var(--{name})" for name, (light, _) in css_names().items() if name != "paper"
}


def inline(figure: Figure, alt: str, salt: str) -> str:
    """The ``<svg>`` element of ``figure``, to be put into HTML. ``alt`` is what a reader who cannot see it is told.

    Texts were escaped by Matplotlib, ``alt`` is escaped here; ids are made from ``salt``, unique on the page.
    """
    from sim.report.looks import drawing

    buffer = io.BytesIO()
    with drawing(salt):
        figure.savefig(
            buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    text = buffer.getvalue().decode("utf-8")
    body = text[text.index("<svg") :].rstrip()
    head, _, rest = body.partition(">")
    (box,) = re.findall(r'viewBox="([\d. ]+)"', head)
    rest = re.sub(r"<metadata>.*?</metadata>", "", rest, flags=re.DOTALL)
    rest = _GROUP_ID.sub(r"\1", rest).replace("xlink:href", "href").replace("\n", " ")
    rest = re.sub(r"<!--.*?-->", "", rest)
    rest = _PATH.sub(lambda m: re.sub(r"\s+", " ", _DECIMALS.sub(r"\1", m[0])), rest)
    rest = re.sub(r"> +<", "><", _page_colours(rest))
    label = html.escape(clean(alt), quote=True)
    return f'<svg role="img" aria-label="{label}" viewBox="{box}" class="panel">{rest}'


def _page_colours(svg: str) -> str:
    """Ink becomes the page's text colour, scenario colours and grid its variables: light, dark and print by CSS alone."""

    def swap(match: re.Match[str]) -> str:
        colour = match[2].lower()
        if colour == INK[0]:
            return f"{match[1]}currentColor"
        return match[1] + _COLOUR.get(colour, match[2])

    styled = re.sub(
        r'style="[^"]*"', lambda m: re.sub(r"((?:fill|stroke): )(#[0-9a-fA-F]{6})", swap, m[0]), svg
    )
    return styled.replace("'DejaVu Sans'", "inherit_font").replace("inherit_font", "var(--font)")
