"""`import_reference KIND FILE`: a sheet of reference data comes in whole, or not at all."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agencies.resources import SHEETS
from indicators.resources import SheetError, read_sheet
from indicators.resources.reading import MAX_BYTES, TOO_BIG


class Command(BaseCommand):
    help = (
        "Stores a sheet (XLSX or CSV) of agencies, areas (kecamatan and kelurahan), users (never "
        "a password) or standing assignments: new rows are added, known ones changed, none "
        "deleted. One bad row keeps the whole sheet out; every problem is named by sheet, row, "
        "column, value and reason. Without --dry-run a good sheet is stored at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=SHEETS)
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only look, store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        dry: bool = options["dry_run"]
        try:
            if file.stat().st_size > MAX_BYTES:
                raise CommandError(TOO_BIG)
            outcome = SHEETS[options["kind"]]().load(read_sheet(file.read_bytes()), dry_run=dry)
        except OSError as error:
            raise CommandError(f"{file} tidak dapat dibaca: {error.strerror}.") from None
        except SheetError as error:
            raise CommandError(f"{file} ditolak, tidak ada yang disimpan.\n{error}") from None
        self.stdout.write(
            f"{outcome.created} baris baru, {outcome.updated} diubah, "
            f"{outcome.unchanged} tidak berubah."
        )
        if dry:
            self.stdout.write("Hanya diperiksa, tidak disimpan.")
        elif options["kind"] == "users" and outcome.created:
            self.stdout.write(
                "Pengguna baru belum punya kata sandi: kirim undangannya dari halaman administrasi."
            )
