"""The rakor's table as a workbook; above it when, from which version and by whom it was made."""

from __future__ import annotations

from datetime import datetime
from typing import IO

import xlsxwriter

from agencies.models import User
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
    sheets.fill(
        sheet,
        COLUMNS,
        (
            (
                row.number,
                row.cluster,
                row.value,
                f"{row.indicator.code} {row.indicator.name}",
                "\n".join(row.done),
                "\n".join(row.undone),
                "\n".join(row.offices),
                "\n".join(row.needed),
            )
            for row in table.rows
        ),
        start=start,
    )
    book.close()
