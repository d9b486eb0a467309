"""What becomes of a decision, to be read aloud: the states of a follow-up and every move between
them; and the three states of a meeting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
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


# People come before it begins, and a meeting runs late.
DOORS_OPEN, RUNS_LATE = timedelta(hours=1), timedelta(hours=3)


def doors(state: str, starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """Whether one signs in now: "belum", "buka" or "tutup"."""
    if state != MeetingState.CALLED:
        return "tutup"
    if now < starts_at - DOORS_OPEN:
        return "belum"
    return "buka" if now <= ends_at + RUNS_LATE else "tutup"


class State(StrEnum):
    """Where a follow-up stands."""

    OPEN = "terbuka"
    WORKING = "dikerjakan"
    DONE = "selesai"
    CANCELLED = "batal"


STATE_LABELS = {
    State.OPEN: "Terbuka",
    State.WORKING: "Dikerjakan",
    State.DONE: "Selesai",
    State.CANCELLED: "Batal",
}
TONES = {
    State.OPEN: "neutral",
    State.WORKING: "info",
    State.DONE: "ok",
    State.CANCELLED: "neutral",
}

# Somebody still has to do something.
PENDING = (State.OPEN, State.WORKING)

ANSWER = "meetings.answer_followup"
CONFIRM = "meetings.confirm_followup"


@dataclass(frozen=True, slots=True)
class Transition:
    """One move: its name, its button, from where, to where, the permission, and what it needs."""

    name: str
    label: str
    sources: tuple[State, ...]
    target: State
    permission: str
    note_required: bool = False
    # The office has said what it did: only that can be confirmed, or sent back.
    answered: bool = False


# fmt: off
TRANSITIONS = {each.name: each for each in (
    Transition("work",    "Mulai dikerjakan",  (State.OPEN,),               State.WORKING,   ANSWER),
    Transition("answer",  "Kirim jawaban",     (State.OPEN, State.WORKING), State.WORKING,   ANSWER,  note_required=True),
    Transition("confirm", "Nyatakan selesai",  (State.WORKING,),            State.DONE,      CONFIRM, answered=True),
    Transition("return",  "Belum selesai",     (State.WORKING,),            State.OPEN,      CONFIRM, note_required=True, answered=True),
    Transition("cancel",  "Batalkan",          (State.OPEN, State.WORKING), State.CANCELLED, CONFIRM, note_required=True),
    Transition("reopen",  "Buka kembali",      (State.DONE, State.CANCELLED), State.OPEN,    CONFIRM, note_required=True),
)}
# fmt: on


def available(state: str, permissions: Iterable[str], *, answered: bool) -> list[Transition]:
    """The moves that someone with these permissions can make from a state."""
    held = set(permissions)
    return [
        each
        for each in TRANSITIONS.values()
        if state in each.sources and each.permission in held and (answered or not each.answered)
    ]


# The moves in the words of the history.
SAID = {
    "decide": "diputuskan rakor",
    "work": "mulai dikerjakan",
    "answer": "dijawab",
    "confirm": "dinyatakan selesai",
    "return": "dinyatakan belum selesai",
    "cancel": "dibatalkan",
    "reopen": "dibuka kembali",
}
