"""What comes back: each row beside what is stored, and what saving it would do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from agencies.models import AssignmentRole
from indicators.resources.reading import BROKEN_FORMULA, BROKEN_FORMULAS, Sheet, is_empty
from indicators.scoring import Value
from submissions.actions.answering import NOTE_LENGTH, refuse_unless_editable
from submissions.actions.record import RefusedError
from submissions.actions.values import checked
from submissions.forms.workbook.cells import (
    ANSWER,
    CODE,
    FIRST,
    HEADINGS,
    NOTE,
    NUMBER,
    READ,
    SEAL,
    SECOND,
    SHEET,
    VERSION,
    Cells,
    cells_of,
    note_text,
    read_cells,
    value_of,
)
from submissions.models import Response
from submissions.wording import answer_text


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "baru"
    CHANGED = "berubah"
    SAME = "tetap"
    WRONG = "salah"
    CLASH = "berubah di server"


@dataclass(slots=True)
class Row:
    """One row of the file: `before` is what is stored now, `after` what the file says."""

    number: int
    code: str
    fate: Fate
    before: str = ""
    before_note: str = ""
    after: str = ""
    after_note: str = ""
    reason: str = ""
    response: int = 0
    version: int = 0
    value: Value | None = None
    note: str = ""
    question: str = ""
    other: str = ""


@dataclass(slots=True)
class Plan:
    """What a file would do."""

    rows: list[Row]
    absent: int = 0
    ignored: list[str] = field(default_factory=list)

    def of(self, *fates: Fate) -> list[Row]:
        return [row for row in self.rows if row.fate in fates]

    @property
    def good(self) -> list[Row]:
        return self.of(Fate.NEW, Fate.CHANGED)

    @property
    def wrong(self) -> list[Row]:
        return self.of(Fate.WRONG)

    @property
    def clashes(self) -> list[Row]:
        return self.of(Fate.CLASH)

    def counts(self) -> list[tuple[str, int]]:
        return [(fate.value, len(self.of(fate))) for fate in Fate]


NOT_OURS = (
    "Berkas ini bukan buku kerja isian. Unduh buku kerjanya dari halaman ini, isi lembar "
    f"{SHEET}, lalu kirim lagi."
)
FOREIGN = "Buku kerja ini dari perangkat daerah atau tahun lain. Unduh yang baru dari halaman ini."


def plan_of(sheets: Sequence[Sheet], responses: Iterable[Response]) -> Plan:
    """Each row of the file beside the office's answers; no query of its own.

    RefusedError if it is no workbook of ours, or of another office or year.
    """
    sheet, places, ignored = _table(sheets)
    known = {each.pk: each for each in responses}
    plan = Plan([], ignored=ignored)
    seen: dict[int, int] = {}
    for number, cells in sheet:
        raw = {name: cells[at] if at < len(cells) else None for name, at in places.items()}
        if all(is_empty(raw[name]) for name in READ):
            continue
        plan.rows.append(_row(number, raw, known, seen))
    if plan.rows and not seen:
        raise RefusedError(FOREIGN)
    if not plan.rows:
        raise RefusedError("Lembar isian dalam berkas ini kosong.")
    plan.absent = len(known) - len(seen)
    return plan


def _table(
    sheets: Sequence[Sheet],
) -> tuple[list[tuple[int, list[Any]]], dict[str, int], list[str]]:
    """The rows below the heading, where each column stands, and what is not read."""
    ordered = sorted(sheets, key=lambda each: each.title.casefold() != SHEET.casefold())
    lacking: list[str] = []
    for sheet in ordered:
        for at, (_, cells) in enumerate(sheet.rows[:10]):
            heads = ["" if cell is None else " ".join(str(cell).split()) for cell in cells]
            missing = [name for name in READ if name not in heads]
            if not missing:
                return (
                    sheet.rows[at + 1 :],
                    {name: heads.index(name) for name in READ},
                    [head for head in heads if head and head not in HEADINGS],
                )
            if len(missing) < len(READ) - 2 and not lacking:
                lacking = missing
    if lacking:
        raise RefusedError(
            f"Kolom {', '.join(lacking)} tidak ada lagi. Unduh buku kerja yang baru, salin "
            "jawaban Anda ke sana, lalu kirim lagi."
        )
    raise RefusedError(NOT_OURS)


def _row(number: int, raw: dict[str, Any], known: dict[int, Response], seen: dict[int, int]) -> Row:
    code = "" if raw[CODE] is None else str(raw[CODE]).strip()
    row = Row(number, code, Fate.WRONG)
    response = known.get(_whole(raw[NUMBER]) or 0)
    if response is None:
        row.reason = "Baris ini bukan dari buku kerja Anda, atau pertanyaannya sudah dialihkan."
        return row
    if code != response.question.code:
        row.reason = (
            f"Baris ini tertukar: kodenya {code or 'kosong'}, nomor tersembunyinya milik "
            f"{response.question.code}. Salin jawabannya ke buku kerja yang baru."
        )
        return row
    if response.pk in seen:
        row.reason = f"Pertanyaan ini sudah ada di baris {seen[response.pk]}."
        return row
    seen[response.pk] = number
    typed = read_cells(raw[ANSWER], raw[FIRST], raw[SECOND], raw[NOTE])
    row.response, row.version = response.pk, response.version
    row.question = response.question.text
    stored = cells_of(response)
    row.before, row.before_note = _said(response, response.value), stored.note
    row.after_note = typed.note
    untouched = typed.seal == str(raw[SEAL] or "").strip()
    if typed == stored or untouched:
        row.fate, row.after, row.after_note = Fate.SAME, row.before, row.before_note
        return row
    try:
        _judge(row, response, typed, stored)
    except RefusedError as error:
        row.fate, row.reason = Fate.WRONG, str(error)
        row.after = row.after or " ".join(filter(None, typed[:3]))
        return row
    if _whole(raw[VERSION]) != response.version:
        row.fate = Fate.CLASH
        row.other = response.changed_by.get_full_name() if response.changed_by else ""
    return row


def _judge(row: Row, response: Response, typed: Cells, stored: Cells) -> None:
    """By the rules of the answering verb, before it is asked to save."""
    refuse_unless_editable(response, held=response.submission.is_editable)
    if broken := BROKEN_FORMULAS.intersection(typed):
        raise RefusedError(f"“{min(broken)}” {BROKEN_FORMULA}")
    scale = response.question.rubric.scale
    support = response.role == AssignmentRole.SUPPORT
    row.value = checked(scale, value_of(response, typed), support=support)
    if typed[:3] == stored[:3]:
        row.value = response.value or None  # what was not touched stays to the letter
    row.note = response.note if typed.note == note_text(response.note) else typed.note
    if len(row.note) > NOTE_LENGTH:
        raise RefusedError(f"Catatan terlalu panjang: paling banyak {NOTE_LENGTH} huruf.")
    row.after = _said(response, row.value)
    row.fate = Fate.NEW if stored.is_empty else Fate.CHANGED


def _said(response: Response, value: Value | None) -> str:
    return "" if not value else answer_text(response.question.rubric.scale, value)


def _whole(raw: Any) -> int | None:
    """A hidden number, however the program kept it."""
    try:
        return int(float(str(raw).strip().replace(",", ".")))
    except (ValueError, OverflowError):
        return None
