"""What its giver does with an evidence itself: describe it, put a new version in its place, throw
away what nothing uses. Each verb leaves one `EvidenceChange`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from agencies.models import User
from indicators.wording import tanggal
from submissions.actions import storing
from submissions.actions.answering import PERMISSION, hold
from submissions.actions.evidence import swap
from submissions.actions.record import RefusedError, require
from submissions.models import (
    Evidence,
    EvidenceChange,
    EvidenceVerb,
    RegisterRow,
    Response,
    RowChange,
    RowEvidence,
    RowVerb,
    Submission,
)
from submissions.workflow import EDITABLE, Verdict


class StaleEvidenceError(Exception):
    """Somebody else saved, or replaced the file, meanwhile. `current` is how it stands now."""

    def __init__(self, current: Evidence) -> None:
        super().__init__("Sudah diubah orang lain.")
        self.current = current


@dataclass(frozen=True, slots=True)
class Description:
    """What a giver says of a document; the names are those of the columns."""

    kind: str = ""
    document_number: str = ""
    document_date: date | None = None
    signed: str = ""
    valid_until: date | None = None

    @classmethod
    def of(cls, evidence: Evidence) -> Description:
        """How an evidence is described now."""
        return cls(**{each.name: getattr(evidence, each.name) for each in fields(cls)})


@transaction.atomic
def describe(
    evidence: Evidence, *, description: Description, version: int, by: User, now: datetime
) -> Evidence:
    """Save what a document is; returns it as it is stored.

    `version` is the one that was read. What is stored already is returned unchanged and leaves no
    event. Raises StaleEvidenceError when somebody else said something else meanwhile.
    """
    require(by, PERMISSION, evidence.agency)
    current = _whole(_fresh(evidence))
    before = Description.of(current)
    if before == description:
        return current
    changes = asdict(description)
    saved = Evidence.objects.filter(pk=evidence.pk, version=version).update(
        version=F("version") + 1, **changes
    )
    if not saved:
        raise StaleEvidenceError(_fresh(evidence))
    current = _fresh(evidence)
    _record(
        current, EvidenceVerb.DESCRIBE, by=by, now=now,
        to=_told(description), **{"from": _told(before)},
    )  # fmt: skip
    return current


def replace(
    evidence: Evidence, *, upload: storing.CheckedFile, by: User, now: datetime
) -> Evidence:
    """Put another file in the place of the latest version; returns the new version.

    It takes the old one's place in every row, and in those answers of the giver that may be changed
    now. What is handed in, accepted or closed keeps the version that was given, so a verdict keeps
    pointing to what the reviewer saw. The same bytes once more change nothing. Raises
    StaleEvidenceError when `evidence` is no longer the latest.
    """
    require(by, PERMISSION, evidence.agency)
    _refuse_link(evidence)
    made = storing.store_file(
        upload,
        whom=lambda: evidence.agency.region.contact or "sekretariat Gugus Tugas KLA",
        link=lambda name: _Stored(_replaced(evidence, path=name, upload=upload, by=by, now=now)),
    )
    return made.evidence


@transaction.atomic
def discard(evidence: Evidence, *, by: User, now: datetime) -> None:
    """Throw away an evidence with all its versions: only if no answer, row or verdict has any of
    them.
    """
    require(by, PERMISSION, evidence.agency)
    versions = list(Evidence.objects.versions_of(evidence).order_by("pk"))
    if not storing.delete_if_unused(versions):
        raise RefusedError(
            "Data dukung ini tidak dapat dihapus, karena dipakai pada jawaban, baris daftar induk, "
            "atau tindak lanjut rakor, sebuah hasil verifikasi bertumpu padanya, atau sudah "
            "dimusnahkan."
        )
    for each in versions:
        _record(
            each, EvidenceVerb.DISCARD, by=by, now=now, name=each.public_name, number=each.number
        )


# --- the steps -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stored:
    """What `store_file` asks for: something that has an evidence."""

    evidence: Evidence


@transaction.atomic
def _replaced(
    evidence: Evidence, *, path: str, upload: storing.CheckedFile, by: User, now: datetime
) -> Evidence:
    """The rows of a new version. Work is held first, then rows, then bytes, as in attaching."""
    answers = _changeable(evidence, now)
    mine = RowEvidence.objects.filter(evidence=evidence, removed_at__isnull=True)
    rows = list(
        RegisterRow.objects.select_for_update().filter(pk__in=mine.values("row")).order_by("pk")
    )
    blob = storing.kept_blob(path, upload, now)
    versions = list(Evidence.objects.select_for_update().versions_of(evidence).order_by("number"))
    latest = versions[-1] if versions else None
    if latest is None:
        raise RefusedError("Data dukung ini tidak ada lagi.")
    _whole(latest)
    if latest.blob_id == blob.pk:
        return _fresh(latest)
    if latest.pk != evidence.pk:
        raise StaleEvidenceError(_fresh(latest))
    spare = Evidence.objects.filter(storing.loose(), agency=evidence.agency_id)
    storing.refuse_over_quota(
        storing.bytes_of(spare), upload, space="pustaka",
        whom=evidence.agency.region.contact or "sekretariat Gugus Tugas KLA",
    )  # fmt: skip
    new = storing.new_evidence(
        agency=evidence.agency,
        name=upload.name,
        blob=blob,
        first_id=evidence.root,
        number=latest.number + 1,
        restricted=latest.restricted,
        created_at=now,
        created_by=by,
        # Whether it is signed is seen on the paper: nobody has said so of the new one.
        **(asdict(Description.of(latest)) | {"signed": ""}),
    )
    for answer in answers:
        [link] = answer.links.select_related("evidence").filter(
            evidence=evidence, removed_at__isnull=True
        )
        swap(answer, link, new, by=by, now=now)
    _into_rows(rows, evidence, new, by=by, now=now)
    _record(
        new, EvidenceVerb.REPLACE, by=by, now=now,
        number=new.number, replaces=evidence.pk, name=new.public_name, sha256=upload.sha256,
    )  # fmt: skip
    return new


def _changeable(evidence: Evidence, now: datetime) -> Sequence[Response]:
    """The giver's answers that have this version and may be changed now; their work is held, and
    only then the year is read: closing takes hold of all of it.
    """
    works = Submission.objects.for_work().filter(
        agency=evidence.agency_id,
        assessment__closed_at__isnull=True,
        state__in=[state.value for state in EDITABLE],
        responses__links__evidence=evidence,
        responses__links__removed_at__isnull=True,
    )
    held = [each.pk for each in works.distinct().order_by("pk") if hold(each, now)]
    return list(
        Response.objects.select_related(
            "submission__assessment__region", "submission__agency", "submission__indicator"
        )
        .filter(
            submission__in=held,
            assessment__closed_at__isnull=True,
            links__evidence=evidence,
            links__removed_at__isnull=True,
        )
        .exclude(verdict=Verdict.ACCEPTED.value)
        .order_by("pk")
    )


def _into_rows(
    rows: Sequence[RegisterRow], old: Evidence, new: Evidence, *, by: User, now: datetime
) -> None:
    for row in rows:
        gone = RowEvidence.objects.filter(row=row, evidence=old, removed_at__isnull=True).update(
            removed_at=now, removed_by=by
        )
        if not gone:
            continue
        RowEvidence.objects.create(row=row, evidence=new, added_at=now, added_by=by)
        RowChange.objects.create(
            row=row, verb=RowVerb.ATTACH, by=by, on_behalf=by.agency_id != row.agency_id, at=now,
            data={"name": new.public_name, "evidence": new.pk, "replaces": old.pk},
        )  # fmt: skip


def _fresh(evidence: Evidence) -> Evidence:
    found = Evidence.objects.select_related("agency__region", "blob", "created_by")
    current = found.filter(pk=evidence.pk).first()
    if current is None:
        raise RefusedError("Data dukung ini tidak ada lagi.")
    return current


def _whole(evidence: Evidence) -> Evidence:
    """The same; RefusedError where it was destroyed: what had to go does not come back."""
    if evidence.destroyed_at is not None:
        raise RefusedError(
            f"Data dukung ini dimusnahkan {tanggal(evidence.destroyed_at)} atas hak pemilik data, "
            "jadi tidak dapat diubah. Bila perlu, lampirkan dokumen lain pada jawabannya."
        )
    return evidence


def _refuse_link(evidence: Evidence) -> None:
    if evidence.blob_id is None:
        raise RefusedError(
            "Tautan tidak punya versi. Lampirkan tautan atau berkas yang baru pada jawabannya."
        )


def _told(description: Description) -> dict[str, Any]:
    """As it is kept in the history: days as text."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(description).items()
    }


def _record(
    evidence: Evidence, verb: EvidenceVerb, *, by: User, now: datetime, **data: Any
) -> None:
    EvidenceChange.objects.create(
        evidence_id=evidence.pk,
        verb=verb,
        by=by,
        on_behalf=by.agency_id != evidence.agency_id,
        at=now,
        data=data,
    )
