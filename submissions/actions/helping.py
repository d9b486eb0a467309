"""What a supporting office gave, taken over by the lead: one click, and whose it was stays."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies.models import AssignmentRole, User
from submissions.actions import evidence as files
from submissions.actions import ticking
from submissions.actions.answering import PERMISSION, answer, for_answering, hold
from submissions.actions.record import RefusedError, require
from submissions.models import Evidence, Response


def quoted(agency: str, note: str) -> str:
    """A support's note within the lead's: it says whose it is, wherever it is read."""
    return f"Dari {agency}: {note}"


@transaction.atomic
def take_over(
    response: Response, *, support: int, seen: int, version: int, by: User, now: datetime
) -> bool:
    """Take a support's note, evidence and rows into the lead's answer; says whether anything came.

    `support` is the support's answer, `seen` and `version` what was on the page of both. The note
    is added to the lead's own; evidence stays its giver's, rows stay in their office's register.
    What is there already is passed over. Raises StaleError and RefusedError as typing does.
    """
    require(by, PERMISSION, response.submission)
    hold(response.submission, now)
    [current] = for_answering(Response.objects.filter(pk=response.pk))
    given = Response.objects.select_related("submission__agency").filter(
        pk=support,
        role=AssignmentRole.SUPPORT,
        assessment=current.assessment_id,
        question=current.question_id,
    )
    help_ = given.first()
    if help_ is None or current.role != AssignmentRole.LEAD:
        raise RefusedError("Pendukung itu tidak ada lagi pada pertanyaan ini. Muat ulang halaman.")
    if help_.version != seen:
        raise RefusedError(
            f"{help_.agency} baru saja mengubah catatannya, jadi belum ada yang diambil. "
            "Muat ulang halaman, lalu ambil lagi."
        )
    origin = {"agency": help_.agency.code, "office": help_.agency.name}
    came = False
    said = quoted(help_.agency.name, help_.note)
    if help_.note and said not in current.note:
        note = f"{current.note}\n{said}".strip()
        value = current.value
        answer(current, value=value, note=note, version=version, by=by, now=now, origin=origin)
        came = True
    live = Evidence.objects.filter(links__response=help_, links__removed_at__isnull=True)
    mine = Evidence.objects.filter(links__response=current, links__removed_at__isnull=True)
    for each in live.exclude(pk__in=mine.values("pk")).order_by("pk").distinct():
        files.attach_existing(current, evidence=each, by=by, now=now, origin=origin)
        came = True
    rows = help_.row_ticks.filter(removed_at__isnull=True).values_list("row", flat=True)
    keys = set(rows)
    if keys and ticking.tick_rows(current, wanted=keys, shown=keys, by=by, now=now, origin=origin):
        came = True
    return came
