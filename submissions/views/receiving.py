"""Files that a form sent: each is looked into and given on, and what was refused is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone

from agencies.http import Request
from submissions.actions.pace import TooFastError
from submissions.actions.record import RefusedError
from submissions.actions.storing import CheckedFile
from submissions.forms import uploads


def receive_files(request: Request, attach: Callable[[CheckedFile, datetime], object]) -> list[str]:
    """Give each good file to `attach`; a sentence for each that was refused. A script is told by
    TooFastError: it sends one file, and can send it again.
    """
    files = request.FILES.getlist("berkas")
    refusals = too_big(request)
    if len(files) + len(refusals) > settings.EVIDENCE_MAX_FILES:
        return [f"Paling banyak {settings.EVIDENCE_MAX_FILES} berkas sekali kirim."]
    if not files and not refusals:
        return ["Pilih dahulu berkasnya."]
    now = timezone.now()
    for each in files:
        try:
            attach(uploads.receive(each, by=request.user, now=now), now)
        except ValidationError as error:
            refusals.extend(error.messages)
        except TooFastError as error:
            if request.htmx:
                raise
            refusals.append(str(error))
        except RefusedError as error:
            refusals.append(str(error))
    return refusals


def too_big(request: Request) -> list[str]:
    """A sentence for each file that was not read to its end."""
    names = getattr(request, "too_big", [])
    return [sentence for name in names for sentence in uploads.too_big(name).messages]


def too_fast(error: TooFastError) -> HttpResponse:
    """What a script is told: when to send it again."""
    return HttpResponse(
        str(error),
        status=429,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(error.wait)},
    )
