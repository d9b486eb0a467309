"""`export_reference KIND FILE`: reference data as a sheet, which can be changed and come in."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agencies.models import Region
from agencies.resources import SHEETS
from indicators.resources import to_csv, to_xlsx

WRITERS = {".xlsx": lambda sheet: to_xlsx(sheet, title="Data"), ".csv": to_csv}


class Command(BaseCommand):
    help = (
        "Writes reference data as a sheet: agencies, areas (kecamatan and kelurahan), users "
        "(never a password) or standing assignments. The name of the file, .xlsx or .csv, tells "
        "the format. A file that is there already is replaced."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=SHEETS)
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", help="code of one region, as 32.77; otherwise all")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if file.suffix.lower() not in WRITERS:
            raise CommandError("Nama berkas harus berakhir .xlsx atau .csv.")
        resource = SHEETS[options["kind"]]()
        rows = resource.get_queryset()
        if options["region"]:
            region = Region.objects.filter(code=options["region"]).first()
            if region is None:
                raise CommandError(f"Wilayah {options['region']} tidak ada.")
            rows = rows.filter(region=region)
        sheet = resource.sheet(rows)
        try:
            file.write_bytes(WRITERS[file.suffix.lower()](sheet))
        except OSError as error:
            raise CommandError(f"{file} tidak dapat ditulis: {error.strerror}.") from None
        self.stdout.write(f"{file}: {len(sheet)} baris.")
