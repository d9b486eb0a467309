"""Files on their way: what has arrived of each, until it is whole and becomes evidence."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from agencies.models import User
from submissions.models.registers import RegisterRow
from submissions.models.work import Response


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: User) -> UploadQuerySet:
        """The user's own, while the answer or row it is for is still within reach."""
        if not user.is_active:
            return self.none()
        return self.filter(by=user).filter(
            Q(response__in=Response.objects.reached_by(user))
            | Q(row__in=RegisterRow.objects.visible_to(user))
        )

    def unfinished(self) -> UploadQuerySet:
        """Without those that became evidence."""
        return self.filter(finished_at__isnull=True)

    def expired(self, now: datetime) -> UploadQuerySet:
        """Those that nobody went on with in time, and those long finished."""
        return self.filter(expires_at__lte=now)


class Upload(models.Model):
    """One file that one person sends to one answer or one row of a register, in parts.

    `offset` bytes are here, in the files that `parts` names, in their order. It reaches `size` only
    in the transaction that makes the evidence: a row that is finished has its evidence, always.
    """

    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    response = models.ForeignKey(
        Response, models.CASCADE, related_name="uploads", null=True, blank=True
    )
    row = models.ForeignKey(
        RegisterRow, models.CASCADE, related_name="uploads", null=True, blank=True
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField("nama", max_length=120)
    size = models.PositiveBigIntegerField("ukuran (byte)")
    offset = models.PositiveBigIntegerField("yang sudah tiba (byte)", default=0)
    parts: models.JSONField[Any, Any] = models.JSONField("bagian", default=list, blank=True)
    sha256 = models.CharField("sidik isi", max_length=64, blank=True)
    metadata = models.TextField("keterangan pengirim", blank=True)
    created_at = models.DateTimeField("dimulai")
    expires_at = models.DateTimeField("disimpan sampai", db_index=True)
    finished_at = models.DateTimeField("selesai", null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "unggahan"
        verbose_name_plural = "unggahan"
        constraints = [
            models.CheckConstraint(
                condition=Q(offset__lt=F("size"), finished_at__isnull=True)
                | Q(offset=F("size"), finished_at__isnull=False),
                name="whole_when_finished",
            ),
            models.CheckConstraint(
                condition=Q(response__isnull=False, row__isnull=True)
                | Q(response__isnull=True, row__isnull=False),
                name="for_one_answer_or_row",
            ),
        ]

    def __str__(self) -> str:
        return self.token.hex[:12]

    @property
    def place(self) -> Response | RegisterRow:
        """What it is sent to."""
        found = self.response or self.row
        if found is None:
            raise ValueError(self.pk)
        return found
