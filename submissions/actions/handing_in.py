"""The operator's verbs for the whole: what it still lacks, hand it in, take it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from django.db import transaction
from django.db.models import Count, F

from agencies.models import AssignmentRole, User
from indicators.models import Question
from indicators.scoring import points
from indicators.wording import tanggal
from submissions.actions.answering import contact, hold
from submissions.actions.record import (
    RefusedError,
    StaleError,
    move,
    record,
    refuse_closed,
    refuse_closed_now,
    require,
)
from submissions.models import Response, Review, Submission, Verb
from submissions.workflow import State, Verdict


class Lack(StrEnum):
    """What may be missing in an answer when it is handed in."""

    ANSWER = "belum dijawab"
    EVIDENCE = "diklaim tanpa data dukung yang diwajibkan"
    MENDING = "dikembalikan dan belum diperbaiki"
    SUPPORT = "belum ada catatan atau data dukung"


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing, and the points that it may cost."""

    response: Response
    question: Question
    points: Decimal
    what: Lack


def missing(submission: Submission) -> list[Missing]:
    """What an agency has not done yet, in the order of the questions, one entry an answer."""
    responses = list(
        submission.responses.with_evidence_flag()
        .select_related("question")
        .order_by("question__order", "pk")
    )
    worths = worth(responses)
    found = []
    for response in responses:
        what = lack(response, has_evidence=response.has_evidence)  # type: ignore[attr-defined]
        if what is not None:
            most = worths[response.pk]
            cost = most if what is Lack.ANSWER else points(most, response.claim_share)
            found.append(Missing(response, response.question, cost, what))
    return found


def lack(response: Response, *, has_evidence: bool) -> Lack | None:
    """What one answer lacks; nothing once it is accepted. Needs `question`."""
    if response.verdict == Verdict.ACCEPTED:
        return None
    if response.role == AssignmentRole.SUPPORT:
        empty = not response.note and not has_evidence
        return Lack.SUPPORT if empty else None
    if response.claim_level is None:
        return Lack.ANSWER
    if response.verdict == Verdict.RETURNED:
        return Lack.MENDING
    claims = bool(response.claim_share) and response.question.evidence_required
    return Lack.EVIDENCE if claims and not has_evidence else None


def worth(responses: Iterable[Response]) -> dict[int, Decimal]:
    """The points that each answer can win at most: a support's none, an area's its part.

    One query where areas are among them, else none. Needs `question`.
    """
    responses = list(responses)
    areas = [each for each in responses if each.role == AssignmentRole.AREA]
    counts: dict[tuple[int, int], int] = {}
    if areas:
        rows = (
            Response.objects.filter(
                assessment__in={each.assessment_id for each in areas},
                question__in={each.question_id for each in areas},
                role=AssignmentRole.AREA,
            )
            .order_by()
            .values_list("assessment_id", "question_id")
            .annotate(n=Count("pk"))
        )
        counts = {(assessment, question): n for assessment, question, n in rows}
    return {each.pk: _worth(each, counts) for each in responses}


def _worth(response: Response, counts: dict[tuple[int, int], int]) -> Decimal:
    if response.role == AssignmentRole.SUPPORT:
        return Decimal(0)
    if response.role == AssignmentRole.LEAD:
        return response.question.max_points
    return response.question.max_points / counts[response.assessment_id, response.question_id]


@transaction.atomic
def submit(
    submission: Submission, *, reason: str, by: User, today: date, now: datetime
) -> Submission:
    """Hand in the whole; the reason is asked for only if something is missing.

    A due date ends at 24.00 WIB, so `today` is the day in WIB. The same person once more (a double
    click) is told nothing new. Whatever was returned waits for its verdict again.
    """
    require(by, "submissions.submit_submission", submission)
    reason = reason.strip()
    held = hold(submission, now)
    current = Submission.objects.for_work().get(pk=submission.pk)
    if not held:
        if current.state == State.SUBMITTED and current.submitted_by_id == by.pk:
            return current
        raise StaleError(current)
    refuse_closed(current.assessment)
    if today > current.due_on:
        raise RefusedError(
            f"Tenggat {tanggal(current.due_on)} sudah lewat, jadi isian belum diajukan. Isian Anda "
            f"tersimpan sebagai draf. Untuk meminta perpanjangan, hubungi {contact(current)}."
        )
    lacks = missing(current)
    if lacks and not reason:
        raise RefusedError(
            "Masih ada yang belum lengkap. Lengkapi dahulu, atau tulis alasan mengajukan."
        )
    move(
        current,
        "submit",
        by=by,
        submitted_at=now,
        submitted_by=by,
        submit_reason=reason if lacks else "",
    )
    current.responses.filter(verdict=Verdict.RETURNED.value).update(verdict=Verdict.NONE.value)
    record(
        Verb.SUBMIT,
        by=by,
        assessment=current.assessment,
        submission=current,
        at=now,
        missing=len(lacks),
        reason=current.submit_reason,
    )
    _tell(submission, current)
    return current


@transaction.atomic
def withdraw(submission: Submission, *, by: User, now: datetime) -> Submission:
    """Take back what nobody has begun to review.

    Versions rise, so that a verdict on what the reviewer read before is told of the change.
    """
    require(by, "submissions.submit_submission", submission)
    current = Submission.objects.for_work().get(pk=submission.pk)
    refuse_closed(current.assessment)
    sent = current.submitted_at
    move(current, "withdraw", by=by, submitted_at=None, submitted_by=None, submit_reason="")
    refuse_closed_now(current.assessment_id)
    if Review.objects.filter(response__submission=current, at__gte=sent or now).exists():
        raise RefusedError(
            "Verifikator sudah mulai memeriksa isian ini, jadi tidak dapat ditarik kembali. "
            f"Bila ada yang perlu diubah, hubungi {contact(current)}."
        )
    current.responses.exclude(verdict=Verdict.ACCEPTED.value).update(version=F("version") + 1)
    record(Verb.WITHDRAW, by=by, assessment=current.assessment, submission=current, at=now)
    _tell(submission, current)
    return current


def _tell(submission: Submission, current: Submission) -> None:
    """Let the caller's object know what became of it."""
    submission.state = current.state
    submission.submitted_at = current.submitted_at
    submission.submitted_by = current.submitted_by
    submission.submit_reason = current.submit_reason
