"""Evidence that only its giver's office and the verifikator may open; who opened it is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies.models import User
from submissions.actions.answering import PERMISSION
from submissions.actions.record import require
from submissions.models import Evidence, EvidenceChange, EvidenceVerb


@transaction.atomic
def restrict(evidence: Evidence, *, restricted: bool, by: User, now: datetime) -> bool:
    """Mark an evidence with all its versions, or take the mark away; says whether it changed."""
    require(by, PERMISSION, evidence.agency)
    versions = Evidence.objects.versions_of(evidence).whole().exclude(restricted=restricted)
    if not versions.update(restricted=restricted):
        return False
    EvidenceChange.objects.create(
        evidence=evidence,
        verb=EvidenceVerb.RESTRICT if restricted else EvidenceVerb.UNRESTRICT,
        by=by,
        on_behalf=by.agency_id != evidence.agency_id,
        at=now,
    )
    return True


@transaction.atomic
def opened(evidence: Evidence, *, saved: bool, by: User, now: datetime) -> None:
    """Keep that somebody opened a restricted evidence, or `saved` it."""
    data = {"saved": True} if saved else {}
    EvidenceChange.objects.create(
        evidence=evidence, verb=EvidenceVerb.OPEN, by=by, at=now, data=data
    )
