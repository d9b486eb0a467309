"""`restore FILE [--identity KEYFILE]`: a backup into an empty place, on either database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
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

        parser.add_argument(
            "--destroyed", type=Path,
            help="the list of what was destroyed since (default: DESTROYED_LIST of this place)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        there: Path = options["destroyed"] or settings.DESTROYED_LIST
        if options["destroyed"] and not there.is_file():
            raise CommandError(f"{there} is not a file.")
        known = there.is_file()
        try:
            done = unpack(
                options["file"], identity=options["identity"], destroyed=options["destroyed"]
            )
        except (ArchiveError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"The backup of {done.made_at} is restored: {sum(done.tables.values())} rows, "
            f"{done.files} files. Now run verify_evidence, verify_scores and verify_history, "
            "and sign in."
        )
        if known:
            self.stdout.write(f"{done.destroyed} evidence destroyed again, by {there}.")
        else:
            self.stderr.write(
                f"There is no list of destroyed evidence ({there}). If anything was destroyed "
                "after this backup, destroy it again: bring the list and restore with --destroyed."
            )
        for name in done.missing:
            self.stderr.write(f"{name}: was already missing when the backup was made")
