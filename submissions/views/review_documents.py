"""The evidence of a reviewed answer: how it can be shown, what it is, what is new of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from indicators import wording
from submissions.models import Evidence, Scan
from submissions.views.library import said_of
from submissions.workflow import expired

IMAGES = frozenset({"image/jpeg", "image/png"})
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Document:
    """An evidence as the page shows it: in a frame, as a picture, or only to open."""

    pk: int
    name: str
    how: str  # "pdf", "image", "file", "link"
    kind: str
    href: str
    size: int | None
    at: datetime
    giver: str
    select: str
    current: bool
    said: str  # what its giver says of it
    number: int
    thumb: bool  # whether there is a picture of it
    expired: str  # until when it held, where the year needs a newer one
    fresh: str  # what is new of it since the last verdict
    newer: int  # a later version, which this answer does not have
    restricted: bool = False

    @property
    def about(self) -> str:
        """Where its versions and uses stand."""
        return reverse("evidence_page", args=[self.pk])


def document(
    evidence: Evidence,
    *,
    chosen: int | None,
    select: str,
    data_year: int,
    seen: Collection[Evidence] | None = None,
    newer: int | None = None,
) -> Document:
    """An evidence as the page shows it; `seen` is what the last verdict rested on, if there is
    one.
    """
    blob, until = evidence.blob, evidence.valid_until
    how = "link"
    if blob is not None:
        how = "pdf" if blob.content_type == PDF else "file"
        how = "image" if blob.content_type in IMAGES else how
        how = how if blob.file else "gone"
        how = {Scan.WAITING.value: "wait", Scan.INFECTED.value: "infected"}.get(evidence.scan, how)
    return Document(
        pk=evidence.pk,
        name=evidence.name,
        how=how,
        kind="WEB" if blob is None else str(blob.file.name).rpartition(".")[2].upper(),
        href=evidence.url or reverse("evidence", args=[evidence.pk]),
        size=blob.size if blob is not None else None,
        at=evidence.created_at,
        giver=evidence.agency.name,
        select=select,
        current=evidence.pk == chosen,
        said=said_of(evidence),
        number=evidence.number,
        thumb=bool(evidence.thumb) and not evidence.restricted,
        restricted=evidence.restricted,
        expired=wording.tanggal(until) if expired(until, data_year) else "",
        fresh=_fresh(evidence, seen) if seen is not None else "",
        newer=newer or 0,
    )


def names_of(evidence: Iterable[Evidence]) -> str:
    """Their names; later versions say which they are."""
    return ", ".join(sorted(map(_name, evidence))) or wording.NOTHING


def _name(evidence: Evidence) -> str:
    later = evidence.number > 1
    return f"{evidence.name} (versi {evidence.number})" if later else evidence.name


def _fresh(evidence: Evidence, seen: Collection[Evidence]) -> str:
    """What is new of an evidence since the verdict that rested on `seen`; nothing if it is the
    same.
    """
    if evidence in seen:
        return ""
    before = [each.number for each in seen if each.root == evidence.root]
    if before:
        return f"versi baru sejak verifikasi terakhir (waktu itu versi {max(before)})"
    return "baru sejak verifikasi terakhir"
