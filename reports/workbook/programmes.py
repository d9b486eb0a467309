"""The programmes against the indicators, and the RAD KLA, as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import xlsxwriter

from reports.programmes import ActionPlan, Aimed, Budget
from reports.stamp import Stamp
from reports.workbook.sheets import Column, Sheets

INDICATORS = (
    Column("Indikator", 11),
    Column("Nama", 46),
    Column("Pertanyaan anggaran", 18),
    Column("Program", 10, "count"),
    Column("Pagu tahun sebelumnya (Rp)", 20, "money"),
    Column("Pagu (Rp)", 20, "money"),
    Column("Realisasi (Rp)", 20, "money"),
    Column("Sumber dana", 24),
    Column("Terbukti", 11, "points"),
    Column("Berisiko", 11, "points"),
    Column("Masih bisa diraih", 11, "points"),
    Column("Keterangan", 34),
)
PROGRAMMES = (
    Column("Indikator", 14),
    Column("Perangkat daerah", 30),
    Column("Program", 40),
    Column("Kegiatan", 40),
    Column("Subkegiatan", 40),
    Column("Sumber dana", 16),
    Column("Pagu tahun sebelumnya (Rp)", 20, "money"),
    Column("Pagu (Rp)", 20, "money"),
    Column("Realisasi (Rp)", 20, "money"),
)


def remark(row: Aimed) -> str:
    """What the planner should know of an indicator."""
    if row.is_missing:
        return "Belum ada program yang disebut"
    return "" if row.questions else "Instrumen tidak menanyakan anggaran"


def write_programmes(budget: Budget, plan: ActionPlan, target: IO[bytes], stamp: Stamp) -> None:
    """Three sheets, each with its stamp; no query of its own."""
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        },
    )
    title = f"Program dan anggaran KLA {stamp.assessment.year}, {stamp.assessment.region}"
    book.set_properties({"title": title, "author": stamp.who})
    sheets = Sheets(book, foot=f"Program dan anggaran, {stamp.foot}")
    _table(
        sheets,
        stamp,
        "Indikator",
        INDICATORS,
        [
            (
                row.indicator.code,
                row.indicator.name,
                ", ".join(row.questions),
                len(row.programmes),
                row.money.before,
                row.money.planned,
                row.money.realised,
                row.sources,
                row.line.proven,
                row.line.at_risk,
                row.line.open,
                remark(row),
            )
            for row in budget.rows
        ],
    )
    _table(sheets, stamp, "Program", PROGRAMMES, _programmes(budget))
    _plan(sheets, stamp, plan)
    book.close()


TITLES = {
    "Indikator": "Program dan anggaran menurut indikator",
    "Program": "Program dan anggaran menurut program",
    "RAD KLA": "Matriks RAD KLA",
}


def _table(
    sheets: Sheets,
    stamp: Stamp,
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
) -> None:
    sheet, start = sheets.told(name, columns, TITLES[name], stamp.lines)
    sheets.fill(sheet, columns, rows, start=start)


def _programmes(budget: Budget) -> Iterator[tuple[object, ...]]:
    """One row for each programme, with all the indicators that it pays for."""
    aims: dict[int, list[str]] = {}
    for row in budget.rows:
        for each in row.programmes:
            aims.setdefault(each.pk, []).append(row.indicator.code)
    for each in budget.programmes:
        yield (
            ", ".join(aims.get(each.pk, ["belum dikaitkan"])),
            each.agency,
            each.name,
            each.activity,
            each.detail,
            each.source,
            each.before,
            each.planned,
            each.realised,
        )


def _plan(sheets: Sheets, stamp: Stamp, plan: ActionPlan) -> None:
    columns = [
        Column("Perangkat daerah", 30),
        Column("Program", 40),
        Column("Kegiatan", 40),
        Column("Subkegiatan", 40),
        Column("Sumber dana", 16),
    ]
    for year in plan.years:
        columns += [
            Column(f"Pagu {year} (Rp)", 18, "money"),
            Column(f"Realisasi {year} (Rp)", 18, "money"),
        ]
    rows = [
        (
            row.agency,
            row.name,
            row.activity,
            row.detail,
            row.source,
            *(figure for pair in plan.cells(row) for figure in pair),
        )
        for row in plan.rows
    ]
    _table(sheets, stamp, "RAD KLA", columns, rows)
