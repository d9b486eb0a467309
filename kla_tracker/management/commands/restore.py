"""`restore FILE [--identity KEYFILE]`: a backup into an empty place, on either database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kla_tracker.archive import ArchiveError, unpack


class Command(BaseCommand):
    help = "Take a backup in: into an empty database and an empty folder of files."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--identity", type=Path, help="the file with the secret key of age, where encrypted"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = unpack(options["file"], identity=options["identity"])
        except (ArchiveError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"The backup of {done.made_at} is restored: {sum(done.tables.values())} rows, "
            f"{done.files} files. Now run verify_evidence, verify_scores and verify_history, "
            "and sign in."
        )
        for name in done.missing:
            self.stderr.write(f"{name}: was already missing when the backup was made")
