"""The guard of every CSV against formulas. A workbook needs none: its cells have types."""

from __future__ import annotations

import re
from typing import Any, TypeVar

Cell = TypeVar("Cell")
LIVE = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet would run, marked as a text or not
MARKED = re.compile(r"'+[=+\-@\t\r]")


def guarded(cell: Cell) -> Cell | str:
    """A cell with an apostrophe before a text that would be run. A text that has one already gets
    another, so that any text comes back as it was.
    """
    return f"'{cell}" if isinstance(cell, str) and LIVE.match(cell) else cell


def unguarded(cell: Any) -> Any:
    """A cell of a CSV without the apostrophe that `guarded` put there."""
    return cell[1:] if isinstance(cell, str) and MARKED.match(cell) else cell
