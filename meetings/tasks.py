"""Outside the request: the daily run writes the digests and mails them one by one; a job makes a
pack.
"""

from __future__ import annotations

from dataclasses import dataclass
from smtplib import SMTPException, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks import task

from agencies.models import Region
from agencies.tasks import can_mail
from meetings.actions import packing, reminding
from meetings.models import Delivery

PATIENCE = 3  # failures to reach the server in a row; the others wait for the next run


@dataclass(slots=True)
class Run:
    """What a run did, in numbers."""

    written: int = 0
    sent: int = 0
    failed: int = 0
    left: int = 0


def message_of(delivery: Delivery, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    """Plain text, and the same as simple HTML. The number is the same at every try, so that a
    server that had it already can tell.
    """
    digest = delivery.digest
    host = settings.SITE_URL.split("://")[-1].split(":")[0]
    message = EmailMultiAlternatives(
        digest.subject, digest.text, None, [delivery.user.email], connection=connection,
        headers={
            "Message-ID": f"<pengingat-{digest.pk}-{delivery.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )  # fmt: skip
    html = render_to_string("meetings/mail/digest.html", {"digest": digest})
    message.attach_alternative(html, "text/html")
    return message


def said_of(error: Exception) -> str:
    """The kind of failure, without an address: what servers say may hold one."""
    if isinstance(error, SMTPResponseException):
        return f"server surel menolak ({error.smtp_code})"
    if isinstance(error, TimeoutError):
        return "server surel tidak menjawab"
    if isinstance(error, SMTPException):
        return "server surel menolak atau memutus"
    return "server surel tidak terjangkau"


def send_reminders(region: Region) -> Run:
    """One region. May run twice at once, and again after it was killed."""
    run, mail, now = Run(), can_mail(), timezone.now()
    if reminding.quiet_today(region, now):
        return run
    run.written = reminding.prepare(region, now=now, mail=mail)
    waiting = reminding.to_send(region, now=now) if mail else []
    misses = 0
    for place, pk in enumerate(waiting):
        if misses >= PATIENCE:
            run.left = len(waiting) - place
            break
        connection = get_connection()
        try:
            connection.open()
        except (SMTPException, OSError) as error:
            misses += 1
            run.failed += _failed(pk, error)
            continue
        misses = 0
        delivery = reminding.take(pk, now=timezone.now())
        if delivery is not None:
            if _send(delivery, connection):
                run.sent += 1
            else:
                run.failed += 1
        _close(connection)
    return run


def _failed(pk: int, error: Exception) -> int:
    """It was never begun, which the page tells."""
    delivery = reminding.take(pk, now=timezone.now())
    if delivery is None:
        return 0
    reminding.settle(delivery, said_of(error), now=timezone.now())
    return 1


def _send(delivery: Delivery, connection: BaseEmailBackend) -> bool:
    try:
        message_of(delivery, connection).send()
    except (SMTPException, OSError, ValueError) as error:
        reminding.settle(delivery, said_of(error), now=timezone.now())
        return False
    reminding.settle(delivery, "", now=timezone.now())
    return True


@task()
def send_one(pk: int) -> bool:
    """One mail that a person wants sent again; taken up once, however often this runs."""
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        _failed(pk, error)
        return False
    delivery = reminding.take(pk, now=timezone.now())
    sent = delivery is not None and _send(delivery, connection)
    _close(connection)
    return sent


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (SMTPException, OSError):
        return


@task()
def make_pack(pack: int) -> bool:
    """Make the files of a pack, once however often this runs."""
    return packing.make_pack(pack, clock=timezone.now)
