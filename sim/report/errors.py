"""What the report refuses, each in one line that says what to do."""

from __future__ import annotations


class ReportError(ValueError):
    """The report cannot be made. ``str(error)`` is the one line the user sees; nothing has been written."""
