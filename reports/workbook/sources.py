"""What only the workbook reads: the words of the answers, and what is attached to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from agencies.models import Agency
from submissions.models import HIDDEN, Assessment, EvidenceLink, Response


class Texts(NamedTuple):
    """What an answer says in words; read only for the workbook."""

    value: Any
    claim_level: int | None
    verified_level: int | None
    review_note: str
    unproven_reason: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One document attached to one answer."""

    response: int
    name: str
    kind: str
    size: int | None
    url: str
    agency: str
    added_at: datetime


def texts_of(assessment: Assessment, own: Agency | None) -> dict[int, Texts]:
    found = Response.objects.filter(assessment=assessment)
    if own is not None:
        found = found.filter(submission__agency=own)
    return {
        row[0]: Texts(row[1], row[2], row[3], row[4] or "", row[5])
        for row in found.values_list(
            "pk",
            "value",
            "claim_level",
            "verified_level",
            "last_review__note",
            "unproven_reason",
        )
    }


def proofs_of(assessment: Assessment, own: Agency | None) -> dict[int, list[Proof]]:
    """What is attached now, by answer, in the order it was attached."""
    found = EvidenceLink.objects.filter(response__assessment=assessment, removed_at__isnull=True)
    if own is not None:
        found = found.filter(response__submission__agency=own)
    attached: dict[int, list[Proof]] = defaultdict(list)
    for row in found.order_by("added_at", "pk").values_list(
        "response_id",
        "evidence__name",
        "evidence__blob__content_type",
        "evidence__blob__size",
        "evidence__url",
        "evidence__restricted",
        "response__submission__agency__name",
        "added_at",
    ):
        response, name, kind, size, url, restricted, agency, added_at = row
        if restricted:  # a sheet goes to more people than may open it
            name, url = HIDDEN, ""
        proof = Proof(response, name, _kind(kind), size, url, agency, added_at)
        attached[response].append(proof)
    return attached


KINDS = {
    "application/pdf": "PDF",
    "image/jpeg": "foto (JPEG)",
    "image/png": "gambar (PNG)",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
}


def _kind(content_type: str | None) -> str:
    return KINDS.get(content_type, content_type) if content_type else "tautan"
