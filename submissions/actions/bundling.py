"""Bundles of evidence: who may have which part of a year, and whether there is room for it.

How it is made and kept is `making`; what is inside and how it is written is `reports.bundles`.
"""

from __future__ import annotations

import shutil
from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from agencies.models import Agency, User
from indicators.wording import ukuran
from submissions.actions import making
from submissions.actions.record import RefusedError, record, require
from submissions.models import Assessment, Bundle, Verb

WHOLE = "reports.export_assessment"
OWN = "reports.export_own"


def require_bundle(by: User, assessment: Assessment, agency: Agency | None) -> None:
    """The right over what is asked for: any part of the region, or the own office's."""
    if agency is not None and agency.region_id != assessment.region_id:
        raise PermissionDenied
    if by.has_perm(WHOLE, assessment):
        return
    if agency is None:
        raise PermissionDenied
    require(by, OWN, agency)


def may_have(bundle: Bundle) -> bool:
    """Whether its requester still has the right, asked again when packing and when fetching."""
    try:
        require_bundle(bundle.by, bundle.assessment, bundle.agency)
    except PermissionDenied:
        return False
    return bundle.by.is_active


def ask(
    assessment: Assessment,
    *,
    by: User,
    now: datetime,
    cluster: str = "",
    indicator: str = "",
    agency: Agency | None = None,
) -> Bundle:
    """Have a bundle made when the transaction is through; one at a time for each person."""
    require_bundle(by, assessment, agency)
    bundle = Bundle(
        assessment=assessment, by=by, cluster=cluster, indicator=indicator, agency=agency
    )
    making.sweep_of(Bundle, by, now)  # makes room
    _refuse_without_room(bundle.estimate())
    try:
        return making.ask(bundle, now=now)
    except IntegrityError:
        raise RefusedError(
            "Bundel Anda yang lain masih dibuat. Tunggu sampai selesai, atau batalkan dahulu."
        ) from None


def exported(bundle: Bundle, now: datetime) -> None:
    """The event of a bundle that is whole."""
    record(
        Verb.EXPORT,
        by=bundle.by,
        assessment=bundle.assessment,
        at=now,
        sheet="bundel.zip",
        scope=bundle.scope,
        missing=bundle.missing,
    )


def _refuse_without_room(size: int) -> None:
    root = making.root()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free - settings.BUNDLE_SPARE_BYTES
    if size > free:
        raise RefusedError(
            f"Bundel ini perlu sekitar {ukuran(size)}, sedangkan ruang di server tinggal "
            f"{ukuran(max(free, 0))}. Pilih bagian yang lebih kecil, misalnya satu klaster, atau "
            "hubungi administrator."
        )
