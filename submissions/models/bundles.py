"""Bundles of evidence: who asked for which part of a year, how far it is, and until when it stays;
and whose turn it is to make an export.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from agencies.models import Agency
from submissions.models.making import Made, MadeQuerySet
from submissions.models.registers import ResponseRow
from submissions.models.work import EvidenceLink, Response, ResponseQuerySet
from submissions.models.year import Assessment

ZIP = "zip"


class Bundle(Made):
    """One ZIP of evidence: all of a year, or of a cluster, an indicator, an office."""

    JOB = "reports.tasks.pack"
    KINDS = (ZIP,)

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="bundles")
    cluster = models.CharField("klaster", max_length=16, blank=True)
    indicator = models.CharField("indikator", max_length=16, blank=True)
    agency = models.ForeignKey(
        Agency,
        models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="perangkat daerah",
    )
    total_files = models.PositiveIntegerField("jumlah berkas", default=0)
    done_files = models.PositiveIntegerField("berkas yang sudah", default=0)
    done_bytes = models.PositiveBigIntegerField("byte yang sudah", default=0)
    missing = models.PositiveIntegerField("yang tidak ada", default=0)
    size = models.PositiveBigIntegerField("ukuran (byte)", default=0)

    objects = MadeQuerySet["Bundle"].as_manager()

    class Meta(Made.Meta):
        verbose_name = "bundel data dukung"
        verbose_name_plural = "bundel data dukung"
        constraints = [
            models.UniqueConstraint(
                fields=["by"], condition=Q(finished_at__isnull=True), name="one_bundle_at_a_time"
            ),
        ]

    @property
    def path(self) -> Path:
        """Where the finished file lies."""
        return self.file(ZIP)

    @property
    def draft(self) -> Path:
        """Where this attempt writes."""
        return self.draft_of(ZIP)

    @property
    def desk(self) -> Path:
        """A folder for what this attempt needs on the way."""
        return self.draft.with_suffix(".desk")

    @property
    def scope(self) -> str:
        """What it holds, in words."""
        part = f"indikator {self.indicator}" if self.indicator else f"klaster {self.cluster}"
        words = [part] if self.indicator or self.cluster else []
        words += [str(self.agency)] if self.agency else []
        return ", ".join(words) or "seluruh data dukung"

    def responses(self) -> ResponseQuerySet:
        """The answers whose evidence it holds."""
        found = Response.objects.filter(
            assessment=self.assessment_id, submission__emptied_at__isnull=True
        )
        if self.indicator:
            found = found.filter(question__indicator__code=self.indicator)
        elif self.cluster:
            found = found.filter(question__indicator__cluster__code=self.cluster)
        return found.filter(submission__agency=self.agency_id) if self.agency_id else found

    def links(self) -> QuerySet[EvidenceLink]:
        """What is attached to these answers now."""
        return EvidenceLink.objects.filter(
            removed_at__isnull=True, response__in=self.responses().order_by()
        )

    def row_ticks(self) -> QuerySet[ResponseRow]:
        """The rows of registers that count for these answers and have evidence of their own."""
        return ResponseRow.objects.filter(
            removed_at__isnull=True,
            row__retired_at__isnull=True,
            row__links__removed_at__isnull=True,
            row__links__isnull=False,
            response__in=self.responses().order_by(),
        )

    def estimate(self) -> int:
        """About how many bytes it will have; what stands in two answers counts twice."""
        attached = self.links().aggregate(size=Sum("evidence__blob__size"))["size"] or 0
        ticked = self.row_ticks().aggregate(size=Sum("row__links__evidence__blob__size"))["size"]
        return int(attached) + int(ticked or 0)


class ExportTurn(models.Model):
    """An export that is being made for somebody now; two places each. One whose process died is
    free again after a while.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField("tempat")
    taken_at = models.DateTimeField("dimulai", default=timezone.now)

    class Meta:
        verbose_name = "giliran ekspor"
        verbose_name_plural = "giliran ekspor"
        constraints = [
            models.UniqueConstraint(fields=["by", "place"], name="one_export_a_place"),
        ]

    def __str__(self) -> str:
        return f"{self.by_id}: {self.place}"
