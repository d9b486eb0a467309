"""Tables as files: workbooks of typed cells, and CSV for the spreadsheets of this country."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import tablib
import xlsxwriter

from indicators.resources.formulas import guarded
from indicators.resources.page import printable

LONG, MEASURED = 5_000, 500  # rows of a long sheet, and those whose widths are looked at


def to_xlsx(sheet: tablib.Dataset, *, title: str) -> bytes:
    """A workbook of one sheet."""
    return to_book({title: sheet})


def to_book(sheets: dict[str, tablib.Dataset]) -> bytes:
    """A workbook: headers frozen, numbers and dates typed, text never a formula.

    Long sheets are written row by row to the disk, so that they take no memory of their own.
    """
    out = io.BytesIO()
    long = sum(map(len, sheets.values())) > LONG
    how = {"constant_memory": True} if long else {"in_memory": True}
    book = xlsxwriter.Workbook(out, {**how, "default_date_format": "dd/mm/yyyy"})
    for title, sheet in sheets.items():
        _write(book, title, sheet)
    book.close()
    return out.getvalue()


def _write(book: Any, title: str, sheet: tablib.Dataset) -> None:
    page = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    widths = [len(str(heading)) for heading in sheet.headers]
    for column, heading in enumerate(sheet.headers):
        page.write_string(0, column, str(heading), head)
    for number, row in enumerate(sheet, 1):
        for column, value in enumerate(row):
            if value is None or value == "":
                continue
            _put(page, number, column, value, text)
            if number <= MEASURED:
                widths[column] = max(widths[column], len(str(value)))
    printable(page, foot=title)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(sheet), max(len(widths) - 1, 0))
    for column, longest in enumerate(widths):
        page.set_column(column, column, min(max(longest + 2, 8), 60))


def _put(page: Any, row: int, column: int, value: Any, text: Any) -> None:
    if isinstance(value, str):
        page.write_string(row, column, value, text)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, value)
    elif isinstance(value, datetime | date):
        page.write_datetime(row, column, value)
    else:
        page.write_string(row, column, str(value), text)


def to_csv(sheet: tablib.Dataset) -> bytes:
    """For spreadsheets of this country: semicolons, and no text that would be taken for a formula.

    What is put before such a text, `read_sheet` takes away again.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(sheet.headers)
    for row in sheet:
        writer.writerow(map(guarded, row))
    return out.getvalue().encode("utf-8-sig")
