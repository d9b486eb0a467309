"""What meetings want of an office that is merged into another, its successor is asked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies.models import Agency, User
from meetings.models import FollowUp, FollowUpEvent, Invited
from meetings.workflow import PENDING
from submissions.actions.record import require


@transaction.atomic
def hand_on_meetings(agency: Agency, into: Agency, *, by: User, now: datetime) -> dict[str, int]:
    """Decisions that are not done, and invitations to meetings that are not closed.

    What was done, and who was called to a closed meeting, keeps the old name.
    """
    require(by, "agencies.change_agency", agency)
    pending = list(
        FollowUp.objects.filter(agency=agency, state__in=[each.value for each in PENDING])
    )
    FollowUp.objects.filter(pk__in=[each.pk for each in pending]).update(agency=into)
    FollowUpEvent.objects.bulk_create(
        FollowUpEvent(followup=each, move="hand_on", by=by, at=now, note=f"Dari {agency.name}")
        for each in pending
    )
    open_ones = Invited.objects.filter(meeting__closed_at__isnull=True)
    twice = open_ones.filter(agency=into).values("meeting")
    open_ones.filter(agency=agency, meeting__in=twice).delete()
    invited = open_ones.filter(agency=agency).update(agency=into, read_at=None, read_by=None)
    return {"followups": len(pending), "invitations": invited}
