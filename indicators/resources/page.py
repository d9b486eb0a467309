"""How a sheet is laid out: rows as high as their texts, and A4 pages that say what they are."""

from __future__ import annotations

from typing import Any

LINE, HIGHEST = 15, 409  # points of one line, and of the highest row that there is
A4 = 9
MARGINS = {"left": 0.4, "right": 0.4, "top": 0.4, "bottom": 0.6}  # inches
FOOT = 220  # letters of what stands below a page: with its marks it may have 255


def lines_of(text: str, width: int) -> int:
    """About how many lines a text takes in a column; where exactly it breaks, its program knows."""
    if len(text) * 20 <= width * 19 and "\n" not in text:
        return 1
    return sum(max(1, -(-len(part) * 20 // (width * 19))) for part in text.split("\n"))


def heighten(sheet: Any, at: int, lines: int) -> None:
    """Make a row as high as so many lines: LibreOffice does not do so by itself. Called before the
    next row is begun.
    """
    if lines > 1:
        sheet.set_row(at, min(lines * LINE, HIGHEST))


def printable(sheet: Any, *, head: int | None = 0, foot: str = "") -> None:
    """On A4, the long side down, as wide as the page; the heading on each page, and below it what
    it is, and which page of how many.
    """
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(**MARGINS)
    sheet.fit_to_pages(1, 0)
    if head is not None:
        sheet.repeat_rows(head)
    said = foot.replace("&", "&&")
    said = said if len(said) <= FOOT else said[:FOOT].rstrip("&") + " …"
    sheet.set_footer(f"&L&8{said}&R&8Halaman &P dari &N")
