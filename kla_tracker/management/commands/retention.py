"""`retention [--kind KIND …] [--delete]`: what has been kept long enough, and then its end."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from kla_tracker.retention import KINDS

SHOWN = 20


class Command(BaseCommand):
    help = "Show what was kept longer than its period; delete it only with --delete."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--kind", action="append", choices=[each.key for each in KINDS], help="only this kind"
        )
        parser.add_argument("--delete", action="store_true", help="delete what is shown")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        for kind in KINDS:
            if options["kind"] and kind.key not in options["kind"]:
                continue
            over = list(kind.over(now))
            self.stdout.write(f"{kind.key} ({kind.label}): {len(over)} lewat waktunya")
            for key, shown in over[:SHOWN]:
                self.stdout.write(f"  {key}: {shown}")
            if len(over) > SHOWN:
                self.stdout.write(f"  … dan {len(over) - SHOWN} lagi")
            if options["delete"]:
                gone = sum(kind.delete(key, now) for key, _ in over)
                self.stdout.write(f"  {gone} dihapus")
        if not options["delete"]:
            self.stdout.write("Belum ada yang dihapus. Tambahkan --delete untuk menghapusnya.")
