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

import tablib
import xlsxwriter
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from import_export import fields, resources, widgets
from import_export.formats import base_formats
from import_export.instance_loaders import ModelInstanceLoader
from openpyxl.utils import get_column_letter

from indicators.resources.page import printable
from indicators.resources.reading import (
    BROKEN_FORMULA,
    BROKEN_FORMULAS,
    CSV_TITLE,
    MAX_ROWS,
    Sheet,
    WrongFileError,
    is_empty,
    read_sheets,
)

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

SHOWN = 60
LONG, MEASURED = 5_000, 500  # rows of a long sheet, and those whose widths are looked at
UNKNOWN = "kolom tidak dikenal."
UNTITLED = (
    "kolom ini tidak berjudul. Beri tiap kolom judulnya sendiri dan pisahkan sel yang digabung."
)
FORMULA = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet would take for one, guarded or not
GUARDED = re.compile(r"'+[=+\-@\t\r]")
INDONESIAN_NUMBER = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a sheet out; rows count as in the spreadsheet, its heading is row 1."""

    reason: str
    row: int | None = None
    column: str = ""
    value: object = None
    sheet: str = ""

    def __str__(self) -> str:
        place = [f"lembar {self.sheet}"] if self.sheet and (self.row or self.column) else []
        if self.row:
            place.append(f"baris {self.row}")
        if self.column:
            place.append(f"kolom {self.column}")
        if self.row and self.column:
            place.append(f"isi {_shown(self.value)}")
        if not place:
            return self.reason
        where = ", ".join(place)
        return f"{where[0].upper()}{where[1:]}: {self.reason}"


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
        if text.strip() in BROKEN_FORMULAS:
            raise ValueError(BROKEN_FORMULA)
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


class Difference(resources.Diff):
    """What a row would change, as pairs of before and after, for a page to draw."""

    def as_html(self) -> list[tuple[str, str]]:
        before = [""] * len(self.left) if self.new else [_plain(each) for each in self.left]
        return list(zip(before, (_plain(each) for each in self.right), strict=True))


def _plain(value: object) -> str:
    return "" if value is None else str(value)


class KnownRows(ModelInstanceLoader):
    """Every stored row by its key, in one query however many rows a sheet has."""

    def __init__(self, resource: SheetResource, dataset: tablib.Dataset | None = None) -> None:
        super().__init__(resource, dataset)
        self.keys = [resource.fields[name] for name in resource.get_import_id_fields()]
        self.known = {
            tuple(field.get_value(row) for field in self.keys): row for row in self.get_queryset()
        }

    def get_instance(self, row: Any) -> Any:
        return self.known.get(tuple(field.clean(row) for field in self.keys))


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
        instance_loader_class = KnownRows

    def load(self, sheet: tablib.Dataset, *, dry_run: bool = False, **facts: Any) -> Outcome:
        """Store every row, or none and raise SheetError with every problem; hooks get `facts`."""
        sheet = without_blank_end(sheet)
        if problems := self.problems_of(sheet):
            raise SheetError(problems)
        result = self.import_data(sheet, dry_run=dry_run, **facts)
        if result.problems:
            raise SheetError(result.problems)
        totals = result.totals
        return Outcome(totals["new"], totals["update"], totals["skip"])

    def import_data(self, dataset: tablib.Dataset, **kwargs: Any) -> Any:
        """All or nothing, whoever asks; the result carries its `problems`."""
        kwargs |= {"use_transactions": True, "rollback_on_validation_errors": True}
        result = super().import_data(dataset, **kwargs)
        result.problems = self._said(result, dataset)
        return result

    def get_diff_class(self) -> type[Difference]:
        return Difference

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
        title = sheet.title or ""
        problems = [
            Problem(UNKNOWN, column=heading, sheet=title)
            for heading in given
            if heading and heading not in expected
        ]
        problems += [
            Problem(UNTITLED, column=get_column_letter(place), sheet=title)
            for place, heading in enumerate(given, 1)
            if not heading
        ]
        problems += [
            Problem("kolom tidak ada.", column=heading, sheet=title)
            for heading in expected
            if heading not in given
        ]
        problems += [
            Problem("kolom ada dua kali.", column=heading, sheet=title)
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
        for number, row in zip(lines_of(sheet), sheet, strict=True):
            key = tuple(str(row[place] or "").strip() for place in places)
            if any(key) and key in seen:
                reason = f"sudah ada di baris {seen[key]}."
                problems.append(Problem(reason, number, keys[0], row[places[0]], sheet.title or ""))
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
        lines, title = lines_of(sheet), sheet.title or ""
        problems = []
        for invalid in result.invalid_rows:
            row = lines[invalid.number - 1]
            cells = dict(zip(headings, sheet[invalid.number - 1], strict=True))
            for attribute, reasons in invalid.error_dict.items():
                column = "" if attribute == NON_FIELD_ERRORS else columns.get(attribute, attribute)
                problems += [
                    Problem(str(reason), row, column, cells.get(column), title)
                    for reason in reasons
                ]
        for broken in result.error_rows:
            problems += [
                Problem("baris ini tidak dapat disimpan.", lines[broken.number - 1], sheet=title)
                for _ in broken.errors
            ]
        return sorted(problems, key=lambda problem: problem.row or 0)


def without_blank_end(sheet: tablib.Dataset) -> Table:
    """A copy without the empty rows that spreadsheets leave below the last one."""
    rows = [tuple(row) for row in sheet]
    while rows and all(is_empty(cell) for cell in rows[-1]):
        rows.pop()
    copy = Table(*rows, headers=sheet.headers, title=sheet.title)
    copy.lines = lines_of(sheet)[: len(rows)]
    return copy


def lines_of(sheet: tablib.Dataset) -> list[int]:
    """The number beside each row; the heading is row 1 where nobody has said otherwise."""
    said: list[int] | None = getattr(sheet, "lines", None)
    return list(range(2, len(sheet) + 2)) if said is None else said


# --- files ------------------------------------------------------------------------------------


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
        writer.writerow([_guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _guarded(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(cell: Any) -> Any:
    """A cell of a CSV without the apostrophe that `to_csv` puts before what looks like formulas."""
    return cell[1:] if isinstance(cell, str) and GUARDED.match(cell) else cell


class Xlsx(base_formats.XLSX):
    """The admin's export: the library would write a text such as =1+1 as a live formula."""

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        return to_xlsx(dataset, title="Data")

    def create_dataset(self, in_stream: bytes) -> Table:
        return read_sheet(in_stream)


class Csv(base_formats.CSV):
    """The same guard for the plain table."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        return to_csv(dataset)

    def create_dataset(self, in_stream: bytes) -> Table:
        return read_sheet(in_stream)


class EitherFormat(Xlsx):
    """Coming in, the bytes tell which of the two it is."""

    def get_title(self) -> str:
        return "XLSX atau CSV"
