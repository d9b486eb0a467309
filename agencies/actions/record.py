"""What every verb of this room shares: its refusal, its check, and its line of history."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from agencies.models import Change, ChangeVerb, Region, User


class RefusedError(Exception):
    """A verb that may not happen; the message is an Indonesian sentence for the user."""


def require(user: User | None, permission: str, obj: Any) -> None:
    """PermissionDenied unless the user holds the permission on it; None is the server's shell."""
    if user is not None and not user.has_perm(permission, obj):
        raise PermissionDenied


def record(verb: ChangeVerb, *, by: User | None, region: Region | None, **data: Any) -> Change:
    """Leave one line of history."""
    return Change.objects.create(region=region, verb=verb, by=by, data=data)
