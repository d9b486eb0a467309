"""Which rows of a register count for an answer. A person ticks them; nothing is answered by it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import Q

from agencies.models import Agency, AssignmentRole, User
from indicators.scoring import Mode, Scale
from submissions.actions.answering import (
    PERMISSION,
    hold,
    refuse_moved,
    refuse_unless_editable,
    said_of,
    started,
)
from submissions.actions.record import record, require
from submissions.models import (
    PARTNERSHIP,
    RegisterRow,
    RegisterRowQuerySet,
    Response,
    ResponseRow,
    Verb,
)


def fitting(response: Response) -> RegisterRowQuerySet:
    """The rows that an answer may draw on, of the question's register, that hold in the year of the
    data: the office's own; for a lead also those that a support ticked for the same question, or
    that it took over, and the partnerships that the region's partners filled in. Needs
    `submission__assessment` and `question__register`.
    """
    register = response.question.register
    if register is None:
        return RegisterRow.objects.none()
    whose = Q(agency=response.submission.agency_id)
    if response.role == AssignmentRole.LEAD:
        beside = Q(response__role=AssignmentRole.SUPPORT, response__question=response.question_id)
        ticks = ResponseRow.objects.filter(
            beside | Q(response=response.pk),
            response__assessment=response.assessment_id,
            removed_at__isnull=True,
        )
        whose |= Q(pk__in=ticks.order_by().values("row"))
        if register.code == PARTNERSHIP:
            region = Agency.objects.filter(region=response.submission.assessment.region_id)
            whose |= Q(agency__in=region.partners().order_by().values("pk"))
    rows = RegisterRow.objects.live().filter(whose, code=register.code)
    return rows.valid_in(response.submission.assessment.data_year)


@transaction.atomic
def tick_rows(
    response: Response,
    *,
    wanted: Collection[int],
    shown: Collection[int],
    by: User,
    now: datetime,
    origin: dict[str, Any] | None = None,
) -> int:
    """Make the ticks among the rows that were shown the wanted ones; returns how many changed.

    What does not fit is passed over. Sent twice it changes nothing more.
    """
    require(by, PERMISSION, response)
    held = hold(response.submission, now)
    [current] = Response.objects.select_related(
        "submission__assessment__region", "submission__agency", "question__register"
    ).filter(pk=response.pk)
    refuse_moved(response, current)
    refuse_unless_editable(current, held=held)
    allowed = set(fitting(current).filter(pk__in=wanted).values_list("pk", flat=True))
    live = ResponseRow.objects.filter(response=current, removed_at__isnull=True)
    ticked = set(live.values_list("row", flat=True))
    added = sorted((allowed & set(shown)) - ticked)
    removed = sorted((ticked & set(shown)) - set(wanted))
    if not added and not removed:
        return 0
    ResponseRow.objects.bulk_create(
        ResponseRow(response=current, row_id=row, added_at=now, added_by=by) for row in added
    )
    live.filter(row__in=removed).update(removed_at=now, removed_by=by)
    started(current.submission, by=by, now=now)
    record(
        Verb.TICK,
        by=by,
        assessment=current.submission.assessment,
        submission=current.submission,
        response=current,
        at=now,
        added=added,
        removed=removed,
        **said_of(origin),
    )
    return len(added) + len(removed)


def suggested_level(scale: Scale, proven: int, ticked: int) -> int | None:
    """The level of a graded question that the share of ticked rows with evidence bears out: the
    best whose share of the points it reaches. None where nothing can be said.
    """
    if scale.mode is not Mode.GRADED or not ticked or not scale.levels:
        return None
    share = Fraction(proven, ticked)
    for place, level in enumerate(scale.levels):
        if share >= Fraction(level.share):
            return place
    return len(scale.levels) - 1
