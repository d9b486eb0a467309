"""Handing a file out: written whole before its first byte is sent, two at once for each person."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from typing import IO

from django.contrib import messages
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from agencies.http import Request
from reports.links import Links
from submissions.actions.record import RefusedError
from submissions.actions.turns import turn

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}


def hand_over(
    request: Request, links: Links, name: str, write: Callable[[IO[bytes], datetime], None]
) -> HttpResponseBase:
    """What `write` makes, under a name whose end says its kind; refused, back to the exports."""
    now = timezone.now()
    # Closed by FileResponse once it is sent; gone by itself if writing fails.
    target = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with turn(by=request.user, now=now):
            write(target, now)
    except RefusedError as refused:
        target.close()
        messages.error(request, str(refused))
        return redirect(links.to("exports_year"))
    except BaseException:
        target.close()
        raise
    target.seek(0)
    kind = TYPES[name.rpartition(".")[2]]
    return FileResponse(target, as_attachment=True, filename=name, content_type=kind)
