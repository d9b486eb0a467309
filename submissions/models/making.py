"""What is made outside the request for the one person who asked for it: how far it is, where its
files lie, and until when they stay.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar, cast

from django.conf import settings
from django.db import models

from agencies.models import User

M = TypeVar("M", bound="Made")


class MadeQuerySet(models.QuerySet[M]):
    def visible_to(self, user: User) -> Self:
        """What was made is its requester's alone, whatever the role of others."""
        return self.filter(by=user.pk) if user.is_active else self.none()

    def unfinished(self) -> Self:
        """Waiting for the worker, or being made."""
        return self.filter(finished_at__isnull=True)

    def kept(self, now: datetime) -> Self:
        """Still within its day."""
        return self.filter(expires_at__gt=now)

    def expired(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now)


class Made(models.Model):
    """Files that one person asked for: made by a job, kept for a day (`actions.making`).

    `attempt` counts the workers that began with it; only the last one's progress is written.
    Finished without an `error`, its files are there, for its requester alone, until `expires_at`.
    """

    JOB: ClassVar[str]  # the task, by name, as a job is stored: tasks stand above the models
    KINDS: ClassVar[tuple[str, ...]]  # its files, by their extensions

    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField("diminta")
    attempt = models.PositiveIntegerField("percobaan", default=0)
    beat_at = models.DateTimeField("terakhir dikerjakan", null=True, blank=True)
    finished_at = models.DateTimeField("selesai", null=True, blank=True)
    error = models.TextField("sebab gagal", blank=True)
    expires_at = models.DateTimeField("disimpan sampai", db_index=True)

    class Meta:
        abstract = True
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return self.token.hex[:12]

    @classmethod
    def rows(cls) -> MadeQuerySet[Any]:
        """All of this kind, where the kind is not known by name."""
        return cast("MadeQuerySet[Any]", cls._default_manager.all())

    @property
    def is_ready(self) -> bool:
        return self.finished_at is not None and not self.error

    @property
    def is_unfinished(self) -> bool:
        return self.finished_at is None

    def file(self, kind: str) -> Path:
        """Where a finished file lies, on the disk that web and worker share."""
        return Path(settings.BUNDLE_ROOT) / f"{self.token.hex}.{kind}"

    def draft_of(self, kind: str) -> Path:
        """Where this attempt writes it."""
        return Path(settings.BUNDLE_ROOT) / f"{self.token.hex}.{self.attempt}.{kind}.part"
