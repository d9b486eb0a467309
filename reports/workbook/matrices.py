"""The matrices: rows of registers as sheets, with the questions that each row counts for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from agencies.models import User
from indicators.models import Register
from reports.stamp import Stamp
from reports.workbook.sheets import Column, Sheets, fitting
from submissions.forms.cells import Column as Cell
from submissions.forms.cells import columns_of
from submissions.models import Assessment, RegisterRow, ResponseRow
from submissions.wording import DIGITS

BEFORE = (Column("Perangkat daerah", 30),)
AFTER = (
    Column("Berlaku dari", 9),
    Column("Berlaku sampai", 9),
    Column("Dihitung pada pertanyaan", 26),
)
KINDS = {"date": "day", "money": "money", "integer": "count"}
WIDTHS = {"text": 36, "choice": 22, "year": 9, "integer": 12, "money": 18, "date": 18}
FORBIDDEN = str.maketrans("[]:*?/\\", "()-----")


@dataclass(frozen=True, slots=True)
class Matrix:
    """One register: its columns, and its rows as cells, read when they are written."""

    register: Register
    columns: tuple[Column, ...]
    rows: Iterator[Sequence[object]]


def matrices_of(
    assessment: Assessment,
    user: User,
    *,
    registers: Iterable[Register],
    agency: int | None = None,
) -> list[Matrix]:
    """The rows that the user sees and that hold in the year of the data, by office. One query
    for what counts where, and one for each register when it is written.
    """
    counted: dict[int, list[str]] = defaultdict(list)
    ticks = ResponseRow.objects.filter(removed_at__isnull=True, response__assessment=assessment)
    for row, code in ticks.order_by("response__question__order").values_list(
        "row_id", "response__question__code"
    ):
        if code not in counted[row]:
            counted[row].append(code)
    seen = RegisterRow.objects.visible_to(user).filter(agency__region=assessment.region_id)
    seen = seen.live().valid_in(assessment.data_year)
    if agency is not None:
        seen = seen.filter(agency=agency)
    found = []
    for register in registers:
        rows = seen.filter(code=register.code).select_related("agency")
        cells = columns_of(register)
        found.append(
            Matrix(
                register,
                (*BEFORE, *(_column(each) for each in cells), *AFTER),
                _rows(rows.order_by("agency__name", "pk"), cells, counted),
            )
        )
    return found


def write_matrices(
    matrices: Sequence[Matrix], target: IO[bytes], stamp: Stamp, *, folder: str | None = None
) -> None:
    """A sheet for each; above the table what it is, when, from what and by whom it was made."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(
        target, {**options, "strings_to_numbers": False, "tmpdir": folder, "use_zip64": True}
    )
    book.set_properties({"title": "Matriks daftar induk", "author": stamp.who})
    sheets = Sheets(book, foot=f"Matriks daftar induk, {stamp.foot}")
    taken: set[str] = set()
    if not matrices:
        sheet = book.add_worksheet("Matriks")
        for at, line in enumerate(["Instrumen ini tidak punya daftar induk.", *stamp.lines]):
            sheet.write_string(at, 0, fitting(line))
    for matrix in matrices:
        name = sheet_name(matrix.register.name, taken)
        title = f"Matriks {matrix.register.name}"
        sheet, start = sheets.told(name, matrix.columns, title, stamp.lines)
        sheets.fill(sheet, matrix.columns, matrix.rows, start=start)
    book.close()


def sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel takes for a sheet, and that no other has."""
    base = name.translate(FORBIDDEN).strip(" '")[:31] or "Matriks"
    found, number = base, 1
    while found.casefold() in taken:
        number += 1
        found = f"{base[: 31 - len(f' {number}')]} {number}"
    taken.add(found.casefold())
    return found


def _column(cell: Cell) -> Column:
    return Column(cell.label, WIDTHS.get(cell.type, 30), KINDS.get(cell.type, "text"))


def _rows(
    rows: Iterable[RegisterRow], cells: Sequence[Cell], counted: Mapping[int, Sequence[str]]
) -> Iterator[Sequence[object]]:
    for row in rows:
        yield (
            row.agency.name,
            *(exact(cell, row.data.get(cell.key)) for cell in cells),
            "" if row.valid_from is None else str(row.valid_from),
            "" if row.valid_to is None else str(row.valid_to),
            ", ".join(counted.get(row.pk, ())),
        )


def exact(cell: Cell, raw: Any) -> object:
    """A cell as what it is; what cannot be read is shown as it stands."""
    if raw is None or raw == "":
        return None
    try:
        if cell.type == "date":
            return date.fromisoformat(raw)
        if cell.type in {"money", "integer"}:
            number = Decimal(str(raw))
            # A spreadsheet keeps 15 digits of a number; what has more stays whole as a text.
            long = len(number.as_tuple().digits) > DIGITS
            return str(raw).replace(".", ",") if long else number
    except (TypeError, ValueError, ArithmeticError):
        return str(raw)
    return str(raw)
