"""Official exports beside the workbook: progress, matrices, and the papers that are signed.

Each is written whole, says when, from which version and by whom, and only then leaves its event.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.db import transaction

from agencies.models import User
from indicators.models import Register
from indicators.wording import local, percent, points, points0, waktu
from reports.ledger import Ledger, ledger_of
from reports.paper import pdf_of
from reports.progress import offices_of
from reports.rakor import RakorTable, table_of
from reports.scores import Line, Score, score
from reports.stamp import Stamp, stamp_of
from reports.workbook import PROGRESS, progress_rows
from reports.workbook.matrices import matrices_of, write_matrices
from reports.workbook.plain import write_csv
from reports.workbook.sheets import Column, Sheets
from submissions.actions.record import record, require
from submissions.models import Assessment, Verb

WHOLE = "reports.export_assessment"
XLSX, CSV = "xlsx", "csv"
CHAIR = ("Mengetahui,", "Ketua Gugus Tugas KLA")


def export_progress(
    assessment: Assessment, target: IO[bytes], *, kind: str, by: User, now: datetime
) -> None:
    """How far each office is, as the dashboard counts it."""
    require(by, WHOLE, assessment)
    stamp = stamp_of(assessment, by=by, now=now)
    rows = progress_rows(offices_of(ledger_of(assessment, by), local(now).date()))
    write_table("Progres perangkat daerah", PROGRESS, rows, target, stamp, kind=kind)
    leave(stamp, f"progres.{kind}")


def export_matrices(assessment: Assessment, target: IO[bytes], *, by: User, now: datetime) -> None:
    """The matrices of all registers of the instrument, a sheet each."""
    require(by, WHOLE, assessment)
    stamp = stamp_of(assessment, by=by, now=now)
    registers = Register.objects.filter(instrument=assessment.instrument_id).order_by("pk")
    write_matrices(matrices_of(assessment, by, registers=registers), target, stamp)
    leave(stamp, "matriks.xlsx")


def export_matrix(
    assessment: Assessment, register: Register, target: IO[bytes], *, by: User, now: datetime
) -> None:
    """One of them as a plain table."""
    require(by, WHOLE, assessment)
    stamp = stamp_of(assessment, by=by, now=now)
    [matrix] = matrices_of(assessment, by, registers=[register])
    write_csv(matrix.columns, matrix.rows, target, stamp)
    leave(stamp, f"matriks-{register.code}.csv")


def export_rakor_paper(
    assessment: Assessment, target: IO[bytes], *, by: User, now: datetime
) -> None:
    """The rakor's table to be signed."""
    require(by, WHOLE, assessment)
    stamp = stamp_of(assessment, by=by, now=now)
    table = table_of(ledger_of(assessment, by), today=local(now).date(), now=now)
    target.write(pdf_of("rakor", rakor_paper(table, stamp)))
    leave(stamp, "rakor.pdf")


def export_assessment_paper(
    assessment: Assessment, target: IO[bytes], *, by: User, now: datetime
) -> None:
    """The summary of the year to be signed."""
    require(by, WHOLE, assessment)
    stamp = stamp_of(assessment, by=by, now=now)
    ledger = ledger_of(assessment, by)
    target.write(pdf_of("assessment", assessment_paper(ledger, score(ledger), stamp)))
    leave(stamp, "penilaian.pdf")


def write_table(
    title: str,
    columns: Sequence[Column],
    rows: Iterator[Sequence[object]],
    target: IO[bytes],
    stamp: Stamp,
    *,
    kind: str,
) -> None:
    """A plain table as XLSX or CSV, with its stamp."""
    if kind == CSV:
        write_csv(columns, rows, target, stamp)
        return
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, {**options, "strings_to_numbers": False})
    book.set_properties({"title": title, "author": stamp.who})
    sheets = Sheets(book, foot=f"{title}, {stamp.foot}")
    sheet, start = sheets.told(title[:31], columns, title, stamp.lines)
    sheets.fill(sheet, columns, rows, start=start)
    book.close()


def leave(stamp: Stamp, sheet: str) -> None:
    """The event of an export that is whole."""
    with transaction.atomic():
        record(Verb.EXPORT, by=stamp.by, assessment=stamp.assessment, at=stamp.made, sheet=sheet)


# --- what the papers say -------------------------------------------------------------------------


def rakor_paper(table: RakorTable, stamp: Stamp) -> dict[str, Any]:
    """The rakor's table as texts."""
    return {
        **_paper(f"Bahan rakor KLA {stamp.assessment.year}, {stamp.assessment.region}", stamp),
        "figures": _figures(table.score),
        "rows": [
            {
                "number": str(row.number),
                "cluster": row.cluster,
                "value": row.value,
                "indicator": f"{row.indicator.code} {row.indicator.name}",
                "done": list(row.done),
                "undone": list(row.undone),
                "offices": list(row.offices),
                "needed": list(row.needed),
            }
            for row in table.rows
        ],
    }


def assessment_paper(ledger: Ledger, figures: Score, stamp: Stamp) -> dict[str, Any]:
    """Total, clusters and indicators as texts; what one must know before trusting them."""
    lines = []
    for cluster in figures.clusters:
        lines.append(_line(cluster, strong=True))
        lines += [
            _line(figures.indicators[each.code])
            for each in ledger.plan.indicators
            if each.cluster == cluster.code and each.code in figures.indicators
        ]
    lines.append(_line(figures.total, strong=True))
    return {
        **_paper(f"Penilaian KLA {stamp.assessment.year}, {stamp.assessment.region}", stamp),
        "figures": _figures(figures),
        "notes": _notes(figures),
        "lines": lines,
    }


def _paper(title: str, stamp: Stamp) -> dict[str, Any]:
    secretariat = stamp.assessment.region.agencies.filter(is_secretariat=True).first()
    office = f"Sekretaris Gugus Tugas KLA{f', {secretariat}' if secretariat else ''}"
    return {
        "title": title,
        "made": waktu(stamp.made),
        "facts": stamp.facts,
        "example": stamp.assessment.is_example,
        "signed": [CHAIR, ("…………………, ……………………", office)],
    }


def _figures(figures: Score) -> list[tuple[str, str]]:
    return [
        ("Terbukti", points(figures.total.proven)),
        ("Diklaim", points(figures.total.claimed)),
        ("Berisiko", points(figures.total.at_risk)),
        ("Maksimum", points0(figures.total.maximum)),
        ("Kategori", figures.band.name if figures.band else "belum ada"),
    ]


def _notes(figures: Score) -> list[str]:
    notes = []
    if figures.total.unproven > Decimal(0):
        notes.append(f"{points(figures.total.unproven)} poin diterima tanpa data dukung.")
    if figures.estimate_share:
        share = percent(figures.estimate_share, 2)
        notes.append(f"Perkiraan: {share} nilai memakai bobot yang kami taksir.")
    return notes


def _line(line: Line, *, strong: bool = False) -> dict[str, Any]:
    return {
        "code": line.code,
        "name": f"{line.label}{' (perkiraan)' if line.is_estimate else ''}",
        "claimed": points(line.claimed),
        "proven": points(line.proven),
        "risk": points(line.at_risk),
        "open": points(line.open),
        "maximum": points0(line.maximum),
        "strong": strong,
    }
