"""What a city let everybody see of a year: figures as they stood then, and nothing else."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from submissions.models.year import Assessment


class Release(models.Model):
    """Figures that were made public, frozen; at most one of a year is shown, the others stay to say
    what was shown when. `figures` hold no answer, no file and no person.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="releases")
    figures: models.JSONField[Any, Any] = models.JSONField("angka")
    released_at = models.DateTimeField("diterbitkan", default=timezone.now, editable=False)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("ditutup", null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = "angka publik"
        verbose_name_plural = "angka publik"
        ordering = ["-pk"]
        permissions = [("release_figures", "Dapat menerbitkan angka untuk umum")]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment"], condition=Q(ended_at__isnull=True), name="one_release_shown"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}: {self.released_at:%Y-%m-%d}"
