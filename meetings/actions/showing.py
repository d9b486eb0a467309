"""What a meeting shows: live figures while it is called, for ever the same once it is closed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from agencies.models import User
from indicators.wording import local
from meetings.actions.attending import attendance_of
from meetings.models import FollowUp, Meeting, MeetingRecord
from reports.figures import material_of
from reports.ledger import ledger_of
from reports.rakor import table_of
from reports.shown import Shown, charts_shown, past_shown, year_shown

FOLLOWED = 200  # of the decisions before, those that are not finished first


def record_of(meeting: Meeting) -> MeetingRecord | None:
    """What was kept of a closed meeting. One query, none while it is called or where the record
    was selected along.
    """
    return None if meeting.is_called else getattr(meeting, "record", None)


def shown_of(
    meeting: Meeting, *, user: User | None, now: datetime, whole: bool = False
) -> tuple[Shown, MeetingRecord | None]:
    """What the meeting shows, and the record that it comes from, if it is closed.

    `whole` reads along what only papers and one slide need. `meeting` has region and assessment.
    """
    kept = record_of(meeting)
    if kept is not None:
        return Shown.read(kept.data), kept
    return Shown.read(_plain(meeting, user=user, now=now, whole=whole)), None


def kept_by(meeting: Meeting, *, now: datetime) -> dict[str, Any]:
    """Everything that the meeting shows as it stands, as plain JSON; of the whole region."""
    shown = _plain(meeting, user=None, now=now, whole=True)
    plain: dict[str, Any] = json.loads(json.dumps(shown, cls=DjangoJSONEncoder))
    return plain


def _plain(meeting: Meeting, *, user: User | None, now: datetime, whole: bool) -> dict[str, Any]:
    """Five queries; `whole` some more, as many for any number of answers."""
    assessment, today = meeting.assessment, local(now).date()
    ledger = ledger_of(assessment, user)
    shown = year_shown(ledger, table_of(ledger, today=today, now=now), today=today)
    shown |= _decided(meeting)
    shown["chosen"] = [each.code for each in meeting.clusters.all()]
    shown["facts"] = facts_of(meeting)
    if whole:
        shown |= charts_shown(material_of(assessment, ledger, user, today=today))
        shown["past"] = past_shown(assessment, user)
        shown["invited"] = [
            {"agency": each.agency.name, "read": each.read_at}
            for each in meeting.invited.select_related("agency").order_by("agency__name", "pk")
        ]
        shown |= attendance_of(meeting)
    return shown


def facts_of(meeting: Meeting) -> dict[str, Any]:
    """The meeting itself in words."""
    assessment = meeting.assessment
    return {
        "title": meeting.title,
        "when": meeting.when,
        "place": meeting.place,
        "agenda": meeting.points,
        "notes": meeting.notes,
        "region": str(meeting.region),
        "year": assessment.year,
        "data_year": assessment.data_year,
        "instrument": f"{assessment.instrument.title} ({assessment.instrument.code})",
        "example": assessment.is_example,
    }


def _decided(meeting: Meeting) -> dict[str, Any]:
    """What this meeting decided, and what those before decided with what became of it. One
    query.
    """
    found = FollowUp.objects.filter(
        meeting__region=meeting.region_id, meeting__starts_at__lte=meeting.starts_at
    ).select_related("agency", "indicator", "question", "meeting")
    mine, before = [], []
    for each in found:
        if each.meeting_id == meeting.pk:
            mine.append(each)
        elif each.meeting.starts_at < meeting.starts_at:
            before.append(each)
    mine.sort(key=lambda each: each.number)
    before.sort(key=lambda each: (not each.is_pending, each.due_on, each.pk))
    return {
        "decisions": [_decision(each) for each in mine],
        "followups": [_decision(each) for each in before[:FOLLOWED]],
    }


def _decision(followup: FollowUp) -> dict[str, Any]:
    return {
        "pk": followup.pk,
        "number": followup.number,
        "text": followup.text,
        "agency": followup.agency.name,
        "office": followup.agency.code,
        "person": followup.person,
        "due_on": followup.due_on,
        "indicator": followup.indicator.code if followup.indicator else "",
        "question": followup.question.code if followup.question else "",
        "proposal": followup.is_proposal,
        "standing": followup.standing,
        "pending": followup.is_pending,
        "meeting": str(followup.meeting),
    }
