"""Opening a year: the standing assignments become the year's own submissions and responses."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.models import Assignment, Region, User
from indicators.models import Instrument
from submissions.actions.record import RefusedError, record, require
from submissions.models import Assessment, Response, Submission, Verb

BATCH = 500


@transaction.atomic
def open_year(
    region: Region,
    instrument: Instrument,
    *,
    year: int,
    data_year: int,
    closes_on: date,
    by: User | None,
    is_example: bool = False,
    at: datetime | None = None,
) -> Assessment:
    """Open a year on a published instrument and copy the standing assignments into it.

    `by` is None only from the server's shell; `at` is when, if not now (the example tells of past
    weeks). Raises RefusedError, with a sentence, if the year is open already, the instrument is a
    draft, or nobody is assigned; PermissionDenied if `by` may not.
    """
    if by is not None:
        require(by, "submissions.open_year", region)
    if instrument.published_at is None:
        raise RefusedError("Instrumen ini masih draf. Terbitkan dahulu, lalu buka tahunnya.")
    assignments = list(
        Assignment.objects.filter(
            region=region, question__instrument=instrument, agency__retired_at__isnull=True
        )
        .select_related("question")
        .order_by("question__order", "pk")
    )
    if not assignments:
        raise RefusedError(
            "Belum ada perangkat daerah yang mengampu pertanyaan. "
            "Atur dahulu di halaman Perangkat daerah."
        )
    try:
        with transaction.atomic():
            assessment = Assessment.objects.create(
                region=region,
                instrument=instrument,
                year=year,
                data_year=data_year,
                closes_on=closes_on,
                opened_by=by,
                is_example=is_example,
                opened_at=at or timezone.now(),
            )
    except IntegrityError:
        raise RefusedError(f"Penilaian {year} sudah dibuka.") from None
    _copy(assessment, assignments)
    record(
        Verb.OPEN_YEAR,
        by=by,
        assessment=assessment,
        at=at,
        instrument=instrument.code,
        closes_on=closes_on.isoformat(),
        responses=len(assignments),
    )
    return assessment


def _copy(assessment: Assessment, assignments: list[Assignment]) -> None:
    """Two inserts for any number of assignments (in batches)."""
    pairs = dict.fromkeys((each.question.indicator_id, each.agency_id) for each in assignments)
    Submission.objects.bulk_create(
        [
            Submission(
                assessment=assessment,
                indicator_id=indicator,
                agency_id=agency,
                due_on=assessment.closes_on,
            )
            for indicator, agency in pairs
        ],
        batch_size=BATCH,
    )
    stored = {
        (indicator, agency): pk
        for pk, indicator, agency in assessment.submissions.values_list(
            "pk", "indicator_id", "agency_id"
        )
    }
    Response.objects.bulk_create(
        [
            Response(
                submission_id=stored[each.question.indicator_id, each.agency_id],
                assessment=assessment,
                question=each.question,
                role=each.role,
            )
            for each in assignments
        ],
        batch_size=BATCH,
    )
