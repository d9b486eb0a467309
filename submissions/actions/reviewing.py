"""The verifikator's verbs: a verdict on one answer, and the end of a review.

Every verb first takes hold of its submission (`_hold`): on both databases that makes verdict,
finish and the agency's own moves wait for each other, so a verdict never lands on work that was
taken back meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from agencies.models import AssignmentRole, User
from indicators.scoring import share_of
from submissions.actions.record import (
    RefusedError,
    StaleError,
    move,
    record,
    refuse_closed,
    refuse_closed_now,
    require,
)
from submissions.models import (
    Evidence,
    EvidenceLink,
    Response,
    ResponseQuerySet,
    Review,
    ReviewDraft,
    Submission,
    Verb,
)
from submissions.workflow import State, Verdict, outcome

PERMISSION = "submissions.verify_submission"
DAYS_TO_MEND = 3
EMPTY_NOTE = "Belum ada jawaban dan belum ada data dukung. Mohon dilengkapi, lalu ajukan kembali."


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict as it is given, before it is stored."""

    verdict: str
    level: int | None
    share: Decimal | None
    note: str
    unproven_reason: str
    version: int

    @classmethod
    def returned(cls, response: Response, note: str) -> Said:
        return cls(Verdict.RETURNED.value, None, None, note, "", response.version)


def for_review(responses: ResponseQuerySet) -> ResponseQuerySet:
    """Answers with all that a verdict reads: region, question, levels, the last verdict."""
    return responses.select_related(
        "submission__assessment__region",
        "submission__indicator",
        "submission__agency",
        "question__rubric",
        "last_review__by",
    ).prefetch_related("question__rubric__levels")


def without_answer(submission: Submission) -> ResponseQuerySet:
    """What needs no judgement: waiting, nothing claimed, nothing attached.

    Of a support, who never claims, nothing written either.
    """
    live = EvidenceLink.objects.filter(response=OuterRef("pk"), removed_at__isnull=True)
    return Response.objects.filter(
        ~Exists(live),
        ~Q(role=AssignmentRole.SUPPORT) | Q(note=""),
        submission=submission,
        verdict=Verdict.NONE.value,
        claim_level__isnull=True,
    )


def needs_reason(response: Response, level: int | None, *, has_evidence: bool) -> bool:
    """Whether this level would let points pass without the evidence that the question demands."""
    if level is None or response.role == AssignmentRole.SUPPORT:
        return False
    share = share_of(response.question.rubric.scale, level)
    return response.question.evidence_required and not has_evidence and bool(share)


@transaction.atomic
def review(
    response: Response,
    *,
    version: int,
    seen_review: int | None,
    verdict: str,
    level: int | None = None,
    note: str = "",
    unproven_reason: str = "",
    seen_verdict: str | None = None,
    by: User,
    now: datetime,
) -> Review:
    """Accept an answer at a level, or return it with a note.

    `version` and `seen_review` (the pk of `last_review`) say what the reviewer saw, `seen_verdict`
    also in which round: handed in again with another document only, it has the same two. `level` is
    an index into the question's options; a support's answer has none. The same verdict again by the
    same person is one verdict. Raises StaleError, with the answer as it stands, when the submission
    is no longer waiting or another save or verdict came between; RefusedError, with a sentence,
    when the verdict may not be.
    """
    require(by, PERMISSION, response.submission)
    note, reason = note.strip(), unproven_reason.strip()
    _hold(response, now)
    current = _fresh(response)
    evidence = _live_evidence(current)
    level, share = _judged(current, verdict, level, note)
    if not needs_reason(current, level, has_evidence=bool(evidence)):
        reason = ""
    elif not reason:
        raise RefusedError(
            "Data dukung yang diwajibkan belum ada. Tulis alasan menerima tanpa data dukung, "
            "atau kembalikan."
        )
    said = Said(verdict, level, share, note, reason, version)
    again = _same_again(current, said, by)
    if again is not None:
        return again
    if current.version != version or current.last_review_id != seen_review:
        raise StaleError(current)
    if seen_verdict is not None and current.verdict != seen_verdict:
        raise StaleError(current)
    given = _write(current, said, evidence, by=by, now=now)
    ReviewDraft.objects.filter(response=current, by=by).delete()
    return given


@transaction.atomic
def unreview(response: Response, *, seen_review: int | None, by: User, now: datetime) -> None:
    """Take a verdict back before the review is finished; the answer waits again.

    The Review stays in the history. The last verdict is again that of the round before.
    """
    require(by, PERMISSION, response.submission)
    _hold(response, now)
    current = _fresh(response)
    if (
        seen_review is None
        or current.verdict == Verdict.NONE
        or current.last_review_id != seen_review
    ):
        raise StaleError(current)
    undone = current.verdict
    rounds_before = current.reviews.filter(
        pk__lt=seen_review, at__lt=current.submission.submitted_at or now
    )
    earlier = rounds_before.order_by("-pk").first()
    _set(current, Said(Verdict.NONE.value, None, None, "", "", current.version), earlier)
    record(
        Verb.REVIEW,
        by=by,
        at=now,
        assessment=current.submission.assessment,
        submission=current.submission,
        response=current,
        verdict="",
        undone=undone,
    )


@transaction.atomic
def save_draft(
    response: Response, *, seen_review: int | None, level: int | None, note: str, by: User
) -> ReviewDraft | None:
    """Keep what a reviewer typed and has not decided; nothing typed, no draft, and never an event.

    Raises StaleError after a verdict: a save that arrives late does not bring back what is decided.
    """
    require(by, PERMISSION, response.submission)
    current = _fresh(response)
    refuse_closed(current.submission.assessment)
    if current.submission.state != State.SUBMITTED or current.last_review_id != seen_review:
        raise StaleError(current)
    if level is None and not note.strip():
        ReviewDraft.objects.filter(response=current, by=by).delete()
        return None
    draft, _ = ReviewDraft.objects.update_or_create(
        response=current, by=by, defaults={"level": level, "note": note}
    )
    return draft


@transaction.atomic
def return_empty(
    submission: Submission, *, expected: int | None = None, by: User, now: datetime
) -> int:
    """Return, in one go and with one note, every answer that needs no judgement; says how many.

    `expected` is the number that the reviewer was shown: if it is another by now, StaleError.
    """
    require(by, PERMISSION, submission)
    _hold_submission(submission, now)
    found = list(for_review(without_answer(submission)))
    if not found:
        raise RefusedError("Tidak ada lagi jawaban kosong yang menunggu.")
    if expected is not None and len(found) != expected:
        raise StaleError(Submission.objects.for_work().get(pk=submission.pk))
    for response in found:
        _write(response, Said.returned(response, EMPTY_NOTE), [], by=by, now=now)
    ReviewDraft.objects.filter(response__in=found, by=by).delete()
    return len(found)


def mend_date(submission: Submission, today: date, mend_until: date | None = None) -> date:
    """Until when a returned submission may be mended: never earlier than was told before."""
    return max(submission.due_on, mend_until or today + timedelta(days=DAYS_TO_MEND))


def last_verdict(submission: Submission) -> int | None:
    """The newest verdict in a submission: what a reviewer saw when asked to finish."""
    return (
        Review.objects.filter(response__submission=submission)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )


@transaction.atomic
def finish(
    submission: Submission,
    *,
    by: User,
    today: date,
    now: datetime,
    mend_until: date | None = None,
    seen_review: int | None = None,
) -> str:
    """End a review once every answer has its verdict: one returned returns it all.

    `seen_review` is the newest verdict on the page that was confirmed; another one by now is a
    StaleError. Returns the new state.
    """
    require(by, PERMISSION, submission)
    if mend_until is not None and mend_until < today:
        raise RefusedError("Tenggat perbaikan tidak boleh sebelum hari ini.")
    _hold_submission(submission, now)
    verdicts = list(submission.responses.values_list("verdict", flat=True))
    waiting = verdicts.count(Verdict.NONE.value)
    step = outcome(verdicts)
    if step is None:
        raise RefusedError(
            f"Masih ada {waiting} jawaban yang belum diperiksa."
            if waiting
            else "Isian ini tidak punya jawaban."
        )
    if seen_review is not None and last_verdict(submission) != seen_review:
        raise StaleError(Submission.objects.for_work().get(pk=submission.pk))
    changes: dict[str, Any] = {"decided_at": now}
    if step.name == "return":
        changes["due_on"] = mend_date(submission, today, mend_until)
    move(submission, step.name, by=by, **changes)
    record(
        Verb.RETURN if step.name == "return" else Verb.ACCEPT,
        by=by,
        at=now,
        assessment=submission.assessment,
        submission=submission,
        due_on=submission.due_on.isoformat(),
        accepted=verdicts.count(Verdict.ACCEPTED.value),
        returned=verdicts.count(Verdict.RETURNED.value),
    )
    return submission.state


@transaction.atomic
def reopen(
    submission: Submission,
    *,
    responses: Collection[int],
    reason: str,
    by: User,
    today: date,
    now: datetime,
    mend_until: date | None = None,
) -> None:
    """Open an accepted submission again: the chosen answers are returned, the others hold still."""
    require(by, PERMISSION, submission)
    reason = reason.strip()
    if not reason:
        raise RefusedError("Tulis alasan membuka kembali; perangkat daerah akan membacanya.")
    chosen = list(for_review(submission.responses.filter(pk__in=responses)))
    if not chosen:
        raise RefusedError("Pilih sedikitnya satu jawaban yang dibuka kembali.")
    due_on = mend_date(submission, today, mend_until)
    move(submission, "reopen", by=by, due_on=due_on, decided_at=now)
    refuse_closed_now(submission.assessment_id)
    seen: dict[int, list[Evidence]] = {response.pk: [] for response in chosen}
    links = EvidenceLink.objects.filter(response__in=chosen, removed_at__isnull=True)
    for link in links.select_related("evidence").order_by("pk"):
        seen[link.response_id].append(link.evidence)
    for response in chosen:
        _write(response, Said.returned(response, reason), seen[response.pk], by=by, now=now)
    record(
        Verb.REOPEN,
        by=by,
        at=now,
        assessment=submission.assessment,
        submission=submission,
        reason=reason,
        responses=[response.pk for response in chosen],
        due_on=due_on.isoformat(),
    )


def _judged(
    response: Response, verdict: str, level: int | None, note: str
) -> tuple[int | None, Decimal | None]:
    """The level and share that a verdict sets, or RefusedError where it may not be."""
    if verdict == Verdict.RETURNED:
        if not note:
            raise RefusedError("Tulis catatan: apa yang harus diperbaiki perangkat daerah.")
        return None, None
    if verdict != Verdict.ACCEPTED:
        raise RefusedError("Pilih terima atau kembalikan.")
    if response.role == AssignmentRole.SUPPORT:
        return None, None
    scale = response.question.rubric.scale
    if level is None or not 0 <= level < len(scale.options()):
        raise RefusedError("Pilih tingkat yang terbukti.")
    share = share_of(scale, level)
    if response.claim_level is None and share:
        raise RefusedError(
            "Pertanyaan ini belum dijawab: hanya dapat diterima pada tingkat bernilai 0, "
            "atau dikembalikan."
        )
    return level, share


def _hold(response: Response, now: datetime) -> None:
    """Take hold of the answer's submission, which must be waiting for a verdict."""
    held = Submission.objects.filter(pk=response.submission_id, state=State.SUBMITTED.value)
    if not held.update(changed_at=now):
        raise StaleError(_fresh(response))
    refuse_closed_now(response.assessment_id)


def _hold_submission(submission: Submission, now: datetime) -> None:
    held = Submission.objects.filter(pk=submission.pk, state=State.SUBMITTED.value)
    if not held.update(changed_at=now):
        raise StaleError(Submission.objects.for_work().get(pk=submission.pk))
    refuse_closed_now(submission.assessment_id)


def _fresh(response: Response) -> Response:
    return for_review(Response.objects.all()).get(pk=response.pk)


def _live_evidence(response: Response) -> list[Evidence]:
    return list(
        Evidence.objects.filter(links__response=response, links__removed_at__isnull=True).order_by(
            "pk"
        )
    )


def _same_again(response: Response, said: Said, by: User) -> Review | None:
    """The verdict that stands, if the same person says the same on the same version once more."""
    last = response.last_review
    if last is None or response.verdict != last.verdict or last.by_id != by.pk:
        return None
    stands = Said(
        last.verdict, last.level, last.share, last.note, last.unproven_reason, last.version
    )
    return last if stands == said else None


def _write(
    response: Response, said: Said, evidence: list[Evidence], *, by: User, now: datetime
) -> Review:
    """Store a verdict with what was seen and make it the answer's own; leave one event."""
    given = Review.objects.create(
        response=response,
        by=by,
        at=now,
        value=response.value,
        answer_note=response.note,
        verdict=said.verdict,
        level=said.level,
        share=said.share,
        note=said.note,
        unproven_reason=said.unproven_reason,
        version=said.version,
    )
    through = Review.evidence.through
    through.objects.bulk_create(through(review=given, evidence=each) for each in evidence)
    before = response.verdict
    _set(response, said, given)
    record(
        Verb.REVIEW,
        by=by,
        at=now,
        assessment=response.submission.assessment,
        submission=response.submission,
        response=response,
        review=given.pk,
        verdict=said.verdict,
        before=before,
        level=said.level,
        version=said.version,
        unproven=bool(said.unproven_reason),
    )
    return given


def _set(response: Response, said: Said, last: Review | None) -> None:
    """The verdict's columns, only if neither the answer nor its last verdict changed meanwhile."""
    unchanged = Response.objects.filter(
        pk=response.pk,
        version=said.version,
        last_review=response.last_review_id,
        verdict=response.verdict,
    )
    changed = unchanged.update(
        verdict=said.verdict,
        verified_level=said.level,
        verified_share=said.share,
        unproven_reason=said.unproven_reason,
        last_review=last,
    )
    if not changed:
        raise StaleError(_fresh(response))
