"""The workbook of a year, from the shell: the same verb as the button."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.actions import export_assessment
from submissions.models import Assessment


class Command(BaseCommand):
    help = "Writes the workbook (XLSX) of a region's year."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--region", required=True, help="code of the region, like 32.77")
        parser.add_argument("-o", "--output", required=True, type=Path, help="the file to write")

    def handle(self, *, year: int, region: str, output: Path, **options: Any) -> None:
        assessment = (
            Assessment.objects.select_related("region", "instrument")
            .filter(year=year, region__code=region)
            .first()
        )
        if assessment is None:
            raise CommandError(f"Penilaian {year} untuk wilayah {region} belum dibuka.")
        try:
            # Beside its place, so that a half-written file never stands there under its name.
            with NamedTemporaryFile(dir=output.parent, suffix=".part", delete=False) as part:
                done = Path(part.name)
                try:
                    export_assessment(assessment, part.file, by=None, now=timezone.now())
                except BaseException:
                    done.unlink()
                    raise
            done.chmod(0o640)
            done.replace(output)
        except OSError as error:
            raise CommandError(f"{output} tidak dapat ditulis: {error}.") from None
        self.stdout.write(f"{output} ditulis.")
