"""Calling a meeting, changing what was said of it, calling it off, and that an office has read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from agencies.models import Agency, User
from indicators.models import Cluster
from meetings.actions.record import RefusedError, StaleError, record, require
from meetings.models import Invited, Meeting, MeetingVerb
from meetings.workflow import MeetingState
from submissions.models import Assessment


@dataclass(frozen=True, slots=True)
class Plan:
    """What a meeting is called for."""

    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    agenda: str
    clusters: Sequence[Cluster]
    agencies: Sequence[Agency]

    @property
    def fields(self) -> dict[str, object]:
        return {
            "title": self.title,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "place": self.place,
            "agenda": self.agenda,
        }


def _check(plan: Plan, assessment: Assessment) -> None:
    if not plan.agencies:
        raise RefusedError("Pilih paling sedikit satu perangkat daerah yang diundang.")
    if any(each.region_id != assessment.region_id for each in plan.agencies):
        raise RefusedError("Perangkat daerah yang diundang harus dari wilayah yang sama.")
    if any(each.instrument_id != assessment.instrument_id for each in plan.clusters):
        raise RefusedError("Klaster yang dibahas harus dari instrumen tahun itu.")
    if plan.ends_at <= plan.starts_at:
        raise RefusedError("Rakor harus selesai sesudah mulai.")


@transaction.atomic
def call_meeting(assessment: Assessment, plan: Plan, *, by: User, now: datetime) -> Meeting:
    """Call a meeting about a year, and invite offices to it."""
    require(by, "meetings.hold_meeting", assessment)
    _check(plan, assessment)
    meeting = Meeting.objects.create(
        region_id=assessment.region_id,
        assessment=assessment,
        called_by=by,
        called_at=now,
        changed_at=now,
        **plan.fields,
    )
    meeting.clusters.set(plan.clusters)
    Invited.objects.bulk_create(Invited(meeting=meeting, agency=each) for each in plan.agencies)
    record(MeetingVerb.CALL, meeting=meeting, by=by, now=now, invited=len(plan.agencies))
    return meeting


@transaction.atomic
def change_meeting(
    meeting: Meeting, plan: Plan, *, sequence: int, by: User, now: datetime
) -> Meeting:
    """Say it anew. `sequence` is the version that was seen; the loser of two gets StaleError.

    Offices that stay invited keep that they have read.
    """
    require(by, "meetings.hold_meeting", meeting)
    _check(plan, meeting.assessment)
    changed = (
        Meeting.objects.called()
        .filter(pk=meeting.pk, sequence=sequence)
        .update(sequence=F("sequence") + 1, changed_at=now, **plan.fields)
    )
    if not changed:
        raise StaleError
    meeting.clusters.set(plan.clusters)
    wanted = {each.pk for each in plan.agencies}
    before = set(meeting.invited.values_list("agency_id", flat=True))
    meeting.invited.filter(agency__in=before - wanted).delete()
    Invited.objects.bulk_create(
        Invited(meeting=meeting, agency_id=each) for each in sorted(wanted - before)
    )
    meeting.refresh_from_db()
    record(
        MeetingVerb.CHANGE, meeting=meeting, by=by, now=now,
        added=sorted(wanted - before), dropped=sorted(before - wanted),
    )  # fmt: skip
    return meeting


@transaction.atomic
def write_notes(meeting: Meeting, notes: str, *, seen: str, by: User, now: datetime) -> None:
    """Keep what was said in the meeting, until it is closed. `seen`: the notes that were changed;
    the loser of two gets StaleError, unless both say the same.
    """
    require(by, "meetings.hold_meeting", meeting)
    called = Meeting.objects.called().filter(pk=meeting.pk)
    if not called.filter(notes=seen).update(notes=notes):
        if called.filter(notes=notes).exists():  # sent twice it is stored once
            return
        raise StaleError
    meeting.notes = notes
    record(MeetingVerb.NOTE, meeting=meeting, by=by, now=now, length=len(notes))


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, reason: str, by: User, now: datetime) -> None:
    """Call it off; those who were invited read why."""
    require(by, "meetings.hold_meeting", meeting)
    if not reason.strip():
        raise RefusedError("Tulis alasan pembatalan; yang diundang akan membacanya.")
    changed = (
        Meeting.objects.called()
        .filter(pk=meeting.pk)
        .update(
            state=MeetingState.CANCELLED.value,
            cancel_reason=reason.strip(),
            sequence=F("sequence") + 1,
            changed_at=now,
        )
    )
    if not changed:
        raise StaleError
    record(MeetingVerb.CANCEL, meeting=meeting, by=by, now=now, reason=reason.strip())
    meeting.refresh_from_db()


@transaction.atomic
def confirm_reading(invited: Iterable[Invited], *, by: User, now: datetime) -> int:
    """An office says that it has read its lembar tugas, for the meetings ahead. Saying it twice
    keeps the first time. `invited` needs `agency` and `meeting`.
    """
    confirmed = 0
    # No join: Django would put it all into a subquery, which PostgreSQL does not ask again when it
    # had to wait for a colleague who says the same.
    called = Meeting.objects.called().filter(pk=OuterRef("meeting"))
    for each in invited:
        require(by, "meetings.confirm_reading", each)
        changed = Invited.objects.filter(Exists(called), pk=each.pk, read_at__isnull=True).update(
            read_at=now, read_by=by
        )
        if changed:
            record(MeetingVerb.READ, meeting=each.meeting, by=by, now=now, agency=each.agency_id)
            confirmed += 1
    return confirmed
