"""A register's file, as downloaded or as an office keeps it: its cells become what would have
been pasted, so that one preview and one storing serve both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms

from indicators.models import Register
from indicators.resources.formulas import unguarded
from indicators.resources.reading import CSV_TITLE, TYPES, Sheet
from submissions.actions.record import RefusedError
from submissions.forms.cells import Column, columns_of
from submissions.forms.registers import is_heading, plain
from submissions.wording import DIGITS

ABOVE = 20  # rows that may stand above the heading: what the file is, when and by whom it was made


class FileForm(forms.Form):
    """The file alone; what is in it goes on as if it had been pasted."""

    berkas = forms.FileField(
        label="Berkas XLSX atau CSV",
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": TYPES}),
        help_text="Misalnya unduhan daftar ini, templat yang sudah diisi, atau matriks. "
        "Paling besar 5 MB.",
        error_messages={"required": "Pilih berkasnya."},
    )


def pasted_of(register: Register, sheets: Sequence[Sheet]) -> str:
    """The cells of the register's sheet as Excel would put them on the clipboard, a line for each
    row of the sheet, so that a line has the row's number. RefusedError where no sheet is meant.
    """
    sheet = _meant(register, [each for each in sheets if each.rows])
    columns = columns_of(register)
    rows = [(number, [text_of(cell) for cell in cells]) for number, cells in sheet.rows]
    if sheet.title == CSV_TITLE:
        rows = [(number, [unguarded(cell) for cell in cells]) for number, cells in rows]
    for place, (_, cells) in enumerate(rows[:ABOVE]):
        if is_heading(columns, cells):
            rows = rows[place:]
            break
    else:
        titles = ", ".join(column.label for column in columns if column.required)
        raise RefusedError(f"Baris judul tidak ditemukan. Baris itu harus memuat: {titles}.")
    lines: list[str] = []
    for number, cells in rows:
        lines += [""] * (number - 1 - len(lines))
        lines.append("\t".join(map(_quoted, cells)))
    return "\n".join(lines)


def text_of(cell: Any) -> str:
    """A cell as it would be typed here: dates as 2024-12-31, numbers with a decimal comma."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Ya" if cell else "Tidak"
    if isinstance(cell, datetime):
        return (cell if any((cell.hour, cell.minute, cell.second)) else cell.date()).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        if cell == int(cell) and abs(cell) < 10**15:
            return str(int(cell))
        return f"{Decimal(repr(cell)):f}".replace(".", ",")
    return str(cell)


def exact(column: Column, value: Any) -> Any:
    """A stored cell as what it is in a sheet: a number, a day or a text."""
    if value is None:
        return None
    try:
        if column.type == "date":
            return date.fromisoformat(value)
        if column.type == "money":
            number = Decimal(value)
            return number if len(number.as_tuple().digits) <= DIGITS else value.replace(".", ",")
    except (TypeError, ValueError, ArithmeticError):
        return str(value)
    return value


def _meant(register: Register, filled: Sequence[Sheet]) -> Sheet:
    """The sheet with the register's name, or the only one that says something."""
    if not filled:
        raise RefusedError("Berkas ini kosong.")
    names = {plain(register.code), plain(register.name[:31]), plain(register.name)}
    named = [each for each in filled if plain(each.title) in names]
    found = named or filled
    if len(found) > 1:
        titles = ", ".join(each.title for each in found)
        raise RefusedError(
            f"Ada {len(found)} lembar yang berisi ({titles}). Sisakan satu, lalu kirim."
        )
    return found[0]


def _quoted(text: str) -> str:
    """As Excel quotes on the clipboard; line breaks stay within the cell."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.startswith('"') or "\t" in text or "\n" in text:
        return f'"{text.replace(chr(34), chr(34) * 2)}"'
    return text
