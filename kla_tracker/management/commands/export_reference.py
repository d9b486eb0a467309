"""`export_reference KIND FILE`: reference data as a sheet, which can be changed and come in."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agencies.actions.taking import took_reference
from agencies.models import Region
from agencies.resources import SHEETS, OfficeResource
from indicators.actions.loading import stored_data
from indicators.actions.taking import took_instrument
from indicators.models import Instrument
from indicators.resources.instrument import write_workbook
from indicators.resources.problems import SheetError
from indicators.resources.writing import to_book, to_csv, to_xlsx
from kla_tracker.management.commands.import_reference import KINDS
from submissions.forms.reference import chosen


class Command(BaseCommand):
    help = (
        "Writes reference data as a sheet: agencies, areas (kecamatan and kelurahan), users "
        "(never a password), standing assignments, the rows of registers (a sheet for each), or "
        "the newest published instrument. The name of the file, .xlsx or .csv, tells the format. "
        "A file that is there already is replaced."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", help="code of one region, as 32.77; otherwise all")
        parser.add_argument("--register", help="registers: the code of one, as for a CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        ending = file.suffix.lower()
        if ending not in {".xlsx", ".csv"}:
            raise CommandError("Nama berkas harus berakhir .xlsx atau .csv.")
        region = Region.objects.filter(code=options["region"] or "").first()
        if options["region"] and region is None:
            raise CommandError(f"Wilayah {options['region']} tidak ada.")
        try:
            if options["kind"] == "registers":
                content, count = _registers(options["register"], region, csv=ending == ".csv")
            elif options["kind"] == "instrument":
                content, count = _instrument(csv=ending == ".csv")
            else:
                sheet = _sheet(SHEETS[options["kind"]](), region)
                content = to_csv(sheet) if ending == ".csv" else to_xlsx(sheet, title="Data")
                count = len(sheet)
        except SheetError as error:
            raise CommandError(str(error)) from None
        try:
            file.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{file} tidak dapat ditulis: {error.strerror}.") from None
        if options["kind"] != "instrument":
            took_reference(sheet=f"{options['kind']}{ending}", region=region, by=None)
        self.stdout.write(f"{file}: {count} baris.")


def _sheet(resource: OfficeResource, region: Region | None) -> Any:
    rows = resource.get_queryset()
    return resource.sheet(rows if region is None else rows.filter(**{resource.region_path: region}))


def _registers(only: str | None, region: Region | None, *, csv: bool) -> tuple[bytes, int]:
    sheets = {each.register.code[:31]: _sheet(each(), region) for each in chosen(only)}
    if csv and len(sheets) != 1:
        raise CommandError("CSV memuat satu daftar induk: sebut kodenya dengan --register.")
    count = sum(map(len, sheets.values()))
    return (to_csv(next(iter(sheets.values()))) if csv else to_book(sheets)), count


def _instrument(*, csv: bool) -> tuple[bytes, int]:
    if csv:
        raise CommandError("Instrumen dikirim sebagai XLSX, bukan CSV.")
    newest = Instrument.objects.published().first()
    if newest is None:
        raise CommandError("Belum ada instrumen yang diterbitkan.")
    content = write_workbook(stored_data(newest))
    took_instrument(newest, sheet=f"instrumen-{newest.code}.xlsx", by=None)
    return content, newest.questions.count()
