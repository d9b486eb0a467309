"""`load_region FILE`: a kabupaten or kota with its agencies, and who answers what."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agencies.actions import RefusedError, assign_standing, load_region
from indicators.models import Instrument


class Command(BaseCommand):
    help = "Memuat kabupaten/kota dari berkas JSON, lalu membagi pertanyaan instrumen yang terbit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuses with a sentence and exit code 1; what exists already stays as it is."""
        try:
            region = load_region(json.loads(options["file"].read_text("utf-8")), by=None)
        except (OSError, ValueError) as wrong:
            raise CommandError(f"Berkas tidak dapat dibaca: {wrong}") from wrong
        except RefusedError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{region}: {region.agencies.count()} perangkat daerah.")
        instrument = Instrument.objects.published().first()
        if instrument is None:
            self.stdout.write("Belum ada instrumen terbit; pertanyaan dibagi kemudian.")
            return
        for name in assign_standing(region, instrument, by=None):
            self.stderr.write(f"Tidak ada perangkat daerah bernama “{name}”.")
