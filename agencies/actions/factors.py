"""Second factors: what a role must have, what is written down of them, and the help for a lost
phone.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import F

from agencies.actions.record import RefusedError, record
from agencies.models import ChangeVerb, User

NAMES = {
    Authenticator.Type.TOTP: "aplikasi",
    Authenticator.Type.WEBAUTHN: "kunci sandi",
    Authenticator.Type.RECOVERY_CODES: "kode cadangan",
}


def lacks(user: User) -> bool:
    """Whether the user's role must have a second factor and this user has none. One query, for
    those roles only.
    """
    if user.role not in settings.SECOND_FACTOR_FOR:
        return False
    own = Authenticator.objects.filter(user=user)
    return not own.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


@transaction.atomic
def remove_all(user: User, *, by: User | None) -> int:
    """Take every factor from somebody who lost them, and end their sessions; says how many.

    For the server's shell (`by` None): who stands there has been asked by a person. RefusedError
    where there is none.
    """
    gone: int
    gone, _ = Authenticator.objects.filter(user=user).delete()
    if not gone:
        raise RefusedError(f"{user.username} tidak punya faktor kedua.")
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    record(ChangeVerb.REMOVE_FACTOR, by=by, region=user.region, user=user.pk, kind="semua")
    return gone


def note_added(instance: Authenticator, *, created: bool, **_: Any) -> None:
    """One more factor, in the transaction that stores it."""
    if created:
        _note(ChangeVerb.ADD_FACTOR, instance.user, instance)


def note_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    """django-allauth's signal: one factor less."""
    _note(ChangeVerb.REMOVE_FACTOR, user, authenticator)


def _note(verb: ChangeVerb, user: User, authenticator: Authenticator) -> None:
    kind = NAMES[Authenticator.Type(authenticator.type)]
    record(verb, by=user, region=user.region, user=user.pk, kind=kind)
