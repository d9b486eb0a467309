"""What is decided: meetings and their follow-ups, who was there, and who was reminded."""

from meetings.models.attendance import Attendance, How
from meetings.models.reminders import (
    Delivery,
    DeliveryState,
    Digest,
    DigestItem,
    DigestQuerySet,
    OfficeReminders,
    RegionReminders,
)
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
    Pack,
)

__all__ = [
    "Attendance",
    "Delivery",
    "DeliveryState",
    "Digest",
    "DigestItem",
    "DigestQuerySet",
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
    "OfficeReminders",
    "Pack",
    "RegionReminders",
]
