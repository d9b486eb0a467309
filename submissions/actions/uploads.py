"""Files that arrive in parts: begin, take a part, finish as evidence, cancel, clean up.

Each part is written to a file of its own and synced; then one compare-and-set of the row says that
it counts. So two that send at once cannot mix their bytes, a process that dies leaves a file that
nobody names, and what was acknowledged is there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from agencies.models import User
from indicators.wording import ukuran
from submissions.actions.answering import PERMISSION, refuse_unless_editable
from submissions.actions.evidence import attach_file
from submissions.actions.record import RefusedError, require
from submissions.actions.registers import attach_to_row, refuse_retired
from submissions.actions.storing import CheckedFile, HasEvidence
from submissions.models import RegisterRow, Response, Upload

AT_ONCE = 100  # unfinished files of one person
SWEPT_AT_ONCE = 20  # when somebody begins another


class MovedError(Exception):
    """The upload is not where the sender thinks: another part came first, or it has gone."""


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes that are on the disk and do not count yet."""

    path: Path
    size: int


@transaction.atomic
def begin(
    place: Response | RegisterRow,
    *,
    name: str,
    size: int,
    by: User,
    now: datetime,
    sha256: str = "",
    metadata: str = "",
) -> Upload:
    """Make room for one file; RefusedError while the person has too much that is not finished."""
    if isinstance(place, RegisterRow):
        require(by, PERMISSION, place.agency)
        refuse_retired(place)
    else:
        require(by, PERMISSION, place)
        refuse_unless_editable(place, held=True)
    User.objects.select_for_update().get(pk=by.pk)  # one at a time counts what there is
    mine = Upload.objects.unfinished().filter(by=by, expires_at__gt=now)
    waiting = mine.aggregate(total=Sum("size"))["total"] or 0
    if waiting + size > settings.UPLOAD_QUOTA_BYTES or mine.count() >= AT_ONCE:
        raise RefusedError(
            f"{name} belum dapat dikirim: unggahan Anda yang belum selesai sudah {ukuran(waiting)}."
            " Selesaikan atau batalkan dahulu sebagian."
        )
    return Upload.objects.create(
        response=place if isinstance(place, Response) else None,
        row=place if isinstance(place, RegisterRow) else None,
        by=by,
        name=name,
        size=size,
        sha256=sha256,
        metadata=metadata,
        created_at=now,
        expires_at=_until(now),
    )


def write_part(upload: Upload, chunks: Iterable[bytes]) -> Part:
    """Write bytes beside those that are there; they count once `take` or `finish` says so.

    Stays as long as it got when `chunks` raises: nothing is kept then.
    """
    folder = folder_of(upload)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{uuid4().hex}.part"
    size = 0
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(folder)
    except FileNotFoundError:  # the folder went meanwhile: finished or cancelled
        raise MovedError from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Part(path, size)


def take(upload: Upload, part: Part, *, now: datetime) -> Upload:
    """Let a part count that is not the last; MovedError, and the part is gone, if another came
    first.
    """
    offset = upload.offset + part.size
    changes = {
        "offset": offset,
        "parts": [*upload.parts, part.path.name],
        "expires_at": _until(now),
    }
    here = Upload.objects.unfinished().filter(pk=upload.pk, offset=upload.offset)
    if part.size == 0 or not here.update(**changes):
        drop_part(part)
        raise MovedError
    for field, value in changes.items():
        setattr(upload, field, value)
    return upload


@contextmanager
def assembled(upload: Upload, last: Part) -> Iterator[IO[bytes]]:
    """The whole file, with the last part that does not count yet, to be looked into.

    MovedError if parts are not there any more; an upload that lost them without reason is given up.
    """
    folder = folder_of(upload)
    with tempfile.TemporaryFile(dir=settings.UPLOAD_ROOT) as whole:
        try:
            for path in (*(folder / name for name in upload.parts), last.path):
                with path.open("rb") as part:
                    shutil.copyfileobj(part, whole, 1 << 20)
        except FileNotFoundError:
            if Upload.objects.unfinished().filter(pk=upload.pk, offset=upload.offset).exists():
                cancel(upload)
            raise MovedError from None
        whole.seek(0)
        yield whole


def finish(upload: Upload, *, checked: CheckedFile, by: User, now: datetime) -> HasEvidence:
    """The file is whole and was looked into: attach it, and mark the upload as finished with it.

    MovedError if another request finished it first; RefusedError leaves the upload as it was, to be
    tried again.
    """

    def claim() -> None:
        here = Upload.objects.unfinished().filter(pk=upload.pk, offset=upload.offset)
        if not here.update(offset=upload.size, parts=[], finished_at=now, expires_at=_until(now)):
            raise MovedError

    place = upload.place
    link: HasEvidence
    if isinstance(place, RegisterRow):
        link = attach_to_row(place, upload=checked, by=by, now=now, alongside=claim)
    else:
        link = attach_file(place, upload=checked, by=by, now=now, alongside=claim)
    remove_files(upload)
    return link


def cancel(upload: Upload) -> None:
    """Forget an upload and its bytes; what became evidence stays."""
    Upload.objects.filter(pk=upload.pk).delete()
    remove_files(upload)


def sweep(now: datetime, *, most: int | None = None) -> tuple[int, int]:
    """Remove uploads that were not gone on with, and (unless `most` limits it) files that no row
    names: a process died between the two. How many of each.
    """
    found = list(Upload.objects.expired(now).order_by("expires_at")[:most])
    gone = 0
    for upload in found:
        deleted, _ = Upload.objects.expired(now).filter(pk=upload.pk).delete()
        if deleted:
            remove_files(upload)
            gone += 1
    return gone, 0 if most is not None else _sweep_strays(now)


def folder_of(upload: Upload) -> Path:
    return Path(settings.UPLOAD_ROOT) / upload.token.hex


def drop_part(part: Part) -> None:
    part.path.unlink(missing_ok=True)


def remove_files(upload: Upload) -> None:
    shutil.rmtree(folder_of(upload), ignore_errors=True)


# --- the steps -----------------------------------------------------------------------------------


def _until(now: datetime) -> datetime:
    return now + timedelta(hours=settings.UPLOAD_KEEP_HOURS)


def _sweep_strays(now: datetime) -> int:
    """Old folders without a row, and what forms left: a killed process cleans up nothing."""
    root, forms = Path(settings.UPLOAD_ROOT), Path(settings.FILE_UPLOAD_TEMP_DIR)
    before = (now - timedelta(hours=settings.UPLOAD_KEEP_HOURS)).timestamp()
    live = {token.hex for token in Upload.objects.unfinished().values_list("token", flat=True)}
    gone = 0
    for path in [*root.glob("*"), *forms.glob("*")]:
        if path == forms or path.name in live:
            continue
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime > before:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            gone += 1
    return gone


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
