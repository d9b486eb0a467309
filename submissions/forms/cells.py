"""One cell of a register: from what people type, or paste out of Excel, to what is stored.

The columns are the instrument's data. A cell that cannot be read is refused with a sentence that
names the column and what is expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from indicators.models import Register
from indicators.resources.reading import BROKEN_FORMULA, BROKEN_FORMULAS
from submissions.forms.answering import parse_number
from submissions.wording import personal

FIRST_YEAR = 1945
LAST_YEAR = 2100
TEXT_LENGTH = 1000
BIGGEST = Decimal(10) ** 15
NUMBERS = frozenset({"integer", "money", "year"})

_SPACES = re.compile(r"[ \t\u00a0\u202f]+")
_CURRENCY = re.compile(r"^(?:rp|idr)\.?\s*", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]0?0:00(?::00)?)?")
_NUMERIC = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_SPOKEN = re.compile(r"(\d{1,2})[\s\-]+([A-Za-z]+)\.?[\s\-]+(\d{4}|\d{2})")
# Indonesian and, since Excel may speak it, English; the first three letters tell them apart.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan", "feb peb", "mar", "apr", "mei may", "jun", "jul", "agu aug agt ags", "sep",
            "okt oct", "nov nop", "des dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip


class CellError(ValueError):
    """A cell that cannot be read; the message is the sentence."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a register, as the instrument's data describe it."""

    key: str
    label: str
    type: str
    required: bool = True
    options: tuple[str, ...] = field(default=())

    @property
    def is_number(self) -> bool:
        return self.type in NUMBERS

    @property
    def name(self) -> str:
        """The name of its field in a form."""
        return f"kolom-{self.key}"

    @property
    def expected(self) -> str:
        """What a cell of it may hold, in words."""
        return {
            "choice": "salah satu dari: " + "; ".join(self.options),
            "year": "tahun empat angka, misalnya 2023",
            "date": "tanggal, misalnya 24 November 2023 atau 24/11/2023",
            "money": "jumlah rupiah, misalnya 1.250.000",
            "integer": "bilangan bulat, misalnya 120",
        }.get(self.type, "teks")


def columns_of(register: Register) -> list[Column]:
    """The columns of a register, in order."""
    return [
        Column(
            key=each["key"],
            label=each["label"],
            type=each["type"],
            required=each.get("required", True),
            options=tuple(each.get("options", ())),
        )
        for each in register.columns
    ]


def read(column: Column, raw: str, *, today: date) -> Any:
    """What is stored for a cell; None for an empty one. CellError, with a sentence, otherwise."""
    text = _clean(raw)
    if not text:
        if column.required:
            raise CellError(f"{column.label} wajib diisi: {column.expected}.")
        return None
    if text in BROKEN_FORMULAS:
        raise CellError(f"{column.label}: “{text}” {BROKEN_FORMULA}")
    if column.type == "choice":
        return _choice(column, text)
    if column.type == "year":
        return _year(column, text, today)
    if column.type == "date":
        return _date(column, text).isoformat()
    if column.type == "money":
        return _money(column, text)
    if column.type == "integer":
        return _integer(column, text)
    if len(text) > TEXT_LENGTH:
        raise CellError(f"{column.label} terlalu panjang: paling banyak {TEXT_LENGTH} huruf.")
    if sentence := personal(text):
        raise CellError(f"{column.label}: {sentence}")
    return text


def read_year(label: str, raw: str, *, today: date) -> int | None:
    """A year of validity; nothing is an open end."""
    column = Column("", label, "year", required=False)
    value: int | None = read(column, raw, today=today)
    return value


def _clean(raw: str) -> str:
    """Line breaks stay, spaces around and within lines are one, invisible letters go."""
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ["".join(c for c in _SPACES.sub(" ", line) if c.isprintable()).strip() for line in lines]
    return "\n".join(kept).strip()


def _wrong(column: Column, text: str) -> CellError:
    shown = text if len(text) <= 60 else f"{text[:60]}…"
    return CellError(f"{column.label}: “{shown}” tidak dapat dibaca. Tulis {column.expected}.")


def _choice(column: Column, text: str) -> str:
    for option in column.options:
        if option.casefold() == text.casefold():
            return option
    raise _wrong(column, text)


def _year(column: Column, text: str, today: date) -> int:
    last = today.year + 1
    if column.key == "":  # validity may end later than next year
        last = LAST_YEAR
    if not re.fullmatch(r"[0-9]{4}", text):
        raise _wrong(column, text)
    year = int(text)
    if not FIRST_YEAR <= year <= last:
        raise CellError(f"{column.label}: tahun harus dari {FIRST_YEAR} sampai {last}.")
    return year


def _date(column: Column, text: str) -> date:
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _NUMERIC.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _SPOKEN.fullmatch(text):
        day, year = int(found[1]), int(found[3])
        month = _MONTHS.get(found[2][:3].lower(), 0)
        if len(found[3]) == 2:
            year += 2000 if year < 60 else 1900
    else:
        raise _wrong(column, text)
    try:
        given = date(year, month, day)
    except ValueError:
        raise _wrong(column, text) from None
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise CellError(
            f"{column.label}: tahun pada tanggal harus dari {FIRST_YEAR} sampai {LAST_YEAR}."
        )
    return given


def _number(column: Column, text: str) -> Decimal:
    try:
        number = Decimal(parse_number(text))
    except ValueError:
        raise _wrong(column, text) from None
    if number >= BIGGEST:
        raise CellError(f"{column.label}: angkanya terlalu besar.")
    return number


def _money(column: Column, text: str) -> str:
    bare = _CURRENCY.sub("", text)
    bare = bare.removesuffix(",-").removesuffix(".-")
    if "%" in bare:
        raise _wrong(column, text)
    number = _number(column, bare)
    if number != round(number, 2):
        raise _wrong(column, text)
    whole = number == number.to_integral_value()
    return f"{number.quantize(Decimal(1) if whole else Decimal('0.01')):f}"


def _integer(column: Column, text: str) -> int:
    number = _number(column, text)
    if "%" in text or number != number.to_integral_value():
        raise _wrong(column, text)
    return int(number)
