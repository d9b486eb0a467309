"""The guard of every CSV against formulas. A workbook needs none: its cells have types."""

from __future__ import annotations

import re
from typing import Any

LIVE = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet would run, marked as a text or not
MARKED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """A text with an apostrophe before what would be run. What has one gets another, so that any
    text comes back as it was.
    """
    return f"'{text}" if LIVE.match(text) else text


def unguarded(cell: Any) -> Any:
    """A cell of a CSV without the apostrophe that `guarded` put there."""
    return cell[1:] if isinstance(cell, str) and MARKED.match(cell) else cell
