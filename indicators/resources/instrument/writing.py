"""An instrument out as a workbook: instructions, one sheet per kind of thing, drop-downs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from indicators.actions.checking import InstrumentData
from indicators.actions.writing import values_of
from indicators.resources.instrument.layout import (
    BANDS,
    CLUSTERS,
    FIELDS,
    GUIDE,
    GUIDE_LINES,
    HEAD,
    HEAD_ROWS,
    INDICATORS,
    LABEL,
    LEVELS,
    PARENT,
    QUESTIONS,
    REGISTERS,
    RUBRICS,
    SHEETS,
    VALUE,
    Cell,
    Column,
)
from indicators.resources.page import heighten, lines_of, printable

LAST = 5000  # so far down the drop-downs reach
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(data: InstrumentData) -> bytes:
    """The workbook that `read_workbook` takes: read back unchanged, it is the same data."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **PLAIN})
    book.set_properties({"title": data.title})
    wrapped = {"text_wrap": True, "valign": "top"}
    styles = {
        Cell.NUMBER: book.add_format({"valign": "top"}),
        "head": book.add_format({**wrapped, "bold": True, "bottom": 1}),
        "text": book.add_format({**wrapped, "num_format": "@"}),
        "strong": book.add_format({"bold": True, "font_size": 14}),
    }
    values = values_of(data)
    _guide(book, data.title, styles)
    _head(book, values, styles)
    rows = _rows(values)
    for title, columns in SHEETS.items():
        foot = f"{data.title}, {title}"
        _sheet(book.add_worksheet(title), columns, rows[title], styles, foot=foot)
    book.worksheets()[0].activate()
    book.close()
    return out.getvalue()


def _rows(values: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each sheet, each with the code of what it belongs to."""
    found: dict[str, list[dict[str, Any]]] = {title: [] for title in SHEETS}
    found[BANDS] = values["bands"]
    for code, rubric in values["rubrics"].items():
        found[RUBRICS].append(rubric | {"code": code})
        found[LEVELS] += [each | {PARENT: code} for each in rubric["levels"]]
    for code, register in values["registers"].items():
        found[REGISTERS].append(register | {"code": code})
        found[FIELDS] += [
            {"required": True} | each | {PARENT: code} for each in register["columns"]
        ]
    for cluster in values["clusters"]:
        found[CLUSTERS].append(cluster)
        for indicator in cluster["indicators"]:
            found[INDICATORS].append(indicator | {PARENT: cluster["code"]})
            found[QUESTIONS] += [
                each | {PARENT: indicator["code"]} for each in indicator["questions"]
            ]
    return found


def _guide(book: Any, title: str, styles: dict[Any, Any]) -> None:
    sheet = book.add_worksheet(GUIDE)
    sheet.set_column(0, 0, 100, styles["text"])
    sheet.write_string(0, 0, title, styles["strong"])
    for row, line in enumerate(GUIDE_LINES, 2):
        heighten(sheet, row, lines_of(line, 100))
        sheet.write_string(row, 0, line, styles["text"])
    printable(sheet, head=None, foot=title)


def _head(book: Any, values: dict[str, Any], styles: dict[Any, Any]) -> None:
    sheet = book.add_worksheet(HEAD)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 90)
    for column, heading in enumerate((LABEL, VALUE)):
        sheet.write_string(0, column, heading, styles["head"])
    sheet.freeze_panes(1, 0)
    for row, line in enumerate(HEAD_ROWS, 1):
        sheet.write_string(row, 0, line.heading, styles["head"])
        heighten(sheet, row, _lines(line, values[line.key], 90))
        _write(sheet, row, 1, line, values[line.key], styles)
    printable(sheet, foot=values["title"])


def _sheet(
    sheet: Any,
    columns: Sequence[Column],
    rows: Iterable[dict[str, Any]],
    styles: dict[Any, Any],
    *,
    foot: str,
) -> None:
    heighten(sheet, 0, max(lines_of(each.heading, each.width - 1) for each in columns))
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column.heading, styles["head"])
        sheet.set_column(at, at, column.width)
        _choices(sheet, at, column)
    for number, row in enumerate(rows, 1):
        lines = (_lines(each, row.get(each.key), each.width) for each in columns)
        heighten(sheet, number, max(lines))
        for at, column in enumerate(columns):
            _write(sheet, number, at, column, row.get(column.key), styles)
    sheet.freeze_panes(1, 0)
    printable(sheet, foot=foot)


def _lines(column: Column, value: Any, width: int) -> int:
    """How many lines a cell takes."""
    if column.kind is Cell.LINES:
        value = "\n".join(value or ())
    return lines_of(value, width) if isinstance(value, str) and value else 1


def _choices(sheet: Any, at: int, column: Column) -> None:
    """What may be chosen in a column; other words are refused at the import, with their row."""
    if column.source:
        own = [each.key for each in SHEETS[column.source]].index("code")
        letter = xlsxwriter.utility.xl_col_to_name(own)
        source: Any = f"='{column.source}'!${letter}$2:${letter}${LAST}"
    elif column.kind is Cell.FLAG:
        source = ["Ya", "Tidak"]
    elif column.words:
        source = [word for _, word in column.words]
    else:
        return
    rule = {"validate": "list", "source": source, "error_type": "warning"}
    sheet.data_validation(1, at, LAST, at, rule)


def _write(
    sheet: Any, row: int, at: int, column: Column, value: Any, styles: dict[Any, Any]
) -> None:
    if column.kind is Cell.LINES:
        value = "\n".join(value or ())
    elif column.kind is Cell.FLAG:
        value = "Ya" if value else "Tidak"
    elif column.kind is Cell.NUMBER and value is not None:
        sheet.write_number(row, at, value, styles[Cell.NUMBER])
        return
    text = dict(column.words).get(value, value)
    if text:
        sheet.write_string(row, at, text, styles["text"])
    else:
        sheet.write_blank(row, at, None, styles["text"])
