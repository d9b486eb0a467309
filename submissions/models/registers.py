"""Registers: what an office types once, row by row, and many questions draw on."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from agencies.models import Agency, User
from agencies.roles import OWN_AGENCY_ONLY
from indicators.models import Register
from submissions.models.evidence import Evidence
from submissions.models.kept import Addition, once
from submissions.models.work import Response

# The register of partnerships, in every instrument: what partners fill in, and leads count.
PARTNERSHIP = "kemitraan"


class RegisterRowQuerySet(models.QuerySet["RegisterRow"]):
    def visible_to(self, user: User) -> RegisterRowQuerySet:
        """An operator sees the own agency's rows, the others those of their region."""
        if not user.is_active:
            return self.none()
        if user.role in OWN_AGENCY_ONLY:
            return self.filter(agency=user.agency_id)
        return self if user.region_id is None else self.filter(agency__region=user.region_id)

    def live(self) -> RegisterRowQuerySet:
        """Rows that count: not taken out."""
        return self.filter(retired_at__isnull=True)

    def valid_in(self, year: int) -> RegisterRowQuerySet:
        """Rows that hold in a year; an open end holds for ever."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=year),
            Q(valid_to__isnull=True) | Q(valid_to__gte=year),
        )

    def without_evidence(self) -> RegisterRowQuerySet:
        """Rows that nothing is attached to now."""
        live = RowEvidence.objects.filter(row=OuterRef("pk"), removed_at__isnull=True)
        return self.exclude(Exists(live))


class RegisterRow(models.Model):
    """One line of a register, of one agency: `data` by the keys of the register's columns.

    `code` is the register's own, which stays from one instrument to the next; `register` is the
    one it was typed under. `version` counts saves. `words` is all its cells in small letters, to
    search in and to know the same row again.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="register_rows", verbose_name="perangkat daerah"
    )
    code = models.SlugField("kode daftar induk", max_length=64)
    register = models.ForeignKey(
        Register, models.PROTECT, related_name="rows", verbose_name="daftar induk"
    )
    data: models.JSONField[Any, Any] = models.JSONField("isi", default=dict)
    words = models.TextField("kata", editable=False)
    valid_from = models.PositiveSmallIntegerField("berlaku dari tahun", null=True, blank=True)
    valid_to = models.PositiveSmallIntegerField("berlaku sampai tahun", null=True, blank=True)
    version = models.PositiveIntegerField("versi", default=1)
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False, verbose_name="kunci")
    created_at = models.DateTimeField("ditambahkan", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="dibuat oleh"
    )
    changed_at = models.DateTimeField("berubah", default=timezone.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="diubah oleh"
    )
    retired_at = models.DateTimeField("dihapus", null=True, blank=True)

    objects = RegisterRowQuerySet.as_manager()

    class Meta:
        verbose_name = "baris daftar induk"
        verbose_name_plural = "baris daftar induk"
        ordering = ["pk"]
        permissions = [("edit_register", "Dapat mengisi daftar induk")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="row_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["agency", "code"])]

    def __str__(self) -> str:
        return f"{self.code} {self.pk}, {self.agency}"


class RowEvidence(Addition):
    """An evidence attached to a row. Taken away it stays, marked: a question may have rested on
    it.
    """

    row = models.ForeignKey(RegisterRow, models.PROTECT, related_name="links")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="row_links")

    class Meta(Addition.Meta):
        verbose_name = "data dukung baris"
        verbose_name_plural = "data dukung baris"
        constraints = [once("attached_to_row_once", "row", "evidence")]

    def __str__(self) -> str:
        return f"{self.evidence} pada baris {self.row_id}"


class RowVerb(models.TextChoices):
    """What can happen to a row."""

    ADD = "add", "menambahkan"
    PASTE = "paste", "menempelkan"
    SAVE = "save", "mengubah"
    RETIRE = "retire", "menghapus"
    RESTORE = "restore", "memulihkan"
    ATTACH = "attach", "melampirkan data dukung"
    DETACH = "detach", "melepas data dukung"


class RowChange(models.Model):
    """What happened to a row, from what to what. Append-only, by triggers: it belongs to no year,
    so it stands beside `Event`.
    """

    row = models.ForeignKey(RegisterRow, models.PROTECT, related_name="changes")
    verb = models.CharField("kejadian", max_length=16, choices=RowVerb.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on_behalf = models.BooleanField("mewakili", default=False)
    at = models.DateTimeField("waktu", default=timezone.now, editable=False)
    data: models.JSONField[Any, Any] = models.JSONField("rincian", default=dict, blank=True)

    class Meta:
        verbose_name = "riwayat baris"
        verbose_name_plural = "riwayat baris"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.get_verb_display()


class ResponseRow(Addition):
    """A row that counts for an answer, as somebody ticked it. Unticked it stays, marked."""

    response = models.ForeignKey(Response, models.PROTECT, related_name="row_ticks")
    row = models.ForeignKey(RegisterRow, models.PROTECT, related_name="ticks")

    class Meta(Addition.Meta):
        verbose_name = "baris pada jawaban"
        verbose_name_plural = "baris pada jawaban"
        constraints = [once("row_ticked_once", "response", "row")]

    def __str__(self) -> str:
        return f"{self.row_id} pada {self.response_id}"
