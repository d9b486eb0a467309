"""The filled sheets of a file, each row with the number beside it."""

from __future__ import annotations

import tablib
from openpyxl.utils import get_column_letter

from indicators.resources.formulas import unguarded
from indicators.resources.problems import UNTITLED, Problem, SheetError
from indicators.resources.reading import CSV_TITLE, Sheet, WrongFileError, is_empty, read_sheets


class Table(tablib.Dataset):
    """A dataset that knows the number which the spreadsheet shows beside each of its rows."""

    lines: list[int]


def read_sheet(content: bytes) -> Table:
    """The one filled sheet of an XLSX, or a CSV; SheetError with what to do otherwise."""
    tables = read_tables(content)
    if len(tables) > 1:
        titles = ", ".join(each.title for each in tables)
        raise SheetError(
            [Problem(f"Ada {len(tables)} lembar yang berisi ({titles}). Sisakan satu, lalu kirim.")]
        )
    return tables[0]


def read_tables(content: bytes) -> list[Table]:
    """Every filled sheet; SheetError with what to do where there is none."""
    try:
        sheets = [each for each in read_sheets(content) if each.rows]
    except WrongFileError as error:
        raise SheetError([Problem(str(error))]) from None
    if not sheets:
        raise SheetError([Problem("Berkas ini kosong.")])
    return [_table(each) for each in sheets]


def _table(sheet: Sheet) -> Table:
    (_, headings), *body = sheet.rows
    width = len(headings)
    table = Table(headers=["" if each is None else str(each).strip() for each in headings])
    table.title = "" if sheet.title == CSV_TITLE else sheet.title
    table.lines = []
    guarded = sheet.title == CSV_TITLE
    for number, cells in body:
        row = [unguarded(cell) for cell in cells] if guarded else cells
        outside = [at for at, cell in enumerate(row) if at >= width and not is_empty(cell)]
        if outside:
            letter, cell = get_column_letter(outside[0] + 1), row[outside[0]]
            raise SheetError([Problem(UNTITLED, number, letter, cell, table.title or "")])
        table.append((row + [None] * width)[:width])
        table.lines.append(number)
    return table


def without_blank_end(sheet: tablib.Dataset) -> Table:
    """A copy without the empty rows that spreadsheets leave below the last one."""
    rows = [tuple(row) for row in sheet]
    while rows and all(is_empty(cell) for cell in rows[-1]):
        rows.pop()
    copy = Table(*rows, headers=sheet.headers, title=sheet.title)
    copy.lines = row_numbers(sheet)[: len(rows)]
    return copy


def row_numbers(sheet: tablib.Dataset) -> list[int]:
    """The number beside each row; the heading is row 1 where nobody has said otherwise."""
    said: list[int] | None = getattr(sheet, "lines", None)
    return list(range(2, len(sheet) + 2)) if said is None else said
