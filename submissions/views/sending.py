"""A file on our own disk as an answer that can be fetched in parts: a download that broke off goes
on where it was.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

CHUNK = 256 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def send_file(
    request: HttpRequest, path: Path, *, etag: str, name: str, content_type: str
) -> HttpResponseBase:
    """The file, or the part of it that is still wanted; 404 where it is gone. `etag` changes when
    the bytes do.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    size, etag = path.stat().st_size, f'"{etag}"'
    first, last = _wanted(request, size, etag)
    if first > last:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    length = last - first + 1
    answer = StreamingHttpResponse(
        _Part(file, first, length if request.method == "GET" else 0),
        status=206 if length < size else 200,
        content_type=content_type,
    )
    if length < size:
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    answer["Content-Length"] = str(length)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Encoding"] = "identity"  # gzip would hide the length
    answer["X-Accel-Buffering"] = "no"  # a proxy need not store gigabytes
    return answer


def _wanted(request: HttpRequest, size: int, etag: str) -> tuple[int, int]:
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
