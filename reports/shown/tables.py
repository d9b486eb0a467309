"""The pack as a workbook: every table of what a meeting shows, figures as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO

import xlsxwriter

from indicators.wording import waktu
from reports.shown.paper import how_of, standing_of
from reports.shown.reading import Shown
from reports.workbook.sheets import Column, Sheets, fitting

FIGURES = (
    Column("Terbukti", 12, "points"),
    Column("Berisiko", 12, "points"),
    Column("Diklaim", 12, "points"),
    Column("Maks", 10, "points"),
)
CLUSTERS = (Column("Klaster", 10), Column("Nama", 44), *FIGURES, Column("Tahun lalu", 12, "points"))
INDICATORS = (
    Column("No", 5, "count"),
    Column("Klaster", 9),
    Column("Kode", 8),
    Column("Indikator", 34),
    *FIGURES,
    Column("Telah dilaksanakan", 50),
    Column("Belum dilaksanakan", 50),
    Column("Penanggung jawab", 28),
    Column("Data yang dibutuhkan", 46),
)
QUESTIONS = (
    Column("Kode", 9),
    Column("Indikator", 9),
    Column("Pertanyaan", 60),
    *FIGURES,
    Column("Masih dapat diraih", 14, "points"),
    Column("Penanggung jawab", 30),
    Column("Keadaan", 36),
)
OFFICES = (
    Column("Perangkat daerah", 48),
    Column("Ditanya", 9, "count"),
    Column("Terjawab", 9, "count"),
    *FIGURES,
    Column("Dipertaruhkan", 14, "points"),
)
DECISIONS = (
    Column("No", 5, "count"),
    Column("Keputusan", 60),
    Column("Perangkat daerah", 40),
    Column("Orang", 24),
    Column("Paling lambat", 18, "day"),
    Column("Indikator", 10),
    Column("Keadaan", 28),
    Column("Rakor", 40),
)
ATTENDANCE = (
    Column("Perangkat daerah", 48),
    Column("Nama", 34),
    Column("Hadir", 22),
    Column("Waktu", 24, "moment"),
)


def write_pack(
    shown: Shown, target: IO[bytes], *, at: datetime, made: datetime, final: bool
) -> None:
    """All tables, a sheet each; no query."""
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options | {"strings_to_numbers": False})
    book.set_properties({"title": f"{shown.facts['title']}, {shown.facts['region']}"})
    sheets = Sheets(book)
    _front(book, sheets, shown, standing_of(shown, at=at, final=final), made)
    for name, columns, rows in _tables(shown):
        sheets.fill(sheets.add(name, columns), columns, rows)
    book.close()


def _front(
    book: xlsxwriter.Workbook, sheets: Sheets, shown: Shown, standing: str, made: datetime
) -> None:
    sheet, facts, total = book.add_worksheet("Rakor"), shown.facts, shown.total
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 80)
    sheet.write_string(0, 0, fitting(f"{facts['title']}, {facts['region']}"), sheets.title)
    ahead = shown.next
    rows: list[tuple[str, object, str]] = [
        ("Waktu", facts["when"], "text"),
        ("Tempat", facts["place"], "text"),
        ("Keadaan angka", standing, "text"),
        ("Dibuat", waktu(made), "text"),
        ("Instrumen", facts["instrument"], "text"),
        ("Terbukti", total.proven, "points"),
        ("Berisiko", total.at_risk, "points"),
        ("Diklaim", total.claimed, "points"),
        ("Maksimum", total.maximum, "points"),
        ("Kategori", shown.band or "belum ada", "text"),
    ]
    if ahead:
        rows.append((f"Menuju {ahead['name']}", ahead["missing"], "points"))
    if facts["example"]:
        rows.append(("Data contoh", "Angka dan dokumen di sini dibuat-buat untuk belajar.", "text"))
    left = book.add_format({"align": "left", "num_format": "#,##0.00"})
    for at, (name, value, kind) in enumerate(rows, 2):
        sheet.write_string(at, 0, name, sheets.strong["text"])
        if kind == "points":
            sheet.write_number(at, 1, value, left)
        else:
            sheet.write_string(at, 1, fitting(str(value)), sheets.formats["text"])
    notes = facts.get("notes", "")
    if notes:
        sheet.write_string(len(rows) + 3, 0, "Catatan rapat", sheets.strong["text"])
        sheet.write_string(len(rows) + 3, 1, fitting(notes), sheets.formats["text"])


Table = tuple[str, Sequence[Column], Iterable[Sequence[object]]]


def _tables(shown: Shown) -> list[Table]:
    before = shown.past.clusters
    return [
        (
            "Klaster",
            CLUSTERS,
            [(x.code, x.label, *_four(x), before.get(x.code)) for x in shown.clusters],
        ),
        (
            "Indikator",
            INDICATORS,
            [
                (
                    x.number, x.cluster, x.code, x.label, *_four(x.line), "\n".join(x.done),
                    "\n".join(x.undone), "\n".join(x.offices), "\n".join(x.needed),
                )
                for x in shown.indicators
            ],
        ),
        (
            "Pertanyaan",
            QUESTIONS,
            [
                (x.line.code, x.indicator, x.line.label, *_four(x.line), x.open, x.who, x.state)
                for x in shown.questions
            ],
        ),
        (
            "Perangkat daerah",
            OFFICES,
            [(x.name, x.asked, x.answered, *_four(x), x.stake) for x in shown.offices],
        ),
        ("Tindak lanjut lalu", DECISIONS, [_decision(x) for x in shown.followups]),
        ("Keputusan", DECISIONS, [_decision(x) for x in shown.decisions]),
        ("Kehadiran", ATTENDANCE, _attendance(shown)),
    ]  # fmt: skip


def _four(x: object) -> tuple[object, ...]:
    return tuple(getattr(x, name) for name in ("proven", "at_risk", "claimed", "maximum"))


def _decision(x: object) -> tuple[object, ...]:
    names = ("number", "text", "agency", "person", "due_on", "indicator", "standing", "meeting")
    return tuple(getattr(x, name) for name in names)


def _attendance(shown: Shown) -> list[Sequence[object]]:
    """Who came; who was invited and did not is there with nothing beside the name."""
    rows: list[Sequence[object]] = []
    for each in shown.attendance:
        when = each.get("at")
        moment = datetime.fromisoformat(when) if isinstance(when, str) else when
        rows.append((each["agency"], each["person"], how_of(each), moment))
    come = {each["agency"] for each in shown.attendance}
    rows += [(x["agency"], "", "", None) for x in shown.invited if x["agency"] not in come]
    return rows
