"""The rakor's table as a workbook; above it when, from which version and by whom it was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import IO

import xlsxwriter

from agencies.models import User
from indicators.resources.page import HIGHEST, LINE, lines_of
from indicators.wording import points, points0, waktu
from reports.rakor import RakorTable
from reports.stamp import state_in_words
from reports.workbook.sheets import Column, Sheets
from submissions.models import Assessment

COLUMNS = (
    Column("No", 5, "count"),
    Column("Klaster", 20),
    Column("Nilai", 14),
    Column("Indikator", 30),
    Column("Telah dilaksanakan", 52),
    Column("Belum dilaksanakan", 52),
    Column("Penanggung jawab", 28),
    Column("Data yang dibutuhkan", 46),
)


def write_rakor(
    assessment: Assessment,
    table: RakorTable,
    target: IO[bytes],
    *,
    by: User | None,
    now: datetime,
) -> None:
    """One sheet; one query of its own, for the state of the data."""
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    title = f"Bahan rakor KLA {assessment.year}, {assessment.region}"
    book.set_properties({"title": title})
    who = by.get_full_name() if by else "perintah di server"
    sheets = Sheets(book, foot=f"{title}, dibuat {waktu(now)} oleh {who}")
    total = table.score.total
    band = table.score.band
    facts = [
        f"Dibuat {waktu(now)} oleh {who}",
        f"Instrumen: {assessment.instrument.title} ({assessment.instrument.code}), tahun data "
        f"{assessment.data_year}",
        f"Terbukti {points(total.proven)} dari {points0(total.maximum)} poin "
        f"({band.name if band else 'belum ada kategori'}), berisiko {points(total.at_risk)}",
    ]
    facts.append(f"Keadaan data: {state_in_words(assessment)}")
    if assessment.is_example:
        facts.append("Data contoh: angka dan dokumen di sini dibuat-buat untuk belajar.")
    sheet, start = sheets.told("Rakor", COLUMNS, title, facts)
    sheets.fill(sheet, COLUMNS, _cells(table), start=start)
    book.close()


def _cells(table: RakorTable) -> Iterator[Sequence[object]]:
    """One row an indicator; more where its lists are longer than a row can be high, so that nothing
    of them is hidden on the screen or on paper.
    """
    for row in table.rows:
        lists = (row.done, row.undone, row.offices, row.needed)
        widths = [column.width for column in COLUMNS[4:]]
        parts = [_parts(texts, width) for texts, width in zip(lists, widths, strict=True)]
        for at, cells in enumerate(zip_longest(*parts, fillvalue="")):
            name = f"{row.indicator.code} {row.indicator.name}{' (lanjutan)' if at else ''}"
            yield (row.number, row.cluster, row.value, name, *cells)


def _parts(texts: Sequence[str], width: int) -> list[str]:
    """A list of texts as cells that a row can show."""
    cells: list[list[str]] = [[]]
    room = HIGHEST // LINE
    for text in texts:
        lines = lines_of(text, width)
        if lines > room and cells[-1]:
            cells.append([])
            room = HIGHEST // LINE
        cells[-1].append(text)
        room -= lines
    return ["\n".join(each) for each in cells]
