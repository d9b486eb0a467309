"""The submission and the answers of a page, or 404; 403 for who may not change them."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404

from agencies.models import User
from submissions.actions.answering import PERMISSION, for_answering, for_saving
from submissions.actions.evidence import takeable as takeable_of
from submissions.models import (
    Evidence,
    EvidenceQuerySet,
    Response,
    ResponseQuerySet,
    Submission,
    SubmissionQuerySet,
    with_beside,
)

# What cards and figures show of an answer and of what it stands on: half the columns.
SHOWN = (
    *("submission", "assessment", "role", "value", "note", "version", "verdict"),
    *("claim_level", "claim_share", "verified_share", "changed_at"),
    *("question__code", "question__text", "question__max_points", "question__evidence_required"),
    *("question__expected_evidence", "question__register", "question__indicator"),
    *("question__instrument", "question__level"),  # compared with the year before
    "question__order",
    *("question__rubric__mode", "question__rubric__basis", "question__rubric__higher_is_better"),
    *("question__rubric__min_inclusive", "question__rubric__instrument__code"),
    "question__rubric__instrument__published_at",
    *("changed_by__name", "changed_by__username", "changed_by__agency"),
    *("last_review__verdict", "last_review__level", "last_review__note", "last_review__value"),
    *("last_review__answer_note", "last_review__at"),
    *("last_review__by__name", "last_review__by__username"),
)


# What a form, its head and its foot read of a submission.
HEAD = (
    *("state", "due_on", "submitted_at", "decided_at", "submitted_by__name"),
    *("submitted_by__username", "assessment__year", "assessment__data_year"),
    *("assessment__closed_at", "assessment__is_example", "assessment__region__contact"),
    *("indicator__code", "indicator__name", "indicator__note", "indicator__max_points"),
    *("agency__name", "agency__code", "agency__kind", "agency__parent", "agency__region"),
)


def fetch(user: User, pk: int) -> Submission:
    """The submission, or 404 as for a number that never was."""
    return _the(Submission.objects.for_work().select_related("submitted_by"), user, pk)


def fetch_form(user: User, pk: int) -> Submission:
    """The same with what its form shows."""
    joined = ("assessment__region", "indicator", "agency", "submitted_by")
    return _the(Submission.objects.select_related(*joined).only(*HEAD), user, pk)


def _the(found: SubmissionQuerySet, user: User, pk: int) -> Submission:
    # No order for one row, as `first` would ask for: it takes longer to write down than a wide
    # query without it.
    for submission in found.reached_by(user).filter(pk=pk).order_by():
        return submission
    raise Http404


def fetch_answer(user: User, submission: int, response: int) -> Response:
    return _one(for_answering(Response.objects.reached_by(user)), submission, response)


def fetch_to_save(user: User, submission: int, response: int) -> Response:
    """The same with what a save and its reply read, the other answers of the form among it."""
    found = for_saving(with_beside(Response.objects.reached_by(user)))
    return _one(found, submission, response)


def _one(found: ResponseQuerySet, submission: int, response: int) -> Response:
    for answer in found.filter(pk=response, submission=submission).order_by():
        return answer
    raise Http404


def require_answering(user: User, submission: Submission) -> None:
    """403 for one who sees the work and may not change it; the verb asks again."""
    if not user.has_perm(PERMISSION, submission):
        raise PermissionDenied


def takeable(user: User, response: Response) -> EvidenceQuerySet:
    """What this user may attach to this answer without sending it again."""
    seen = Evidence.objects.reached_by(user).order_by().values("pk")
    return takeable_of(response).filter(pk__in=seen)


def responses_of(submission: Submission) -> list[Response]:
    """All answers of a submission with what their cards show, in their order. One query, put in
    order here: it takes less time than to write the order down for so many columns.
    """
    found = (
        submission.responses.with_evidence_flag()
        .select_related("question__rubric__instrument", "changed_by", "last_review__by")
        .only(*SHOWN)
        .order_by()
    )
    return sorted(found, key=lambda each: each.question.order)
