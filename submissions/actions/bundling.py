"""The life of a bundle of evidence: asked for, packed by a job, kept for a day, gone.

What is inside and how it is written is `reports.bundles`. Several workers may come to the same
bundle (a killed one's job is taken up again): only the last that began writes progress and result.
"""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from agencies.models import Agency, User
from indicators.wording import ukuran
from submissions.actions.record import RefusedError, record, require
from submissions.models import Assessment, Bundle, Verb

JOB = "reports.tasks.pack"  # by name, as a job is stored: reports stand above this room
WHOLE = "reports.export_assessment"
OWN = "reports.export_own"
KEEP = timedelta(hours=24)
QUIET = timedelta(minutes=2)  # a worker that was not heard of for so long is dead
GAVE_UP = (
    "Pembuatan bundel terputus beberapa kali. Coba lagi, kalau perlu per klaster; bila tetap "
    "gagal, hubungi administrator."
)
NO_RIGHT = "Hak Anda berubah sejak bundel ini diminta, jadi bundel tidak dibuat."


class SupersededError(Exception):
    """Another worker has begun with the bundle, or it is gone: this one stops."""


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
    sweep_of(by, now)
    bundle = Bundle(
        assessment=assessment,
        by=by,
        cluster=cluster,
        indicator=indicator,
        agency=agency,
        asked_at=now,
        expires_at=now + KEEP,
    )
    _refuse_without_room(bundle.estimate())
    try:
        with transaction.atomic():
            bundle.save()
            import_string(JOB).enqueue(bundle.pk)
    except IntegrityError:
        raise RefusedError(
            "Bundel Anda yang lain masih dibuat. Tunggu sampai selesai, atau batalkan dahulu."
        ) from None
    return bundle


def drop(bundle: Bundle, *, by: User) -> None:
    """Cancel or remove the own bundle with its file; twice is once."""
    if bundle.by_id != by.pk:
        raise PermissionDenied
    _remove(bundle)


def drop_for_all(bundle: Bundle) -> None:
    """Remove anybody's bundle, ready or being packed, once the transaction is through: what is in
    it had to go. Its worker finds it gone, and stops.
    """
    Bundle.objects.filter(pk=bundle.pk).delete()
    transaction.on_commit(partial(_clear, bundle))


# --- what the job does ---------------------------------------------------------------------------


def begin(pk: int, *, now: datetime) -> Bundle | None:
    """Take hold of a bundle for packing; None if it is done, gone, or another worker is at it."""
    found = Bundle.objects.unfinished().filter(pk=pk).first()
    if found is None or (found.beat_at is not None and found.beat_at > now - QUIET):
        return None
    same = Bundle.objects.unfinished().filter(pk=pk, attempt=found.attempt)
    if not same.update(attempt=found.attempt + 1, beat_at=now, done_files=0, done_bytes=0):
        return None
    _clear(found)  # what the worker before left
    return Bundle.objects.select_related(
        "by__agency", "assessment__region", "assessment__instrument", "agency"
    ).get(pk=pk)


def beat(bundle: Bundle, *, now: datetime, **progress: int) -> None:
    """Say that one is at it, and how far; SupersededError if that is no longer wanted."""
    if not _held(bundle).update(beat_at=now, **progress):
        raise SupersededError


def finish(bundle: Bundle, *, now: datetime, size: int, missing: int) -> None:
    """The draft is whole and takes its name: from now on it can be fetched, for a day."""
    with transaction.atomic():
        done = _held(bundle).update(
            finished_at=now,
            beat_at=now,
            expires_at=now + KEEP,
            size=size,
            missing=missing,
            done_files=bundle.total_files,
        )
        if not done:
            raise SupersededError
        bundle.draft.replace(bundle.path)  # while nobody else can take hold of the row
        record(
            Verb.EXPORT,
            by=bundle.by,
            assessment=bundle.assessment,
            at=now,
            sheet="bundel.zip",
            scope=bundle.scope,
            missing=missing,
        )


def fail(bundle: Bundle, *, now: datetime, error: str) -> None:
    """No file will come of it; the sentence is for its requester."""
    _held(bundle).update(finished_at=now, error=error, expires_at=now + KEEP)


def give_up(pk: int, *, now: datetime) -> None:
    """Too many workers died with it."""
    Bundle.objects.unfinished().filter(pk=pk).update(
        finished_at=now, error=GAVE_UP, expires_at=now + KEEP
    )


def in_work(now: datetime) -> set[int]:
    """The bundles that a worker is at, however long it takes: their jobs are not dead."""
    alive = Bundle.objects.unfinished().filter(beat_at__gt=now - QUIET)
    return set(alive.values_list("pk", flat=True))


def sweep(now: datetime) -> tuple[int, int]:
    """Remove bundles past their day, and files that no row names. How many of each."""
    gone = [bundle for bundle in Bundle.objects.expired(now) if _remove(bundle)]
    root, strays = Path(settings.BUNDLE_ROOT), 0
    known = set(Bundle.objects.values_list("token", flat=True))
    names = {token.hex for token in known}
    for path in root.glob("*") if root.is_dir() else ():
        try:
            old = path.stat().st_mtime < (now - KEEP).timestamp()
        except FileNotFoundError:
            continue
        if old and path.name.partition(".")[0] not in names:
            _delete(path)
            strays += 1
    return len(gone), strays


def sweep_of(by: User, now: datetime) -> None:
    """The same for one person's, whenever another is asked for."""
    for bundle in Bundle.objects.expired(now).filter(by=by):
        _remove(bundle)


# --- the steps -----------------------------------------------------------------------------------


def _held(bundle: Bundle) -> QuerySet[Bundle]:
    return Bundle.objects.unfinished().filter(pk=bundle.pk, attempt=bundle.attempt)


def _remove(bundle: Bundle) -> bool:
    gone, _ = Bundle.objects.filter(pk=bundle.pk).delete()
    _clear(bundle)
    return bool(gone)


def _clear(bundle: Bundle) -> None:
    """Remove what lies on the disk of it."""
    for path in Path(settings.BUNDLE_ROOT).glob(f"{bundle.token.hex}.*"):
        _delete(path)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _refuse_without_room(size: int) -> None:
    root = Path(settings.BUNDLE_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free - settings.BUNDLE_SPARE_BYTES
    if size > free:
        raise RefusedError(
            f"Bundel ini perlu sekitar {ukuran(size)}, sedangkan ruang di server tinggal "
            f"{ukuran(max(free, 0))}. Pilih bagian yang lebih kecil, misalnya satu klaster, atau "
            "hubungi administrator."
        )
