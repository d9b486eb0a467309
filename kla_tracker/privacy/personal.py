"""Everything that is kept about the owner of an account: for their right of access and to a copy.

Every table that points to accounts is read, whichever it is: a new one cannot be forgotten. Never
given out: what lets one in (passwords, keys of a second factor, sessions).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from agencies.models import Change, User
from meetings.models import Attendance

SECRET = frozenset(
    {
        *("agencies.User.password", "agencies.User.session_epoch"),
        *("mfa.Authenticator.data", "usersessions.UserSession.session_key"),
        *("socialaccount.SocialToken.token", "socialaccount.SocialToken.token_secret"),
        *("submissions.Upload.token", "submissions.Bundle.token"),
    }
)


def of(user: User) -> dict[str, Any]:
    """The account, and by kind each row that it stands in, oldest first."""
    [account] = _rows(User.objects.filter(pk=user.pk))
    kept: dict[str, Any] = {"akun": account}
    for model, rows in _about(user):
        found = list(_rows(rows))
        if found:
            kept[f"{model._meta.verbose_name} ({model._meta.label})"] = found
    return kept


def tables() -> list[type[models.Model]]:
    """Every table with a column that names an account."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model is not User and list(_columns(model))
    ]


def _about(user: User) -> Iterator[tuple[type[models.Model], QuerySet[Any]]]:
    for model in tables():
        asked = Q()
        for column in _columns(model):
            asked |= Q(**{column: user.pk})
        if model is Change:
            asked |= Q(data__user=user.pk)
        if model is Attendance and user.name:
            asked |= Q(person__iexact=user.name)
        yield model, model._base_manager.filter(asked).order_by("pk")


def _columns(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.local_concrete_fields:
        if isinstance(field, models.ForeignKey) and field.related_model is User:
            yield field.name


def _rows(rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    label = rows.model._meta.label
    fields = [
        field
        for field in rows.model._meta.local_concrete_fields
        if f"{label}.{field.name}" not in SECRET
    ]
    for values in rows.values_list(*(field.attname for field in fields)).iterator(chunk_size=2000):
        yield {
            str(field.verbose_name): value
            for field, value in zip(fields, values, strict=True)
            if value not in (None, "")
        }
