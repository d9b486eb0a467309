"""The review, to be read aloud: the states of a submission and every move between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """Where one agency's work on one indicator stands."""

    EMPTY = "belum_diisi"
    DRAFT = "draf"
    SUBMITTED = "diajukan"
    RETURNED = "dikembalikan"
    ACCEPTED = "diterima"


STATE_LABELS = {
    State.EMPTY: "Belum diisi",
    State.DRAFT: "Draf",
    State.SUBMITTED: "Diajukan",
    State.RETURNED: "Dikembalikan",
    State.ACCEPTED: "Diterima",
}

# The agency may type only while the work is its own; what waits for the verifikator holds still.
EDITABLE = (State.EMPTY, State.DRAFT, State.RETURNED)


class Verdict(StrEnum):
    """What the verifikator said of one answer; none while it waits."""

    NONE = ""
    ACCEPTED = "diterima"
    RETURNED = "dikembalikan"


VERDICT_LABELS = {
    Verdict.NONE: "Belum diperiksa",
    Verdict.ACCEPTED: "Diterima",
    Verdict.RETURNED: "Dikembalikan",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One move: its name, its button, from where, to where, and the permission it asks."""

    name: str
    label: str
    sources: tuple[State, ...]
    target: State
    permission: str


# fmt: off
TRANSITIONS = {each.name: each for each in (
    Transition("start",    "Mulai mengisi",  (State.EMPTY,),                              State.DRAFT,     "submissions.answer_submission"),
    Transition("submit",   "Ajukan",         (State.EMPTY, State.DRAFT, State.RETURNED),  State.SUBMITTED, "submissions.submit_submission"),
    Transition("withdraw", "Tarik kembali",  (State.SUBMITTED,),                          State.DRAFT,     "submissions.submit_submission"),
    Transition("return",   "Kembalikan",     (State.SUBMITTED,),                          State.RETURNED,  "submissions.verify_submission"),
    Transition("accept",   "Terima",         (State.SUBMITTED,),                          State.ACCEPTED,  "submissions.verify_submission"),
    Transition("reopen",   "Buka kembali",   (State.ACCEPTED,),                           State.RETURNED,  "submissions.verify_submission"),
    # A question comes to an agency in mid-year: no answer that waits hides in work that is handed in.
    Transition("receive",  "Terima jawaban", (State.EMPTY,),                              State.DRAFT,     "agencies.change_assignment"),
    Transition("recall",   "Buka lagi",      (State.SUBMITTED,),                          State.DRAFT,     "agencies.change_assignment"),
    Transition("unseal",   "Buka lagi",      (State.ACCEPTED,),                           State.RETURNED,  "agencies.change_assignment"),
)}
# fmt: on


def available(state: str, permissions: Iterable[str]) -> list[Transition]:
    """The moves that someone with these permissions can make from a state."""
    held = set(permissions)
    return [
        each for each in TRANSITIONS.values() if state in each.sources and each.permission in held
    ]


def outcome(verdicts: Iterable[str]) -> Transition | None:
    """How a review ends once every answer has its verdict: one returned returns it all; None while
    one waits.
    """
    said = list(verdicts)
    if not said or Verdict.NONE in said:
        return None
    return TRANSITIONS["return" if Verdict.RETURNED in said else "accept"]


def must_hold_until(data_year: int) -> date:
    """The last day on which a document has to be in force to prove something of that year."""
    return date(data_year, 12, 31)


def expired(valid_until: date | None, data_year: int) -> bool:
    """Whether the year needs a newer document: this one ended before the year was over.

    One without an end never does. It is shown, and refuses nothing: a reviewer decides.
    """
    return valid_until is not None and valid_until < must_hold_until(data_year)
