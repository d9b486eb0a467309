"""The states of a meeting, to be read aloud."""

from __future__ import annotations

from enum import StrEnum


class MeetingState(StrEnum):
    """A meeting is called, and then either held to its end or called off."""

    CALLED = "dipanggil"
    CLOSED = "ditutup"
    CANCELLED = "batal"


MEETING_LABELS = {
    MeetingState.CALLED: "Akan datang",
    MeetingState.CLOSED: "Selesai",
    MeetingState.CANCELLED: "Dibatalkan",
}
