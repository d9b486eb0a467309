"""What has been typed into the ministry's own form, and by whom."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from indicators.models import Question
from submissions.models.year import Assessment


class EntryTick(models.Model):
    """One person typed one question into the ministry's form. `told` is the official answer as it
    stood then: where it differs now, it must be typed once more.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="entry_ticks")
    question = models.ForeignKey(Question, models.PROTECT, related_name="entry_ticks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("dientri", default=timezone.now, editable=False)
    told = models.TextField("jawaban yang dientri", blank=True)

    class Meta:
        verbose_name = "centang entri"
        verbose_name_plural = "centang entri"
        ordering = ["at", "pk"]
        permissions = [("tick_entry", "Dapat menandai yang sudah dientri")]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "question", "by"], name="one_entry_tick_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}, {self.by_id}"
