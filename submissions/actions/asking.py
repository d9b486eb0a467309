"""The lead of a question asks an office that supports it for something, by name and date."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from agencies.models import Agency, AssignmentRole, User
from indicators.wording import tanggal
from submissions.actions.answering import PERMISSION
from submissions.actions.record import RefusedError, record, refuse_closed, require
from submissions.models import (
    HelpRequest,
    RequestState,
    Response,
    ResponseQuerySet,
    Submission,
    Verb,
)

LENGTH = 500
WAITING = 20  # of one answer with one office: a list that nobody reads helps nobody


class StaleRequestError(RefusedError):
    """Somebody ended the request meanwhile; nothing was changed. `current` is how it stands."""

    def __init__(self, current: HelpRequest, *, unsaved: bool) -> None:
        who = current.ended_by.get_full_name() if current.ended_by else "sistem"
        said = f"Permintaan ini sudah {current.get_state_display().lower()} oleh {who}."
        super().__init__(f"{said} Jawaban Anda belum tersimpan." if unsaved else said)
        self.current = current


@transaction.atomic
def ask(
    response: Response,
    *,
    agency: Agency,
    what: str,
    due_on: date,
    by: User,
    today: date,
    now: datetime,
) -> HelpRequest:
    """Ask a supporting office of this answer's question for something until a day, WIB.

    The same once more (a resend, a double click) returns what is there and changes nothing. Also
    while the answer is being reviewed: what is asked for may be for the mending. RefusedError, with
    a sentence, where it may not be; PermissionDenied for who may not answer here.
    """
    require(by, PERMISSION, response.submission)
    current = _hold(response, now)
    what = " ".join(what.split())
    if current.role != AssignmentRole.LEAD:
        raise RefusedError("Hanya penanggung jawab yang meminta ke pendukung.")
    if not supports_of(current).filter(submission__agency=agency).exists():
        raise RefusedError(f"{agency} bukan pendukung pertanyaan {current.question.code}.")
    if not 1 <= len(what) <= LENGTH:
        raise RefusedError(f"Tulis apa yang diminta, paling banyak {LENGTH} huruf.")
    same = HelpRequest.objects.filter(
        response=current, agency=agency, what=what, state=RequestState.OPEN
    ).first()
    if same is not None:
        return same
    if due_on < today:
        raise RefusedError(f"{tanggal(due_on)} sudah lewat. Pilih hari ini atau sesudahnya.")
    if (
        HelpRequest.objects.filter(response=current, agency=agency, state=RequestState.OPEN).count()
        >= WAITING
    ):
        raise RefusedError(
            f"{WAITING} permintaan ke {agency} untuk {current.question.code} belum dijawab. Tunggu "
            "jawabannya, atau tarik kembali yang tidak perlu lagi."
        )
    made = HelpRequest.objects.create(
        response=current, agency=agency, what=what, due_on=due_on, asked_by=by, asked_at=now
    )
    _note(made, by=by, now=now, due_on=due_on.isoformat())
    return made


@transaction.atomic
def reply(request: HelpRequest, *, text: str, by: User, now: datetime) -> HelpRequest:
    """The office that was asked says what became of it. The same once more changes nothing;
    StaleRequestError when it was answered otherwise or taken back meanwhile.
    """
    require(by, PERMISSION, request)
    text = " ".join(text.split())
    if not 1 <= len(text) <= LENGTH:
        raise RefusedError(f"Tulis jawaban singkat, paling banyak {LENGTH} huruf.")
    return _end(request, RequestState.ANSWERED, text, by=by, now=now)


@transaction.atomic
def take_back(request: HelpRequest, *, by: User, now: datetime) -> HelpRequest:
    """The lead does not need it any more. Twice changes nothing; StaleRequestError if answered."""
    require(by, PERMISSION, request.response.submission)
    return _end(request, RequestState.WITHDRAWN, "", by=by, now=now)


def supports_of(response: Response) -> ResponseQuerySet:
    """The answers of the offices that support the question which this answer leads."""
    return Response.objects.filter(
        assessment=response.assessment_id,
        question=response.question_id,
        role=AssignmentRole.SUPPORT,
        submission__emptied_at__isnull=True,
    )


def _hold(response: Response, now: datetime) -> Response:
    """Take hold of the lead's work whatever its state, and read it; so does closing."""
    Submission.objects.filter(responses=response.pk).update(changed_at=now)
    current = Response.objects.select_related(
        "submission__assessment", "submission__agency", "question"
    ).get(pk=response.pk)
    refuse_closed(current.submission.assessment)
    return current


def _end(
    request: HelpRequest, state: RequestState, text: str, *, by: User, now: datetime
) -> HelpRequest:
    response = _hold(request.response, now)
    changed = HelpRequest.objects.filter(pk=request.pk, state=RequestState.OPEN).update(
        state=state, reply=text, ended_by=by, ended_at=now
    )
    current = HelpRequest.objects.for_reading().get(pk=request.pk)
    if changed:
        _note(current, by=by, now=now, reply=text)
    elif (current.state, current.reply) != (state, text):
        raise StaleRequestError(current, unsaved=bool(text))
    current.response = response
    return current


def _note(request: HelpRequest, *, by: User, now: datetime, **data: object) -> None:
    response = request.response
    record(
        Verb.REQUEST,
        by=by,
        assessment=response.submission.assessment,
        submission=response.submission,
        response=response,
        at=now,
        request=request.pk,
        state=str(request.state),
        agency=request.agency.name,
        what=request.what,
        **data,
    )
