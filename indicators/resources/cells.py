"""A cell as it is typed and as it leaves: each kind reads its own, or says why not."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from import_export import fields, widgets

from indicators.resources.reading import BROKEN_FORMULA, BROKEN_FORMULAS

INDONESIAN_NUMBER = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")


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
