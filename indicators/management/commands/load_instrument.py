"""manage.py load_instrument FILE [--publish]: the same verb, from the server's shell.

A workbook (as `/instrumen/versi/` gives it) is told from the file of an instrument by its ending.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators.actions import InstrumentError, load_instrument, read_instrument
from indicators.actions.writing import as_file
from indicators.resources.instrument import read_workbook
from indicators.resources.problems import Problem, SheetError
from indicators.resources.reading import MAX_BYTES, TOO_BIG

SHEETS = (".xlsx", ".csv")
SAID = {
    "new": "Instrumen {code} dimuat: {questions} pertanyaan.",
    "replaced": "Draf {code} diganti: {questions} pertanyaan.",
    "unchanged": "Instrumen {code} tidak berubah: {questions} pertanyaan.",
}


class Command(BaseCommand):
    help = "Memuat instrumen dari berkas JSON atau buku kerja XLSX; yang salah ditolak seluruhnya."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and whether it becomes final at once."""
        parser.add_argument("file", metavar="FILE", help="berkas instrumen (JSON, XLSX)")
        parser.add_argument("--publish", action="store_true", help="terbitkan setelah dimuat")

        parser.add_argument("--dry-run", action="store_true", help="hanya diperiksa")

    def handle(self, *_: Any, file: str, publish: bool, dry_run: bool, **options: Any) -> None:
        """Load the file, or say every reason why not and exit with 1."""
        try:
            content = _content_of(Path(file))
        except OSError as error:
            raise CommandError(f"{file} tidak dapat dibaca: {error.strerror}.") from None
        except SheetError as error:
            raise CommandError(f"{file} ditolak, tidak ada yang disimpan.\n{error}") from None
        try:
            if dry_run:
                data = read_instrument(content)
                self.stdout.write(f"Instrumen {data.code} benar. Hanya diperiksa, tidak disimpan.")
                return
            loaded = load_instrument(content, by=None, publish=publish)
        except InstrumentError as error:
            listed = "\n".join(error.problems)
            raise CommandError(f"{file} ditolak, tidak ada yang disimpan.\n{listed}") from None
        code = loaded.instrument.code
        self.stdout.write(SAID[loaded.outcome].format(code=code, questions=loaded.questions))
        if loaded.published:
            self.stdout.write(f"Instrumen {code} diterbitkan.")


def _content_of(file: Path) -> bytes | str:
    """The file of an instrument, also out of a workbook; SheetError where that one is wrong."""
    if file.suffix.lower() not in SHEETS:
        return file.read_bytes()
    if file.stat().st_size > MAX_BYTES:
        raise SheetError([Problem(TOO_BIG)])
    return as_file(read_workbook(file.read_bytes()))
