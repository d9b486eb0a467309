"""How a sheet is made: its heading, its widths, and each cell by what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from indicators.resources.page import heighten, lines_of, printable
from indicators.wording import local

CELL_LIMIT = 32_767  # more than this is not a valid cell
CUT = " … (dipotong)"
FITTED = 5_000  # rows whose height is told; it is remembered for each, and nobody prints more
EDGE = "#E2E0D8"  # what parts a number from the text beside it
DAY = "[$-421]d mmmm yyyy"  # months in Indonesian, whatever language the program speaks


class Column(NamedTuple):
    """A heading, its width in characters, and how its cells look: text, points, money, count,
    share, day, moment."""

    label: str
    width: int
    kind: str = "text"


class Sheets:
    """The workbook with its few formats."""

    def __init__(self, book: xlsxwriter.Workbook, *, foot: str = "") -> None:
        edge = {"border": 1, "border_color": EDGE}
        top = {"valign": "top", **edge}
        self.book, self.foot = book, foot
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.head = book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "valign": "vcenter",
                "bg_color": "#08403C",
                "font_color": "#FFFFFF",
                **edge,
            }
        )
        self.formats: dict[str, Format] = {
            "text": book.add_format({**top, "text_wrap": True}),
            "points": book.add_format({**top, "num_format": "#,##0.00"}),
            "money": book.add_format({**top, "num_format": "#,##0"}),
            "count": book.add_format({**top, "num_format": "#,##0"}),
            "share": book.add_format({**top, "num_format": "0.00%"}),
            "day": book.add_format({**top, "num_format": DAY, "align": "left"}),
            "moment": book.add_format({**top, "num_format": f"{DAY} hh.mm", "align": "left"}),
        }
        self.strong = {
            "text": book.add_format({**top, "text_wrap": True, "bold": True}),
            "points": book.add_format({**top, "num_format": "#,##0.00", "bold": True}),
        }

    def add(self, name: str, columns: Sequence[Column], *, start: int = 0) -> Worksheet:
        """A sheet with its heading in row `start`, frozen below it, and printable."""
        sheet = self.book.add_worksheet(name)
        self.head_row(sheet, columns, start=start)
        return sheet

    def told(
        self, name: str, columns: Sequence[Column], title: str, lines: Sequence[str]
    ) -> tuple[Worksheet, int]:
        """A sheet that says above its table what it is, and when, from what and by whom it was
        made; and the row of its heading. From the top down: a row once left is written.
        """
        start = len(lines) + 2
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, fitting(title), self.title)
        for at, line in enumerate(lines, 1):
            sheet.write_string(at, 0, fitting(line))
        self.head_row(sheet, columns, start=start)
        return sheet, start

    def head_row(self, sheet: Worksheet, columns: Sequence[Column], *, start: int) -> None:
        """The heading itself, for a sheet that is written from the top down."""
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(start, index, column.label, self.head)
        # Bold, and beside it the arrow of the filter.
        heighten(sheet, start, max(lines_of(each.label, each.width - 3) for each in columns))
        sheet.freeze_panes(start + 1, 1)
        printable(sheet, head=start, foot=self.foot)

    def fill(
        self,
        sheet: Worksheet,
        columns: Sequence[Column],
        rows: Iterable[Sequence[object]],
        *,
        start: int = 0,
    ) -> int:
        """Write the rows below the heading with a filter over them; returns the row after them."""
        at = start + 1
        for at, row in enumerate(rows, start + 1):
            if at <= FITTED:
                fit(sheet, at, columns, row)
            for index, (column, value) in enumerate(zip(columns, row, strict=True)):
                put(sheet, at, index, value, self.formats[column.kind])
        last = max(at, start + 1)
        sheet.autofilter(start, 0, last, len(columns) - 1)
        return last + 1


def put(sheet: Worksheet, row: int, column: int, value: object, style: Format) -> None:
    """One cell by what it is; a text is always a text, whatever it begins with."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, local(value).replace(tzinfo=None), style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), style)  # noqa: DTZ001
    elif isinstance(value, int | Decimal):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, fitting(str(value)), style)


def fit(sheet: Worksheet, at: int, columns: Sequence[Column], row: Sequence[object]) -> None:
    """Make a row as high as its longest text needs."""
    texts = (
        lines_of(value, column.width)
        for column, value in zip(columns, row, strict=True)
        if column.kind == "text" and isinstance(value, str) and value
    )
    heighten(sheet, at, max(texts, default=1))


def fitting(text: str) -> str:
    """A text that a cell can hold, and says so where it was cut."""
    return text if len(text) <= CELL_LIMIT else text[: CELL_LIMIT - len(CUT)] + CUT
