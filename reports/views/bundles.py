"""Bundles of evidence: asked for, watched, fetched (also in parts), dropped."""

from __future__ import annotations

import re
from typing import IO
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST, require_safe

from agencies.http import Request
from reports.links import Links
from reports.views.exports import bundle_form, year_page
from reports.views.year import ChooseRegion, choose_region, place_of
from submissions.actions import bundling
from submissions.actions.record import RefusedError
from submissions.models import Bundle

CHUNK = 256 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@require_POST
def ask(request: Request, year: int) -> HttpResponse:
    """Have one made, and show how far it is."""
    try:
        place = place_of(request, year)
    except ChooseRegion:
        return choose_region(request, year)
    form = bundle_form(request, place)
    if not form.is_valid():
        return year_page(request, place, form, refusal="Pilih bagian dan kantor dari daftarnya.")
    try:
        made = bundling.ask(
            place.assessment,
            by=request.user,
            now=timezone.now(),
            cluster=form.cluster,
            indicator=form.indicator,
            agency=form.agency,
        )
    except RefusedError as error:
        return year_page(request, place, form, refusal=str(error))
    return redirect("bundle", made.token)


@require_GET
def bundle(request: Request, token: UUID) -> HttpResponse:
    """How far it is, and where to fetch it; a script asks for the middle part again and again."""
    found = own_bundle(request, token)
    links = Links.of(found.assessment, request.user)
    context = {
        "bundle": found,
        "assessment": found.assessment,
        "is_example": found.assessment.is_example,
        "exports": links.to("exports_year"),
    }
    if request.htmx:
        return render(request, "reports/bundle.html#keadaan", context)
    return render(request, "reports/bundle.html", context)


@require_POST
def drop(request: Request, token: UUID) -> HttpResponse:
    """Cancel it while it is made, remove it when it is there."""
    found = own_bundle(request, token)
    bundling.drop(found, by=request.user)
    messages.success(request, "Bundel dihapus.")
    return redirect(Links.of(found.assessment, request.user).to("exports_year"))


@require_safe
def download(request: Request, token: UUID) -> HttpResponseBase:
    """The file, or the part of it that is still wanted; the right is asked again each time."""
    found = own_bundle(request, token)
    if not bundling.may_have(found):
        raise PermissionDenied
    if not found.is_ready or found.expires_at <= timezone.now():
        raise Http404
    try:
        file = found.path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    etag = f'"{found.token.hex}-{found.attempt}"'
    first, last = _wanted(request, found.size, etag)
    if first > last:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{found.size}"})
    length = last - first + 1
    answer = StreamingHttpResponse(
        _Part(file, first, length if request.method == "GET" else 0),
        status=206 if length < found.size else 200,
        content_type="application/zip",
    )
    if length < found.size:
        answer["Content-Range"] = f"bytes {first}-{last}/{found.size}"
    name = slugify(f"data-dukung-{found.assessment.year}-{found.scope}")[:100]
    answer["Content-Length"] = str(length)
    answer["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Encoding"] = "identity"  # gzip would hide the length
    answer["X-Accel-Buffering"] = "no"  # a proxy need not store gigabytes
    return answer


def own_bundle(request: Request, token: UUID) -> Bundle:
    """The requester's own, with the people that a right is asked of as they are now."""
    seen = Bundle.objects.visible_to(request.user).select_related(
        "by__agency", "assessment__region", "assessment__instrument", "agency"
    )
    return get_object_or_404(seen, token=token)


def _wanted(request: Request, size: int, etag: str) -> tuple[int, int]:
    """The first and last byte asked for; everything where no single range is, or of another file.

    The first lies after the last where there is no such part.
    """
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    whole = (0, size - 1)
    if asked is None or request.headers.get("If-Range", etag) != etag:
        return whole
    first, last = asked.groups()
    if first:
        return int(first), min(int(last), size - 1) if last else size - 1
    if not last:
        return whole
    return (max(size - int(last), 0), size - 1) if int(last) else (size, 0)


class _Part:
    """So many bytes of a file from here on, in chunks; closed when the answer is, read or not."""

    def __init__(self, file: IO[bytes], first: int, length: int) -> None:
        self.file, self.left = file, length
        file.seek(first)

    def __iter__(self) -> _Part:
        return self

    def __next__(self) -> bytes:
        chunk = self.file.read(min(CHUNK, self.left))
        if not chunk:
            raise StopIteration
        self.left -= len(chunk)
        return chunk

    def close(self) -> None:
        self.file.close()
