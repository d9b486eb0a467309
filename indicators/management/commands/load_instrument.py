"""manage.py load_instrument FILE [--publish]: the same verb, from the server's shell."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators.actions import InstrumentError, load_instrument

SAID = {
    "new": "Instrumen {code} dimuat: {questions} pertanyaan.",
    "replaced": "Draf {code} diganti: {questions} pertanyaan.",
    "unchanged": "Instrumen {code} tidak berubah: {questions} pertanyaan.",
}


class Command(BaseCommand):
    help = "Memuat instrumen dari berkas JSON; berkas yang salah ditolak seluruhnya."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and whether it becomes final at once."""
        parser.add_argument("file", metavar="FILE", help="berkas instrumen (JSON)")
        parser.add_argument("--publish", action="store_true", help="terbitkan setelah dimuat")

    def handle(self, *_: Any, file: str, publish: bool, **options: Any) -> None:
        """Load the file, or say every reason why not and exit with 1."""
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"{file} tidak dapat dibaca: {error.strerror}.") from None
        try:
            loaded = load_instrument(content, by=None, publish=publish)
        except InstrumentError as error:
            listed = "\n".join(error.problems)
            raise CommandError(f"{file} ditolak, tidak ada yang disimpan.\n{listed}") from None
        code = loaded.instrument.code
        self.stdout.write(SAID[loaded.outcome].format(code=code, questions=loaded.questions))
        if loaded.published:
            self.stdout.write(f"Instrumen {code} diterbitkan.")
