"""Rows of reference data as a sheet: in whole or not at all, out as typed cells.

The base of every room's resources.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar
from zipfile import BadZipFile

import openpyxl
import tablib
import xlsxwriter
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from import_export import fields, resources, widgets
from import_export.formats import base_formats
from openpyxl.utils.exceptions import InvalidFileException

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

MAX_ROWS = 5000
MAX_COLUMNS = 200
MAX_BYTES = 5 * 1024 * 1024
SHOWN = 60
INDONESIAN_NUMBER = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a sheet out; rows count as in the spreadsheet, its heading is row 1."""

    reason: str
    row: int | None = None
    column: str = ""
    value: object = None

    def __str__(self) -> str:
        place = [f"Baris {self.row}"] if self.row else []
        if self.column:
            place.append(f"{'kolom' if place else 'Kolom'} {self.column}")
        if self.row and self.column:
            place.append(f"isi {_shown(self.value)}")
        return f"{', '.join(place)}: {self.reason}" if place else self.reason


class SheetError(Exception):
    """A sheet that was refused whole; nothing of it was stored."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sheet did, or would do in a dry run."""

    created: int
    updated: int
    unchanged: int


def _shown(value: object) -> str:
    if value is None or value == "":
        return "kosong"
    text = str(value)
    return f"“{text[:SHOWN]}…”" if len(text) > SHOWN else f"“{text}”"


# --- cells ------------------------------------------------------------------------------------


class TextCell(widgets.CharWidget):
    """Text as it stands. A broken number is refused: 26.10 typed as a number arrives as 26.1."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        if isinstance(value, bool | float | datetime | date):
            raise ValueError("harus teks; ubah format sel menjadi teks, lalu ketik ulang.")  # noqa: TRY004
        text: str = super().clean(value, row, **kwargs)
        return text.strip()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)


class NumberCell(widgets.DecimalWidget):
    """A number, typed as one or as Indonesian text (1.234,50)."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        if self.is_empty(value):
            return None
        text = "" if isinstance(value, bool) else str(value).strip()
        if isinstance(value, str) and INDONESIAN_NUMBER.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValueError("harus bilangan.") from None
        if not number.is_finite():
            raise ValueError("harus bilangan.")
        return number


class WholeCell(NumberCell):
    """A whole number; 1,5 is refused, not cut."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        number = super().clean(value, row, **kwargs)
        if number is None:
            return None
        if number != number.to_integral_value() or abs(number) >= 10**15:
            raise ValueError("harus bilangan bulat.")
        return int(number)


class YesNoCell(widgets.Widget):
    """Ya or Tidak; the library would take any other word for a no."""

    WORDS: ClassVar[dict[str, bool]] = {
        "ya": True,
        "true": True,
        "1": True,
        "tidak": False,
        "false": False,
        "0": False,
    }

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        word = str(value).strip().lower()
        if word not in self.WORDS:
            raise ValueError("harus Ya atau Tidak.")
        return self.WORDS[word]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else ("Ya" if value else "Tidak")


class DateCell(widgets.DateWidget):
    """A day, typed as one or as 2024-12-31 or 31/12/2024."""

    def __init__(self) -> None:
        super().__init__()
        self.formats = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        if isinstance(value, datetime):
            return value.date()
        try:
            day: date | None = super().clean(value, row, **kwargs)
        except ValueError:
            raise ValueError("harus tanggal, misalnya 31/12/2024.") from None
        return day


class Column(fields.Field):
    """A column whose cell is refused by a sentence, also where the row is only being looked up."""

    def clean(self, row: Any, **kwargs: Any) -> Any:
        try:
            return super().clean(row, **kwargs)
        except ObjectDoesNotExist:
            reason = "tidak ada dalam data."
        except (ValueError, ArithmeticError) as error:
            reason = str(error)
        raise ValidationError({self.attribute: reason})


# --- the sheet --------------------------------------------------------------------------------


class SheetResource(resources.ModelResource):
    """Base of every resource: `load` takes a sheet whole or raises SheetError; `sheet` gives it.

    The columns must be exactly those of the resource; `import_id_fields` tell rows apart.
    """

    DEFAULT_RESOURCE_FIELD = Column
    WIDGETS_MAP = resources.ModelResource.WIDGETS_MAP | {
        "CharField": TextCell,
        "TextField": TextCell,
        "SlugField": TextCell,
        "DecimalField": NumberCell,
        "IntegerField": WholeCell,
        "PositiveIntegerField": WholeCell,
        "PositiveSmallIntegerField": WholeCell,
        "SmallIntegerField": WholeCell,
        "BooleanField": YesNoCell,
        "DateField": DateCell,
    }

    class Meta:
        use_transactions = True
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        skip_html_diff = True

    def load(self, sheet: tablib.Dataset, *, dry_run: bool = False, **facts: Any) -> Outcome:
        """Store every row, or none and raise SheetError with every problem; hooks get `facts`."""
        sheet = without_blank_end(sheet)
        if problems := self.problems_of(sheet):
            raise SheetError(problems)
        result = self.import_data(
            sheet,
            dry_run=dry_run,
            use_transactions=True,
            rollback_on_validation_errors=True,
            **facts,
        )
        if problems := self._said(result, sheet):
            raise SheetError(problems)
        totals = result.totals
        return Outcome(totals["new"], totals["update"], totals["skip"])

    def sheet(self, rows: QuerySet[Any] | None = None) -> tablib.Dataset:
        """The rows as typed cells, ready for `to_xlsx`."""
        return self.export(rows)

    def headings(self) -> list[str]:
        """The columns, in order."""
        return [str(field.column_name) for field in self.get_export_fields()]

    def problems_of(self, sheet: tablib.Dataset) -> list[Problem]:
        """What is wrong before a row is read: headings, too many rows, a row that stands twice."""
        expected = self.headings()
        given = [str(heading or "").strip() for heading in sheet.headers or []]
        problems = [
            Problem("kolom tidak dikenal.", column=heading or "tanpa judul")
            for heading in given
            if heading not in expected
        ]
        problems += [
            Problem("kolom tidak ada.", column=heading)
            for heading in expected
            if heading not in given
        ]
        problems += [
            Problem("kolom ada dua kali.", column=heading)
            for heading, times in Counter(given).items()
            if times > 1 and heading in expected
        ]
        if problems:
            return problems
        if len(sheet) > MAX_ROWS:
            return [Problem(f"Terlalu banyak baris: {len(sheet)}, paling banyak {MAX_ROWS}.")]
        return self._repeated(sheet, given)

    def _repeated(self, sheet: tablib.Dataset, given: list[str]) -> list[Problem]:
        keys = [str(self.fields[name].column_name) for name in self.get_import_id_fields()]
        places = [given.index(key) for key in keys if key in given]
        seen: dict[tuple[str, ...], int] = {}
        problems = []
        for number, row in enumerate(sheet, 2):
            key = tuple(str(row[place] or "").strip() for place in places)
            if any(key) and key in seen:
                reason = f"sudah ada di baris {seen[key]}."
                problems.append(Problem(reason, number, keys[0], row[places[0]]))
            seen.setdefault(key, number)
        return problems

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """The same refusal for who comes by another way than `load`, such as the admin."""
        super().before_import(dataset, **kwargs)
        if problems := self.problems_of(dataset):
            raise SheetError(problems)
        dataset.headers = [str(heading).strip() for heading in dataset.headers]

    def import_field(
        self,
        field: Any,
        instance: Model,
        row: Any,
        is_m2m: bool = False,  # noqa: FBT001, FBT002  (the library's signature)
        **kwargs: Any,
    ) -> None:
        """One sentence for a cell, so that the other cells of its row are still read."""
        try:
            super().import_field(field, instance, row, is_m2m, **kwargs)
        except ObjectDoesNotExist:
            raise ValueError("tidak ada dalam data.") from None
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from None
        except ArithmeticError:
            raise ValueError("tidak dapat dibaca.") from None

    def export(self, queryset: Any = None, **kwargs: Any) -> tablib.Dataset:
        """Numbers leave as numbers and dates as dates, whoever asks."""
        kwargs["force_native_type"] = True
        return super().export(queryset, **kwargs)

    def _said(self, result: Any, sheet: tablib.Dataset) -> list[Problem]:
        """Every problem of a result, in the order of the rows."""
        base = [error.error for error in result.base_errors]
        if base:
            return [
                problem
                for error in base
                for problem in getattr(error, "problems", [Problem(str(error))])
            ]
        columns = {field.attribute: str(field.column_name) for field in self.fields.values()}
        headings = [str(heading).strip() for heading in sheet.headers]
        problems = []
        for invalid in result.invalid_rows:
            cells = dict(zip(headings, sheet[invalid.number - 1], strict=True))
            for attribute, reasons in invalid.error_dict.items():
                column = "" if attribute == NON_FIELD_ERRORS else columns.get(attribute, attribute)
                problems += [
                    Problem(str(reason), invalid.number + 1, column, cells.get(column))
                    for reason in reasons
                ]
        for broken in result.error_rows:
            problems += [
                Problem("baris ini tidak dapat disimpan.", broken.number + 1) for _ in broken.errors
            ]
        return sorted(problems, key=lambda problem: problem.row or 0)


def without_blank_end(sheet: tablib.Dataset) -> tablib.Dataset:
    """A copy without the empty rows that spreadsheets leave below the last one."""
    rows = [tuple(row) for row in sheet]
    while rows and all(cell is None or cell == "" for cell in rows[-1]):
        rows.pop()
    return tablib.Dataset(*rows, headers=sheet.headers)


# --- files ------------------------------------------------------------------------------------


def read_sheet(content: bytes) -> tablib.Dataset:
    """The first sheet of an .xlsx, or a CSV with commas or semicolons; otherwise SheetError."""
    if len(content) > MAX_BYTES:
        raise SheetError([Problem("Berkas terlalu besar; paling besar 5 MB.")])
    rows = _xlsx_rows(content) if content.startswith(b"PK") else _csv_rows(content)
    if not rows:
        raise SheetError([Problem("Berkas kosong.")])
    headings, *body = rows
    while headings and headings[-1] in (None, ""):
        headings = headings[:-1]
    width = len(headings)
    sheet = tablib.Dataset(headers=["" if each is None else str(each).strip() for each in headings])
    for number, row in enumerate(body, 2):
        if any(cell not in (None, "") for cell in row[width:]):
            raise SheetError([Problem("ada isi di luar kolom yang berjudul.", number)])
        sheet.append((list(row) + [None] * width)[:width])
    return without_blank_end(sheet)


def _xlsx_rows(content: bytes) -> list[list[Any]]:
    refused = SheetError([Problem("Berkas ini bukan XLSX yang dapat dibaca.")])
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        limits = {"max_row": MAX_ROWS + 2, "max_col": MAX_COLUMNS}
        rows = [list(row) for row in sheet.iter_rows(values_only=True, **limits)]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError):
        raise refused from None
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    return rows


def _csv_rows(content: bytes) -> list[list[Any]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SheetError([Problem("Berkas harus XLSX, atau CSV dengan kode UTF-8.")]) from None
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error:
        raise SheetError([Problem("Berkas ini bukan CSV yang dapat dibaca.")]) from None


def to_xlsx(sheet: tablib.Dataset, *, title: str) -> bytes:
    """A workbook of one sheet: header frozen, numbers and dates typed, text never a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    page = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    for column, heading in enumerate(sheet.headers):
        page.write_string(0, column, str(heading), head)
    for number, row in enumerate(sheet, 1):
        for column, value in enumerate(row):
            if value is None or value == "":
                continue
            if isinstance(value, bool):
                page.write_boolean(number, column, value)
            elif isinstance(value, int | float | Decimal):
                page.write_number(number, column, value)
            elif isinstance(value, datetime | date):
                page.write_datetime(number, column, value)
            else:
                page.write_string(number, column, str(value), text)
    last = max(len(sheet.headers) - 1, 0)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(sheet), last)
    for column, heading in enumerate(sheet.headers):
        longest = max([len(str(heading)), *(len(str(row[column] or "")) for row in sheet)])
        page.set_column(column, column, min(max(longest + 2, 8), 60))
    book.close()
    return out.getvalue()


class Xlsx(base_formats.XLSX):
    """The admin's export: the library would write a text such as =1+1 as a live formula."""

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        return to_xlsx(dataset, title="Data")

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        return read_sheet(in_stream)
