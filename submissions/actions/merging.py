"""What an office that is merged into another has in hand goes to its successor, points and all."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from agencies.models import Agency, AssignmentRole, User
from submissions.actions import arranging
from submissions.actions.record import require
from submissions.models import (
    Assessment,
    Evidence,
    HelpRequest,
    RegisterRow,
    RequestState,
    Response,
    Submission,
)
from submissions.workflow import State

LEAD = AssignmentRole.LEAD
# How far work has come; where two are joined the less advanced of them tells whose turn it is.
CARRIED = ("state", "due_on", "submitted_at", "submitted_by", "submit_reason", "decided_at")


@transaction.atomic
def hand_on_work(
    agency: Agency, into: Agency, *, by: User, today: date, now: datetime
) -> dict[str, int]:
    """Every answer of the open years, rows of registers, evidence and what is asked of the office.

    An answer keeps its value, its verdict and its history, and so its points. The work of before
    stays, emptied, under the old name; closed years are not touched. Where both have given
    something for one question, the support of the two stays under the old name: it has no points.
    Returns how many went over.
    """
    require(by, "agencies.change_agency", agency)
    counts = {"answers": 0}
    years = Assessment.objects.filter(region=agency.region_id, closed_at__isnull=True)
    for assessment in years.select_related("region", "instrument").order_by("pk"):
        arranging.begin(assessment, by)
        # What was emptied before is nobody's work: it hands nothing on, and holds nothing back.
        works = assessment.submissions.in_use().order_by("pk")
        theirs = {each.indicator_id: each for each in works.filter(agency=into)}
        mine = list(works.filter(agency=agency))
        arranging.hold({each.pk for each in (*mine, *theirs.values())}, now)
        for source in Submission.objects.for_work().filter(pk__in=[each.pk for each in mine]):
            target = theirs.get(source.indicator_id) or _same(source, into)
            counts["answers"] += _join(source, target.pk, by=by, today=today, now=now)
    counts["rows"] = RegisterRow.objects.filter(agency=agency).update(agency=into)
    counts["evidence"] = Evidence.objects.filter(agency=agency).update(agency=into)
    asked = HelpRequest.objects.filter(agency=agency, state=RequestState.OPEN)
    counts["requests"] = asked.exclude(response__submission__agency=into).update(agency=into)
    return counts


def _same(source: Submission, into: Agency) -> Submission:
    """Work of the successor on that indicator, as far as the other had come; its own of before,
    where it was emptied.
    """
    carried = {name: getattr(source, name) for name in CARRIED}
    work, _ = Submission.objects.update_or_create(
        assessment=source.assessment,
        indicator=source.indicator,
        agency=into,
        defaults=carried | {"emptied_at": None},
    )
    return work


def _join(source: Submission, pk: int, *, by: User, today: date, now: datetime) -> int:
    """Move the answers of one work into another; how many."""
    [target] = Submission.objects.for_work().filter(pk=pk)
    there = {each.question_id: each for each in target.responses.all()}
    moved: list[Response] = []
    filled = False
    for each in source.responses.select_related("question").order_by("question__order"):
        if _moved(each, there.get(each.question_id), source, target):
            filled = filled or arranging.is_filled(each)
            moved.append(each)
    opened = ""
    if moved and State(source.state) != State(target.state):
        opened = arranging.reopen(target, filled=filled, by=by, today=today)
    arranging.empty(source, now)
    for each in moved:
        arranging.note(
            target,
            each.question,
            AssignmentRole(each.role),
            by=by,
            now=now,
            opened=opened,
            before=source.agency.code,
            merged=True,
        )
    return len(moved)


def _moved(mine: Response, beside: Response | None, source: Submission, target: Submission) -> bool:
    """Whether an answer went over; what nobody has used on either side makes room."""
    if beside is None:
        arranging.put(mine, target)
        return True
    role = LEAD if LEAD in {mine.role, beside.role} else AssignmentRole(mine.role)
    if arranging.deleted(mine):
        _become(beside, role)
        return False
    if arranging.deleted(beside):
        arranging.put(mine, target)
        _become(mine, role)
        return True
    if mine.role != LEAD:
        return False
    arranging.put(beside, arranging.aside(source.assessment, mine.question))
    arranging.put(mine, target)
    arranging.put(beside, source)
    return True


def _become(response: Response, role: AssignmentRole) -> None:
    """A support whose office now leads that question too has it to answer."""
    if response.role == role:
        return
    Response.objects.filter(pk=response.pk).update(
        role=role.value, answered_at=None, version=F("version") + 1
    )
    response.role = role.value
