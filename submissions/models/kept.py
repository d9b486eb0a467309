"""What others stand on: bytes that were given, and what somebody added to something."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Blob(models.Model):
    """Bytes, stored once however often they are given; never shown to anyone without an Evidence of
    their own.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField("ukuran (byte)")
    content_type = models.CharField("jenis isi", max_length=120)
    file = models.FileField("berkas", max_length=200)
    created_at = models.DateTimeField("disimpan", auto_now_add=True)

    class Meta:
        verbose_name = "berkas"
        verbose_name_plural = "berkas"

    def __str__(self) -> str:
        return self.sha256[:12]


class Addition(models.Model):
    """Something that somebody added to something else. Taken away it may stay, marked, since others
    rested on it.
    """

    added_at = models.DateTimeField("ditambahkan", default=timezone.now, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField("dilepas", null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        abstract = True
        ordering = ["added_at", "pk"]


def once(name: str, *fields: str) -> models.UniqueConstraint:
    """An addition stands once at a time, however often it was taken away before."""
    return models.UniqueConstraint(fields=fields, condition=Q(removed_at__isnull=True), name=name)
