"""Mail outside the request: no page waits for, or fails with, the mail server."""

from __future__ import annotations

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks import task

from agencies.actions.people import INVITATION, INVITATION_HOURS, RESET, RESET_HOURS
from agencies.models import Invitation, User


def can_mail() -> bool:
    """Whether a mail server was named; without one a mail would only reach the server's log."""
    return bool(settings.EMAIL_HOST) or not settings.EMAIL_BACKEND.endswith("console.EmailBackend")


def _mail(user: User, subject: str, template: str, **context: object) -> bool:
    """Send one mail; False if it could not be handed over."""
    if not can_mail() or not user.email:
        return False
    body = render_to_string(template, {"user": user, "site": settings.SITE_URL, **context})
    try:
        send_mail(subject, body, None, [user.email])
    except (SMTPException, OSError):
        return False
    return True


@task()
def mail_invitation(user_pk: int) -> bool:
    """Send the link of an invitation that is still open, and note whether it went out."""
    invitation = (
        Invitation.objects.select_related("user__agency", "user__region", "invited_by")
        .filter(user=user_pk, accepted_at__isnull=True, user__is_active=True)
        .first()
    )
    if invitation is None:
        return False
    sent = _mail(
        invitation.user,
        "Undangan KLA Tracker",
        "agencies/mail/invitation.txt",
        link=INVITATION.address(invitation.user),
        invitation=invitation,
        hours=INVITATION_HOURS,
    )
    Invitation.objects.filter(pk=invitation.pk, invited_at=invitation.invited_at).update(
        **{"mailed_at" if sent else "failed_at": timezone.now()}
    )
    return sent


@task()
def mail_reset(typed: str) -> int:
    """Send a link to everybody whom the typed name or address means; nobody is told how many."""
    users = User.objects.filter(Q(username=typed) | Q(email__iexact=typed), is_active=True)
    usable = [user for user in users.select_related("invitation") if user.has_usable_password()]
    return sum(
        _mail(
            user,
            "Kata sandi baru KLA Tracker",
            "agencies/mail/reset.txt",
            link=RESET.address(user),
            hours=RESET_HOURS,
        )
        for user in usable[:10]
    )
