"""The lembar tugas: what one office answers and proves in a year, and what hangs on it. Its figures
come from the functions of the dashboard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from agencies.models import Agency, AssignmentRole
from indicators.models import Question
from indicators.scoring import ZERO
from indicators.wording import local, points, points0, sisa_hari, tanggal, waktu
from reports.ledger import Entry, Ledger
from reports.plan import PlanQuestion
from reports.progress import Badge, Office, Row, offices_of, rows_of, support_rows_of
from reports.scores import Line, score
from reports.workbook.sheets import Column, Sheets, fitting
from submissions.models import Assessment
from submissions.workflow import EDITABLE

ROLES = {
    AssignmentRole.LEAD: "Penanggung jawab",
    AssignmentRole.SUPPORT: "Pendukung",
    AssignmentRole.AREA: "Wilayah",
}


@dataclass(frozen=True, slots=True)
class Task:
    """One question that the office answers or helps to answer."""

    question: PlanQuestion
    role: str
    line: Line
    badge: Badge
    said: str
    wanted: tuple[str, ...]
    attached: bool
    due_on: date
    settled: bool

    @property
    def worth(self) -> Decimal:
        """What the office can still win here; nothing hangs on a support's own answer."""
        return self.line.open if self.role != ROLES[AssignmentRole.SUPPORT] else ZERO


@dataclass(frozen=True, slots=True)
class Part:
    """The tasks of one indicator, and the work that they stand in."""

    code: str
    name: str
    state: str
    due_on: date
    is_open: bool
    submission: int
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class TaskSheet:
    """Everything that an office must know of a year; `office` holds the dashboard's figures."""

    agency: Agency
    assessment: Assessment
    office: Office | None
    parts: tuple[Part, ...]
    today: date

    @property
    def tasks(self) -> list[Task]:
        return [task for part in self.parts for task in part.tasks]

    @property
    def at_stake(self) -> Decimal:
        """Points that are not proven yet and still can be."""
        return sum((task.worth for task in self.tasks), ZERO)

    @property
    def urgent(self) -> list[Task]:
        """What is worth most and still open, at most five."""
        found = [task for task in self.tasks if task.worth > 0]
        return sorted(found, key=lambda task: -task.worth)[:5]


def task_sheet_of(
    assessment: Assessment, ledger: Ledger, agency: Agency, *, now: datetime
) -> TaskSheet:
    """One query beside the ledger's: the evidence that each question wants."""
    today = local(now).date()
    part = ledger.of_agency(agency.pk)
    rows = {row.question.pk: row for row in support_rows_of(part)}
    rows |= {
        row.question.pk: row for row in rows_of(part, score(part), today=today, now=now) if row
    }
    wanted: dict[int, Any] = dict(
        Question.objects.filter(pk__in=rows).values_list("pk", "expected_evidence")
    )
    entries: dict[int, list[Entry]] = {}
    for entry in part.entries:
        entries.setdefault(entry.submission, []).append(entry)
    order = {pk: place for place, pk in enumerate(ledger.plan.questions)}
    names = {each.code: each.name for each in ledger.plan.indicators}
    parts = []
    for work in part.works.values():
        mine = sorted(entries.get(work.pk, []), key=lambda entry: order[entry.question])
        tasks = tuple(
            _task(part, entry, rows[entry.question], wanted.get(entry.question), work.due_on)
            for entry in mine
        )
        is_open = work.state in EDITABLE
        parts.append(
            Part(
                work.indicator, names[work.indicator], work.state, work.due_on, is_open, work.pk,
                tasks,
            )
        )  # fmt: skip
    places = {each.code: place for place, each in enumerate(ledger.plan.indicators)}
    parts.sort(key=lambda each: places[each.code])
    office = next(iter(offices_of(part, today)), None)
    return TaskSheet(agency, assessment, office, tuple(parts), today)


def _task(part: Ledger, entry: Entry, row: Row, wanted: Any, due_on: date) -> Task:
    return Task(
        question=row.question,
        role=ROLES[AssignmentRole(entry.role)],
        line=row.line,
        badge=row.badge,
        said=entry.said,
        wanted=tuple(str(each) for each in wanted or ()),
        attached=entry.has_evidence,
        due_on=due_on,
        settled=entry.verified_share is not None,
    )


# --- on paper and as a sheet --------------------------------------------------------------------


def as_paper(sheet: TaskSheet, *, now: datetime) -> dict[str, Any]:
    """The same as texts, for the PDF."""
    office = sheet.office
    return {
        "office": sheet.agency.name,
        "region": str(sheet.assessment.region),
        "year": sheet.assessment.year,
        "data_year": sheet.assessment.data_year,
        "example": sheet.assessment.is_example,
        "made": waktu(now),
        "figures": [
            ["Poin dipertaruhkan", points(sheet.at_stake)],
            ["Terbukti", points(office.proven if office else ZERO)],
            ["Maksimum", points0(office.maximum if office else ZERO)],
            ["Terjawab", f"{office.answered} dari {office.asked}" if office else "0"],
        ],
        "parts": [
            {
                "code": part.code,
                "name": part.name,
                "due": tanggal(part.due_on),
                "left": sisa_hari(part.due_on, sheet.today) if part.is_open else "",
                "tasks": [
                    {
                        "code": task.question.code,
                        "text": task.question.text,
                        "role": task.role,
                        "wanted": list(task.wanted),
                        "required": task.question.evidence_required,
                        "state": task.badge.text,
                        "said": task.said,
                        "worth": points(task.worth),
                        "maximum": points0(task.line.maximum),
                    }
                    for task in part.tasks
                ],
            }
            for part in sheet.parts
        ],
    }


COLUMNS = (
    Column("Indikator", 10),
    Column("Kode", 9),
    Column("Pertanyaan", 60),
    Column("Tugas", 18),
    Column("Data dukung yang diminta", 44),
    Column("Terlampir", 10),
    Column("Keadaan", 30),
    Column("Catatan verifikasi", 40),
    Column("Poin terbukti", 11, "points"),
    Column("Poin dipertaruhkan", 13, "points"),
    Column("Poin maksimum", 11, "points"),
    Column("Tenggat", 18, "day"),
)


def write_task_sheet(sheet: TaskSheet, target: IO[bytes], *, now: datetime) -> None:
    """The sheet as .xlsx: numbers as numbers, text never a formula."""
    book = xlsxwriter.Workbook(target, {"in_memory": True, "remove_timezone": True})
    sheets = Sheets(book)
    page = sheets.add("Lembar tugas", COLUMNS, start=3)
    page.write_string(0, 0, fitting(f"Lembar tugas {sheet.agency.name}"), sheets.title)
    said = f"Penilaian KLA {sheet.assessment.year}, {sheet.assessment.region}. Dibuat {waktu(now)}."
    if sheet.assessment.is_example:
        said += " Data contoh: angka dan dokumen dibuat-buat untuk belajar."
    page.write_string(1, 0, fitting(said))
    sheets.fill(page, COLUMNS, _cells(sheet), start=3)
    book.close()


def _cells(sheet: TaskSheet) -> Sequence[Sequence[object]]:
    return [
        (
            part.code,
            task.question.code,
            task.question.text,
            task.role,
            "\n".join(task.wanted),
            "ya" if task.attached else "belum",
            task.badge.text,
            task.said,
            task.line.proven,
            task.worth,
            task.line.maximum,
            task.due_on,
        )
        for part in sheet.parts
        for task in part.tasks
    ]
