"""What every verb of this room shares: the event that it leaves, and the loser's error."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agencies.models import User
from meetings.models import Meeting, MeetingEvent, MeetingVerb
from submissions.actions.record import RefusedError, require

__all__ = ["RefusedError", "StaleError", "record", "require"]


class StaleError(Exception):
    """Somebody was faster; nothing was changed."""


def record(
    verb: MeetingVerb, *, meeting: Meeting, by: User, now: datetime, **data: Any
) -> MeetingEvent:
    """Leave one event."""
    return MeetingEvent.objects.create(meeting=meeting, verb=verb, by=by, at=now, data=data)
