"""What becomes of a decision, to be read aloud: the states of a follow-up and every move between
them; and the three states of a meeting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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


class Kind(StrEnum):
    """What sort of decision: work of an office, or something that the city's plan should hold."""

    WORK = "kerja"
    PLAN = "usulan"


KIND_LABELS = {Kind.WORK: "Pekerjaan perangkat daerah", Kind.PLAN: "Usulan untuk RKPD/RAD KLA"}

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
    "due": "tenggat diubah",
    "hand_on": "beralih karena perangkat daerah dilebur",
}


# --- Reminders ---------------------------------------------------------------------------------
DUE, RETURNED, ACCEPTED, DECIDED, ASKED, MEETING = (
    *("tenggat", "kembali", "diterima", "keputusan", "permintaan", "rakor"),
)
KINDS = {
    DUE: "Isian yang mendekati tenggat",
    RETURNED: "Isian yang dikembalikan",
    ACCEPTED: "Isian yang diterima",
    DECIDED: "Keputusan rakor yang harus ditindaklanjuti",
    ASKED: "Permintaan dari penanggung jawab lain",
    MEETING: "Undangan rakor dan lembar tugasnya",
}
STEPS = (0, 1, 3, 7, 14)  # days before the due date
LATE = 7  # days after it in which a step that was missed is still told


def step_of(left: int) -> str:
    """The step that a task with this many days left has reached; empty before the first."""
    if not -LATE <= left <= STEPS[-1]:
        return ""
    return str(next(each for each in STEPS if each >= left))


def is_quiet(day: date, *, weekends: bool, holidays: Iterable[str]) -> bool:
    """Whether nothing is sent on this day."""
    return (weekends and day.weekday() >= 5) or day.isoformat() in holidays


def reach(day: date, *, weekends: bool, holidays: Iterable[str]) -> int:
    """How many quiet days follow: what would fall on them is told before, never after."""
    held, days = set(holidays), 0
    while days < 30 and is_quiet(day + timedelta(days=days + 1), weekends=weekends, holidays=held):
        days += 1
    return days
