"""Verdicts: those that were given, and what a reviewer has not decided yet."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from submissions.models.evidence import Evidence
from submissions.models.work import Response
from submissions.workflow import VERDICT_LABELS


class Review(models.Model):
    """A verdict that was given, with the version it was given on. Append-only: triggers refuse
    change and delete.
    """

    response = models.ForeignKey(
        Response, models.PROTECT, related_name="reviews", verbose_name="jawaban"
    )
    version = models.PositiveIntegerField("versi jawaban")
    verdict = models.CharField(
        "hasil", max_length=16, choices=[(v.value, label) for v, label in VERDICT_LABELS.items()]
    )
    level = models.PositiveSmallIntegerField("tingkat terbukti", null=True, blank=True)
    share = models.DecimalField(
        "bagian terbukti", max_digits=5, decimal_places=4, null=True, blank=True
    )
    note = models.TextField("catatan", blank=True)
    unproven_reason = models.TextField("alasan diterima tanpa data dukung", blank=True)
    value: models.JSONField[Any, Any] = models.JSONField(
        "jawaban yang dilihat", null=True, blank=True
    )
    answer_note = models.TextField("catatan jawaban yang dilihat", blank=True)
    evidence: models.ManyToManyField[Evidence, Any] = models.ManyToManyField(
        Evidence,
        related_name="reviews",
        verbose_name="data dukung",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="pelaku"
    )
    at = models.DateTimeField("waktu", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "verifikasi"
        verbose_name_plural = "verifikasi"
        ordering = ["response", "pk"]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}, {self.response_id}"


class ReviewDraft(models.Model):
    """What a reviewer typed and has not decided yet: saved by itself, gone with the verdict."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="drafts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField("tingkat", null=True, blank=True)
    note = models.TextField("catatan", blank=True)
    saved_at = models.DateTimeField("tersimpan", auto_now=True)

    class Meta:
        verbose_name = "draf verifikasi"
        verbose_name_plural = "draf verifikasi"
        constraints = [
            models.UniqueConstraint(fields=["response", "by"], name="one_review_draft"),
        ]

    def __str__(self) -> str:
        return f"{self.response_id}, {self.by_id}"
