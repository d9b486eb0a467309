"""What is supposed, never what is: the work a question would be, and what if it were proven."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from indicators.models import Question
from submissions.models.year import Assessment

EFFORTS = {
    1: "ringan: dokumen tinggal diunggah",
    2: "agak ringan",
    3: "sedang",
    4: "agak berat",
    5: "berat: perlu aturan, anggaran, atau kegiatan baru",
}
USUAL = 3


class Effort(models.Model):
    """How much work it would be to prove a question in a year, as the verifikator judges it; a
    question without one is taken to be USUAL.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="efforts")
    question = models.ForeignKey(Question, models.PROTECT, related_name="efforts")
    level = models.PositiveSmallIntegerField("upaya", choices=list(EFFORTS.items()))
    changed_at = models.DateTimeField("berubah", default=timezone.now, editable=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "upaya"
        verbose_name_plural = "upaya"
        ordering = ["assessment", "question"]
        permissions = [("set_effort", "Dapat menilai upaya")]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question"], name="one_effort"),
            models.CheckConstraint(condition=Q(level__in=list(EFFORTS)), name="effort_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.level}"


class Scenario(models.Model):
    """Questions that are supposed to be proven, under a name. `picks` are codes of questions,
    `dates` says for an agency's code by when.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="scenarios")
    name = models.CharField("nama", max_length=80)
    basis = models.CharField(
        "dasar",
        max_length=8,
        choices=[("penuh", "nilai penuh"), ("klaim", "setinggi klaim")],
        default="penuh",
    )
    picks: models.JSONField[Any, Any] = models.JSONField("pertanyaan", default=list)
    dates: models.JSONField[Any, Any] = models.JSONField("tanggal", default=dict)
    created_at = models.DateTimeField("disimpan", default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "skenario"
        verbose_name_plural = "skenario"
        ordering = ["created_at", "pk"]
        permissions = [("save_scenario", "Dapat menyimpan skenario")]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "name"],
                name="one_scenario_name",
                violation_error_message="Nama itu sudah dipakai skenario lain tahun ini.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
