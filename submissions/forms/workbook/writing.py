"""An office's work as a workbook: what may be typed is open, all else is locked."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from agencies.models import Agency, User
from indicators.resources.page import heighten, lines_of, printable
from indicators.wording import tanggal, waktu
from submissions.forms.workbook.cells import (
    ANSWER,
    CHOICES,
    FIRST,
    GUIDE,
    HEADINGS,
    NOTE,
    NUMBER,
    SECOND,
    SHEET,
    Cells,
    cells_of,
    kind_of,
    options_of,
)
from submissions.models import Assessment, Response
from submissions.workflow import STATE_LABELS, State

WIDTHS = (9, 26, 60, 30, 9, 34, 15, 15, 50, 20, 40, 12, 10, 18)
EXACT = 15  # digits that a number in a cell keeps
ROOM = 2  # lines at least of a row in which one types: it does not grow by itself any more
OPEN, ACCEPTED = "dapat diisi", "sudah diterima"
EDGE = {"border": 1, "border_color": "#E2E0D8", "valign": "top", "text_wrap": True}


def write_work(
    assessment: Assessment,
    agency: Agency,
    responses: Sequence[Response],
    evidence: Mapping[int, Sequence[str]],
    *,
    by: User,
    now: datetime,
) -> bytes:
    """The workbook of one office in one year; the responses come as `for_answering` gives them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": f"Isian KLA {assessment.year}, {agency}"})
    _guide(book, assessment, agency, by=by, now=now)
    sheet = book.add_worksheet(SHEET)
    places = _choices(book, responses)
    _table(book, sheet, assessment, responses, evidence, places)
    sheet.activate()
    book.close()
    return out.getvalue()


def _guide(book: Any, assessment: Assessment, agency: Agency, *, by: User, now: datetime) -> None:
    sheet = book.add_worksheet(GUIDE)
    sheet.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    strong = book.add_format({"bold": True, "font_size": 14})
    rows = [
        f"Isian {agency.name}",
        f"Penilaian {assessment.year}, {assessment.region}, tahun data {assessment.data_year}. "
        f"Tenggat {tanggal(assessment.closes_on)} pukul 24.00 WIB.",
        f"Diunduh {waktu(now)} oleh {by.get_full_name()}.",
        "",
        f"1. Isi lembar {SHEET}. Hanya sel putih yang dapat diubah: {ANSWER}, {FIRST}, {SECOND}, "
        f"{NOTE}.",
        f"2. {ANSWER} dipilih dari daftar di selnya.",
        f"3. Persentase: {FIRST} jumlah yang memenuhi, {SECOND} jumlah seluruhnya. Dua tahun: "
        f"{FIRST} tahun sebelumnya, {SECOND} tahun data.",
        "4. Mengosongkan sel berarti menghapus jawabannya.",
        "5. Jangan menghapus, mengurutkan, atau memindahkan kolom. Baris yang tidak perlu boleh "
        "dihapus: pertanyaannya tidak berubah.",
        "6. Simpan sebagai XLSX, lalu kirim di halaman Isian, Lewat Excel. Perubahan "
        "ditunjukkan dahulu; belum ada yang disimpan sebelum Anda memilih Simpan.",
        "7. Data dukung diunggah di halaman isian, bukan di sini.",
    ]
    if assessment.is_example:
        rows.insert(3, "Data contoh: isinya dibuat-buat untuk belajar.")
    for at, text in enumerate(rows):
        heighten(sheet, at, lines_of(text, 100))
        sheet.write_string(at, 0, text, strong if at == 0 else None)
    printable(sheet, head=None, foot=rows[0])
    sheet.protect()


def _choices(book: Any, responses: Sequence[Response]) -> dict[int, str]:
    """A hidden sheet with the levels of each rubric; rubric to where they stand."""
    sheet = book.add_worksheet(CHOICES)
    sheet.hide()
    sheet.protect()
    places: dict[int, str] = {}
    for response in responses:
        rubric = response.question.rubric
        if kind_of(response) != "levels" or rubric.pk in places:
            continue
        column, options = len(places), options_of(rubric.scale)
        for row, label in enumerate(options):
            sheet.write_string(row, column, label)
        letter = xlsxwriter.utility.xl_col_to_name(column)
        places[rubric.pk] = f"={CHOICES}!${letter}$1:${letter}${max(len(options), 1)}"
    return places


HOW = {
    "levels": "Pilih dari daftar",
    "ratio": "Jumlah yang memenuhi, lalu jumlah seluruhnya",
    "note": "Pendukung: hanya catatan",
}


def _how(response: Response, assessment: Assessment) -> str:
    kind = kind_of(response)
    if kind == "years":
        return f"Angka tahun {assessment.data_year - 1}, lalu tahun {assessment.data_year}"
    return HOW[kind]


def _table(
    book: Any,
    sheet: Any,
    assessment: Assessment,
    responses: Sequence[Response],
    evidence: Mapping[int, Sequence[str]],
    places: Mapping[int, str],
) -> None:
    head = book.add_format(
        {**EDGE, "bold": True, "bg_color": "#08403C", "font_color": "#FFFFFF", "valign": "vcenter"}
    )
    locked = book.add_format({**EDGE, "bg_color": "#F1F0EA"})
    points = book.add_format({**EDGE, "bg_color": "#F1F0EA", "num_format": "#,##0.00"})
    typed = book.add_format({**EDGE, "locked": False, "num_format": "@"})
    figure = book.add_format({**EDGE, "locked": False, "num_format": "General"})
    for column, heading in enumerate(HEADINGS):
        hidden = {"hidden": True} if column >= HEADINGS.index(NUMBER) else {}
        sheet.set_column(column, column, WIDTHS[column], None, hidden)
        sheet.write_string(0, column, heading, head)
    for row, response in enumerate(responses, 1):
        cells, kind = cells_of(response), kind_of(response)
        question = response.question
        is_open = response.is_editable and assessment.closed_at is None
        facts = _facts(response, assessment, cells, evidence)
        said = {**dict(enumerate(facts)), 5: cells.answer, 8: cells.note}
        lines = max(lines_of(text, WIDTHS[column]) for column, text in said.items() if text)
        heighten(sheet, row, max(lines, ROOM if is_open else 1))
        for column, text in enumerate(facts):
            if text is not None:
                sheet.write_string(row, column, text, locked)
        sheet.write_number(row, 4, question.max_points, points)
        uses = {5: kind == "levels", 6: kind in {"ratio", "years"}, 8: True}
        uses[7] = uses[6]
        for column, text in zip((5, 6, 7, 8), cells, strict=True):
            may = is_open and uses[column]
            style = (figure if column in (6, 7) else typed) if may else locked
            _put(sheet, row, column, text, style, figure=column in (6, 7))
        if is_open and kind == "levels":
            sheet.data_validation(row, 5, row, 5, _list(places[question.rubric_id]))
        if is_open and uses[6]:
            sheet.data_validation(row, 6, row, 7, NUMBERS)
        sheet.write_number(row, 11, response.pk, locked)
        sheet.write_number(row, 12, response.version, locked)
        sheet.write_string(row, 13, cells.seal, locked)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(responses), 1), HEADINGS.index(NUMBER) - 1)
    foot = f"Isian KLA {assessment.year}, {responses[0].submission.agency}" if responses else ""
    printable(sheet, foot=foot)
    sheet.protect(options={"autofilter": True, "format_columns": True, "format_rows": True})


def _facts(
    response: Response,
    assessment: Assessment,
    cells: Cells,
    evidence: Mapping[int, Sequence[str]],
) -> tuple[str | None, ...]:
    """The cells that only tell, by column; None where another kind of cell stands."""
    question, submission = response.question, response.submission
    state = "tahun ditutup" if assessment.closed_at else OPEN
    if not response.submission.is_editable:
        state = STATE_LABELS[State(submission.state)].lower()
    elif not response.is_editable:
        state = ACCEPTED
    indicator = submission.indicator
    return (
        question.code,
        f"{indicator.code} {indicator.name}",
        question.text,
        _how(response, assessment),
        None,
        None,
        None,
        None,
        None,
        state,
        "; ".join(evidence.get(response.pk, ()))[:1000],
    )


NUMBERS = {
    "validate": "decimal",
    "criteria": ">=",
    "value": 0,
    "error_title": "Bukan angka",
    "error_message": "Isi dengan angka, nol atau lebih.",
}


def _list(source: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "error_title": "Tidak ada dalam daftar",
        "error_message": "Pilih salah satu dari daftar.",
    }


def _put(sheet: Any, row: int, column: int, text: str, style: Any, *, figure: bool) -> None:
    """A figure as a number where a cell can hold all its digits; anything else as a text."""
    if not text:
        sheet.write_blank(row, column, None, style)
    elif figure and sum(each.isdigit() for each in text) <= EXACT:
        sheet.write_number(row, column, Decimal(text), style)
    else:
        sheet.write_string(row, column, text, style)
