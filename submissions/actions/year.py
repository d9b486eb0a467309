"""The beginning and the end of a year: opening, closing, opening again.

Opened, the standing assignments become the year's own submissions and responses. Closed, every verb
that changes the year refuses (`record.refuse_closed`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.models import Assignment, Region, User
from indicators.models import Instrument
from submissions.actions.record import RefusedError, record, refuse_closed, require
from submissions.models import Assessment, Response, Submission, Verb
from submissions.workflow import State

BATCH = 500
SAME_CLICK = timedelta(minutes=1)
CLOSING = "submissions.close_year"
NOTE_LENGTH = 1000


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
    draft, or nobody is assigned; PermissionDenied if `by` may not. A second click of the same
    person, with the same values, gets the year that the first one opened.
    """
    if by is not None:
        require(by, "submissions.open_year", region)
    if instrument.published_at is None:
        raise RefusedError("Instrumen ini masih draf. Terbitkan dahulu, lalu buka tahunnya.")
    assignments = _assigned(region, instrument)
    asked: dict[str, Any] = {
        "region": region,
        "instrument": instrument,
        "year": year,
        "data_year": data_year,
        "closes_on": closes_on,
        "opened_by": by,
    }
    try:
        with transaction.atomic():
            assessment = Assessment.objects.create(
                **asked, is_example=is_example, opened_at=at or timezone.now()
            )
    except IntegrityError:
        just_opened = Assessment.objects.filter(**asked, opened_at__gt=timezone.now() - SAME_CLICK)
        if by is not None and (same := just_opened.first()):
            return same
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


@transaction.atomic
def close_year(
    assessment: Assessment,
    *,
    note: str,
    by: User | None,
    now: datetime,
    expected: int | None = None,
) -> Assessment:
    """End a year: from now on its answers, evidence, verdicts and offices hold still.

    Nothing else changes: what was not accepted stays as it stands. `expected` is how many
    submissions were not accepted when the closer read the page; another number is refused. `by` is
    None only from the server's shell. Raises RefusedError if it is closed already.
    """
    if by is not None:
        require(by, CLOSING, assessment)
    note = _short(note)
    year = _taken(assessment)
    refuse_closed(year)
    left = year.submissions.in_use().exclude(state=State.ACCEPTED.value).count()
    if expected is not None and left != expected:
        raise RefusedError(
            "Tahun belum ditutup: isiannya berubah sementara Anda membaca. Periksa lagi angkanya."
        )
    year.closed_at = now
    year.save(update_fields=["closed_at"])
    record(Verb.CLOSE_YEAR, by=by, assessment=year, at=now, note=note, unaccepted=left)
    return year


@transaction.atomic
def reopen_year(
    assessment: Assessment, *, reason: str, by: User | None, now: datetime
) -> Assessment:
    """Open a closed year again, exactly as it was closed; the reason is kept in the history."""
    if by is not None:
        require(by, CLOSING, assessment)
    reason = _short(reason)
    if not reason:
        raise RefusedError("Tulis alasan membuka kembali tahun ini; alasannya tercatat.")
    year = _taken(assessment)
    if year.closed_at is None:
        raise RefusedError(f"Penilaian {year.year} sedang dibuka, jadi tidak perlu dibuka kembali.")
    closed_at, year.closed_at = year.closed_at, None
    year.save(update_fields=["closed_at"])
    record(
        Verb.REOPEN_YEAR,
        by=by,
        assessment=year,
        at=now,
        reason=reason,
        closed_at=closed_at.isoformat(),
    )
    return year


def _taken(assessment: Assessment) -> Assessment:
    """The year as it stands, taken, with all its work: who is saving, reviewing or arranging ends
    first, and who comes later reads what became of the year.
    """
    year = Assessment.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "region", "instrument"
    )
    [taken] = year.filter(pk=assessment.pk)
    work = Submission.objects.select_for_update(no_key=True).filter(assessment=taken)
    list(work.order_by("pk").values_list("pk", flat=True))
    return taken


def _short(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > NOTE_LENGTH:
        raise RefusedError(f"Terlalu panjang: paling banyak {NOTE_LENGTH} huruf.")
    return text


def _assigned(region: Region, instrument: Instrument) -> list[Assignment]:
    """The standing assignments, by the order of the questions; RefusedError if there are none."""
    found = list(
        Assignment.objects.filter(
            region=region, question__instrument=instrument, agency__retired_at__isnull=True
        )
        .select_related("question")
        .order_by("question__order", "pk")
    )
    if not found:
        raise RefusedError(
            "Belum ada perangkat daerah yang mengampu pertanyaan. "
            "Atur dahulu di halaman Perangkat daerah."
        )
    return found


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
