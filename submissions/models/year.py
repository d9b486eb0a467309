"""A region's year of assessment."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from agencies.models import Region, User
from indicators.models import Instrument


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User) -> AssessmentQuerySet:
        """The years of the user's region; every year for an administrator without one."""
        if not user.is_active:
            return self.none()
        return self if user.region_id is None else self.filter(region=user.region_id)


class Assessment(models.Model):
    """One region, one year of assessment, on one instrument; the data are usually of the year
    before.
    """

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="assessments", verbose_name="kabupaten/kota"
    )
    year = models.PositiveSmallIntegerField("tahun penilaian")
    data_year = models.PositiveSmallIntegerField("tahun data")
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="assessments", verbose_name="instrumen"
    )
    closes_on = models.DateField("tenggat isian", help_text="Sampai pukul 24.00 WIB hari itu.")
    is_example = models.BooleanField("data contoh", default=False)
    opened_at = models.DateTimeField("dibuka", default=timezone.now, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="dibuka oleh",
    )
    closed_at = models.DateTimeField("ditutup", null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = "penilaian"
        verbose_name_plural = "penilaian"
        ordering = ["region", "-year"]
        permissions = [
            ("open_year", "Dapat membuka tahun penilaian"),
            ("close_year", "Dapat menutup tahun penilaian"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "year"],
                name="one_assessment_a_year",
                violation_error_message="Penilaian tahun itu sudah dibuka.",
            ),
        ]

    def __str__(self) -> str:
        return f"Penilaian {self.year} {self.region}"
