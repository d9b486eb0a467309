"""What a verifikator arranges within an open year: another due date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from agencies.models import User
from submissions.actions.record import RefusedError, StaleError, record, require
from submissions.models import Submission, Verb
from submissions.workflow import EDITABLE


@transaction.atomic
def extend(submissions: Iterable[Submission], *, due_on: date, by: User, today: date) -> int:
    """Give submissions that are still with their agency another due date; returns how many changed.

    One event each, with both dates. What was handed in or accepted is left alone.
    """
    if due_on < today:
        raise RefusedError("Tenggat baru tidak boleh sebelum hari ini.")
    changed = 0
    for submission in submissions:
        require(by, "submissions.extend_submission", submission)
        before = submission.due_on
        if submission.state not in EDITABLE or before == due_on:
            continue
        moved = Submission.objects.filter(
            pk=submission.pk, due_on=before, state__in=[s.value for s in EDITABLE]
        ).update(due_on=due_on)
        if not moved:
            raise StaleError(Submission.objects.for_work().get(pk=submission.pk))
        submission.due_on = due_on
        record(
            Verb.EXTEND,
            by=by,
            assessment=submission.assessment,
            submission=submission,
            before=before.isoformat(),
            due_on=due_on.isoformat(),
        )
        changed += 1
    return changed
