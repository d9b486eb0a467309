"""What an office owes in a year: a row for each submission, in the order one would take them up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.urls import reverse

from indicators.scoring import ZERO
from indicators.wording import tanggal
from submissions.models import Response, Submission
from submissions.views.work_page import Totals, totals_of
from submissions.workflow import State, Verdict


@dataclass(slots=True)
class Owed:
    """One submission as a row of the list."""

    submission: Submission
    totals: Totals
    stake: Decimal
    notes: list[tuple[str, str, str]]

    @property
    def href(self) -> str:
        return reverse("work_form", args=[self.submission.pk])


@dataclass(frozen=True, slots=True)
class Owing:
    """All that one agency owes in a year."""

    todo: list[Owed]
    waiting: list[Owed]
    done: list[Owed]

    @property
    def questions(self) -> int:
        return sum(each.totals.asked - each.totals.answered for each in self.todo)

    @property
    def unproven(self) -> int:
        return sum(each.totals.unproven for each in self.todo)

    @property
    def returned(self) -> int:
        return sum(each.totals.returned for each in self.todo)

    @property
    def stake(self) -> Decimal:
        return sum((each.stake for each in self.todo), ZERO)

    @property
    def due(self) -> date | None:
        return min((each.submission.due_on for each in self.todo), default=None)


# What the figures of a submission read of its answers: a third of the columns, no value among them.
COUNTED = (
    *("submission", "assessment", "question", "role", "note", "verdict"),
    *("claim_level", "claim_share", "verified_share"),
    *("question__order", "question__code", "question__max_points", "question__evidence_required"),
    *("last_review__note", "last_review__at"),
)


def owing(submissions: QuerySet[Submission]) -> Owing:
    """The rows of some submissions, in the order in which one would take them up. Two queries, a
    third with areas.
    """
    found = list(submissions.select_related("indicator").order_by())
    responses: dict[int, list[Response]] = defaultdict(list)
    answers = (
        Response.objects.filter(submission__in=found)
        .with_evidence_flag()
        .select_related("question", "last_review")
        .only(*COUNTED)
        .order_by()
    )
    for each in sorted(answers, key=lambda each: each.question.order):
        responses[each.submission_id].append(each)
    rows = [_owed(each, responses[each.pk]) for each in found]
    rows.sort(
        key=lambda row: (
            row.submission.state != State.RETURNED,
            row.submission.due_on,
            -row.stake,
            row.submission.indicator.order,
            row.submission.pk,
        )
    )
    return Owing(
        [row for row in rows if row.submission.is_editable],
        [row for row in rows if row.submission.state == State.SUBMITTED],
        [row for row in rows if row.submission.state == State.ACCEPTED],
    )


def _owed(submission: Submission, responses: list[Response]) -> Owed:
    totals = totals_of(submission, responses)
    notes = [
        (each.question.code, each.last_review.note, tanggal(each.last_review.at))
        for each in responses
        if each.verdict == Verdict.RETURNED and each.last_review is not None
    ]
    return Owed(submission, totals, totals.tally.maximum - totals.tally.proven, notes)
