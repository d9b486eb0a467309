"""The follow-ups of a year as a table, to take along."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.db import transaction
from django.db.models import OuterRef, Subquery

from agencies.models import User
from indicators.wording import local
from meetings.actions.record import record as record_meeting
from meetings.models import FollowUp, FollowUpEvent, Meeting, MeetingVerb
from reports.exports import WHOLE, leave, write_table
from reports.stamp import stamp_of
from reports.workbook.sheets import Column
from submissions.actions.bundling import OWN
from submissions.actions.record import RefusedError, record, require
from submissions.models import Assessment, Verb

FOLLOWUPS = (
    Column("Rakor", 36),
    Column("Tanggal rakor", 18, "day"),
    Column("No", 6, "count"),
    Column("Keputusan", 56),
    Column("Perangkat daerah", 34),
    Column("Orang", 22),
    Column("Indikator", 34),
    Column("Tenggat", 18, "day"),
    Column("Keadaan", 26),
    Column("Catatan terakhir", 50),
    Column("Waktu catatan", 22, "moment"),
)


@transaction.atomic
def leave_paper(meeting: Meeting, file: str, *, by: User, now: datetime) -> None:
    """Somebody who sees the meeting took a paper of it along: the event of that."""
    if not Meeting.objects.visible_to(by).filter(pk=meeting.pk).exists():
        raise RefusedError("Rakor ini tidak ada atau tidak untuk kantor Anda.")
    record_meeting(MeetingVerb.EXPORT, meeting=meeting, by=by, now=now, file=file)


@transaction.atomic
def leave_sheet(assessment: Assessment, sheet: str, *, by: User, now: datetime) -> None:
    """Somebody who sees the year took a sheet of it along: the event of that."""
    if not Assessment.objects.visible_to(by).filter(pk=assessment.pk).exists():
        raise RefusedError("Tahun ini tidak ada atau tidak untuk kantor Anda.")
    record(Verb.EXPORT, by=by, assessment=assessment, at=now, sheet=sheet)


def export_followups(
    assessment: Assessment, target: IO[bytes], *, kind: str, by: User, now: datetime
) -> None:
    """Those of the year that the person sees, by meeting and number; then the event."""
    if not by.has_perm(WHOLE, assessment):
        require(by, OWN, by.agency)
    stamp = stamp_of(assessment, by=by, now=now)
    last = FollowUpEvent.objects.filter(followup=OuterRef("pk")).exclude(note="").order_by("-pk")
    found = (
        FollowUp.objects.visible_to(by)
        .filter(meeting__assessment=assessment)
        .annotate(said=Subquery(last.values("note")[:1]), said_at=Subquery(last.values("at")[:1]))
        .select_related("meeting", "agency", "indicator")
        .order_by("meeting__starts_at", "meeting", "number")
    )
    rows = (
        (
            each.meeting.title,
            local(each.meeting.starts_at).date(),
            each.number,
            each.text,
            each.agency.name,
            each.person,
            str(each.indicator or ""),
            each.due_on,
            each.standing,
            getattr(each, "said", None) or "",
            getattr(each, "said_at", None),
        )
        for each in found
    )
    write_table("Tindak lanjut rakor", FOLLOWUPS, rows, target, stamp, kind=kind)
    leave(stamp, f"tindak-lanjut.{kind}")
