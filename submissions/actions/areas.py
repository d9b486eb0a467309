"""One file for the answers of many areas: stored once, attached to each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agencies.models import User
from submissions.actions.evidence import attach_existing, attach_file
from submissions.actions.record import RefusedError
from submissions.actions.storing import CheckedFile
from submissions.models import Evidence, Response


def attach_to_areas(
    responses: Sequence[Response], *, upload: CheckedFile, by: User, now: datetime
) -> tuple[int, list[str]]:
    """Attach one file to the answers of these areas to the same question.

    It belongs to the office that gives it. Each attachment is whole by itself: returns how many
    stand now, and a sentence for each area whose answer may not be changed.
    """
    evidence: Evidence | None = None
    attached, refusals = 0, []
    for response in responses:
        try:
            if evidence is None:
                link = attach_file(response, upload=upload, by=by, now=now, owner=by.agency)
                evidence = link.evidence
            else:
                attach_existing(response, evidence=evidence, by=by, now=now)
            attached += 1
        except RefusedError as error:
            refusals.append(f"{response.submission.agency}: {error}")
    return attached, refusals


def attach_also(
    responses: Sequence[Response], *, evidence: Evidence, by: User, now: datetime
) -> tuple[int, list[str]]:
    """The same with what is attached to one of these areas already."""
    attached, refusals = 0, []
    for response in responses:
        try:
            attach_existing(response, evidence=evidence, by=by, now=now)
            attached += 1
        except RefusedError as error:
            refusals.append(f"{response.submission.agency}: {error}")
    return attached, refusals
