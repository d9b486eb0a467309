"""The proven points of a year, or what a stage gave, for other programs and for a shell."""

import json
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators.wording import points
from reports.plan import plan_of
from reports.scores import as_json as found_as_json
from reports.scores import score_of
from reports.stages import as_json as stage_as_json
from submissions.models import Assessment


class Command(BaseCommand):
    help = "Shows the proven points of a region's year: total, category, clusters, indicators."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--region", required=True, help="code of the region, like 32.77")
        parser.add_argument("--stage", help="a stage outside, by its name in this year")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(
        self, *, year: int, region: str, as_json: bool, stage: str | None = None, **options: Any
    ) -> None:
        assessment = (
            Assessment.objects.select_related("region", "instrument")
            .filter(year=year, region__code=region)
            .first()
        )
        if assessment is None:
            raise CommandError(f"Penilaian {year} untuk wilayah {region} belum dibuka.")
        if stage:
            self._stage(assessment, stage, as_json=as_json)
            return
        found = score_of(assessment)
        if as_json:
            self.stdout.write(json.dumps(found_as_json(found), ensure_ascii=False))
            return
        band = found.band.name if found.band else "belum ada kategori"
        self.stdout.write(f"{assessment}: terbukti {points(found.total.proven)} ({band})")
        for line in found.clusters:
            self.stdout.write(f"  {line.code:<4} {points(line.proven):>8}  {line.label}")

    def _stage(self, assessment: Assessment, name: str, *, as_json: bool) -> None:
        stage = assessment.stages.filter(name=name).first()
        if stage is None:
            names = ", ".join(assessment.stages.values_list("name", flat=True)) or "belum ada"
            raise CommandError(f"Tahap {name} tidak ada. Tahap tahun ini: {names}.")
        plan = plan_of(assessment.instrument)
        found: dict[str, Any] = stage_as_json(assessment, plan, stage)
        if as_json:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        band = found["band"] or "belum ada kategori"
        self.stdout.write(
            f"{assessment}, tahap {stage}: {points(Decimal(found['total']))} ({band})"
        )
        for cluster in plan.clusters:
            given = points(Decimal(found["clusters"][cluster.code]))
            self.stdout.write(f"  {cluster.code:<4} {given:>8}  {cluster.name}")
