"""The proven points of a year, for other programs and for people at a shell."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators.wording import points
from reports.scores import as_json as found_as_json
from reports.scores import score_of
from submissions.models import Assessment


class Command(BaseCommand):
    help = "Shows the proven points of a region's year: total, category, clusters, indicators."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--region", required=True, help="code of the region, like 32.77")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, year: int, region: str, as_json: bool, **options: Any) -> None:
        assessment = (
            Assessment.objects.select_related("region", "instrument")
            .filter(year=year, region__code=region)
            .first()
        )
        if assessment is None:
            raise CommandError(f"Penilaian {year} untuk wilayah {region} belum dibuka.")
        found = score_of(assessment)
        if as_json:
            self.stdout.write(json.dumps(found_as_json(found), ensure_ascii=False))
            return
        band = found.band.name if found.band else "belum ada kategori"
        self.stdout.write(f"{assessment}: terbukti {points(found.total.proven)} ({band})")
        for line in found.clusters:
            self.stdout.write(f"  {line.code:<4} {points(line.proven):>8}  {line.label}")
