"""An answer as the cells of a row, and a row as an answer: the one place that knows both."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from agencies.models import AssignmentRole
from indicators.scoring import Mode, Scale, Value, level_of, number
from submissions.actions.record import RefusedError
from submissions.forms.answering import parse_number
from submissions.models import Response

SHEET, GUIDE, CHOICES = "Isian", "Petunjuk", "Pilihan"
CODE, ANSWER, FIRST, SECOND, NOTE = (
    "Kode",
    "Jawaban",
    "Angka pertama",
    "Angka kedua",
    "Catatan",
)
NUMBER, VERSION, SEAL = "Nomor jawaban", "Versi jawaban", "Sidik isi"
HEADINGS = (
    CODE,
    "Indikator",
    "Pertanyaan",
    "Cara menjawab",
    "Poin maks",
    ANSWER,
    FIRST,
    SECOND,
    NOTE,
    "Keadaan",
    "Data dukung",
    NUMBER,
    VERSION,
    SEAL,
)
READ = (CODE, ANSWER, FIRST, SECOND, NOTE, NUMBER, VERSION, SEAL)
YES, NO = "Ya", "Tidak"
# What XML cannot hold, and what openpyxl takes out of any text.
UNHELD = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]|x005F_")


class Cells(NamedTuple):
    """What can be typed in a row, each as one text however the program kept it."""

    answer: str = ""
    first: str = ""
    second: str = ""
    note: str = ""

    @property
    def seal(self) -> str:
        """Tells whether somebody touched the row."""
        return hashlib.sha256("\x1f".join(self).encode()).hexdigest()[:16]

    @property
    def is_empty(self) -> bool:
        return not any(self)


def note_text(text: str) -> str:
    """A note as a cell can hold it and any program gives it back."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return UNHELD.sub("", plain).strip()


def kind_of(response: Response) -> str:
    """Which cells a row uses: levels, ratio, years, or only the note."""
    if response.role == AssignmentRole.SUPPORT:
        return "note"
    modes = {Mode.THRESHOLD: "ratio", Mode.TREND: "years"}
    return modes.get(response.question.rubric.scale.mode, "levels")


def options_of(scale: Scale) -> list[str]:
    """What the drop-down of a row offers."""
    return [" ".join(each.label.split()) for each in scale.options()]


def cells_of(response: Response) -> Cells:
    """A stored answer as the cells that go out."""
    scale, value, note = response.question.rubric.scale, response.value, note_text(response.note)
    kind = kind_of(response)
    if kind == "note" or not value:
        return Cells(note=note)
    if kind == "ratio":
        first, second = value.get("numerator"), value.get("denominator")
        return Cells("", plain_figure(first), plain_figure(second), note)
    if kind == "years":
        before, now = (value.get("values") or [None, None])[-2:]
        return Cells("", plain_figure(before), plain_figure(now), note)
    level = level_of(scale, value)
    return Cells("" if level is None else options_of(scale)[level], note=note)


def plain_figure(raw: object) -> str:
    """A figure as plain digits; what is no figure stays as it was typed."""
    if raw is None or isinstance(raw, bool):
        return "" if raw is None else str(raw)
    text = str(raw).strip()
    exact = number(text) if not isinstance(raw, str) else None
    if exact is None:
        try:
            exact = Decimal(parse_number(text))
        except (ValueError, ArithmeticError):
            return text
    digits = f"{exact:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def cell_text(raw: Any) -> str:
    """A cell as a text: a number without an invented point, a day as people write it."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return YES if raw else NO
    if isinstance(raw, datetime | date):
        return f"{raw:%d/%m/%Y}"
    if isinstance(raw, int | float):
        return plain_figure(raw)
    return note_text(str(raw))


def read_cells(answer: Any, first: Any, second: Any, note: Any) -> Cells:
    """What stands in the cells of a row."""
    return Cells(
        " ".join(cell_text(answer).split()),
        _figure(first),
        _figure(second),
        cell_text(note),
    )


def _figure(raw: Any) -> str:
    if isinstance(raw, datetime | date | bool):
        return cell_text(raw)
    return plain_figure(note_text(raw) if isinstance(raw, str) else raw)


def value_of(response: Response, cells: Cells) -> Value | None:
    """The answer of a row, in the shape that `answering.answer` checks once more.

    RefusedError where a cell is filled that the question does not use, or names no choice.
    """
    kind, scale = kind_of(response), response.question.rubric.scale
    figures = (cells.first, cells.second)
    if kind == "note":
        if cells.answer or any(figures):
            raise RefusedError("Pendukung hanya mengisi Catatan; kosongkan Jawaban dan angkanya.")
        return None
    if kind == "levels":
        if any(figures):
            raise RefusedError(f"{FIRST} dan {SECOND} tidak dipakai di sini; kosongkan.")
        return _chosen(scale, cells.answer)
    if cells.answer:
        raise RefusedError(f"Pertanyaan ini dijawab dengan angka; kosongkan kolom {ANSWER}.")
    if not any(figures):
        return None
    for figure in filter(None, figures):
        if number(figure) is None:
            raise RefusedError(f"“{figure[:40]}” bukan angka. Tulis misalnya 1234 atau 80,5.")
    first, second = (figure or None for figure in figures)
    if kind == "ratio":
        return {"numerator": first, "denominator": second}
    return {"values": [first, second]}


def _chosen(scale: Scale, answer: str) -> Value | None:
    if not answer:
        return None
    options = options_of(scale)
    known = {each.casefold(): at for at, each in enumerate(options)}
    at = known.get(answer.casefold())
    if at is None:
        said = "; ".join(options)
        raise RefusedError(f"“{answer[:60]}” tidak ada dalam pilihan. Pilihannya: {said}.")
    return {"yes": at == 0} if scale.mode is Mode.AREA_SHARE else {"level": at}
