"""No more files a minute from one person than the server can look into beside its other work."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db.models import F

from agencies.models import User
from submissions.actions.record import RefusedError
from submissions.models import UploadPace

MINUTE = timedelta(minutes=1)


class TooFastError(RefusedError):
    """`wait` seconds, then it can be sent."""

    def __init__(self, name: str, wait: int) -> None:
        super().__init__(
            f"{name} belum diterima: Anda sudah mengirim {settings.UPLOADS_PER_MINUTE} berkas dalam"
            f" satu menit. Tunggu {wait} detik, lalu kirim lagi."
        )
        self.wait = wait


def count(name: str, *, by: User, now: datetime) -> None:
    """Count one file that somebody sends, before it is looked into; TooFastError beyond the limit.

    Two at once are both counted: each step is one statement.
    """
    mine = UploadPace.objects.filter(by=by)
    most = settings.UPLOADS_PER_MINUTE
    while not mine.filter(since__gt=now - MINUTE, sent__lt=most).update(sent=F("sent") + 1):
        if mine.filter(since__lte=now - MINUTE).update(since=now, sent=0):
            continue
        held = mine.values_list("since", "sent").first()
        if held is None:
            UploadPace.objects.bulk_create(
                [UploadPace(by=by, since=now, sent=0)], ignore_conflicts=True
            )
        elif held[1] >= most and held[0] > now - MINUTE:
            raise TooFastError(name, max(1, ceil((held[0] + MINUTE - now).total_seconds())))
        # Else another request of the same person began the new minute just now: count in that one.
