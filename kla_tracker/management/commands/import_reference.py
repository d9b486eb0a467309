"""`import_reference KIND FILE`: a sheet of reference data comes in whole, or not at all."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from agencies.models import User
from agencies.resources import SHEETS
from indicators.resources.problems import SheetError
from indicators.resources.reading import MAX_BYTES, TOO_BIG
from indicators.resources.sheets import Outcome
from indicators.resources.tables import read_sheet
from submissions.forms.reference import load_registers

KINDS = [*SHEETS, "registers", "instrument"]


class Command(BaseCommand):
    help = (
        "Stores a sheet (XLSX or CSV) of agencies, areas (kecamatan and kelurahan), users (never "
        "a password), standing assignments or the rows of registers, or an instrument's workbook "
        "as a draft: new rows are added, known ones changed, none deleted. One bad row keeps the "
        "whole sheet out; every problem is named by sheet, row, column, value and reason. Without "
        "--dry-run a good sheet is stored at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only look, store nothing")
        parser.add_argument("--register", help="registers: the code of one, as for a CSV")
        parser.add_argument("--by", help="registers: the user name that their history will say")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if options["kind"] == "instrument":
            call_command(
                "load_instrument", str(file), dry_run=options["dry_run"], stdout=self.stdout
            )
            return
        dry: bool = options["dry_run"]
        try:
            if file.stat().st_size > MAX_BYTES:
                raise CommandError(TOO_BIG)
            outcome = self._load(file.read_bytes(), **options)
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

    def _load(self, content: bytes, *, kind: str, dry_run: bool, **options: Any) -> Outcome:
        if kind != "registers":
            return SHEETS[kind]().load(read_sheet(content), dry_run=dry_run)
        by = User.objects.filter(username=options["by"] or "", is_active=True).first()
        if by is None:
            raise CommandError(
                "Sebut dengan --by nama pengguna yang aktif: riwayat baris memuat namanya."
            )
        return load_registers(content, only=options["register"], by=by, dry_run=dry_run)
