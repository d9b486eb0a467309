"""What every verb of this room shares: its refusals, the event it leaves, and the compare-and-set
of a state.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from agencies.models import User
from indicators.wording import tanggal
from submissions.models import Assessment, Event, Response, Submission, Verb
from submissions.workflow import TRANSITIONS

# What an agency does itself: done by somebody else, the history says "on behalf".
ON_BEHALF = frozenset(
    {
        *(Verb.ANSWER, Verb.ATTACH, Verb.DETACH, Verb.TICK),
        *(Verb.START, Verb.SUBMIT, Verb.WITHDRAW),
    }
)


class RefusedError(Exception):
    """A verb that may not happen now; the message is an Indonesian sentence for the user, on what
    to do.
    """


class StaleError(Exception):
    """Somebody was faster. `current` is the row as it stands now; nothing was changed."""

    def __init__(self, current: Submission | Response) -> None:
        super().__init__("Sudah diubah orang lain.")
        self.current = current


def require(user: User, permission: str, obj: Any) -> None:
    """Raise PermissionDenied unless the user holds the permission on the object."""
    if not user.has_perm(permission, obj):
        raise PermissionDenied


def refuse_closed(year: Assessment) -> None:
    """A sentence, if the year is closed. `year` is to be read after the work was taken hold of:
    closing takes hold of all of it.
    """
    if year.closed_at is not None:
        raise RefusedError(
            f"Penilaian {year.year} sudah ditutup {tanggal(year.closed_at)}, jadi tidak dapat "
            "diubah lagi. Bila perlu diperbaiki, minta verifikator membuka tahun itu kembali."
        )


def refuse_closed_now(year: int) -> None:
    """The same for a year by its key, read now."""
    refuse_closed(Assessment.objects.only("year", "closed_at").get(pk=year))


def record(
    verb: Verb,
    *,
    by: User | None,
    assessment: Assessment,
    submission: Submission | None = None,
    response: Response | None = None,
    at: datetime | None = None,
    **data: Any,
) -> Event:
    """Leave one event, now or `at` a time that is told later.

    `by` is None only for a command from the server's shell.

    `on_behalf` is told by itself: someone of another agency acted for the one whose work it is.
    Of which one is written down, since people change their office.
    """
    on_behalf = (
        by is not None
        and submission is not None
        and verb in ON_BEHALF
        and by.agency_id != submission.agency_id
    )
    if on_behalf and by is not None:
        data["behalf_of"] = str(by.agency or by.get_role_display())
    return Event.objects.create(
        assessment=assessment,
        submission=submission,
        response=response,
        verb=verb,
        by=by,
        on_behalf=on_behalf,
        at=at or timezone.now(),
        data=data,
    )


def move(submission: Submission, name: str, *, by: User, **changes: Any) -> str:
    """Make one transition by compare-and-set, or raise StaleError; returns the state it left.

    Checks the permission of the transition; leaves the event to its caller, who knows what to say
    in it.
    """
    step = TRANSITIONS[name]
    require(by, step.permission, submission)
    before = submission.state
    moved = before in step.sources and (
        Submission.objects.filter(pk=submission.pk, state=before).update(
            state=step.target.value, **changes
        )
    )
    if not moved:
        raise StaleError(Submission.objects.for_work().get(pk=submission.pk))
    submission.state = step.target.value
    for field, value in changes.items():
        setattr(submission, field, value)
    return before
