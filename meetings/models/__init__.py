"""What is decided: meetings and their follow-ups, and who was there."""

from meetings.models.attendance import Attendance, How
from meetings.models.work import (
    FollowUp,
    FollowUpEvent,
    FollowUpQuerySet,
    Invited,
    Meeting,
    MeetingEvent,
    MeetingQuerySet,
    MeetingRecord,
    MeetingVerb,
)

__all__ = [
    "Attendance",
    "FollowUp",
    "FollowUpEvent",
    "FollowUpQuerySet",
    "How",
    "Invited",
    "Meeting",
    "MeetingEvent",
    "MeetingQuerySet",
    "MeetingRecord",
    "MeetingVerb",
]
