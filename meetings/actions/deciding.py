"""What a meeting decides, what becomes of it, and the end of the meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from agencies.models import Agency, User
from indicators.models import Indicator, Question
from indicators.wording import local, tanggal
from meetings.actions.record import RefusedError, StaleError, record, require
from meetings.actions.showing import kept_by
from meetings.models import FollowUp, FollowUpEvent, Meeting, MeetingRecord, MeetingVerb
from meetings.workflow import CONFIRM, TRANSITIONS, Kind, MeetingState
from submissions.models import Evidence, Response


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided: who does what until when, about which indicator or question of it, and
    whether it is for the city's plans.
    """

    text: str
    agency: Agency
    person: str
    due_on: date
    indicator: Indicator | None
    question: Question | None = None
    kind: Kind = Kind.WORK

    @property
    def about(self) -> Indicator | None:
        """The indicator: the one of the question, where a question is named."""
        return self.question.indicator if self.question else self.indicator


@transaction.atomic
def decide(
    meeting: Meeting, decision: Decision, *, token: UUID, by: User, now: datetime
) -> FollowUp:
    """Write one decision of a meeting. The same `token` twice gives the first decision again."""
    require(by, "meetings.hold_meeting", meeting)
    held = Meeting.objects.select_for_update().get(pk=meeting.pk)
    known = FollowUp.objects.filter(token=token, meeting=meeting).first()
    if known is not None:
        return known
    if not held.is_called:
        raise RefusedError("Rakor ini sudah ditutup atau dibatalkan; keputusannya tidak berubah.")
    if decision.agency.region_id != meeting.region_id:
        raise RefusedError("Pilih perangkat daerah dari wilayah rakor ini.")
    if decision.due_on < local(now).date():
        raise RefusedError("Tenggat tindak lanjut tidak boleh sebelum hari ini.")
    about = decision.about
    if about is not None and about.instrument_id != meeting.assessment.instrument_id:
        raise RefusedError("Pilih indikator atau pertanyaan dari instrumen tahun rakor ini.")
    last = meeting.followups.aggregate(last=Max("number"))["last"] or 0
    made = FollowUp.objects.create(
        meeting=meeting,
        number=last + 1,
        text=decision.text,
        agency=decision.agency,
        person=decision.person,
        due_on=decision.due_on,
        indicator=about,
        question=decision.question,
        kind=decision.kind.value,
        token=token,
        decided_at=now,
        decided_by=by,
    )
    FollowUpEvent.objects.create(followup=made, move="decide", by=by, at=now)
    return made


@transaction.atomic
def move(
    followup: FollowUp,
    name: str,
    *,
    by: User,
    now: datetime,
    note: str = "",
    evidence: Evidence | None = None,
    response: Response | None = None,
    seen: int | None = None,
) -> None:
    """Make one transition by compare-and-set; the loser of two gets StaleError. `followup` needs
    `agency`. A pointed-at evidence or answer is one of the follow-up's own agency.

    `seen` is the newest event that was on the page: who was not shown the answer that came
    meanwhile confirms none. The same answer sent once more (a double click) is one.
    """
    step = TRANSITIONS[name]
    require(by, step.permission, followup)
    if step.note_required and not note.strip():
        raise RefusedError("Tulis jawaban atau alasannya terlebih dahulu.")
    if evidence is not None and evidence.agency_id != followup.agency_id:
        raise RefusedError("Pilih data dukung milik perangkat daerah ini.")
    if response is not None and response.submission.agency_id != followup.agency_id:
        raise RefusedError("Pilih jawaban milik perangkat daerah ini.")
    said = FollowUpEvent(
        followup=followup, move=name, by=by, at=now, note=note.strip(),
        evidence=evidence, response=response,
    )  # fmt: skip
    last = followup.events.first()
    waits = followup.is_pending and followup.answered_at is not None
    if name == "answer" and waits and last is not None and _same(last, said):
        return
    before = followup.state
    found = FollowUp.objects.filter(pk=followup.pk, state=before, answered_at=followup.answered_at)
    ready = before in step.sources and (followup.answered_at is not None or not step.answered)
    answered_at = now if name == "answer" else None
    if name == "confirm":
        answered_at = followup.answered_at
    if not ready or not found.update(state=step.target.value, answered_at=answered_at):
        raise StaleError
    # The row is ours now, so no event can come between this look and our own.
    if seen is not None and followup.events.filter(pk__gt=seen).exists():
        raise StaleError
    followup.state, followup.answered_at = step.target.value, answered_at
    said.save()


def _same(one: FollowUpEvent, other: FollowUpEvent) -> bool:
    """Whether two say the same of a follow-up."""
    fields = ("move", "by_id", "note", "evidence_id", "response_id")
    return all(getattr(one, name) == getattr(other, name) for name in fields)


@transaction.atomic
def change_due(
    followup: FollowUp, *, due_on: date, shown: date, reason: str, by: User, now: datetime
) -> None:
    """Give a follow-up another due date, with the reason in its history. Whoever was `shown`
    another date than the stored one gets StaleError.
    """
    require(by, CONFIRM, followup)
    if due_on < local(now).date():
        raise RefusedError("Tenggat tindak lanjut tidak boleh sebelum hari ini.")
    if due_on == shown:
        raise RefusedError(f"Tenggatnya memang {tanggal(shown)}; belum ada yang diubah.")
    if not reason.strip():
        raise RefusedError("Tulis alasan tenggatnya diubah.")
    changed = FollowUp.objects.pending().filter(pk=followup.pk, due_on=shown)
    if not changed.update(due_on=due_on):
        raise StaleError
    followup.due_on = due_on
    FollowUpEvent.objects.create(
        followup=followup, move="due", by=by, at=now,
        note=f"Dari {tanggal(shown)} menjadi {tanggal(due_on)}. {reason.strip()}",
    )  # fmt: skip


@transaction.atomic
def close_meeting(meeting: Meeting, *, by: User, now: datetime) -> MeetingRecord:
    """End a meeting and keep what it showed; from here on the database refuses any change."""
    require(by, "meetings.hold_meeting", meeting)
    # What is kept is what stands when nobody writes any more, not what the caller had read.
    found = Meeting.objects.select_related("region", "assessment__instrument", "assessment__region")
    held = found.select_for_update(of=("self",)).get(pk=meeting.pk)
    if not held.is_called:
        raise StaleError
    if held.starts_at > now:
        raise RefusedError("Rakor ini belum dimulai. Tutup setelah rakor berlangsung.")
    kept = MeetingRecord.objects.create(meeting=meeting, data=kept_by(held, now=now), at=now, by=by)
    record(MeetingVerb.CLOSE, meeting=meeting, by=by, now=now)
    changed = Meeting.objects.filter(pk=meeting.pk, state=MeetingState.CALLED.value).update(
        state=MeetingState.CLOSED.value, closed_at=now
    )
    if not changed:
        raise StaleError
    meeting.refresh_from_db()
    return kept
