"""Files in parts, over the tus 1.0 protocol: creation, HEAD, PATCH, checksum, termination,
expiration. Any tus client works; like every form, it carries the session and the token.
"""

from __future__ import annotations

import base64
import binascii
import errno
import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from submissions.actions import pace
from submissions.actions import uploads as verbs
from submissions.actions.answering import PERMISSION
from submissions.actions.record import RefusedError, require
from submissions.forms import uploads
from submissions.models import RegisterRow, Response, Upload
from submissions.views import work_page
from submissions.views.evidence import listed
from submissions.views.receiving import too_fast
from submissions.views.register_page import fetch_row
from submissions.views.registers import row_listed

VERSION = "1.0.0"
SEGMENT = 1024 * 1024  # of one long PATCH, so much counts at a time
CHUNK = 64 * 1024
METADATA = 2000
SUM = re.compile(r"[0-9a-f]{64}")
SUMS: dict[str, Callable[[], Any]] = {
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}


class RefusedRequestError(Exception):
    """Another answer than the usual: its status, and a sentence where a person may read it."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@require_http_methods(["POST", "OPTIONS"])
def work_uploads(request: Request, pk: int, response: int) -> HttpResponse:
    """Creation: room for one file of one answer, found again under `Location`."""
    answer = work_page.fetch_answer(request.user, pk, response)
    require(request.user, PERMISSION, answer)
    return _created(request, answer)


@require_http_methods(["POST", "OPTIONS"])
def register_uploads(request: Request, code: str, pk: int) -> HttpResponse:
    """Creation, for one file of one row of a register."""
    row = fetch_row(request.user, code, pk)
    require(request.user, PERMISSION, row.agency)
    return _created(request, row)


def _created(request: Request, place: Response | RegisterRow) -> HttpResponse:
    if request.method == "OPTIONS":
        return _about()
    now = timezone.now()
    try:
        _same_version(request)
        size = _number(request, "Upload-Length")
        sent = _metadata(request)
        name = uploads.check_claim(sent.get("filename", ""), size)
        pace.count(name, by=request.user, now=now)
        verbs.sweep(now, most=verbs.SWEPT_AT_ONCE)
        upload = verbs.begin(
            place,
            name=name,
            size=size,
            sha256=sent["sha256"] if SUM.fullmatch(sent.get("sha256", "")) else "",
            metadata=request.headers.get("Upload-Metadata", ""),
            by=request.user,
            now=now,
        )
    except RefusedRequestError as error:
        return _said(error.status, error.text)
    except ValidationError as error:
        [refusal] = error.error_list
        return _said(413 if refusal.code == "too_big" else 422, error.messages[0])
    except pace.TooFastError as error:
        return _tus(too_fast(error))
    except RefusedError as error:
        return _said(422, str(error))
    reply = _tus(HttpResponse(status=201), upload)
    reply.headers["Location"] = reverse("upload", args=[upload.token])
    return reply


@require_http_methods(["HEAD", "PATCH", "DELETE", "POST", "OPTIONS"])
def upload(request: Request, token: UUID) -> HttpResponse:
    """What has arrived (HEAD), more of it (PATCH), or none of it any more (DELETE)."""
    method = request.method
    if method == "POST":  # for those whose network lets nothing else through
        method = request.headers.get("X-HTTP-Method-Override", "")
    if method == "OPTIONS":
        return _about()
    if method not in {"HEAD", "PATCH", "DELETE"}:
        return HttpResponse(status=405, headers={"Allow": "HEAD, PATCH, DELETE, OPTIONS"})
    now = timezone.now()
    try:
        _same_version(request)
        found = _fetch(request, token, now)
        if method == "DELETE":
            verbs.cancel(found)
            return _tus(HttpResponse(status=204))
        if method == "HEAD":
            return _head(found)
        place = found.place
        owner = place.agency if isinstance(place, RegisterRow) else place
        require(request.user, PERMISSION, owner)
        return _patch(request, found, now)
    except RefusedRequestError as error:
        return _said(error.status, error.text)


# --- the steps of a PATCH ------------------------------------------------------------------------


def _patch(request: Request, found: Upload, now: datetime) -> HttpResponse:
    """Takes what arrives piece by piece, so that a line that breaks loses less than a piece; with a
    checksum, all or nothing.
    """
    if request.content_type != "application/offset+octet-stream":
        raise RefusedRequestError(415)
    if _number(request, "Upload-Offset") != found.offset:
        raise RefusedRequestError(409)
    length = _number(request, "Content-Length", missing=411)
    if length > found.size - found.offset:
        raise RefusedRequestError(413)
    name, expected = _checksum(request)
    digest = SUMS[name]() if name else None
    step = length if name else SEGMENT
    while length:
        piece = min(step, length)
        part = _written(found, _chunks(request, piece, digest))
        try:
            _judge_sum(part, piece, digest, expected)
            if part.size and found.offset + part.size == found.size:
                return _finish(request, found, part, now)
            if part.size:
                found = verbs.take(found, part, now=now)
        except verbs.MovedError:
            raise RefusedRequestError(409) from None
        finally:
            if found.parts[-1:] != [part.path.name]:
                verbs.drop_part(part)
        if part.size < piece:
            break
        length -= piece
    return _tus(HttpResponse(status=204), found)


def _written(found: Upload, chunks: Iterator[bytes]) -> verbs.Part:
    try:
        return verbs.write_part(found, chunks)
    except verbs.MovedError:
        raise RefusedRequestError(409) from None
    except OSError as error:
        status = 507 if error.errno in {errno.ENOSPC, errno.EDQUOT} else 503
        raise RefusedRequestError(
            status, "Penyimpanan sistem bermasalah. Yang sudah terkirim tetap ada; coba lagi nanti."
        ) from error


def _judge_sum(part: verbs.Part, size: int, digest: Any, expected: bytes) -> None:
    if digest is not None and (part.size, digest.digest()) != (size, expected):
        raise RefusedRequestError(460)


def _finish(request: Request, found: Upload, last: verbs.Part, now: datetime) -> HttpResponse:
    """Looked into like a file of a form, and attached by the same verb. What is refused for what it
    is goes; what is refused for now can be sent on later.
    """
    refusals: list[str] = []
    try:
        with verbs.assembled(found, last) as whole:
            uploads.check_sum(found.name, whole, found.sha256)
            checked = uploads.check(UploadedFile(whole, found.name, size=found.size))
            verbs.finish(found, checked=checked, by=request.user, now=now)
    except ValidationError as error:
        refusals = error.messages
        verbs.cancel(found)
    except RefusedError as error:
        refusals = [str(error)]
    if request.htmx:
        reply = _listed(request, found.place, refusals)
    else:
        reply = HttpResponse(
            " ".join(refusals),
            status=422 if refusals else 204,
            content_type="text/plain; charset=utf-8",
        )
    reply = _tus(reply, found)
    if not refusals:
        reply.headers["Upload-Offset"] = str(found.size)
    return reply


def _listed(request: Request, place: Response | RegisterRow, refusals: list[str]) -> HttpResponse:
    if isinstance(place, RegisterRow):
        return row_listed(request, fetch_row(request.user, place.code, place.pk), refusals)
    answer = work_page.fetch_to_save(request.user, place.submission_id, place.pk)
    return listed(request, answer, refusals)


def _chunks(request: Request, length: int, digest: Any) -> Iterator[bytes]:
    """At most so many bytes of the request, and fewer when the line breaks."""
    while length:
        try:
            chunk = request.read(min(CHUNK, length))
        except UnreadablePostError:
            return
        if not chunk:
            return
        if digest is not None:
            digest.update(chunk)
        length -= len(chunk)
        yield chunk


# --- what the headers say ------------------------------------------------------------------------


def _fetch(request: Request, token: UUID, now: datetime) -> Upload:
    """One's own upload, or 404; 410 once its time is over."""
    mine = Upload.objects.visible_to(request.user).select_related(
        "response__submission__assessment__region",
        "response__submission__indicator",
        "response__submission__agency",
        "response__question",
        "row__agency__region",
        "row__register",
    )
    found = get_object_or_404(mine, token=token)
    if found.expires_at <= now:
        raise RefusedRequestError(410)
    return found


def _same_version(request: Request) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise RefusedRequestError(412)


def _number(request: Request, header: str, *, missing: int = 400) -> int:
    """A header as a whole number that a database can hold."""
    raw = request.headers.get(header, "")
    if not raw:
        raise RefusedRequestError(missing)
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 16):
        raise RefusedRequestError(400)
    return int(raw)


def _metadata(request: Request) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and base64, separated by commas."""
    raw = request.headers.get("Upload-Metadata", "")
    if len(raw) > METADATA or not raw.isascii() or not raw.isprintable():
        raise RefusedRequestError(400)
    found = {}
    for pair in filter(None, raw.split(",")):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except ValueError:
            raise RefusedRequestError(400) from None
    return found


def _checksum(request: Request) -> tuple[str, bytes]:
    """Upload-Checksum: how, and what it is to be; nothing without one."""
    raw = request.headers.get("Upload-Checksum", "")
    if not raw:
        return "", b""
    name, _, value = raw.partition(" ")
    if name not in SUMS:
        raise RefusedRequestError(400)
    try:
        return name, base64.b64decode(value, validate=True)
    except binascii.Error:
        raise RefusedRequestError(400) from None


# --- answers -------------------------------------------------------------------------------------


def _tus(reply: HttpResponse, found: Upload | None = None) -> HttpResponse:
    reply.headers["Tus-Resumable"] = VERSION
    if found is not None:
        reply.headers["Upload-Offset"] = str(found.offset)
        reply.headers["Upload-Expires"] = http_date(found.expires_at.timestamp())
    return reply


def _said(status: int, text: str) -> HttpResponse:
    reply = _tus(HttpResponse(text, status=status, content_type="text/plain; charset=utf-8"))
    if status == 412:
        reply.headers["Tus-Version"] = VERSION
    return reply


def _head(found: Upload) -> HttpResponse:
    reply = _tus(HttpResponse(), found)
    reply.headers["Upload-Length"] = str(found.size)
    if found.metadata:
        reply.headers["Upload-Metadata"] = found.metadata
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _about() -> HttpResponse:
    reply = _tus(HttpResponse(status=204))
    reply.headers["Tus-Version"] = VERSION
    reply.headers["Tus-Max-Size"] = str(settings.EVIDENCE_MAX_BYTES)
    reply.headers["Tus-Extension"] = "creation,checksum,termination,expiration"
    reply.headers["Tus-Checksum-Algorithm"] = ",".join(SUMS)
    return reply
