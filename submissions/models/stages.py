"""What stages outside the region gave: their points a question, and other places' public totals."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from agencies.models import User
from indicators.models import Question
from submissions.models.year import Assessment


class StageQuerySet(models.QuerySet["Stage"]):
    def visible_to(self, user: User) -> StageQuerySet:
        """The stages of the years that the user sees."""
        return self.filter(assessment__in=Assessment.objects.visible_to(user))


class Stage(models.Model):
    """One look at the year from outside (the ministry's own form, the province, a visit). Its name
    and its day are the assessment's own.

    `version` counts imports. `accepted`: the stated sums that differ from their parts and were
    accepted in so many words, as {level, code, what, stated, parts}.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="stages")
    name = models.CharField("nama tahap", max_length=60)
    held_on = models.DateField("tanggal", null=True, blank=True)
    version = models.PositiveIntegerField("versi", default=1)
    accepted: models.JSONField[Any, Any] = models.JSONField(
        "selisih yang diterima", default=list, blank=True
    )
    stored_at = models.DateTimeField("disimpan", default=timezone.now, editable=False)
    stored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = StageQuerySet.as_manager()

    class Meta:
        verbose_name = "tahap"
        verbose_name_plural = "tahap"
        ordering = ["assessment", models.F("held_on").asc(nulls_last=True), "pk"]
        permissions = [("import_stage", "Dapat memuat hasil tahap luar")]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "name"], name="one_stage_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class StageResult(models.Model):
    """The points that a stage gave to one question; a question that it did not look at has none."""

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="results")
    question = models.ForeignKey(Question, models.PROTECT, related_name="stage_results")
    points = models.DecimalField("nilai", max_digits=7, decimal_places=2)

    class Meta:
        verbose_name = "nilai tahap"
        verbose_name_plural = "nilai tahap"
        ordering = ["stage", "question__order"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "question"], name="one_stage_result"),
            models.CheckConstraint(
                condition=models.Q(points__gte=0), name="stage_points_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id}, {self.question_id}: {self.points}"


class PlaceTotal(models.Model):
    """A total that another place reached at a stage, as a public source told it."""

    place = models.CharField("tempat", max_length=120)
    year = models.PositiveSmallIntegerField("tahun")
    stage = models.CharField("tahap", max_length=60)
    points = models.DecimalField("nilai", max_digits=6, decimal_places=2)
    is_approximate = models.BooleanField("kira-kira", default=False)
    band = models.CharField("kategori", max_length=40, blank=True)
    note = models.CharField("keterangan", max_length=200, blank=True)
    source = models.URLField("sumber", max_length=500)

    class Meta:
        verbose_name = "angka publik"
        verbose_name_plural = "angka publik"
        ordering = ["-year", "place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["place", "year", "stage"], name="one_place_total"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.year}, {self.stage}"
