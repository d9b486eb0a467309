"""People: invited by a link, never given a password; retired, never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.encoding import force_bytes, force_str
from django.utils.http import base36_to_int, urlsafe_base64_decode, urlsafe_base64_encode

from agencies.actions.record import RefusedError, record, require
from agencies.models import Agency, ChangeVerb, Invitation, Region, User
from agencies.roles import MAY_INVITE, Role

HOUR = 60 * 60
INVITATION_HOURS = 72
RESET_HOURS = 2


class Link(PasswordResetTokenGenerator):
    """A signed link that dies when it is used (the password is another then), or of age."""

    def __init__(self, route: str, hours: int) -> None:
        super().__init__()
        self.route, self.seconds = route, hours * HOUR
        self.key_salt = f"agencies.link.{route}"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        invitation = getattr(user, "invitation", None)
        round_of = invitation.invited_at.isoformat() if invitation else ""
        return f"{super()._make_hash_value(user, timestamp)}{round_of}"

    def check_token(self, user: Any, token: str | None) -> bool:
        """Whether the token is ours, unused and young enough."""
        try:
            made = base36_to_int(str(token).split("-")[0])
        except ValueError:
            return False
        age = self._num_seconds(self._now()) - made
        return age <= self.seconds and super().check_token(user, token)

    def address(self, user: User) -> str:
        """The whole address: from SITE_URL, never from a request."""
        uid = urlsafe_base64_encode(force_bytes(user.pk))
        return f"{settings.SITE_URL}{reverse(self.route, args=[uid, self.make_token(user)])}"

    def owner(self, uid: str, token: str) -> User | None:
        """The active user to whom a link belongs, or None if it is not, or no more, valid."""
        try:
            pk = int(force_str(urlsafe_base64_decode(uid)))
        except (ValueError, OverflowError):
            return None
        user = User.objects.select_related("invitation").filter(pk=pk, is_active=True).first()
        return user if user is not None and self.check_token(user, token) else None


INVITATION = Link("invitation", INVITATION_HOURS)
RESET = Link("password_reset_confirm", RESET_HOURS)


def may_manage(by: User | None, role: Role, place: Region | Agency | None) -> bool:
    """Whether `by` may invite and retire people of that role there; None is the server's shell."""
    if by is None:
        return True
    if place is None and by.region_id is not None:
        return False  # who is held to a region makes nobody who is not
    return role in MAY_INVITE[Role(by.role)] and by.has_perm("agencies.invite_user", place)


@transaction.atomic
def invite(
    *,
    username: str,
    name: str,
    email: str,
    role: Role,
    agency: Agency | None,
    region: Region | None,
    by: User | None,
    now: datetime,
) -> Invitation:
    """Make an account without a password; the link in the mail is how its owner sets one."""
    if not may_manage(by, role, agency or region):
        raise PermissionDenied
    if agency is not None and (agency.retired_at or agency.region != region):
        raise RefusedError("Perangkat daerah ini tidak dapat menerima pengguna baru.")
    try:
        with transaction.atomic():
            user = User.objects.create(
                username=username.strip().lower(),
                name=name,
                email=email,
                role=role.value,
                agency=agency,
                region=region,
                password=make_password(None),
            )
    except IntegrityError:
        raise RefusedError("Nama pengguna itu sudah dipakai. Pilih yang lain.") from None
    invitation = Invitation.objects.create(user=user, invited_by=by, invited_at=now)
    record(ChangeVerb.INVITE, by=by, region=region, user=user.pk, role=role.value)
    return invitation


@transaction.atomic
def invite_again(
    user: User, *, by: User | None, now: datetime, email: str | None = None
) -> Invitation:
    """A new link for somebody who has not set a password yet; the link before it dies. `email` is
    where it goes, if not where the one before went: nobody keeps a link that went astray.
    """
    if not may_manage(by, Role(user.role), user.agency or user.region):
        raise PermissionDenied
    # The person first, as whoever accepts does: then it is known whether that was faster.
    held = User.objects.select_for_update().filter(pk=user.pk, is_active=True).first()
    changed = held and Invitation.objects.filter(user=held, accepted_at__isnull=True).update(
        invited_at=now, invited_by=by, mailed_at=None, failed_at=None
    )
    if held is None or not changed:
        raise RefusedError("Undangan ini sudah diterima atau dibatalkan.")
    told: dict[str, Any] = {"again": True}
    if email and email != held.email:
        User.objects.filter(pk=held.pk).update(email=email)
        user.email, told["changed"] = email, ["surel"]
    record(ChangeVerb.INVITE, by=by, region=user.region, user=user.pk, **told)
    return Invitation.objects.select_related("user").get(user=user)


def set_password(user: User, password: str, *, now: datetime) -> bool:
    """One's own, by a link or at the account: False if another request was faster."""
    stored = make_password(password)
    with transaction.atomic():
        done = User.objects.filter(pk=user.pk, password=user.password, is_active=True).update(
            password=stored
        )
        if done and Invitation.objects.filter(user=user, accepted_at=None).update(accepted_at=now):
            record(ChangeVerb.JOIN, by=user, region=user.region, user=user.pk)
    if done:
        user.password = stored
    return bool(done)


def sign_out_everywhere(user: User) -> None:
    """End all sessions of a user, here and elsewhere."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    UserSession.objects.filter(user=user).delete()
    user.session_epoch += 1


@transaction.atomic
def change_own(user: User, *, name: str, email: str) -> None:
    """What everybody may say about themselves."""
    changed = _changed(user, name=name, email=email)
    User.objects.filter(pk=user.pk).update(name=name, email=email)
    user.name, user.email = name, email
    if changed:
        record(ChangeVerb.CHANGE_USER, by=user, region=user.region, user=user.pk, changed=changed)


def _changed(user: User, *, name: str, email: str) -> list[str]:
    """Which of the two became another; the history tells that, and neither of them."""
    stored = User.objects.only("name", "email").get(pk=user.pk)
    pairs = (("nama", stored.name, name), ("surel", stored.email, email))
    return [label for label, old, new in pairs if old != new]


@transaction.atomic
def retire_user(user: User, *, by: User | None) -> None:
    """The account ends at once, with all its sessions; the name stays in the history."""
    if not may_manage(by, Role(user.role), user.agency or user.region):
        raise PermissionDenied
    if by == user:
        raise RefusedError("Anda tidak dapat menonaktifkan akun Anda sendiri.")
    _refuse_without_administrator(user)
    if User.objects.filter(pk=user.pk, is_active=True).update(
        is_active=False, session_epoch=F("session_epoch") + 1
    ):
        user.is_active = False
        record(ChangeVerb.RETIRE_USER, by=by, region=user.region, user=user.pk)


@transaction.atomic
def change_user(
    user: User,
    *,
    name: str,
    email: str,
    role: Role,
    region: Region | None,
    agency: Agency | None,
    is_active: bool,
    by: User,
) -> None:
    """Another role or another office, from the next request on; what they did keeps their name."""
    require(by, "agencies.change_user", None)
    for place in (user.agency or user.region, agency or region):
        if not may_manage(by, role, place):
            raise PermissionDenied
    if (role, is_active) != (Role.ADMINISTRATOR, True):
        _refuse_without_administrator(user)
    if by == user and (not is_active or role != Role(user.role)):
        raise RefusedError("Anda tidak dapat mengubah peran atau menonaktifkan akun Anda sendiri.")
    before = {"role": user.role, "agency": user.agency_id, "active": user.is_active}
    changed = _changed(user, name=name, email=email)
    user.name, user.email, user.role = name, email, role.value
    user.region, user.agency, user.is_active = region, agency, is_active
    if not is_active:
        user.session_epoch += 1
    user.save(
        update_fields=["name", "email", "role", "region", "agency", "is_active", "session_epoch"]
    )
    after = {"role": user.role, "agency": user.agency_id, "active": user.is_active}
    told = {"before": before, "after": after, **({"changed": changed} if changed else {})}
    record(ChangeVerb.CHANGE_USER, by=by, region=region, user=user.pk, **told)


def _refuse_without_administrator(user: User) -> None:
    """Somebody must be left who can do what only an administrator can; also of two who take each
    other out at the same moment: all of them are held until this one is through.
    """
    if user.role != Role.ADMINISTRATOR or not user.is_active:
        return
    every = User.objects.select_for_update().filter(role=Role.ADMINISTRATOR.value, is_active=True)
    if not [each for each in every.order_by("pk") if each.pk != user.pk]:
        raise RefusedError("Harus ada paling sedikit satu administrator.")
