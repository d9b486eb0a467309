"""What leaves the room: the invitation for a calendar and for paper, the code on the wall, and what
meetings ask the planners to put into the RKPD and the RAD KLA.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from typing import IO, Any

import segno
import xlsxwriter
from django.conf import settings
from icalendar import Alarm, Calendar, Event

from agencies.models import User
from indicators.wording import jam, local, tanggal
from meetings.models import FollowUp, FollowUpEvent, Meeting
from reports.ledger import ledger_of
from reports.programmes import Aimed, budget_of
from reports.scores import Line, score
from reports.stamp import Stamp
from reports.workbook.sheets import Column, Sheets
from submissions.models import Assessment

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


def calendar_of(meeting: Meeting) -> bytes:
    """The invitation by RFC 5545. The same UID for ever, so that a change moves the entry and a
    cancelled meeting leaves the calendar.
    """
    called_off = bool(meeting.cancel_reason)
    calendar = Calendar()
    calendar.add("prodid", "-//KLA Tracker//Rakor//ID")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if called_off else "PUBLISH")
    host = settings.SITE_URL.split("://")[-1]
    entry = Event()
    entry.add("uid", f"rakor-{meeting.pk}@{host}")
    entry.add("dtstamp", meeting.changed_at)
    entry.add("last-modified", meeting.changed_at)
    entry.add("sequence", meeting.sequence)
    entry.add("dtstart", meeting.starts_at)
    entry.add("dtend", meeting.ends_at)
    entry.add("summary", meeting.title)
    entry.add("location", meeting.place)
    entry.add("status", "CANCELLED" if called_off else "CONFIRMED")
    entry.add("description", _described(meeting))
    entry.add("url", f"{settings.SITE_URL}/rakor/{meeting.pk}/")
    if not called_off:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", meeting.title)
        alarm.add("trigger", timedelta(days=-1))
        entry.add_component(alarm)
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _described(meeting: Meeting) -> str:
    lines = [f"Dibatalkan: {meeting.cancel_reason}"] if meeting.cancel_reason else []
    lines += [f"{place}. {line}" for place, line in enumerate(meeting.points, 1)]
    lines.append(f"Undangan dan lembar tugas: {settings.SITE_URL}/rakor/{meeting.pk}/")
    return "\n".join(lines)


def invitation_paper(meeting: Meeting) -> dict[str, Any]:
    """The invitation as texts, for the PDF. Reads clusters, offices and the secretariat."""
    offices = [each.agency.name for each in meeting.invited.select_related("agency")]
    secretariat = meeting.region.agencies.filter(is_secretariat=True).first()
    return {
        "title": meeting.title,
        "region": str(meeting.region),
        "example": meeting.assessment.is_example,
        "cancelled": meeting.cancel_reason,
        "day": f"{DAYS[local(meeting.starts_at).weekday()]}, {tanggal(meeting.starts_at)}",
        "time": f"{jam(meeting.starts_at)} sampai {jam(meeting.ends_at)} WIB",
        "place": meeting.place,
        "agenda": meeting.points,
        "clusters": [f"Klaster {each}" for each in meeting.clusters.all()],
        "offices": offices,
        "secretariat": secretariat.name if secretariat else "",
        "address": f"{settings.SITE_URL}/rakor/{meeting.pk}/",
    }


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code as one path of an SVG: no style, no script, nothing that needs to be trusted."""

    side: int
    path: str

    @classmethod
    def of(cls, text: str) -> Qr:
        """With the quiet zone of four modules around it that readers want."""
        drawn = segno.make_qr(text, error="m")
        border = 4
        runs = []
        for y, row in enumerate(drawn.matrix, border):
            x = border
            for dark, run in groupby(row):
                length = len(list(run))
                if dark:
                    runs.append(f"M{x} {y}h{length}v1h-{length}z")
                x += length
        return cls(len(drawn.matrix) + 2 * border, "".join(runs))


def sign_in_address(meeting: Meeting, code: str) -> str:
    """Where the QR code leads: our own address, whatever the request called itself."""
    return f"{settings.SITE_URL}/rakor/{meeting.pk}/hadir/?kode={code}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a meeting asked to be put into the plans, with what hangs on it: the points of its
    question or indicator, and the rupiah that stand against that indicator now.
    """

    followup: FollowUp
    line: Line | None
    aimed: Aimed | None
    answer: str

    @property
    def about(self) -> str:
        """The indicator that it is about, and the question of it."""
        found = self.followup
        if found.indicator is None:
            return ""
        asked = f", pertanyaan {found.question.code}" if found.question else ""
        return f"{found.indicator.code} {found.indicator.name}{asked}"

    @property
    def before(self) -> Decimal | None:
        return self.aimed.money.before if self.aimed and self.aimed.programmes else None

    @property
    def planned(self) -> Decimal | None:
        return self.aimed.money.planned if self.aimed and self.aimed.programmes else None

    @property
    def realised(self) -> Decimal | None:
        return self.aimed.money.realised if self.aimed and self.aimed.programmes else None


def proposals_of(assessment: Assessment, user: User) -> list[Proposal]:
    """Those of the meetings about a year, the unfinished first. The same queries for any number."""
    found = list(
        FollowUp.objects.visible_to(user)
        .proposals()
        .filter(meeting__assessment=assessment)
        .select_related("agency", "meeting__assessment", "indicator", "question")
        .order_by("due_on", "pk")
    )
    found.sort(key=lambda each: not each.is_pending)
    said = FollowUpEvent.objects.filter(followup__in=found, move="answer").order_by("pk")
    answers = dict(said.values_list("followup", "note"))
    ledger = ledger_of(assessment, user)
    figures = score(ledger)
    budget = budget_of(assessment, ledger, figures, user)
    aimed = {each.indicator.code: each for each in budget.rows}
    made = []
    for each in found:
        code = each.indicator.code if each.indicator else ""
        line = figures.indicators.get(code)
        if each.question_id is not None:
            line = figures.questions.get(each.question_id, line)
        made.append(Proposal(each, line, aimed.get(code), answers.get(each.pk, "")))
    return made


PROPOSALS = (
    Column("No", 6, "count"),
    Column("Usulan", 50),
    Column("Tentang indikator", 40),
    Column("Perangkat daerah", 30),
    Column("Orang", 24),
    Column("Tenggat", 16, "day"),
    Column("Keadaan", 22),
    Column("Jawaban terakhir", 40),
    Column("Poin masih bisa diraih", 12, "points"),
    Column("Poin berisiko", 12, "points"),
    Column("Pagu tahun sebelumnya (Rp)", 20, "money"),
    Column("Pagu (Rp)", 20, "money"),
    Column("Realisasi (Rp)", 20, "money"),
    Column("Sumber dana", 20),
    Column("Rakor", 34),
    Column("Tanggal rakor", 16, "day"),
)


def proposal_cells(proposals: Sequence[Proposal]) -> Iterator[tuple[object, ...]]:
    """The rows of every export of them, in the order of PROPOSALS."""
    for number, each in enumerate(proposals, 1):
        found = each.followup
        yield (
            number,
            found.text,
            each.about,
            found.agency.name,
            found.person,
            found.due_on,
            found.standing,
            each.answer,
            each.line.open if each.line else None,
            each.line.at_risk if each.line else None,
            each.before,
            each.planned,
            each.realised,
            each.aimed.sources if each.aimed else "",
            found.meeting.title,
            local(found.meeting.starts_at).date(),
        )


def write_proposals(proposals: Sequence[Proposal], target: IO[bytes], stamp: Stamp) -> None:
    """As a workbook for the planners, which says when and by whom it was made; no query."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    book = xlsxwriter.Workbook(target, options)
    about = stamp.assessment
    title = f"Usulan rakor untuk RKPD dan RAD KLA {about.year} {about.region}"
    book.set_properties({"title": title, "author": stamp.who})
    sheets = Sheets(book, foot=f"Usulan rakor, {stamp.foot}")
    sheet, start = sheets.told("Usulan", PROPOSALS, title, stamp.lines)
    sheets.fill(sheet, PROPOSALS, proposal_cells(proposals), start=start)
    book.close()
