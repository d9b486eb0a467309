"""What the roof does outside a request."""

from __future__ import annotations

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django_tasks import task

from kla_tracker.version import version


@task()
def mail_error(what: str, number: str, frames: list[str], last: bool) -> bool:  # noqa: FBT001
    """Tell the operator of the machine of an error; False if it could not be handed over."""
    kinds = [line for line in frames if not line.startswith(" ")]
    kind = kinds[-1] if kinds else "?"
    page = {
        "what": what,
        "number": number,
        "frames": frames,
        "last": last,
        "version": version(),
        "site": settings.SITE_URL,
        "most": settings.ERROR_MAILS_PER_HOUR,
    }
    body = render_to_string("mail/error.txt", page)
    try:
        send_mail(f"[KLA Tracker] {kind} (kode {number})", body, None, [settings.ERROR_MAIL_TO])
    except (SMTPException, OSError):
        return False
    return True
