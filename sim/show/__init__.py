"""A scenario in plain words, and how it differs from another one: what is done, when, and with which numbers.

Nothing here knows a kind of event: sentences are made from titles, dates and fields.
"""

from __future__ import annotations

from sim.show.differences import differences
from sim.show.pages import beside, page
from sim.show.words import Paragraph, wrapped

__all__ = ["Paragraph", "beside", "differences", "page", "wrapped"]
