"""What a verifikator arranges within an open year: another due date, and who answers a question.

Every verb on who answers takes the year first (`begin`), so that two of them wait for each other,
and then the submissions, in the order of their keys, as saving and reviewing take one of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, ProtectedError

from agencies.actions import RefusedError as AgencyRefusedError
from agencies.actions.assigning import refuse_what_cannot_be
from agencies.models import Agency, AssignmentRole, User
from indicators.models import Question
from submissions.actions.record import (
    RefusedError,
    StaleError,
    move,
    record,
    refuse_closed,
    require,
)
from submissions.actions.reviewing import DAYS_TO_MEND, mend_date
from submissions.models import Assessment, Response, ResponseQuerySet, Submission, Verb
from submissions.workflow import EDITABLE, State, Verdict

LEAD, SUPPORT, AREA = AssignmentRole.LEAD, AssignmentRole.SUPPORT, AssignmentRole.AREA
# How work that was handed in opens again when a question comes to its agency.
OPENINGS = {State.SUBMITTED: "recall", State.ACCEPTED: "unseal"}


@transaction.atomic
def extend(submissions: Iterable[Submission], *, due_on: date, by: User, today: date) -> int:
    """Give submissions that are still with their agency another due date; returns how many changed.

    One event each, with both dates. What was handed in or accepted is left alone.
    """
    submissions = list(submissions)
    for submission in submissions:
        require(by, "submissions.extend_submission", submission)
    if due_on < today:
        raise RefusedError("Tenggat baru tidak boleh sebelum hari ini.")
    changed = 0
    for year in sorted({each.assessment_id for each in submissions}):
        _take(year)
    for submission in submissions:
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


@transaction.atomic
def add_to_year(
    assessment: Assessment,
    question: Question,
    agency: Agency,
    role: AssignmentRole,
    *,
    by: User,
    today: date,
    now: datetime,
) -> Response:
    """Let an agency answer a question of this year too; a support may become what is missing.

    Work on that indicator that the agency handed in, or that was accepted, opens again: no answer
    that waits may hide in it. What is so already stays so and leaves no event.
    """
    role = AssignmentRole(role)
    begin(assessment, by)
    _refuse_who_cannot(assessment, question, agency, role)
    answers = list(_answers(assessment, question))
    mine = next((each for each in answers if each.submission.agency_id == agency.pk), None)
    if mine is not None and mine.role == role:
        return mine
    lead = next((each for each in answers if each.role == LEAD), None)
    if role == LEAD and lead is not None:
        raise RefusedError(
            f"Pertanyaan ini sudah punya penanggung jawab: {lead.agency}. Alihkan saja."
        )
    if mine is not None and mine.role != SUPPORT:
        raise RefusedError(f"{agency} sudah menjawab pertanyaan ini.")
    submission = _work_of(assessment, question, agency, today)
    [submission] = hold([submission.pk], now)
    if mine is None:
        mine = Response.objects.create(
            submission=submission, assessment=assessment, question=question, role=role
        )
    else:
        mine = _answers(assessment, question).get(pk=mine.pk)
        _refuse_accepted(mine)
        Response.objects.filter(pk=mine.pk).update(
            role=role.value, answered_at=None, version=F("version") + 1
        )
    before = reopen(submission, filled=False, by=by, today=today)
    note(submission, question, role, by=by, now=now, opened=before)
    return _answers(assessment, question).get(pk=mine.pk)


@transaction.atomic
def move_in_year(
    response: Response, agency: Agency, *, by: User, today: date, now: datetime
) -> Response:
    """Give a lead's or a support's answer to another agency, with all that hangs on it.

    `response` is as the page showed it: StaleError, if it went elsewhere meanwhile. Evidence stays
    the property of who gave it, and attached. A support that becomes the lead leaves its notes to
    the lead before, who supports from then on; if it gave nothing yet, its place just goes.
    """
    assessment, question = response.assessment, response.question
    begin(assessment, by)
    _refuse_who_cannot(assessment, question, agency, AssignmentRole(response.role))
    target = _work_of(assessment, question, agency, today)
    hold({response.submission_id, target.pk}, now)
    current = _answers(assessment, question).filter(pk=response.pk).first()
    if current is None:
        raise RefusedError("Pengampuan ini baru saja dilepas. Periksa daftarnya, lalu pilih lagi.")
    if (current.submission_id, current.role) != (response.submission_id, response.role):
        raise StaleError(current)
    if current.submission_id == target.pk:
        return current
    source = current.submission
    if current.role == AREA:
        raise RefusedError("Pertanyaan wilayah dijawab setiap kecamatan atau kelurahan.")
    _refuse_accepted(current)
    beside = _answers(assessment, question).filter(submission=target).first()
    if beside is not None and current.role != LEAD:
        raise RefusedError(f"{agency} sudah menjawab atau mendukung pertanyaan ini.")
    swap = beside is not None and not deleted(beside)
    if beside is not None and swap:
        _refuse_accepted(beside)
        put(beside, aside(assessment, question))
    put(current, target)
    if beside is not None and swap:
        put(beside, source)
    [target] = hold([target.pk], now)
    before = reopen(target, filled=is_filled(current), by=by, today=today)
    empty(source, now)
    note(
        target,
        question,
        AssignmentRole(current.role),
        by=by,
        now=now,
        opened=before,
        before=source.agency.code,
        swapped=swap,
    )
    return _answers(assessment, question).get(pk=current.pk)


@transaction.atomic
def take_from_year(response: Response, *, by: User, now: datetime) -> None:
    """Take an agency's place at a question away, if nothing was ever given, attached or judged."""
    assessment, question = response.assessment, response.question
    begin(assessment, by)
    hold([response.submission_id], now)
    current = _answers(assessment, question).filter(pk=response.pk).first()
    if current is None:
        return
    if current.submission_id != response.submission_id:
        raise StaleError(current)
    if current.role == AREA:
        raise RefusedError("Pertanyaan wilayah dijawab setiap kecamatan atau kelurahan.")
    submission, role = current.submission, AssignmentRole(current.role)
    if not deleted(current):
        raise RefusedError(
            f"{submission.agency} sudah mengerjakan pertanyaan {question.code}, jadi tidak dapat "
            "dilepas. Alihkan ke perangkat daerah lain; yang sudah diisi ikut pindah."
        )
    empty(submission, now)
    note(submission, question, role, by=by, now=now, opened="", taken=True)


# --- the steps -----------------------------------------------------------------------------------


def begin(assessment: Assessment, by: User) -> None:
    """Only who may, only while the year is open, and one after the other."""
    require(by, "agencies.change_assignment", assessment.region)
    _take(assessment.pk)


def _take(pk: int) -> None:
    """Take an open year. Without key: rows that point to it (events, answers) may still be written
    meanwhile.
    """
    refuse_closed(Assessment.objects.select_for_update(no_key=True).get(pk=pk))


def _refuse_who_cannot(
    assessment: Assessment, question: Question, agency: Agency, role: AssignmentRole
) -> None:
    if agency.region_id != assessment.region_id:
        raise RefusedError(f"{agency} bukan perangkat daerah {assessment.region}.")
    if question.instrument_id != assessment.instrument_id:
        raise RefusedError(f"Pertanyaan {question.code} bukan dari instrumen tahun ini.")
    try:
        refuse_what_cannot_be([question], agency, role)
    except AgencyRefusedError as refused:
        raise RefusedError(str(refused)) from None


def _refuse_accepted(response: Response) -> None:
    if response.verdict == Verdict.ACCEPTED:
        raise RefusedError(
            f"Jawaban {response.agency} sudah diterima verifikator, jadi tidak dialihkan. "
            "Selesaikan verifikasi isiannya, buka kembali jawaban itu, lalu alihkan."
        )


def _answers(assessment: Assessment, question: Question) -> ResponseQuerySet:
    return Response.objects.filter(assessment=assessment, question=question).select_related(
        "submission__agency", "submission__assessment__region", "question", "assessment__region"
    )


def _work_of(assessment: Assessment, question: Question, agency: Agency, today: date) -> Submission:
    """The agency's work on the question's indicator: the one that is there, or a new one."""
    due_on = max(assessment.closes_on, today + timedelta(days=DAYS_TO_MEND))
    submission, _ = Submission.objects.get_or_create(
        assessment=assessment,
        indicator_id=question.indicator_id,
        agency=agency,
        defaults={"due_on": due_on},
    )
    return submission


def hold(pks: Iterable[int], now: datetime) -> list[Submission]:
    """Take hold of submissions, in the order of their keys, and read them as they stand."""
    held = sorted(pks)
    for pk in held:
        Submission.objects.filter(pk=pk).update(changed_at=now)
    return list(Submission.objects.for_work().filter(pk__in=held).order_by("pk"))


def reopen(submission: Submission, *, filled: bool, by: User, today: date) -> str:
    """Let the agency work on what has come; returns the state that had to be left, or nothing."""
    before = State(submission.state)
    step = OPENINGS.get(before, "")
    changes: dict[str, Any] = {"due_on": mend_date(submission, today), "emptied_at": None}
    if step == "recall":
        changes |= {"submitted_at": None, "submitted_by": None, "submit_reason": ""}
        submission.responses.exclude(verdict=Verdict.ACCEPTED.value).update(
            version=F("version") + 1
        )
    elif before == State.EMPTY and filled:
        step = "receive"
    if step:
        move(submission, step, by=by, **changes)
        return before.value if before in OPENINGS else ""
    Submission.objects.filter(pk=submission.pk).update(**changes)
    return ""


def is_filled(response: Response) -> bool:
    return bool(
        response.value or response.note or response.links.filter(removed_at__isnull=True).exists()
    )


def empty(submission: Submission, now: datetime) -> None:
    """Work without a question is nobody's any more; it stays for its history, out of every list."""
    if submission.responses.exists():
        return
    Submission.objects.filter(pk=submission.pk).update(
        emptied_at=now,
        state=State.EMPTY.value,
        submitted_at=None,
        submitted_by=None,
        submit_reason="",
        decided_at=None,
    )


def deleted(response: Response) -> bool:
    """Delete an answer that nothing was ever done to: no event, attachment or verdict keeps it."""
    if response.value or response.note or response.answered_at:
        return False
    try:
        with transaction.atomic():
            Response.objects.get(pk=response.pk).delete()
    except ProtectedError:
        return False
    return True


def put(response: Response, submission: Submission) -> None:
    """Another version: who read it in its old place has not read it in the new one."""
    Response.objects.filter(pk=response.pk).update(submission=submission, version=F("version") + 1)


def aside(assessment: Assessment, question: Question) -> Submission:
    """Where one of two answers that change places waits a moment: one answer a question and work.

    Work on another indicator never holds this question.
    """
    found = assessment.submissions.exclude(indicator=question.indicator_id).order_by("pk").first()
    if found is None:
        raise RefusedError(
            "Perangkat daerah itu sudah memberi catatan atau data dukung sebagai pendukung. "
            "Alihkan dahulu tugas pendukungnya ke perangkat daerah lain."
        )
    return found


def note(
    submission: Submission,
    question: Question,
    role: AssignmentRole,
    *,
    by: User,
    now: datetime,
    opened: str,
    **data: Any,
) -> None:
    """One event; the question stands in its data, so that a place never used may go again."""
    record(
        Verb.ASSIGN,
        by=by,
        at=now,
        assessment=submission.assessment,
        submission=submission,
        question=question.code,
        agency=submission.agency.code,
        role=role.value,
        opened=opened,
        **data,
    )
