"""Workbooks and CSV files that people fill in and send: looked into first, read within bounds.

The one way in for every sheet of the product. Cells come out as they stand. What is refused is
refused by one sentence on what to do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from indicators.resources.office import OLE, ZIP, PackageError, look_into

MAX_BYTES = 5 * 1024 * 1024
MAX_XML = 16 * 1024 * 1024  # what openpyxl may be given to read: some 5 seconds at the very most
MAX_SHEETS = 60
MAX_ROWS = 5000
MAX_COLUMNS = 60
MAX_EMPTY = 1_100_000  # a sheet of Excel ends at 1,048,576; a book of many such ones is a bomb
OTHERS = (b"%PDF-", b"{\\rtf", b"<", b"Rar!", b"7z\xbc\xaf", b"GIF8")  # these may hold no NUL
SAMPLE = 20_000  # letters in which the separator shows itself
CSV_TITLE = "CSV"
TYPES = ".xlsx,.csv"

BIG = (
    "Isi berkas ini terlalu besar untuk dibaca. Sering kali ribuan baris kosong ikut tersimpan: "
    "salin selnya ke templat yang baru diunduh, lalu kirim lagi."
)
EMPTY = "Berkas ini kosong."
TOO_BIG = "Berkas terlalu besar: paling besar 5 MB."
TOO_EMPTY = (
    "Terlalu banyak baris kosong (sampai {where}). Salin selnya ke templat yang baru diunduh, lalu "
    "kirim lagi."
)
BROKEN = (
    "Berkas ini tidak dapat dibaca. Buka di Excel atau LibreOffice, simpan sebagai XLSX, lalu "
    "kirim lagi."
)
SENTENCES = {
    "macro": "Berkas ini memuat makro. Simpan sebagai XLSX biasa (tanpa makro), lalu kirim lagi.",
    "locked": "Berkas ini berkata sandi atau berformat lama (XLS). Simpan sebagai XLSX tanpa kata "
    "sandi, lalu kirim lagi.",
    "nested": "Di dalam berkas ini ada berkas lain. Salin selnya ke templat, lalu kirim lagi.",
    "bomb": BIG,
    "other_kind": "Berkas ini bukan XLSX. Simpan sebagai XLSX atau CSV, lalu kirim lagi.",
}


# What stands in a cell whose formula cannot be reckoned; nobody means it as a text.
BROKEN_FORMULAS = frozenset(
    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!")
)
BROKEN_FORMULA = "adalah galat rumus; ketik isinya sebagai teks atau angka."


class WrongFileError(Exception):
    """A file that is not read; the message is an Indonesian sentence on what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, and its rows with the number that the spreadsheet shows beside them.

    Empty rows are left out.
    """

    title: str
    rows: list[tuple[int, list[Any]]]


def is_empty(cell: Any) -> bool:
    """Whether a cell says nothing; blanks alone say nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read_sheets(content: bytes) -> list[Sheet]:
    """Every sheet of an XLSX, or the one of a CSV; WrongFileError with what to do otherwise.

    The content is to be at most MAX_BYTES long: who reads an upload looks at its size before.
    """
    if len(content) > MAX_BYTES:
        raise WrongFileError(TOO_BIG)
    if not content.strip():
        raise WrongFileError(EMPTY)
    if content.startswith(OLE):
        raise WrongFileError(SENTENCES["locked"])
    if content.startswith(ZIP):
        _guard(content)
        sheets = list(_workbook(content))
        if not sheets:
            raise WrongFileError(BROKEN)
        return sheets
    if content.lstrip().startswith(OTHERS):
        raise WrongFileError(SENTENCES["other_kind"])
    return [Sheet(CSV_TITLE, _csv(content))]


# --- XLSX ----------------------------------------------------------------------------------------


def _guard(content: bytes) -> None:
    """Before any parser: the look that evidence gets, and how much XML there is to read."""
    try:
        parts = look_into(io.BytesIO(content), "xlsx")
    except PackageError as error:
        raise WrongFileError(SENTENCES.get(error.code, BROKEN)) from None
    texts = (part for part in parts if not part.filename.startswith("xl/media/"))
    if sum(part.file_size for part in texts) > MAX_XML:
        raise WrongFileError(BIG)


def _workbook(content: bytes) -> Iterator[Sheet]:
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        left = MAX_EMPTY
        for sheet in book.worksheets[:MAX_SHEETS]:
            title = str(sheet.title)
            cells = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS)
            rows, empty = _filled(enumerate(cells, 1), left, title)
            left -= empty
            yield Sheet(title, rows)
    except WrongFileError:
        raise
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError,
            TypeError, AttributeError, SyntaxError, EOFError):  # fmt: skip
        # What openpyxl says of a file that a program wrote wrongly.
        raise WrongFileError(BROKEN) from None


def _filled(
    rows: Iterator[tuple[int, Any]], most_empty: int, title: str = ""
) -> tuple[list[tuple[int, list[Any]]], int]:
    """The rows that say something, however far below the others, and how many were empty.

    What fills a gap is one and the same row of the library, so a gap of a million takes a moment.
    """
    found: list[tuple[int, list[Any]]] = []
    empty, blank = 0, None
    for number, cells in rows:
        if cells is blank or all(is_empty(cell) for cell in cells):
            empty, blank = empty + 1, cells
            if empty > most_empty:
                where = f"lembar {title}, baris {number}" if title else f"baris {number}"
                raise WrongFileError(TOO_EMPTY.format(where=where))
            continue
        if len(found) >= MAX_ROWS:
            raise WrongFileError(
                f"Terlalu banyak baris: paling banyak {MAX_ROWS:,d}.".replace(",", ".")
            )
        found.append((number, _trimmed(cells)))
    return found, empty


def _trimmed(cells: Any) -> list[Any]:
    """Without the empty cells behind the last one."""
    kept = list(cells)
    while kept and kept[-1] is None:
        kept.pop()
    return kept


# --- CSV -----------------------------------------------------------------------------------------


def _csv(content: bytes) -> list[tuple[int, list[Any]]]:
    text = _text(content)
    lines = [line for line in text[:SAMPLE].splitlines() if line.strip()]
    if not lines:
        raise WrongFileError(EMPTY)
    hint = lines[0].strip()
    if hint.lower().startswith("sep=") and len(hint) == 5:  # Excel's own
        delimiter, text = hint[4], text.replace(hint, "", 1)
    else:
        delimiter = _delimiter(lines)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    try:
        return _filled(enumerate((row[:MAX_COLUMNS] for row in reader), 1), MAX_EMPTY)[0]
    except csv.Error:
        raise WrongFileError(
            "Berkas ini bukan CSV yang dapat dibaca. Simpan sebagai XLSX, lalu kirim lagi."
        ) from None


def _delimiter(lines: list[str]) -> str:
    """A semicolon or a tab where many lines have it: commas may be those of decimals and texts."""
    having = {mark: sum(mark in line for line in lines) for mark in ";\t"}
    mark = max(having, key=lambda each: having[each])
    return mark if having[mark] * 3 >= len(lines) else ","


def _text(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with it, else what Windows writes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content:
        encodings = []
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WrongFileError(SENTENCES["other_kind"])
