"""Documents in their store: bytes are kept once however often they are given, and go when nothing
uses them. No row without its file: the file is written first, the rows follow in one short
transaction, and a file without a row is removed.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Any, Protocol, TypeVar

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, Sum

from agencies.models import Agency, User
from indicators.wording import ukuran
from submissions.actions import previews, scanning
from submissions.actions.record import RefusedError
from submissions.models import Blob, Evidence, EvidenceLink, EvidenceQuerySet, Review, RowEvidence


class HasEvidence(Protocol):
    """What storing makes: an attachment, or a version."""

    @property
    def evidence(self) -> Evidence: ...


Attached = TypeVar("Attached", bound=HasEvidence)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was looked into: the name people read, what it is, and its bytes."""

    name: str
    extension: str
    content_type: str
    size: int
    sha256: str
    content: IO[bytes]


def store_file(
    upload: CheckedFile, *, whom: Callable[[], str], link: Callable[[str], Attached]
) -> Attached:
    """Write the bytes under a name of their own, then let `link` make the rows; without rows that
    point to it the file goes again. `whom` tells whom to call, when the storage fails.
    """
    name = f"data-dukung/{uuid.uuid4().hex[:2]}/{uuid.uuid4().hex}.{upload.extension}"
    try:
        name = default_storage.save(name, File(upload.content))
        _sync(name)
    except OSError as error:
        _remove(name)
        raise RefusedError(
            f"{upload.name} belum tersimpan karena penyimpanan sistem bermasalah. Jawaban Anda "
            f"tetap tersimpan. Coba lagi nanti, atau hubungi {whom()}."
        ) from error
    kept = False
    try:
        made = link(name)
        kept = made.evidence.blob is not None and made.evidence.blob.file.name == name
    finally:
        if not kept:
            _remove(name)
    return made


# Inserts, or locks what is there: no moment between looking and writing. Where its bytes went by
# retention, it has these from now on.
KEPT = """
INSERT INTO submissions_blob (sha256, size, content_type, file, created_at)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (sha256) DO UPDATE SET file =
CASE submissions_blob.file WHEN '' THEN excluded.file ELSE submissions_blob.file END
RETURNING *
"""


def kept_blob(path: str, upload: CheckedFile, now: datetime) -> Blob:
    """The bytes' one row, locked, so that nobody deletes it now: ours, whose file is at `path`, or
    the one that was there. To be called in a transaction; that file was written before.
    """
    at = connection.ops.adapt_datetimefield_value(now)
    facts = (upload.sha256, upload.size, upload.content_type, path, at)
    [blob] = Blob.objects.raw(KEPT, facts)
    return blob


def file_evidence(
    agency: Agency, blob: Blob, *, path: str, name: str, by: User, now: datetime
) -> Evidence:
    """The agency's evidence of these bytes under this name: the one that is there, or a new one.
    Nobody has any yet of bytes that came just now, at `path`.
    """
    there = None
    if blob.file.name != path:
        mine = Evidence.objects.whole().filter(agency=agency, blob=blob, name=name)
        there = mine.select_for_update().first()
    return there or new_evidence(agency=agency, blob=blob, name=name, created_at=now, created_by=by)


def new_evidence(**values: Any) -> Evidence:
    """An evidence of a file, and the jobs that look into it and draw its pictures, all or none."""
    made = Evidence.objects.create(**values)
    scanning.ask(made)
    previews.ask(made)
    return made


def loose() -> Q:
    """What stands in the library alone: no answer ever had it, and no row has it now."""
    rows = RowEvidence.objects.filter(evidence=OuterRef("pk"), removed_at__isnull=True)
    links = EvidenceLink.objects.filter(evidence=OuterRef("pk"))
    return ~Q(Exists(links)) & ~Q(Exists(rows))


def bytes_of(found: EvidenceQuerySet) -> int:
    """The space that evidence takes."""
    return found.order_by().aggregate(total=Sum("blob__size"))["total"] or 0


def refuse_over_quota(used: int, upload: CheckedFile, *, space: str, whom: str) -> None:
    """RefusedError where the file does not fit beside the `used` bytes of that space."""
    if used + upload.size > settings.EVIDENCE_QUOTA_BYTES:
        raise RefusedError(
            f"Ruang simpan {space} ({ukuran(settings.EVIDENCE_QUOTA_BYTES)}) sudah terpakai "
            f"{ukuran(used)}, tidak cukup untuk {upload.name}. Lepas berkas yang tidak diperlukan, "
            f"hapus yang tidak dipakai dari Data dukung, atau hubungi {whom}."
        )


def delete_if_unused(versions: Sequence[Evidence]) -> bool:
    """Delete all versions of an evidence with their files if nothing uses any of them; says so.

    Bytes are locked before the rows, as in attaching, so that neither waits for ever. A document
    that a follow-up of a meeting points to is used too: `meetings` holds it by its key, and what
    was destroyed keeps its row.
    """
    keys = [each.pk for each in versions]
    bytes_ = {each.blob_id for each in versions if each.blob_id is not None}
    blobs = list(Blob.objects.select_for_update().filter(pk__in=bytes_).order_by("pk"))
    there = Evidence.objects.select_for_update().filter(pk__in=keys)
    if {each.pk for each in there} != set(keys):
        return False
    for uses in (EvidenceLink.objects, RowEvidence.objects, Review.evidence.through.objects):
        if uses.filter(evidence__in=keys).exists():
            return False
    if any(each.destroyed_at for each in there):
        return False
    try:
        with transaction.atomic():
            # Later versions name the first, so they go before it.
            Evidence.objects.filter(pk__in=keys, first__isnull=False).delete()
            Evidence.objects.filter(pk__in=keys).delete()
    except ProtectedError:
        return False
    for each in versions:
        for name in filter(None, (str(each.thumb.name or ""), str(each.preview.name or ""))):
            transaction.on_commit(partial(_remove, name))
    for blob in blobs:
        if not blob.evidence.exists():
            name = str(blob.file.name)
            blob.delete()
            transaction.on_commit(partial(_remove, name))
    return True


def _sync(name: str) -> None:
    """Force the bytes to the disk before a row says that they are there."""
    with contextlib.suppress(NotImplementedError):  # a storage elsewhere has its own promise
        handle = os.open(PurePosixPath(default_storage.path(name)), os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(name: str) -> None:
    with contextlib.suppress(OSError):
        default_storage.delete(name)
