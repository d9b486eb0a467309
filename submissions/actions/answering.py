"""The operator's verbs for one answer: save it, bring a former one back.

Every verb first takes hold of its submission (`hold`), as the verifikator's do: saves, handing in
and verdicts on one submission wait for each other on both databases.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from agencies.models import AssignmentRole, User
from indicators.scoring import level_of, share_of
from submissions.actions.record import (
    RefusedError,
    StaleError,
    move,
    record,
    refuse_closed,
    require,
)
from submissions.actions.values import checked
from submissions.models import Assessment, Event, Response, ResponseQuerySet, Submission, Verb
from submissions.wording import personal
from submissions.workflow import EDITABLE, State, Verdict

PERMISSION = "submissions.answer_submission"
NOTE_LENGTH = 4000


def for_answering(responses: ResponseQuerySet) -> ResponseQuerySet:
    """Answers with all that saving reads: region, question, levels, last writer, last verdict."""
    return responses.select_related(
        "submission__assessment__region",
        "submission__indicator",
        "submission__agency",
        "question__rubric__instrument",
        "changed_by",
        "last_review__by",
    )


# What a save reads where nothing is wrong: to build and to plan a statement of every column of
# seven tables took longer than the save itself.
SAVING = (
    *("submission", "assessment", "question", "role", "value", "note", "version", "verdict"),
    *("claim_level", "claim_share", "verified_share", "answered_at"),
    *("submission__assessment", "submission__indicator", "submission__agency"),
    *("submission__state", "submission__assessment__region", "submission__assessment__year"),
    *("submission__assessment__data_year", "submission__assessment__closed_at"),
    *("submission__indicator__code", "submission__indicator__name"),
    *("submission__indicator__max_points", "submission__agency__name"),
    *("submission__agency__region", "submission__agency__kind", "submission__agency__parent"),
    *("question__code", "question__max_points", "question__evidence_required"),
    *("question__rubric__mode", "question__rubric__higher_is_better"),
    *("question__rubric__min_inclusive", "question__rubric__instrument__code"),
    "question__rubric__instrument__published_at",
)


def for_saving(responses: ResponseQuerySet) -> ResponseQuerySet:
    """Answers with what a save reads where nothing is wrong; what it is to tell is read then."""
    return responses.select_related(
        "submission__assessment",
        "submission__indicator",
        "submission__agency",
        "question__rubric__instrument",
    ).only(*SAVING)


@transaction.atomic
def answer(
    response: Response,
    *,
    value: dict[str, Any] | None,
    note: str,
    version: int,
    by: User,
    now: datetime,
    origin: dict[str, Any] | None = None,
) -> Response:
    """Save one answer, whole or in part; returns it as it is stored.

    `version` is the one that was read. What is stored already is returned unchanged and leaves no
    event, so a resend is harmless. Raises StaleError, with the answer as it stands, when somebody
    else saved another one meanwhile; RefusedError, with a sentence, when it may not be.
    A returned answer that changes waits for its verdict again; `last_review` stays. `origin` tells
    the history whence it was taken, if it was not typed.
    """
    require(by, PERMISSION, response)
    note = note.replace("\r\n", "\n").strip()
    held = hold(response.submission, now)
    typed = Typed(value, note, held, by, now)
    current, changes = copy(response), dict[str, Any]()
    if held and _stands_still(response, version):
        changes = _judged(current, typed)
    before = _said(current)
    if not changes or not _stored(current, version, changes):
        # It is not as it was read, or its reader is to be told how it stands.
        [current] = for_answering(Response.objects.all()).filter(pk=response.pk)
        refuse_moved(response, current)
        changes, before = _judged(current, typed), _said(current)
        if not changes:
            return current
        if current.version != version:
            raise StaleError(current)
        if not _stored(current, version, changes):
            raise StaleError(for_answering(Response.objects.all()).get(pk=current.pk))
    started(current.submission, by=by, now=now)
    record(
        Verb.ANSWER,
        by=by,
        assessment=current.submission.assessment,
        submission=current.submission,
        response=current,
        at=now,
        version=current.version,
        **{"from": before, "to": _said(current)},
        **said_of(origin),
    )
    return current


def bring_back(
    response: Response, event: Event, *, version: int, by: User, now: datetime
) -> Response:
    """Make the answer again what it was before an event of its history; saved as any answer is.

    Raises as `answer` does, and RefusedError where the event holds no former answer.
    """
    before = event.data.get("from")
    if (
        event.response_id != response.pk
        or event.verb != Verb.ANSWER
        or not isinstance(before, dict)
    ):
        raise RefusedError("Nilai itu bukan dari riwayat jawaban ini. Muat ulang halaman riwayat.")
    return answer(
        response,
        value=before.get("value"),
        note=before.get("note") or "",
        version=version,
        by=by,
        now=now,
        origin={"brought_back": event.pk},
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """What is to be saved: by whom, when, and whether its submission is held."""

    value: dict[str, Any] | None
    note: str
    held: bool
    by: User
    now: datetime


def _stands_still(response: Response, version: int) -> bool:
    """Whether it was read, a moment ago, as one that may be saved without more questions."""
    submission = response.submission
    return (
        response.version == version
        and response.is_editable
        and submission.state != State.EMPTY
        and submission.assessment.closed_at is None
    )


def _said(response: Response) -> dict[str, Any]:
    return {"value": response.value, "note": response.note, "level": response.claim_level}


def _judged(response: Response, typed: Typed) -> dict[str, Any]:
    """The columns that a save sets, none where all of it is stored already; RefusedError, with a
    sentence, if it may not be. A support has answered once it wrote or attached something.
    """
    scale, note = response.question.rubric.scale, typed.note
    is_support = response.role == AssignmentRole.SUPPORT
    value = checked(scale, typed.value, support=is_support)
    if (response.value or None, response.note) == (value, note):
        return {}
    refuse_unless_editable(response, held=typed.held)
    if len(note) > NOTE_LENGTH:
        raise RefusedError(f"Catatan terlalu panjang: paling banyak {NOTE_LENGTH} huruf.")
    if not personal(response.note) and (sentence := personal(note)):
        raise RefusedError(f"Catatan: {sentence}")
    level = level_of(scale, value)
    answered = level is not None
    if is_support:
        answered = bool(note) or response.links.filter(removed_at__isnull=True).exists()
    return {
        "value": value,
        "note": note,
        "claim_level": level,
        "claim_share": share_of(scale, level),
        "answered_at": typed.now if answered else None,
        "changed_at": typed.now,
        "changed_by": typed.by,
        "verdict": Verdict.NONE.value,
    }


def _stored(response: Response, version: int, changes: dict[str, Any]) -> bool:
    """Set them, if the answer is still what was read, where it was, and its year is open; by one
    statement after its submission was taken hold of, which sees what those did who held it before.
    """
    open_year = Assessment.objects.filter(pk=OuterRef("assessment"), closed_at__isnull=True)
    same = Response.objects.filter(
        Exists(open_year), pk=response.pk, version=version, submission=response.submission_id
    ).exclude(verdict=Verdict.ACCEPTED.value)
    if not same.update(version=F("version") + 1, **changes):
        return False
    for field, changed in changes.items():
        setattr(response, field, changed)
    response.version = version + 1
    return True


def hold(submission: Submission, now: datetime) -> bool:
    """Take hold of a submission that its agency may still change; False if it may not."""
    mine = Submission.objects.in_use().filter(pk=submission.pk)
    held = mine.filter(state__in=[s.value for s in EDITABLE])
    return bool(held.update(changed_at=now))


def started(submission: Submission, *, by: User, now: datetime) -> None:
    """The first thing that is saved makes an empty submission a draft."""
    if submission.state != State.EMPTY:
        return
    move(submission, "start", by=by)
    record(Verb.START, by=by, assessment=submission.assessment, submission=submission, at=now)


def said_of(origin: dict[str, Any] | None) -> dict[str, Any]:
    """What an event says of something that was taken over: the year, or the office."""
    return {"origin": origin} if origin else {}


def refuse_unless_editable(response: Response, *, held: bool) -> None:
    """A sentence, if this answer may not be changed now."""
    submission = response.submission
    refuse_closed(submission.assessment)
    if response.verdict == Verdict.ACCEPTED or submission.state == State.ACCEPTED:
        raise RefusedError("Jawaban ini sudah diterima verifikator, jadi tidak dapat diubah lagi.")
    if not held or not submission.is_editable:
        raise RefusedError(
            "Isian ini sudah diajukan, jadi tidak dapat diubah; perubahan ini belum tersimpan. "
            "Tarik kembali isian bila belum diperiksa."
        )


def refuse_moved(seen: Response, current: Response) -> None:
    """A sentence, if the answer went to another agency since it was read."""
    if seen.submission_id != current.submission_id:
        raise RefusedError(
            f"Pertanyaan {current.question.code} baru saja dialihkan ke {current.agency}; "
            "perubahan ini belum tersimpan."
        )


def contact(submission: Submission) -> str:
    """Whom an operator calls."""
    return submission.assessment.region.contact or "sekretariat Gugus Tugas KLA"
